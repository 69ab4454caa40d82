/** The owner's housework: retention and compaction of every topic, one run at a time, in slices. */
import { setImmediate } from 'node:timers/promises';
import type { TopicPartition } from '../../core/streams/log.ts';
import { compactPartition } from './compaction.ts';
import { findPartition } from './partition-io.ts';
import { expirePartition } from './retention.ts';
import type { Housework } from './housework.ts';

export class Upkeep {
  readonly #housework: Housework;
  #stopping = false;
  #running: Promise<void> | undefined;

  constructor(context: Pick<Housework, 'store' | 'now' | 'write'>) {
    this.#housework = { ...context, stopping: () => this.#stopping, pause: async () => setImmediate() };
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
    await this.#settled();
    this.#running = this.#partition(place, true).finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  /** Ends the run under way at its next pause. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#settled();
  }

  /** Whoever asked for the run under way is told how it ended; others only wait for the end. */
  async #settled(): Promise<void> {
    await this.#running?.catch(() => undefined);
  }

  async #all(): Promise<void> {
    const { store } = this.#housework;
    store.refresh();
    const topics = [...store.topics.getKeys()];
    for (const topic of topics) {
      const { partitions } = store.topic(topic).spec;
      for (let partition = 0; partition < partitions; partition += 1) {
        if (this.#stopping) return;
        await this.#partition({ topic, partition }, false);
      }
    }
  }

  async #partition(place: TopicPartition, always: boolean): Promise<void> {
    const { store } = this.#housework;
    const { spec } = store.topic(place.topic);
    const found = findPartition(store, place);
    if (spec.cleanup === 'compact') {
      await compactPartition(this.#housework, found, { tombstoneMs: spec.retentionMs, always });
    } else if (spec.retentionMs !== null) {
      await expirePartition(this.#housework, found, spec.retentionMs);
    }
  }
}
