/**
 * Holds records back until it is known what stands behind their schema ids, so that whoever decodes them never has to wait. It is a
 * log whose fetches of the named topics end before the first record with an unknown id.
 *
 * 1. A registry that does not answer costs nothing but time: records with known ids go on, the first unknown one and what lies
 *    behind it on its partition wait, and each fetch tries again, with back-off. Nothing is given up.
 * 2. An id that the registry says nobody was given is let through: the record can be judged (C4).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fetched, Log } from '../../core/streams/log.ts';
import type { Header, RecordSet } from '../../core/streams/record-batch.ts';
import { framedId } from './frame.ts';
import type { Registry } from './registry.ts';

const BACKOFF_FIRST_MS = 100;
const BACKOFF_LAST_MS = 5_000;
/** An id that nobody was given is asked for again after this long: its producer may register it late. */
const ABSENT_MS = 10_000;
const ABSENT_MAX = 10_000;

export interface SchemaGateListener {
  /** Records wait because the registry does not answer; it is asked again after `delayMs`. */
  waiting(error: unknown, delayMs: number): void;
  /** It has answered. */
  answered(): void;
}

type FetchOptions = Parameters<Log['fetch']>[1];

export class SchemaGate {
  readonly #topics: ReadonlySet<string>;
  readonly #registry: Registry;
  readonly #listener: SchemaGateListener;
  readonly #now: () => number;
  /** Ids nobody was given, with the instant until which that is believed. */
  readonly #absent = new Map<number, number>();
  #asking: Promise<void> | undefined;
  #failures = 0;
  #nextTry = -Infinity;

  /** `now` is monotonic, ms. */
  constructor(topics: readonly string[], registry: Registry, listener: SchemaGateListener, now: () => number) {
    this.#topics = new Set(topics);
    this.#registry = registry;
    this.#listener = listener;
    this.#now = now;
  }

  /** The log as seen through the gate. */
  over(log: Log): Log {
    return {
      describeTopics: (names) => log.describeTopics(names),
      listTopics: () => log.listTopics(),
      createTopics: (specs) => log.createTopics(specs),
      fetch: async (requests, options) => this.#passable(await log.fetch(requests, options), options),
      endOffsets: (partitions) => log.endOffsets(partitions),
      offsetForTime: (partition, timestampMs) => log.offsetForTime(partition, timestampMs),
      append: (to, batch) => log.append(to, batch),
      transactionalProducer: (transactionalId, writes) => log.transactionalProducer(transactionalId, writes),
      groupPositions: (group, partitions) => log.groupPositions(group, partitions),
      commitGroupPositions: (group, positions) => log.commitGroupPositions(group, positions),
      joinGroup: (group, topics, listener) => log.joinGroup(group, topics, listener),
      close: () => log.close(),
    };
  }

  async #passable(answers: readonly Fetched[], { maxWaitMs, signal }: FetchOptions): Promise<readonly Fetched[]> {
    if (answers.every((answer) => this.#firstUnknown(answer) === undefined)) return answers;
    const pause = this.#nextTry - this.#now();
    if (pause <= 0) this.#asking ??= this.#ask();
    const rested = new AbortController();
    const rest = restFor(this.#asking === undefined ? Math.min(pause, maxWaitMs) : maxWaitMs, rested.signal, signal);
    await Promise.race(this.#asking === undefined ? [rest] : [rest, this.#asking]);
    rested.abort();
    return answers.map((answer) => {
      const index = this.#firstUnknown(answer);
      return index === undefined ? answer : upTo(answer, index);
    });
  }

  /** One look-up for all who wait. Never rejects: whatever goes wrong is told and tried again. */
  async #ask(): Promise<void> {
    try {
      this.#forgetOldAbsences();
      const believedUntil = this.#now() + ABSENT_MS;
      for (const id of await this.#registry.refresh()) this.#absent.set(id, believedUntil);
      if (this.#failures > 0) this.#listener.answered();
      this.#failures = 0;
      this.#nextTry = -Infinity;
    } catch (error) {
      const delayMs = Math.min(BACKOFF_LAST_MS, BACKOFF_FIRST_MS * 2 ** this.#failures);
      this.#failures += 1;
      this.#nextTry = this.#now() + delayMs;
      this.#listener.waiting(error, delayMs);
    } finally {
      this.#asking = undefined;
    }
  }

  #forgetOldAbsences(): void {
    for (const [id, until] of this.#absent) {
      if (this.#absent.size <= ABSENT_MAX && this.#now() < until) break;
      this.#absent.delete(id);
    }
  }

  #firstUnknown({ topic, records }: Fetched): number | undefined {
    if (!this.#topics.has(topic)) return undefined;
    let last: number | undefined;
    for (let index = 0; index < records.length; index += 1) {
      const value = records.value(index);
      const id = value === null ? undefined : framedId(value);
      if (id === undefined || id === last) continue;
      if (!this.#registry.knows(id) && !this.#isAbsent(id)) return index;
      last = id;
    }
    return undefined;
  }

  #isAbsent(id: number): boolean {
    const until = this.#absent.get(id);
    return until !== undefined && this.#now() < until;
  }
}

/** Ends early when either signal says so; never rejects. */
async function restFor(ms: number, ...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  const signal = AbortSignal.any(signals.filter((each) => each !== undefined));
  // It rejects for one reason only: that it was ended early.
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

function upTo(answer: Fetched, index: number): Fetched {
  return { ...answer, records: new Beginning(answer.records, index), nextOffset: answer.records.offset(index) };
}

class Beginning implements RecordSet {
  readonly length: number;
  readonly #whole: RecordSet;

  constructor(whole: RecordSet, length: number) {
    this.#whole = whole;
    this.length = length;
  }

  offset(index: number): number {
    return this.#whole.offset(index);
  }

  timestamp(index: number): number {
    return this.#whole.timestamp(index);
  }

  key(index: number): Uint8Array | null {
    return this.#whole.key(index);
  }

  value(index: number): Uint8Array | null {
    return this.#whole.value(index);
  }

  headers(index: number): readonly Header[] {
    return this.#whole.headers(index);
  }
}
