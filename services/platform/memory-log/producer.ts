/** A transactional producer of the log in memory: the port's life cycle, with a test's hook at each step. */
import type { AppendResult, GroupPosition, TopicPartition, TransactionalProducer } from '../../core/streams/log.ts';
import type { RecordBatch } from '../../core/streams/record-batch.ts';
import { fenced } from '../log-port/faults.ts';
import type { CommitStep, OnStep } from '../log-port/steps.ts';
import { TransactionLife } from '../log-port/transaction-life.ts';
import type { MemoryPartition } from './partition.ts';

/** What the log keeps of a transactional id: its epoch and its unfinished transaction. */
export interface ProducerState {
  readonly id: number;
  readonly epoch: number;
  readonly transactionalId: string;
  readonly touched: Set<MemoryPartition>;
  readonly positions: { group: string; positions: readonly GroupPosition[] }[];
}

/** The log as its producers see it. */
export interface ProducerBackend {
  /** False once a newer producer has the id. Throws LOG_CLOSED. */
  isCurrent(): boolean;
  append(to: TopicPartition, batch: RecordBatch): AppendResult;
  end(type: 'commit' | 'abort'): void;
  /** Aborts what is unfinished, unless a newer producer's opening has done so. Never throws. */
  abandon(): void;
}

export class MemoryProducer implements TransactionalProducer {
  readonly transactionalId: string;
  readonly #state: ProducerState;
  readonly #onStep: OnStep;
  readonly #backend: ProducerBackend;
  readonly #life = new TransactionLife();
  #results: AppendResult[] = [];

  constructor(state: ProducerState, onStep: OnStep, backend: ProducerBackend) {
    this.transactionalId = state.transactionalId;
    this.#state = state;
    this.#onStep = onStep;
    this.#backend = backend;
  }

  begin(): void {
    this.#life.begin();
    this.#results = [];
  }

  append(to: TopicPartition, batch: RecordBatch): Promise<void> {
    return this.#life.inside(async () => {
      await this.#step('append');
      this.#results.push(this.#backend.append(to, batch));
      await this.#step('appended');
    });
  }

  sendOffsets(group: string, positions: readonly GroupPosition[]): Promise<void> {
    return this.#life.inside(async () => {
      await this.#step('send-offsets');
      this.#state.positions.push({ group, positions: positions.map((position) => ({ ...position })) });
      await this.#step('offsets-sent');
    });
  }

  commit(): Promise<readonly AppendResult[]> {
    return this.#life.ending(async () => {
      await this.#step('commit');
      this.#backend.end('commit');
      await this.#onStep('committed');
      return this.#results;
    });
  }

  abort(): Promise<void> {
    return this.#life.ending(() => {
      this.#refuseFenced();
      this.#backend.end('abort');
      return Promise.resolve();
    });
  }

  close(): Promise<void> {
    if (this.#life.close()) this.#backend.abandon();
    return Promise.resolve();
  }

  /** The hook may take long enough for a newer producer to take over, so the epoch is looked at behind it. */
  async #step(step: CommitStep): Promise<void> {
    this.#refuseFenced();
    await this.#onStep(step);
    this.#refuseFenced();
  }

  #refuseFenced(): void {
    if (!this.#backend.isCurrent()) throw fenced(this.transactionalId);
  }
}
