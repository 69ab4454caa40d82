/** A measure as a view: what it is known to be at an instant, and when that can change by time alone. */
import type { View } from './operator.ts';
import type { Reading } from './reading.ts';

export interface Quantity {
  /** Called before the readings of one judgement: what they share is made once. The customer does not change until the next call. */
  prepare?(view: View): void;
  /** Fills `out` with what the measure is at `at`, in the integers its tests are written in. `at` is not before the view's. */
  read(view: View, at: number, out: Reading): void;
  /**
   * The first instant after `after` at which the reading can change other than by growing; Infinity = never. It may name an
   * instant at which nothing changes, and never leaves one out.
   */
  nextEdge(view: View, after: number): number;
  /** How many of its integers make one unit a person writes: 1 for counts, 1,000 for ratios, a day's ms for durations. */
  readonly perUnit: number;
}

/** A quantity that nothing but an event changes. */
export function never(): number {
  return Infinity;
}
