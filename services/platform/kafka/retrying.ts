/** Tries again while an error is of the passing kind and time is left, with growing pauses of uneven length. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isTransient } from './broker-errors.ts';

export interface Backoff {
  /** How long it may go on, ms. */
  readonly budgetMs: number;
  readonly firstMs?: number;
  readonly largestMs?: number;
}

const FIRST_MS = 10;
const LARGEST_MS = 500;
const GROWTH = 1.6;

/** `beforeNext` corrects what the failed attempt went by (leaders, coordinators). Rejects with the last error. */
export async function retrying<T>(
  { budgetMs, firstMs = FIRST_MS, largestMs = LARGEST_MS }: Backoff,
  attempt: () => Promise<T>,
  beforeNext?: (error: unknown) => void | Promise<void>,
): Promise<T> {
  const until = performance.now() + budgetMs;
  for (let pauseMs = firstMs; ; pauseMs = Math.min(largestMs, pauseMs * GROWTH)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isTransient(error) || performance.now() + pauseMs > until) throw error;
      await sleep(pauseMs * (0.75 + Math.random() / 2));
      await beforeNext?.(error);
    }
  }
}
