/** What retention and compaction need while they run. */
import type { LogStore } from './store.ts';

export interface Housework {
  readonly store: LogStore;
  readonly now: () => number;
  /** Runs inside a write transaction, resolves when durable. */
  readonly write: <T>(work: () => T) => Promise<T>;
  /** True when the log is closing: end at the next slice. */
  readonly stopping: () => boolean;
  /** Lets everybody else have the event loop between two slices. */
  readonly pause: () => Promise<void>;
}
