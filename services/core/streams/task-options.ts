import { AppendSkew } from './clock.ts';

/** Bounds of a task's work; all of them have defaults. */
export interface TaskOptions {
  /** Shortest time between the end of a commit and the next, ms (K1): 5 embedded, 25 Kafka. */
  readonly commitMinMs: number;
  /** Longest time work waits for its commit, ms (K1). */
  readonly commitMaxMs: number;
  /** Inputs (with firings and touches) per commit, at most (K1). */
  readonly commitInputsMax: number;
  /** Bytes per commit, at most, and of one batch (K1). */
  readonly commitBytesMax: number;
  /** `clock.delay`, ms (T3). */
  readonly clockDelayMs: number;
  /** Bytes asked for per input and fetch. */
  readonly fetchBytes: number;
  /** Longest wait of a fetch that has nothing to return, ms. */
  readonly idleWaitMs: number;
  /** Written into the meta record for people. */
  readonly software: string;
}

export const TASK_DEFAULTS: TaskOptions = {
  commitMinMs: 5,
  commitMaxMs: 100,
  commitInputsMax: 2_000,
  commitBytesMax: 900_000,
  clockDelayMs: 500,
  fetchBytes: 256 * 1024,
  idleWaitMs: 500,
  software: 'unknown',
};

/** A replay, asked for at a task's very first start (T4); one value for all tasks, so that they agree. */
export interface ReplayRequest {
  /** Where the clock stands when it is over, ms UTC. */
  readonly declaredInstant: number;
  /** Broadcast records below this offset are in force before the first event. */
  readonly broadcastEnd: number;
}

/** What the tasks of one event loop know of each other. */
export class Pace {
  readonly skew: AppendSkew = new AppendSkew();
  running = 0;
  committing = 0;
  #transactionMs = 0;

  /** A transaction took this long, ms. */
  observe(ms: number): void {
    this.#transactionMs += (ms - this.#transactionMs) / 8;
  }

  /** K1: when several tasks commit, each waits for its share of the transactions' time. */
  commitMaxMs(floorMs: number): number {
    return Math.max(floorMs, this.committing * this.#transactionMs);
  }

  /** Longest stretch of one task without a yield, ms: all tasks together stay near 5 ms. */
  get turnMs(): number {
    return Math.max(1, 5 / Math.max(1, this.running));
  }
}
