/**
 * A transactional producer of the embedded log. Batches and positions wait in memory; the commit writes them, after it
 * has found its own epoch to be the newest, in one LMDB transaction. So an unfinished transaction is nowhere (L3, L4).
 */
import type { AppendResult, GroupPosition, TopicPartition, TransactionalProducer } from '../../core/streams/log.ts';
import type { RecordBatch } from '../../core/streams/record-batch.ts';
import { checkBatchBytes, fenced } from '../log-port/faults.ts';
import type { CommitStep, OnStep } from '../log-port/steps.ts';
import { TransactionLife } from '../log-port/transaction-life.ts';
import { appendBatch, findPartition } from './partition-io.ts';
import type { FoundPartition } from './partition-io.ts';
import type { LogStore } from './store.ts';

/** What a producer needs of its log. */
export interface ProducerContext {
  readonly store: LogStore;
  readonly now: () => number;
  readonly onStep: OnStep;
  readonly refuseClosed: () => void;
  /** Runs inside a write transaction, resolves when durable. */
  readonly write: <T>(work: () => T) => Promise<T>;
  /** Wakes whoever waits for these places. */
  readonly arrived: (places: readonly TopicPartition[]) => void;
}

export class EmbeddedProducer implements TransactionalProducer {
  readonly transactionalId: string;
  readonly #epoch: number;
  readonly #context: ProducerContext;
  readonly #life = new TransactionLife();
  #batches: { place: FoundPartition; batch: RecordBatch }[] = [];
  #positions: { group: string; position: GroupPosition }[] = [];

  constructor(transactionalId: string, epoch: number, context: ProducerContext) {
    this.transactionalId = transactionalId;
    this.#epoch = epoch;
    this.#context = context;
  }

  begin(): void {
    this.#life.begin();
    this.#forget();
  }

  append(to: TopicPartition, batch: RecordBatch): Promise<void> {
    return this.#life.inside(async () => {
      await this.#step('append');
      const { store } = this.#context;
      const place = findPartition(store, to);
      checkBatchBytes(to, store.topic(to.topic).spec, batch.bytes.length);
      this.#batches.push({ place, batch });
      await this.#step('appended');
    });
  }

  sendOffsets(group: string, positions: readonly GroupPosition[]): Promise<void> {
    return this.#life.inside(async () => {
      await this.#step('send-offsets');
      for (const position of positions) this.#positions.push({ group, position: { ...position } });
      await this.#step('offsets-sent');
    });
  }

  commit(): Promise<readonly AppendResult[]> {
    return this.#life.ending(async () => {
      await this.#step('commit');
      if (this.#batches.length === 0 && this.#positions.length === 0) return [];
      const { store, now, write, arrived, onStep } = this.#context;
      const results = await write(() => {
        this.#refuseFenced();
        const receivedAt = now();
        for (const { group, position } of this.#positions) store.putPosition(group, position);
        return this.#batches.map(({ place, batch }) => appendBatch(store, place, batch, receivedAt));
      });
      this.#forget();
      arrived(results);
      await onStep('committed');
      return results;
    });
  }

  abort(): Promise<void> {
    return this.#life.ending(async () => {
      this.#forget();
      await Promise.resolve();
      this.#context.store.refresh();
      this.#refuseFenced();
    });
  }

  close(): Promise<void> {
    this.#life.close();
    this.#forget();
    return Promise.resolve();
  }

  /** The hook may take long enough for a newer producer to take over, so the epoch is looked at behind it. */
  async #step(step: CommitStep): Promise<void> {
    await this.#context.onStep(step);
    this.#context.refuseClosed();
    this.#context.store.refresh();
    this.#refuseFenced();
  }

  #refuseFenced(): void {
    if (this.#context.store.producers.get(this.transactionalId) !== this.#epoch) throw fenced(this.transactionalId);
  }

  #forget(): void {
    this.#batches = [];
    this.#positions = [];
  }
}
