/**
 * Group commit: everything that waits to be written goes into one LMDB transaction, and the next one begins when it is
 * flushed. LMDB writes and flushes in a thread of its own, so the event loop goes on meanwhile.
 *
 * 1. A piece of work runs alone inside the transaction, sees what earlier ones wrote, and throws only before its first
 *    write: then it alone is refused and has left nothing.
 * 2. A result is told after the flush (L1). If the transaction fails, every piece of it is told so.
 * 3. A disk that failed once is not written to again: what the kernel answers after a failed flush proves nothing.
 */
import { Fault } from '../../core/faults.ts';
import { logClosed } from '../log-port/faults.ts';
import type { LogStore } from './store.ts';
import type { Ballast } from './ballast.ts';

interface Piece {
  readonly work: () => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly result: unknown } | { readonly error: unknown };

export class WriteQueue {
  readonly #store: LogStore;
  readonly #ballast: Ballast;
  #waiting: Piece[] = [];
  #draining: Promise<void> | undefined;
  #failed: Fault | undefined;
  #closed = false;

  constructor(store: LogStore, ballast: Ballast) {
    this.#store = store;
    this.#ballast = ballast;
  }

  /** Runs `work` inside a write transaction and resolves with its result when that is durable. */
  run<T>(work: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(logClosed());
    if (this.#failed !== undefined) return Promise.reject(this.#failed);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.push({ work, resolve: resolve as (result: unknown) => void, reject });
    this.#draining ??= this.#drain();
    return promise;
  }

  /** Refuses new work and waits for what was accepted. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
  }

  async #drain(): Promise<void> {
    // One turn later everybody who writes in this turn is in the same transaction.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const pieces = this.#waiting;
      this.#waiting = [];
      await this.#commit(pieces);
    }
    this.#draining = undefined;
  }

  async #commit(pieces: readonly Piece[]): Promise<void> {
    try {
      const outcomes = await this.#store.root.transaction(() => pieces.map(({ work }) => outcomeOf(work)));
      this.#ballast.wrote();
      pieces.forEach((piece, index) => {
        const outcome = outcomes[index]!;
        if ('error' in outcome) piece.reject(outcome.error);
        else piece.resolve(outcome.result);
      });
    } catch (error) {
      const fault = await this.#faultOf(error);
      for (const piece of pieces) piece.reject(fault);
    }
  }

  async #faultOf(error: unknown): Promise<Fault> {
    // lmdb-js tells the reason through a second promise; left alone it would end the process as unhandled.
    const { commitError } = error as { commitError?: Promise<unknown> };
    const cause: unknown = commitError === undefined ? error : await commitError.catch((reason: unknown) => reason);
    const message = cause instanceof Error ? cause.message : String(cause);
    const facts = { file: this.#store.file, reason: message };
    // LMDB calls a write that was cut short, as on a full disk, an input/output error.
    const cutShort = /input\/output error/i.test(message) && this.#ballast.isTight();
    if (cutShort || /ENOSPC|no space left|disk quota/i.test(message)) {
      this.#ballast.release();
      return new Fault('LOG_FULL', 'The disk is full', { facts, cause });
    }
    this.#failed = new Fault('LOG_DISK_FAILED', `The log could not be written: ${message}`, { facts, cause });
    return this.#failed;
  }
}

function outcomeOf(work: () => unknown): Outcome {
  try {
    return { result: work() };
  } catch (error) {
    return { error };
  }
}
