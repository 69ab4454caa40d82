/**
 * A sender that goes on through all kills, in a process that is never killed: bursts of random records, each acknowledged
 * before the next. What was acknowledged is remembered: it must be there at the end, as it was sent.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../services/core/streams/log.ts';
import { partitionFor } from '../../services/core/streams/partitioner.ts';
import { RecordBatchBuilder } from '../../services/core/streams/record-batch.ts';
import { seededRandom, type Random } from '../../services/ingest/demo/random.ts';
import type { TopicNames } from '../../services/platform/topics/topic-plan.ts';
import type { RandomEvents } from './random-events.ts';
import { printOf, Sightings } from './sightings.ts';

const BURST_MAX = 40;
/** Mean pause between bursts, ms. */
const PAUSE_MS = 15;
/** It waits while so many records wait: enough that work is always under way, not so many that they are all there is. */
const WAITING_MAX = 1_500;

interface Burst {
  readonly topic: string;
  readonly partition: number;
  readonly builder: RecordBatchBuilder;
  readonly prints: string[];
}

export class Traffic {
  readonly acknowledged = new Sightings();
  readonly #log: Log;
  readonly #topics: TopicNames;
  readonly #partitions: number;
  readonly #events: RandomEvents;
  readonly #waiting: () => Promise<number>;
  readonly #random: Random;
  #stopped = false;
  #failure: Error | undefined;
  readonly #sending: Promise<void>;

  /** `waiting`: how many records nobody has worked yet. */
  constructor(
    target: { readonly log: Log; readonly topics: TopicNames; readonly partitions: number },
    events: RandomEvents,
    seed: number,
    waiting: () => Promise<number>,
  ) {
    this.#log = target.log;
    this.#topics = target.topics;
    this.#partitions = target.partitions;
    this.#events = events;
    this.#waiting = waiting;
    this.#random = seededRandom(seed, 'traffic');
    this.#sending = this.#send().catch((error: unknown) => {
      this.#failure = error instanceof Error ? error : new Error(String(error));
    });
  }

  /** Throws what made it stop sending, if anything did. */
  assertSending(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#sending;
    this.assertSending();
  }

  async #send(): Promise<void> {
    while (!this.#stopped) {
      if ((await this.#waiting()) < WAITING_MAX)
        await Promise.all([...this.#burst().values()].map((burst) => this.#append(burst)));
      await sleep(Math.min(1_000, this.#random.exponential(PAUSE_MS)));
    }
  }

  #burst(): ReadonlyMap<string, Burst> {
    const bursts = new Map<string, Burst>();
    const now = Date.now();
    for (let left = 1 + this.#random.below(BURST_MAX); left > 0; left--) {
      const { input, key, value } = this.#events.next(now);
      const topic = this.#topics[input];
      const partition = partitionFor(key, this.#partitions);
      const place = `${topic} ${partition}`;
      const burst = bursts.get(place) ?? { topic, partition, builder: new RecordBatchBuilder(), prints: [] };
      bursts.set(place, burst);
      burst.builder.append(now, key, value);
      burst.prints.push(printOf(key, value));
    }
    return bursts;
  }

  async #append({ topic, partition, builder, prints }: Burst): Promise<void> {
    const { baseOffset } = await this.#log.append({ topic, partition }, builder.finish());
    prints.forEach((print, index) => {
      const complaint = this.acknowledged.add({ topic, partition }, baseOffset + index, print);
      if (complaint !== undefined) throw new Error(complaint);
    });
  }
}
