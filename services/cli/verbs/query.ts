import { join } from 'node:path';
import type { Command } from 'commander';
import { Fault } from '../../core/faults.ts';
import type { Attached } from '../../platform/clickhouse/attach.ts';
import type { Config } from '../../platform/config/options.ts';
import { GROUPS, withExamples, type CliContext, type Verb } from '../verb.ts';

/** `query`: SQL against the views of the ledger. */
export const queryVerb: Verb = { register };

const FORMATS = ['table', 'json', 'csv'] as const;
type Format = (typeof FORMATS)[number];

interface QueryOptions {
  readonly format?: string;
  readonly describe?: true;
}

/** JSONCompact of ClickHouse: names and types first, then rows as arrays. */
interface Answer {
  readonly meta: readonly { readonly name: string; readonly type: string }[];
  readonly data: readonly (readonly unknown[])[];
}

function register(program: Command, context: CliContext): void {
  withExamples(
    program
      .command('query')
      .description('SQL against the views of the ledger (ClickHouse); reads only')
      .argument('[sql]', 'one SELECT; without it, or as `-`, it is read from stdin')
      .option('--format <format>', `${FORMATS.join(', ')} (default: table; with --json: json)`)
      .option('--describe', 'list the views and their columns')
      .helpGroup(GROUPS.look)
      .action((sql: string | undefined, options: QueryOptions) => run(context, sql, options)),
    [
      ['tributary query --describe', 'Which views there are, and what their columns mean.'],
      ['tributary query "SELECT segment, members, share FROM segment_sizes"', 'How many customers are where now.'],
      [
        'tributary query "SELECT segment, value, others, n FROM segment_metrics WHERE metric = \'csat\'" --format csv',
        'Satisfaction by segment, for a spreadsheet.',
      ],
    ],
  );
}

async function run(context: CliContext, argument: string | undefined, options: QueryOptions): Promise<void> {
  const { config } = context.settings();
  const format = formatOf(options.format, context.output.json);
  const sql = options.describe === true ? '' : await statementOf(context, argument);
  const attached = await openReader(config);
  try {
    if (options.describe === true) await describe(context, attached, `${config.clickhouse.database}_v1`);
    else await answer(context, attached, sql, format);
  } catch (error) {
    const { withHint } = await import('../query-hint.ts');
    throw await withHint(error, attached.clickhouse, `${config.clickhouse.database}_v1`);
  } finally {
    await attached.close();
  }
}

function formatOf(wanted: string | undefined, json: boolean): Format {
  const format = wanted ?? (json ? 'json' : 'table');
  const known = FORMATS.find((name) => name === format);
  if (known === undefined)
    throw new Fault('USAGE', `--format ${format} is not known; there are ${FORMATS.join(', ')}.`);
  return known;
}

/** The one statement, without the semicolon at its end. */
async function statementOf({ input }: CliContext, argument: string | undefined): Promise<string> {
  const { splitStatements } = await import('../../platform/clickhouse/gateway/tokens.ts');
  let text = argument ?? '-';
  if (text === '-') {
    text = '';
    for await (const chunk of input) text += String(chunk);
  }
  const statements = splitStatements(text);
  if (statements.length !== 1)
    throw new Fault('QUERY_REFUSED', `One statement is expected, ${statements.length} were given.`);
  return statements[0]!;
}

async function openReader(config: Config): Promise<Attached> {
  const { url, user, password, database } = config.clickhouse;
  if (url !== null) {
    const { connectClickHouse } = await import('../../platform/clickhouse/client.ts');
    const server = { url, user, password: password ?? '', database: `${database}_v1`, readonly: true };
    const clickhouse = connectClickHouse(server);
    return { clickhouse, close: () => clickhouse.close() };
  }
  const { attachChdb } = await import('../../platform/clickhouse/attach.ts');
  const directory = join(config.data.directory, 'analytics');
  const attached = await attachChdb(directory, database, 'reader');
  if (attached !== undefined) return attached;
  throw new Fault(
    'NOT_FOUND',
    `There is nothing to query in ${config.data.directory} yet; \`tributary up\` fills it.`,
    {
      facts: { directory },
      next: 'Start `tributary up`, or name another data directory with --data.',
    },
  );
}

async function answer({ output }: CliContext, { clickhouse }: Attached, sql: string, format: Format): Promise<void> {
  switch (format) {
    case 'json':
      output.raw(await clickhouse.queryText(sql, 'JSONEachRow'));
      return;
    case 'csv':
      output.raw(await clickhouse.queryText(sql, 'CSVWithNames'));
      return;
    case 'table': {
      const { meta, data } = JSON.parse(await clickhouse.queryText(sql, 'JSONCompact')) as Answer;
      const columns = meta.map(({ name, type }, index) => ({
        title: name,
        cell: (row: readonly unknown[]) => words(row[index], type),
        align: isNumber(type) ? ('right' as const) : ('left' as const),
      }));
      output.table(columns, data);
      output.talk(`${data.length} ${data.length === 1 ? 'row' : 'rows'}`);
    }
  }
}

interface Described {
  readonly view: string;
  readonly column: string;
  readonly type: string;
  readonly comment: string;
}

async function describe({ output }: CliContext, { clickhouse }: Attached, database: string): Promise<void> {
  const views = await clickhouse.query<{ name: string; comment: string }>(
    'SELECT name, comment FROM system.tables WHERE database = {database:String} ORDER BY name',
    { database },
  );
  const columns = await clickhouse.query<Described>(
    `SELECT table AS view, name AS column, type, comment FROM system.columns WHERE database = {database:String} ORDER BY table, position`,
    { database },
  );
  for (const { name, comment } of views) {
    const own = columns.filter(({ view }) => view === name);
    output.words(output.paint.bold(name));
    output.words(`  ${comment}`);
    output.table(
      [
        { title: '  COLUMN', cell: ({ column }) => `  ${column}` },
        { title: 'TYPE', cell: ({ type }) => type },
        { title: 'MEANING', cell: ({ comment: meaning }) => meaning, elastic: true },
      ],
      own,
    );
    output.words();
  }
}

function isNumber(type: string): boolean {
  return /^(Nullable\()?(U?Int|Float|Decimal)/.test(type);
}

/** A cell for a person: fractions to at most four places, what is unknown as a dash. */
function words(value: unknown, type: string): string {
  if (value === null) return '–';
  if (typeof value === 'number' && type.includes('Float')) return String(Math.round(value * 10_000) / 10_000);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
