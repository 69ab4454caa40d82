/** Many histories over several threads: each takes every n-th seed. */
import { Worker } from 'node:worker_threads';
import { Coverage, type Reached } from './coverage.ts';
import type { History } from './histories.ts';

export interface Failure {
  readonly history: History;
  readonly problems: readonly string[];
}

/** What a thread tells: now and then how far it is, each failure, and at the end what it reached. */
export type Told =
  | { readonly kind: 'played'; readonly histories: number }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'done'; readonly reached: Reached };

export interface Share {
  readonly first: number;
  readonly count: number;
  readonly step: number;
  readonly shrinks: boolean;
}

export interface Played {
  readonly failures: readonly Failure[];
  readonly coverage: Coverage;
}

export interface ManyOptions {
  readonly threads: number;
  readonly failuresMax: number;
  /** Whether failures are made as short as can be before they are told. */
  readonly shrinks?: boolean;
  readonly progress?: (histories: number) => void;
}

/** Plays the histories of `count` seeds from `first` on; stops at `failuresMax` failures. */
export async function playMany(first: number, count: number, options: ManyOptions): Promise<Played> {
  const coverage = new Coverage();
  const failures: Failure[] = [];
  const enough = new AbortController();
  let histories = 0;
  const { threads, failuresMax, shrinks = true, progress } = options;
  const tell = (told: Told): void => {
    switch (told.kind) {
      case 'played':
        histories += told.histories;
        progress?.(histories);
        return;
      case 'failed':
        failures.push(told.failure);
        if (failures.length >= failuresMax) enough.abort();
        return;
      case 'done':
        coverage.add(told.reached);
    }
  };
  const shares = Array.from({ length: threads }, (_, at): Share => {
    return { first: first + at, count: Math.ceil((count - at) / threads), step: threads, shrinks };
  });
  await Promise.all(shares.map((share) => inThread(share, enough.signal, tell)));
  return { failures: failures.sort((a, b) => a.history.seed - b.history.seed), coverage };
}

function inThread(share: Share, enough: AbortSignal, tell: (told: Told) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: share });
    worker.on('message', (told: Told) => tell(told));
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (code === 0 || enough.aborted) resolve();
      else reject(new Error(`a thread of the model test ended with ${code}`));
    });
    enough.addEventListener('abort', () => void worker.terminate(), { once: true });
  });
}
