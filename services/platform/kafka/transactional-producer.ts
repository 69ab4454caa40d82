/**
 * A transaction on Kafka, in the order that its protocol wants: partitions are announced to the coordinator before
 * anything is written to them, positions go to the group's coordinator, EndTxn decides.
 *
 * 1. Opening fences (InitProducerId): an older owner's epoch is refused from then on, its transaction is over (L4).
 * 2. Batches of different partitions, and positions, are on their way at once. Those of one partition go one behind the
 *    other: their sequence numbers must arrive in order.
 * 3. A call that failed leaves only `close` (L5): neither epoch nor sequence is used again for other records.
 * 4. EndTxn answers when the decision is durable, before readers see it. It is asked again until the coordinator says that
 *    all markers are written: what `commit` promises is visible. So the next transaction hardly ever finds this one
 *    unfinished.
 */
import type { AppendResult, GroupPosition, TopicPartition, TransactionalProducer } from '../../core/streams/log.ts';
import type { RecordBatch } from '../../core/streams/record-batch.ts';
import { placeOf } from '../log-port/arrivals.ts';
import type { CommitStep } from '../log-port/steps.ts';
import { TransactionLife } from '../log-port/transaction-life.ts';
import { appendResult, checkBytes, produce } from './appender.ts';
import { nextSequence, sequenceSpan, stampBatch, type ProducerIdentity } from './batch-bytes.ts';
import { BrokerRefusal, CODE, faultOf } from './broker-errors.ts';
import { byTopic, call, type Answers, type Call } from './calls.ts';
import type { Cluster } from './cluster.ts';
import { packBatch } from './codecs.ts';
import { OwnLinks, type Links } from './links.ts';
import { openAmong, wasCommitted } from './leftovers.ts';
import { positionsByTopic, refuse, type Offsets } from './offsets.ts';
import type { BatchBounds } from './topics.ts';

/** What a producer needs of its log. */
export interface ProducerWorld {
  readonly cluster: Cluster;
  readonly links: Links;
  readonly bounds: BatchBounds;
  readonly offsets: Offsets;
  /** Throws LOG_CLOSED. */
  readonly refuseClosed: () => void;
}

/** Pauses between two looks, ms. Markers are written within milliseconds, so the first is soon. */
export const MARKERS = { firstMs: 1, largestMs: 20 } as const;
/** How long closing tries to abort what is unfinished, ms: the next owner does it anyway. */
const CLOSING_MS_MAX = 2_000;
/** How long opening waits for the end of an earlier owner's transaction, ms. */
const OPENING_MS_MIN = 60_000;

export async function openProducer(
  transactionalId: string,
  brokerId: string,
  world: ProducerWorld,
  writes: readonly TopicPartition[],
): Promise<KafkaProducer> {
  const { cluster } = world;
  const links = new OwnLinks(world.links);
  try {
    const committed = writes.length > 0 && (await wasCommitted(cluster, links, brokerId));
    const answer = await cluster.withCoordinator(
      'transaction',
      brokerId,
      links,
      call('InitProducerId', { transactionalId: brokerId, transactionTimeout: cluster.options.transactionMs }),
      ({ errorCode }) => refuse(errorCode, { api: 'InitProducerId', transactionalId: brokerId }),
      { ...MARKERS, largestMs: 100, budgetMs: Math.max(OPENING_MS_MIN, cluster.options.retryMs) },
    );
    const identity = { id: Number(answer.producerId), epoch: answer.producerEpoch };
    const producer = new KafkaProducer(transactionalId, brokerId, identity, links, world);
    await producer.settle(await openAmong(world.offsets, writes), committed);
    return producer;
  } catch (error) {
    links.close();
    throw error;
  }
}

export class KafkaProducer implements TransactionalProducer {
  readonly transactionalId: string;
  readonly #brokerId: string;
  readonly #identity: ProducerIdentity;
  readonly #links: OwnLinks;
  readonly #world: ProducerWorld;
  readonly #life = new TransactionLife();
  readonly #sequences = new Map<string, number>();
  readonly #added = new Map<string, TopicPartition>();
  /** Announced together with the first. */
  #expected: readonly TopicPartition[] = [];
  readonly #groups = new Set<string>();
  /** The last write of each partition of this transaction. */
  readonly #tails = new Map<string, Promise<unknown>>();
  #writes: Promise<AppendResult>[] = [];
  #positions: Promise<unknown>[] = [];

  /** Use `openProducer`. `brokerId` is the id as the brokers know it, with the installation's prefix. */
  constructor(id: string, brokerId: string, identity: ProducerIdentity, links: OwnLinks, world: ProducerWorld) {
    this.transactionalId = id;
    this.#brokerId = brokerId;
    this.#identity = identity;
    this.#links = links;
    this.#world = world;
  }

  begin(expected: readonly TopicPartition[] = []): void {
    this.#life.begin();
    this.#forget();
    this.#expected = expected;
  }

  /** Ends what is left open in partitions (leftovers.ts), by markers alone. */
  async settle(places: readonly TopicPartition[], commit: boolean): Promise<void> {
    const [first] = places;
    if (first === undefined) return;
    this.begin(places);
    await this.#life.ending(() =>
      faultily(async () => {
        await this.#announce(first);
        await this.#end(commit);
        this.#forget();
      }),
    );
  }

  append(to: TopicPartition, batch: RecordBatch): Promise<void> {
    return this.#inside(async () => {
      await this.#step('append');
      const { cluster, bounds } = this.#world;
      await cluster.leaderOf(to);
      const bytes = packBatch(batch.bytes, cluster.options.compression);
      await checkBytes(to, bytes.length, bounds);
      await this.#announce(to);
      this.#write(to, bytes, batch.count);
      await this.#step('appended');
    });
  }

  sendOffsets(group: string, positions: readonly GroupPosition[]): Promise<void> {
    return this.#inside(async () => {
      await this.#step('send-offsets');
      if (positions.length > 0) await this.#sendOffsets(this.#world.cluster.options.idPrefix + group, positions);
      await this.#step('offsets-sent');
    });
  }

  commit(): Promise<readonly AppendResult[]> {
    return this.#life.ending(() =>
      faultily(async () => {
        await this.#step('commit');
        const [results] = await Promise.all([Promise.all(this.#writes), Promise.all(this.#positions)]);
        if (!this.#touched) return [];
        await this.#end(true);
        this.#forget();
        await this.#world.cluster.options.onStep?.('committed');
        return results;
      }),
    );
  }

  abort(): Promise<void> {
    return this.#life.ending(() =>
      faultily(async () => {
        this.#world.refuseClosed();
        await Promise.all([...this.#writes, ...this.#positions]);
        if (this.#touched) await this.#end(false);
        this.#forget();
      }),
    );
  }

  async close(): Promise<void> {
    if (!this.#life.close()) return;
    try {
      await Promise.allSettled([...this.#writes, ...this.#positions]);
      if (this.#touched) await this.#end(false, CLOSING_MS_MAX);
    } catch {
      // Fenced, or out of reach: whoever opens the id next ends the transaction, or the broker does when its time is up.
    } finally {
      this.#forget();
      this.#links.close();
    }
  }

  get #touched(): boolean {
    return this.#added.size > 0 || this.#groups.size > 0;
  }

  #inside<T>(call: () => Promise<T>): Promise<T> {
    return this.#life.inside(() => faultily(call));
  }

  async #announce(to: TopicPartition): Promise<void> {
    if (this.#added.has(placeOf(to))) return;
    const places = new Map([to, ...this.#expected].map((each) => [placeOf(each), each]));
    const topics = byTopic([...places.values()], ({ partition }) => partition);
    await this.#coordinate(call('AddPartitionsToTxn', { ...this.#inTransaction(), topics }), ({ errors }) => {
      const codes = errors.flatMap(({ partitionErrors }) => partitionErrors.map(({ errorCode }) => errorCode));
      // "Not attempted" stands beside the error that is meant.
      const code = codes.find((each) => each !== CODE.none && each !== CODE.operationNotAttempted) ?? CODE.none;
      refuse(code, { api: 'AddPartitionsToTxn', transactionalId: this.#brokerId, ...to });
    });
    for (const [place, each] of places) this.#added.set(place, each);
    this.#expected = [];
  }

  #write(to: TopicPartition, bytes: Uint8Array, count: number): void {
    const { cluster } = this.#world;
    const place = placeOf(to);
    const sequence = this.#sequences.get(place) ?? 0;
    this.#sequences.set(place, nextSequence(sequence, sequenceSpan(bytes)));
    stampBatch(bytes, this.#identity, sequence, true);
    const send = async (): Promise<AppendResult> => {
      const answer = await produce(cluster, this.#links, to, bytes, this.#brokerId, this.#budgetMs);
      return appendResult(to, answer, count);
    };
    const before = this.#tails.get(place);
    const written = before === undefined ? send() : before.then(send);
    // The commit awaits it; until then its rejection is no stray one.
    written.catch(() => undefined);
    this.#tails.set(place, written);
    this.#writes.push(written);
  }

  async #sendOffsets(group: string, positions: readonly GroupPosition[]): Promise<void> {
    const { cluster } = this.#world;
    const about = { transactionalId: this.#brokerId, group };
    for (const position of positions) await cluster.leaderOf(position);
    await this.#coordinate(call('AddOffsetsToTxn', { ...this.#inTransaction(), groupId: group }), ({ errorCode }) =>
      refuse(errorCode, { api: 'AddOffsetsToTxn', ...about }),
    );
    this.#groups.add(group);
    const request = call('TxnOffsetCommit', {
      ...this.#inTransaction(),
      ...{ groupId: group, topics: positionsByTopic(positions) },
    });
    const check = ({ topics }: Answers['TxnOffsetCommit']): void => {
      for (const { topic, partitions } of topics) {
        for (const { partition, errorCode } of partitions) {
          refuse(errorCode, { api: 'TxnOffsetCommit', ...about, topic, partition });
        }
      }
    };
    const sent = cluster.withCoordinator('group', group, this.#links, request, check, { budgetMs: this.#budgetMs });
    // As with a write: the commit awaits it.
    sent.catch(() => undefined);
    this.#positions.push(sent);
  }

  /**
   * Ends the transaction and waits until its markers are written. Where the coordinator was lost meanwhile, the one that follows
   * may have skipped some: what is still open then is ended once more, the same way.
   */
  async #end(commit: boolean, budgetMs = this.#budgetMs): Promise<void> {
    const { cluster, offsets } = this.#world;
    for (;;) {
      const before = cluster.coordinatorsLost;
      await this.#decide(commit, budgetMs);
      if (cluster.coordinatorsLost === before) return;
      const [first, ...others] = await openAmong(offsets, [...this.#added.values()]);
      if (first === undefined) return;
      this.#added.clear();
      this.#expected = others;
      await this.#announce(first);
    }
  }

  async #decide(commit: boolean, budgetMs: number): Promise<void> {
    const request = call('EndTxn', { ...this.#inTransaction(), transactionResult: commit });
    const facts = { api: 'EndTxn', transactionalId: this.#brokerId };
    const check = ({ errorCode }: Answers['EndTxn']): void => refuse(errorCode, facts);
    await this.#coordinate(request, check, budgetMs);
    try {
      await this.#coordinate(request, check, budgetMs);
    } catch (error) {
      // The decision stands. That a newer owner is there already means that it has been carried out.
      if (!(error instanceof BrokerRefusal && FENCED.has(error.code))) throw error;
    }
  }

  #coordinate<T>(request: Call<T>, check: (answer: T) => void, budgetMs = this.#budgetMs): Promise<T> {
    const { cluster } = this.#world;
    const backoff = { ...MARKERS, budgetMs };
    return cluster.withCoordinator('transaction', this.#brokerId, this.#links, request, check, backoff);
  }

  #inTransaction() {
    const { id, epoch } = this.#identity;
    return { transactionalId: this.#brokerId, producerId: String(id), producerEpoch: epoch };
  }

  /** Beyond the transaction's own time the broker has aborted it: trying on would be in vain. */
  get #budgetMs(): number {
    const { retryMs, transactionMs } = this.#world.cluster.options;
    return Math.min(retryMs, transactionMs);
  }

  async #step(step: CommitStep): Promise<void> {
    this.#world.refuseClosed();
    await this.#world.cluster.options.onStep?.(step);
    this.#world.refuseClosed();
  }

  #forget(): void {
    this.#added.clear();
    this.#groups.clear();
    this.#tails.clear();
    this.#writes = [];
    this.#positions = [];
  }
}

const FENCED: ReadonlySet<number> = new Set([CODE.invalidProducerEpoch, CODE.producerFenced]);

/** What leaves the producer is a fault. */
async function faultily<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw faultOf(error);
  }
}
