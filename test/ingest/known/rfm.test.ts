/**
 * Recency, frequency and money of a real shop, through the real importer and the segmenter, against values computed elsewhere:
 * `online-retail.csv.gz` up to 1 September 2011, quintiles by linear interpolation, bins closed on the right, equal scores for equal
 * values. The expected counts are the published ones (pandas' qcut over the same lines).
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Change } from '../../../services/core/domain/events/change.ts';
import type { DefinitionRecord } from '../../../services/core/domain/events/definition-record.ts';
import { Catalogue } from '../../../services/core/domain/language/catalogue.ts';
import { importFile } from '../../../services/ingest/import/import-file.ts';
import { packagePath } from '../../../services/platform/config/package-root.ts';
import { MemoryLog } from '../../../services/platform/memory-log/memory-log.ts';
import { localRegistry } from '../../../services/platform/registry/registry.ts';
import { jobRecords, jobTopics, PARTITIONS, startJob } from '../../bench/job-app.ts';
import { createJobTopics, definitionOf, publishToJob, wholeFeeds } from '../../bench/job.ts';
import { eachRecord } from '../../bench/state-size.ts';

type Entry = Readonly<Record<string, unknown>>;

/** Midnight of the snapshot in London, where the shop's clocks are. */
const SNAPSHOT = Date.UTC(2011, 7, 31, 23);

const CUTS = {
  recency: { 20: 20, 40: 50, 60: 96, 80: 163 },
  // Whole days up to a cut-off are less than that and one day.
  'days-ended': { 20: 21, 40: 51, 60: 97, 80: 164 },
  frequency: { 20: 1, 40: 1, 60: 2, 80: 4 },
  // In pence.
  money: { 20: 21_518, 40: 40_039.6, 60: 76_462.4, 80: 163_780.6 },
};

const CLASSES = [
  'champions',
  'loyal-customers',
  'potential-loyalists',
  'new-customers',
  'promising',
  'need-attention',
  'about-to-sleep',
  'at-risk',
  'cant-lose',
  'hibernating',
];

const ORDERS = { event: 'purchase', where: { kind: 'order' } };

function table(name: keyof typeof CUTS): DefinitionRecord {
  const key = `rfm-${name}`;
  const body = JSON.stringify({ table: key, name: key, measure: name, cuts: CUTS[name] });
  return { ...definitionOf({ key }), kind: 'table', body };
}

function group(key: string, enter: Readonly<Record<string, Entry>>): DefinitionRecord {
  const members = Object.fromEntries(Object.entries(enter).map(([member, rule]) => [member, { enter: rule }]));
  const order = [...Object.keys(enter), 'none'];
  const body = { group: key, name: key, order, default: 'none', members: { ...members, none: {} } };
  return { ...definitionOf({ key }), body: JSON.stringify(body) };
}

/** A group of five: the number of cut-offs at 20, 40, 60 and 80 percent that the measure is above. */
function scores(key: string, measure: Entry, table: string): DefinitionRecord {
  const above = (percentile: number): Entry => ({ ...measure, moreThan: { cut: table, p: percentile } });
  const some: Entry = { count: ORDERS, atLeast: 1 };
  return group(key, { five: above(80), four: above(60), three: above(40), two: above(20), one: some });
}

function since(percentile: number): Entry {
  return { timeSinceLast: ORDERS, atLeast: { cut: 'rfm-days-ended', p: percentile } };
}

const DEFINED: readonly DefinitionRecord[] = [
  ...wholeFeeds(),
  table('recency'),
  table('days-ended'),
  table('frequency'),
  table('money'),
  group(
    'rfm-class',
    Object.fromEntries(
      CLASSES.map((is) => [
        is,
        { rfmClass: { is, recency: 'rfm-recency', frequency: 'rfm-frequency', within: '365d' } },
      ]),
    ),
  ),
  group('recency-score', {
    one: since(80),
    two: since(60),
    three: since(40),
    four: since(20),
    five: { count: ORDERS, atLeast: 1 },
  }),
  scores('frequency-score', { countDistinct: { ...ORDERS, of: 'orderId' } }, 'rfm-frequency'),
  scores('money-score', { sum: { ...ORDERS, of: 'amountBaseMinor', within: '365d' } }, 'rfm-money'),
];

let changes: readonly Change[];

beforeAll(async () => {
  const topics = jobTopics('known.');
  const log = new MemoryLog({ now: Date.now });
  await createJobTopics(log, topics);
  await publishToJob(log, topics, DEFINED);
  const registry = localRegistry();
  await importFile(
    { log, registry, topics: { ...topics, imports: 'known.imports' }, now: Date.now },
    {
      file: packagePath('infra', 'demo', 'data', 'online-retail.csv.gz'),
      mappingFile: packagePath('test', 'ingest', 'known', 'rfm-mapping.yaml'),
      baseCurrency: 'GBP',
      reject: ({ row, reason }) => {
        throw new Error(`row ${row} is refused: ${reason}`);
      },
    },
  );
  const live = new Set<number>();
  const done = Promise.withResolvers<undefined>();
  const job = await startJob(log, topics, SNAPSHOT, jobRecords('own'), (partition) => {
    live.add(partition);
    if (live.size === PARTITIONS) done.resolve(undefined);
  });
  await Promise.race([done.promise, job.failed]);
  await job.stop();
  const told: Change[] = [];
  await eachRecord(log, topics.changes, PARTITIONS, (records, at) => {
    told.push(registry.decode('change', records.value(at)));
  });
  await log.close();
  // Once the replay is over, time goes on to today.
  changes = told.filter(({ effectiveAt }) => effectiveAt <= SNAPSHOT);
}, 120_000);

/** How many customers are in each member of a group at the snapshot. */
function sizes(group: string): Record<string, number> {
  const memberOf = new Map<string, string>();
  for (const change of changes) if (change.group === group) memberOf.set(change.customerId, change.to!);
  const counts: Record<string, number> = {};
  for (const member of memberOf.values()) counts[member] = (counts[member] ?? 0) + 1;
  return counts;
}

describe('the shop at the snapshot', () => {
  it('is refused none of its definitions', () => {
    const catalogue = new Catalogue();
    DEFINED.forEach((record, offset) => catalogue.fold(offset, record));
    expect(catalogue.refusals).toEqual([]);
  });

  it('has the published classes of recency and frequency', () => {
    expect(sizes('rfm-class')).toEqual({
      hibernating: 904,
      'loyal-customers': 646,
      champions: 482,
      'at-risk': 385,
      'about-to-sleep': 217,
      'potential-loyalists': 210,
      'need-attention': 181,
      promising: 154,
      'new-customers': 101,
      'cant-lose': 37,
    });
  });

  it('has the published scores of recency, frequency and money', () => {
    expect(sizes('recency-score')).toEqual({ one: 658, two: 668, three: 654, four: 664, five: 673 });
    expect(sizes('frequency-score')).toEqual({ one: 1376, three: 651, four: 642, five: 648 });
    expect(sizes('money-score')).toEqual({ one: 664, two: 663, three: 663, four: 663, five: 664 });
  });
});
