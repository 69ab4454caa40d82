/** The owner's housework: retention and compaction of every topic, one run at a time, in slices. */
import { setImmediate } from 'node:timers/promises';
import type { TopicPartition } from '../../core/streams/log.ts';
import { compactPartition } from './compaction.ts';
import { findPartition } from './partition-io.ts';
import { expirePartition } from './retention.ts';
import type { LogStore } from './store.ts';

export interface UpkeepContext {
  readonly store: LogStore;
  readonly now: () => number;
  readonly write: <T>(work: () => T) => Promise<T>;
}

export class Upkeep {
  readonly store: LogStore;
  readonly now: () => number;
  readonly write: <T>(work: () => T) => Promise<T>;
  #stopping = false;
  #running: Promise<void> | undefined;

  constructor(context: UpkeepContext) {
    this.store = context.store;
    this.now = context.now;
    this.write = context.write;
  }

  stopping(): boolean {
    return this.#stopping;
  }

  /** Lets everybody else have the event loop between two slices. */
  async pause(): Promise<void> {
    await setImmediate();
  }

  /** One run over all topics; while one is under way it is the answer to whoever asks again. */
  run(): Promise<void> {
    this.#running ??= this.#all().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Compacts one partition, however little is new, after the run under way. */
  async compact(place: TopicPartition): Promise<void> {
    await this.#running;
    this.#running = this.#partition(place, true).finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  /** Ends the run under way at its next pause. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
  }

  async #all(): Promise<void> {
    this.store.refresh();
    const topics = [...this.store.topics.getKeys()];
    for (const topic of topics) {
      const { partitions } = this.store.topic(topic).spec;
      for (let partition = 0; partition < partitions; partition += 1) {
        if (this.#stopping) return;
        await this.#partition({ topic, partition }, false);
      }
    }
  }

  async #partition(place: TopicPartition, always: boolean): Promise<void> {
    const { spec } = this.store.topic(place.topic);
    const found = findPartition(this.store, place);
    if (spec.cleanup === 'compact') {
      await compactPartition(this, found, { tombstoneMs: spec.retentionMs, always });
    } else if (spec.retentionMs !== null) {
      await expirePartition(this, found, spec.retentionMs);
    }
  }
}
