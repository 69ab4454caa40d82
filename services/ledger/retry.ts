import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../core/faults.ts';
import type { LedgerListener } from './listener.ts';

/** Runs work until it succeeds or cannot succeed. */
export type Retry = <T>(work: () => Promise<T>) => Promise<T>;

const DELAY_MS_MIN = 50;
const DELAY_MS_MAX = 5_000;

/**
 * Tries again, ever more slowly and without end, while the fault says that the same work may succeed later. Throws
 * everything else at once, and INTERRUPTED when the signal comes while it waits.
 */
export function retryUntil(signal: AbortSignal, listener: LedgerListener): Retry {
  return async (work) => {
    for (let failures = 0; ; failures += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Fault) || error.action !== 'retry') throw error;
        const delayMs = Math.min(DELAY_MS_MAX, DELAY_MS_MIN * 2 ** failures);
        listener.retrying?.(error, delayMs);
        await pause(delayMs, signal, error);
      }
    }
  };
}

async function pause(delayMs: number, signal: AbortSignal, cause: Fault): Promise<void> {
  try {
    await sleep(delayMs, undefined, { signal });
  } catch {
    // The only thing that ends the sleep early is the signal.
    throw new Fault('INTERRUPTED', 'The ledger was stopped while it waited for an answer.', { cause });
  }
}
