/**
 * What many definitions cost: CPU time of the process per event with 40 segments alone, and with so many more that the events do
 * not concern. Two kinds of bystanders: of kinds that never come, and of the kind that comes most with another value of a
 * field. And what is kept of a customer of a real shop for twenty series.
 */
import { Catalogue } from '../../services/core/domain/language/catalogue.ts';
import { seriesOfDefinition } from '../../services/core/domain/language/series-identity.ts';
import { importFile } from '../../services/ingest/import/import-file.ts';
import { packagePath } from '../../services/platform/config/package-root.ts';
import { MemoryLog } from '../../services/platform/memory-log/memory-log.ts';
import { localRegistry } from '../../services/platform/registry/registry.ts';
import { silentSegmenterListener } from '../../services/segmenter/listener.ts';
import { jobRecords, jobTopics, PARTITIONS, startJob } from './job-app.ts';
import { createJobTopics, definitionOf, jobDefinitions, publishToJob, wholeFeeds } from './job.ts';
import { RandomRows } from './random-rows.ts';
import { RowWriter } from './row-writer.ts';
import { stateSize } from './state-size.ts';
import { SEGMENTS } from './up-directory.ts';

export const BYSTANDERS = ['none', 'kinds', 'values'] as const;
export type Bystanders = (typeof BYSTANDERS)[number];

export interface EventCostOptions {
  readonly bystanders: Bystanders;
  /** With the 40. */
  readonly segments: number;
  readonly events: number;
}

export interface EventCost {
  readonly segments: number;
  readonly events: number;
  /** CPU time of the process, its collector included, once every customer is known. */
  readonly microsPerEvent: number;
}

const CUSTOMERS = 2_000;
/** Events before the measured ones, in shares of them: customers become known, and the machine code is there. */
const WARM_UP = 0.25;
/** Between two events: a customer has one every 20 hours. */
const STEP_MS = 36_000;
const START_MS = Date.UTC(2026, 0, 1);
const BATCH_BYTES = 200_000;

export async function eventCost({ bystanders, segments, events }: EventCostOptions): Promise<EventCost> {
  const topics = jobTopics('bench.');
  const records = jobRecords('own');
  const log = new MemoryLog({ now: Date.now });
  await createJobTopics(log, topics);
  const own = jobDefinitions(SEGMENTS);
  const others =
    bystanders === 'none' ? [] : Array.from({ length: segments - 40 }, (_, at) => bystander(bystanders, at));
  await publishToJob(log, topics, [...own, ...others.map((segment) => definitionOf(segment))]);
  const warm = Math.round(events * WARM_UP);
  const writer = new RowWriter(log, topics, PARTITIONS, records);
  const rows = new RandomRows(1, CUSTOMERS, 'language');
  let at = START_MS;
  for (let count = 0; count < warm + events; count++) {
    at += STEP_MS;
    // First each customer once.
    const row = count < CUSTOMERS ? rows.next(at, count) : rows.next(at);
    if (writer.add(row) > BATCH_BYTES) await writer.flush();
  }
  await writer.flush();
  const cpu = new Stopwatch(warm, warm + events);
  const live = new Set<number>();
  const done = Promise.withResolvers<undefined>();
  const wentLive = (partition: number): void => {
    live.add(partition);
    if (live.size === PARTITIONS) done.resolve(undefined);
  };
  const listener = { ...silentSegmenterListener, applied: () => cpu.count() };
  const job = await startJob(log, topics, at, records, wentLive, listener);
  await Promise.race([done.promise, job.failed]);
  await job.stop();
  await log.close();
  return { segments: 40 + others.length, events, microsPerEvent: cpu.micros / events };
}

/** CPU time between two counts. */
class Stopwatch {
  readonly #from: number;
  readonly #until: number;
  #counted = 0;
  #started: NodeJS.CpuUsage | undefined;
  micros = NaN;

  constructor(from: number, until: number) {
    this.#from = from;
    this.#until = until;
  }

  count(): void {
    this.#counted += 1;
    if (this.#counted === this.#from) this.#started = process.cpuUsage();
    if (this.#counted !== this.#until) return;
    const { user, system } = process.cpuUsage(this.#started);
    this.micros = user + system;
  }
}

/** A segment that no event of the measurement concerns; each has a filter, and so a series, of its own. */
function bystander(kind: Exclude<Bystanders, 'none'>, at: number): Readonly<Record<string, unknown>> {
  const where =
    kind === 'kinds'
      ? { kind: 'error_shown', featureId: `feature-${at}` }
      : { kind: 'contact', category: `topic-${at}` };
  const enter = { count: { event: 'interaction', where, within: `${1 + (at % 90)}d` }, atLeast: 1 + (at % 5) };
  return { key: `bystander-${at}`, name: `Bystander ${at}`, enter };
}

export interface ShopState {
  readonly customers: number;
  readonly series: number;
  /** Key and value of all pages of a customer, as they rest. */
  readonly bytesMedian: number;
  readonly bytesMean: number;
  readonly bytesLargest: number;
}

/** The nine months of the shop of the demo through the importer, under rules that need twenty series. */
export async function shopState(): Promise<ShopState> {
  const topics = jobTopics('bench.');
  const log = new MemoryLog({ now: Date.now });
  await createJobTopics(log, topics);
  const definitions = [...wholeFeeds(), ...SHOP_RULES.map((segment) => definitionOf(segment))];
  await publishToJob(log, topics, definitions);
  const imported = await importFile(
    { log, registry: localRegistry(), topics: { ...topics, imports: 'bench.imports' }, now: Date.now },
    {
      file: packagePath('infra', 'demo', 'data', 'online-retail.csv.gz'),
      mappingFile: packagePath('infra', 'demo', 'mappings', 'online-retail.yaml'),
      baseCurrency: 'GBP',
      reject: ({ row, reason }) => {
        throw new Error(`row ${row} is refused: ${reason}`);
      },
    },
  );
  if (imported.events === 0) throw new Error('the shop has no events');
  const live = new Set<number>();
  const done = Promise.withResolvers<undefined>();
  const job = await startJob(log, topics, SHOP_END_MS, jobRecords('own'), (partition) => {
    live.add(partition);
    if (live.size === PARTITIONS) done.resolve(undefined);
  });
  await Promise.race([done.promise, job.failed]);
  await job.stop();
  const size = await stateSize(log, topics.changelog, PARTITIONS);
  await log.close();
  return {
    customers: size.customers,
    series: seriesOf(SHOP_RULES).size,
    bytesMedian: size.bytesMedian,
    bytesMean: size.bytesPerCustomer,
    bytesLargest: size.bytesLargest,
  };
}

/** All series the definitions need; throws when one of them is refused. */
function seriesOf(rules: readonly Readonly<Record<string, unknown>>[]): ReadonlySet<string> {
  const catalogue = new Catalogue();
  for (const [offset, rule] of rules.entries()) {
    const refusal = catalogue.fold(offset, definitionOf(rule));
    if (refusal !== undefined) throw new Error(JSON.stringify(refusal.mistakes));
  }
  return new Set(catalogue.segments.flatMap(({ definition }) => seriesOfDefinition(definition)));
}

/** Midnight after the last day of the file, in London. */
const SHOP_END_MS = Date.UTC(2011, 7, 31, 23);

const ORDER = { event: 'purchase', where: { kind: 'order' } };
const REFUND = { event: 'purchase', where: { kind: 'refund' } };
const AMOUNT = { of: 'amountBaseMinor' };
const orderOf = (amountBaseMinor: unknown): object => ({
  event: 'purchase',
  where: { kind: 'order', amountBaseMinor },
});
const having = (productId: string): object => ({
  event: 'purchase',
  where: { kind: 'order', productIds: { hasAny: [productId] } },
});

/** What a shop may want to know of its customers; each line needs a series that no other does. */
const SHOP_RULES: readonly Readonly<Record<string, unknown>>[] = [
  { count: { ...ORDER, within: '30d' }, atLeast: 2 },
  { sum: { ...ORDER, ...AMOUNT, within: '90d' }, atLeast: 50_000 },
  { count: { ...REFUND, within: '180d' }, atLeast: 2 },
  { sum: { ...REFUND, ...AMOUNT, within: '180d' }, atMost: -10_000 },
  { averageLast: { ...ORDER, ...AMOUNT, n: 3, atLeastValues: 2 }, atLeast: 40_000 },
  { first: { ...ORDER, ...AMOUNT }, atLeast: 30_000 },
  { countDistinct: { ...ORDER, of: 'orderId', within: '365d' }, atLeast: 6 },
  { mostFrequent: { ...ORDER, of: 'channel', within: '180d' }, equals: 'web' },
  { count: { event: 'purchase', within: '60d' }, atLeast: 3 },
  { sum: { event: 'purchase', ...AMOUNT, within: '365d' }, atLeast: 100_000 },
  { count: { ...orderOf({ atLeast: 50_000 }), within: '365d' }, atLeast: 2 },
  { count: { ...orderOf({ atLeast: 100_000 }), within: '365d' }, atLeast: 1 },
  { sum: { ...orderOf({ atMost: 10_000 }), ...AMOUNT, within: '90d' }, atLeast: 20_000 },
  { timeSinceLast: orderOf({ atLeast: 20_000 }), atLeast: '60d' },
  { daysActive: { ...orderOf({ atMost: 20_000 }), within: '90d' }, atLeast: 3 },
  { count: { ...having('85123A'), within: '180d' }, atLeast: 1 },
  { count: { ...having('22423'), within: '180d' }, atLeast: 1 },
  { count: { ...having('85099B'), within: '180d' }, atLeast: 2 },
  { count: { ...having('84879'), within: '180d' }, atLeast: 1 },
  { sequence: { first: ORDER, then: REFUND, within: '7d', during: '180d' }, atLeast: 1 },
].map((enter, at) => ({ key: `shop-${at + 1}`, name: `Shop ${at + 1}`, enter }));
