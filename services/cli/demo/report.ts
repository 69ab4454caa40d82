/** What the demo says at the end of its history: sizes, the latest changes with their reasons, figures per segment. */
import type { ClickHouse } from '../../platform/clickhouse/client.ts';
import type { Output, Paint } from '../output.ts';
import { cut, formatCount, pad } from '../text.ts';

interface SizeRow {
  readonly segment: string;
  readonly name: string;
  /** Empty for a segment. */
  readonly group_key: string;
  readonly members: string;
  readonly customers: string;
  readonly fresh_as_of: string;
}

interface MetricRow {
  readonly segment: string;
  readonly metric: string;
  readonly value: number | null;
  readonly everyone: number | null;
  readonly n: string;
}

interface FlowRow {
  readonly segment: string;
  readonly entries: string;
  readonly exits: string;
}

export interface Report {
  readonly sizes: readonly SizeRow[];
  readonly metrics: readonly MetricRow[];
  readonly flows: readonly FlowRow[];
}

const BAR = 24;
const NAME = 26;

/** Metrics shown, with their heading, and how a value is written. */
const COLUMNS: readonly {
  readonly metric: string;
  readonly title: string;
  readonly show: (value: number) => string;
}[] = [
  { metric: 'contact_rate', title: 'contacts /1000 d', show: (value) => value.toFixed(1) },
  { metric: 'csat', title: 'CSAT', show: (value) => `${value.toFixed(0)} %` },
  { metric: 'nps', title: 'NPS', show: (value) => value.toFixed(0) },
  { metric: 'aov', title: 'order value', show: (value) => `£${(value / 100).toFixed(0)}` },
  { metric: 'first_response_time', title: 'first response', show: (value) => seconds(value) },
  { metric: 'resolution_time', title: 'resolution', show: (value) => seconds(value) },
];

export async function readReport(views: ClickHouse): Promise<Report> {
  const sizes = views.query<SizeRow>(
    'SELECT segment, name, group_key, toString(members) AS members, toString(customers) AS customers, toString(fresh_as_of) AS fresh_as_of FROM tributary_v1.segment_sizes ORDER BY group_key, segment_sizes.members DESC, segment',
  );
  const flows = views.query<FlowRow>(
    'SELECT segment, toString(sum(entries)) AS entries, toString(sum(exits)) AS exits FROM tributary_v1.segment_flow_daily WHERE day > today() - 30 GROUP BY segment',
  );
  const metrics = views.query<MetricRow>(
    'SELECT segment, metric, value, everyone, toString(n) AS n FROM tributary_v1.segment_metrics',
  );
  return { sizes: await sizes, flows: await flows, metrics: await metrics };
}

/** Segments by size, then groups, each of which everybody is in once; whoever has no members is only counted. */
export function showSizes(output: Output, { sizes, flows }: Report, names: ReadonlyMap<string, string>): void {
  const { paint } = output;
  const customers = Number(sizes[0]?.customers ?? 0);
  output.words(
    `${paint.bold('Segments now')} ${paint.dim(`(${formatCount(customers)} customers; as of ${sizes[0]?.fresh_as_of ?? 'never'} UTC)`)}`,
  );
  const shown = sizes.filter(({ members }) => members !== '0');
  let group = '';
  for (const row of shown) {
    if (row.group_key !== group) {
      group = row.group_key;
      output.words(`  ${paint.bold(names.get(group) ?? group)} ${paint.dim('(everybody is in one)')}`);
    }
    const indent = group === '' ? '' : '  ';
    output.words(`  ${sizeLine(row, indent, customers, flows, paint)}`);
  }
  const empty = sizes.length - shown.length;
  if (empty > 0) output.words(paint.dim(`  ${formatCount(empty)} more with nobody in them`));
}

function sizeLine(row: SizeRow, indent: string, customers: number, flows: readonly FlowRow[], paint: Paint): string {
  const members = Number(row.members);
  const flow = flows.find(({ segment }) => segment === row.segment);
  const bar = '█'.repeat(Math.round((BAR * members) / Math.max(1, customers))) || '▏';
  const share = customers === 0 ? '' : `${((100 * members) / customers).toFixed(1)} %`;
  const moved =
    flow === undefined ? '' : `30 days: +${formatCount(Number(flow.entries))} −${formatCount(Number(flow.exits))}`;
  const name = pad(cut(indent + row.name, NAME), NAME, 'left');
  const figures = `${formatCount(members).padStart(7)}  ${share.padStart(7)}`;
  return `${name} ${figures}  ${paint.cyan(pad(bar, BAR, 'left'))}  ${paint.dim(moved)}`;
}

export function showMetrics(output: Output, { sizes, metrics }: Report): void {
  const { paint } = output;
  output.words(paint.bold('What that says, per segment, against everyone'));
  output.words(paint.dim('  the set a customer was in when it happened counts; fewer than 30 cases are not shown (–)'));
  const titles = COLUMNS.map(({ title }) => title.padStart(Math.max(10, title.length)));
  output.words(paint.dim(`  ${pad('', NAME, 'left')} ${titles.join('  ')}`));
  const everyone = COLUMNS.map(({ metric }) => metrics.find((row) => row.metric === metric)?.everyone ?? null);
  output.words(`  ${paint.bold(pad('everyone', NAME, 'left'))} ${cells(everyone, titles, everyone, paint).join('  ')}`);
  for (const { segment, name, group_key: group } of sizes) {
    // Of groups `segment_metrics` says the same; here they would bury the segments.
    if (group !== '') continue;
    const values = COLUMNS.map(
      ({ metric }) => metrics.find((row) => row.segment === segment && row.metric === metric)?.value ?? null,
    );
    if (values.every((value) => value === null)) continue;
    output.words(`  ${pad(cut(name, NAME), NAME, 'left')} ${cells(values, titles, everyone, paint).join('  ')}`);
  }
}

function cells(
  values: readonly (number | null)[],
  titles: readonly string[],
  everyone: readonly (number | null)[],
  paint: Paint,
): string[] {
  return values.map((value, index) => {
    const words = (value === null ? '–' : COLUMNS[index]!.show(value)).padStart(titles[index]!.length);
    const usual = everyone[index];
    if (value === null || usual === null || usual === undefined || Math.abs(value - usual) < Math.abs(usual) * 0.1)
      return words;
    return paint.yellow(words);
  });
}

function seconds(value: number): string {
  if (value < 3600) return `${Math.round(value / 60)} min`;
  if (value < 172_800) return `${(value / 3600).toFixed(1)} h`;
  return `${(value / 86_400).toFixed(1)} d`;
}
