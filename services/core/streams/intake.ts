/**
 * Keeps the inputs' buffers filled and the clock supplied with proofs, one fetch and one end-offset request at a time.
 * Each answer rings the bell. A failure is kept until the task asks: it must end in the task's one place for errors.
 */
import type { TaskClock } from './clock.ts';
import type { Bell, Host } from './host.ts';
import type { Fetched, Log } from './log.ts';
import type { InputQueue } from './merge.ts';

/** Wait of a fetch while the merge is held by a record that is known but not readable yet, ms. */
const HELD_WAIT_MS = 50;
/** Pause between two end-offset requests of a task, ms. */
export const PROOF_PAUSE_MS = 20;

export interface IntakeOptions {
  readonly fetchBytes: number;
  readonly idleWaitMs: number;
}

export class Intake<E> {
  readonly #log: Log;
  readonly #host: Host;
  readonly #bell: Bell;
  readonly #queues: readonly InputQueue<E>[];
  readonly #clock: TaskClock;
  readonly #options: IntakeOptions;
  #failure: { readonly error: unknown } | undefined;
  #closed = false;
  #fetching: { readonly queues: readonly InputQueue<E>[]; readonly wait: AbortController } | undefined;
  #fetch: Promise<void> = Promise.resolve();
  #proving = false;
  #proof: Promise<void> = Promise.resolve();
  #provedAt = -Infinity;

  constructor(
    log: Log,
    host: Host,
    bell: Bell,
    queues: readonly InputQueue<E>[],
    clock: TaskClock,
    options: IntakeOptions,
  ) {
    this.#log = log;
    this.#host = host;
    this.#bell = bell;
    this.#queues = queues;
    this.#clock = clock;
    this.#options = options;
  }

  /** Starts a fetch where one is needed. Throws what went wrong since the last call. */
  pump(held: boolean): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    const { wait, queues: asked } = this.#fetching ?? {};
    if (wait !== undefined) {
      // An input that ran low is not in the fetch that waits: end the wait, the next fetch has them all.
      if (!wait.signal.aborted && this.#queues.some((q) => q.wantsMore && !asked!.includes(q))) wait.abort();
      return;
    }
    const queues = this.#queues.filter((queue) => queue.wantsMore);
    if (queues.length > 0) this.#fetch = this.#fetchOnce(queues, held ? HELD_WAIT_MS : this.#options.idleWaitMs);
  }

  /** Asks for the end offsets, unless just done. */
  prove(): void {
    const now = this.#host.now();
    if (this.#proving || now - this.#provedAt < PROOF_PAUSE_MS) return;
    this.#provedAt = now;
    this.#proof = this.#proveOnce(now);
  }

  /** Ends what is under way; its answers are not taken any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#fetching?.wait.abort();
    await Promise.all([this.#fetch, this.#proof]);
  }

  async #fetchOnce(queues: readonly InputQueue<E>[], maxWaitMs: number): Promise<void> {
    const wait = new AbortController();
    this.#fetching = { queues, wait };
    const sentAt = this.#host.now();
    const requests = queues.map((queue) => ({
      topic: queue.topic,
      partition: queue.partition,
      offset: queue.fetchOffset,
      maxBytes: this.#options.fetchBytes,
    }));
    try {
      const answers = await this.#log.fetch(requests, {
        isolation: 'read_committed',
        maxWaitMs,
        signal: wait.signal,
      });
      if (!this.#closed) for (const answer of answers) this.#take(queues, answer, sentAt);
    } catch (error) {
      this.#failure = { error };
    }
    this.#fetching = undefined;
    this.#bell.ring();
  }

  #take(queues: readonly InputQueue<E>[], answer: Fetched, sentAt: number): void {
    const queue = queues.find(({ topic }) => topic === answer.topic)!;
    queue.add(answer);
    // A high watermark is an end offset too, at least as new as the request (T3).
    this.#clock.proof(queue.index, sentAt, answer.highWatermark, queue.position);
  }

  async #proveOnce(sentAt: number): Promise<void> {
    this.#proving = true;
    try {
      const ends = await this.#log.endOffsets(this.#queues.map(({ topic, partition }) => ({ topic, partition })));
      if (!this.#closed) {
        for (const end of ends) {
          const queue = this.#queues.find(({ topic }) => topic === end.topic)!;
          queue.sawEnd(end.highWatermark);
          this.#clock.proof(queue.index, sentAt, end.highWatermark, queue.position);
        }
      }
    } catch (error) {
      this.#failure = { error };
    }
    this.#proving = false;
    this.#bell.ring();
  }
}
