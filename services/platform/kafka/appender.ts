/**
 * Appends outside of transactions, each exactly once as long as the call can be tried again: batches carry a producer
 * id and a sequence per partition, by which the broker knows a repetition.
 *
 * 1. One batch of a partition is on its way at a time; what waits keeps its order.
 * 2. When a batch's fate is unknown (no answer within the bound), or the broker no longer knows the sequence, a new
 *    producer id is taken: a gap or a number given twice would be refused for ever.
 */
import { Fault } from '../../core/faults.ts';
import type { AppendResult, TopicPartition } from '../../core/streams/log.ts';
import type { RecordBatch } from '../../core/streams/record-batch.ts';
import { placeOf } from '../log-port/arrivals.ts';
import { nextSequence, sequenceSpan, stampBatch, type ProducerIdentity } from './batch-bytes.ts';
import { BrokerLost, BrokerRefusal } from './broker-errors.ts';
import { call } from './calls.ts';
import type { Cluster } from './cluster.ts';
import { packBatch } from './codecs.ts';
import type { OwnLinks } from './links.ts';
import { refuse } from './offsets.ts';
import { produceCall } from './produce-call.ts';
import { retrying } from './retrying.ts';
import type { BatchBounds } from './topics.ts';

/** OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH, INVALID_PRODUCER_ID_MAPPING, UNKNOWN_PRODUCER_ID. */
const SEQUENCE_LOST: ReadonlySet<number> = new Set([45, 47, 49, 59]);

interface Session {
  readonly identity: ProducerIdentity;
  readonly sequences: Map<string, number>;
}

export class Appender {
  readonly #cluster: Cluster;
  readonly #links: OwnLinks;
  readonly #bounds: BatchBounds;
  #session: Promise<Session> | undefined;
  readonly #tails = new Map<string, Promise<unknown>>();

  constructor(cluster: Cluster, links: OwnLinks, bounds: BatchBounds) {
    this.#cluster = cluster;
    this.#links = links;
    this.#bounds = bounds;
  }

  async append(to: TopicPartition, batch: RecordBatch): Promise<AppendResult> {
    // What cannot be appended is refused before it takes a place in the queue.
    await this.#cluster.leaderOf(to);
    const bytes = packBatch(batch.bytes, this.#cluster.options.compression);
    await checkBytes(to, bytes.length, this.#bounds);
    const place = placeOf(to);
    const before = this.#tails.get(place) ?? Promise.resolve();
    const appended = before.then(() => this.#append(to, place, bytes, batch.count));
    // The next batch goes on whatever became of this one; its own caller sees the rejection.
    const tail = appended.catch(() => undefined);
    this.#tails.set(place, tail);
    try {
      return await appended;
    } finally {
      if (this.#tails.get(place) === tail) this.#tails.delete(place);
    }
  }

  async #append(to: TopicPartition, place: string, bytes: Uint8Array, count: number): Promise<AppendResult> {
    const { retryMs } = this.#cluster.options;
    let opened = this.#session;
    try {
      const session = await (opened = this.#session ??= this.#open());
      const sequence = session.sequences.get(place) ?? 0;
      stampBatch(bytes, session.identity, sequence, false);
      const result = await produce(this.#cluster, this.#links, to, bytes, null, retryMs);
      session.sequences.set(place, nextSequence(sequence, sequenceSpan(bytes)));
      return appendResult(to, result, count);
    } catch (error) {
      const unknown = error instanceof BrokerLost;
      const lost = error instanceof BrokerRefusal && SEQUENCE_LOST.has(error.code);
      if ((unknown || lost) && this.#session === opened) this.#session = undefined;
      throw error;
    }
  }

  async #open(): Promise<Session> {
    const identity = await retrying({ budgetMs: this.#cluster.options.retryMs }, async () => {
      const request = call('InitProducerId', { transactionalId: null, transactionTimeout: NO_TRANSACTION_MS });
      const answer = await this.#cluster.ask(request);
      refuse(answer.errorCode, { api: 'InitProducerId' });
      return { id: Number(answer.producerId), epoch: answer.producerEpoch };
    });
    return { identity, sequences: new Map() };
  }
}

const NO_TRANSACTION_MS = 60_000;

/** Sends one batch to its partition's leader until it is acknowledged. */
export async function produce(
  cluster: Cluster,
  links: OwnLinks,
  to: TopicPartition,
  bytes: Uint8Array,
  transactionalId: string | null,
  budgetMs: number,
): Promise<{ readonly baseOffset: number; readonly logAppendTime: number }> {
  const { topic, partition } = to;
  return retrying(
    { budgetMs },
    async () => {
      const leader = await cluster.leaderOf(to);
      const request = produceCall(to, bytes, transactionalId, cluster.options.requestMs);
      const answer = await links.to(leader).send(request);
      refuse(answer.errorCode, { api: 'Produce', topic, partition, bytes: bytes.length });
      return answer;
    },
    () => cluster.forget(topic),
  );
}

export function appendResult(
  { topic, partition }: TopicPartition,
  { baseOffset, logAppendTime }: { readonly baseOffset: number; readonly logAppendTime: number },
  count: number,
): AppendResult {
  return {
    ...{ topic, partition, baseOffset },
    lastOffset: baseOffset + count - 1,
    logAppendTime: logAppendTime < 0 ? null : logAppendTime,
  };
}

/** Throws RECORD_TOO_LARGE when the batch as it is sent exceeds the topic's bound. */
export async function checkBytes(to: TopicPartition, bytes: number, bounds: BatchBounds): Promise<void> {
  const limit = await bounds.of(to.topic);
  if (bytes <= limit) return;
  const { topic, partition } = to;
  throw new Fault('RECORD_TOO_LARGE', `A batch of ${bytes} bytes exceeds the ${limit} of ${topic}`, {
    facts: { topic, partition, bytes, limit },
  });
}
