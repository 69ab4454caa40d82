/**
 * How many of a list of spans of time hold an instant: what a count over a log is, once it is told of each event from when until
 * when it counts. Made once per judgement, then asked from edge to edge.
 */
import { firstBeyond } from './span.ts';

export class Steps {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #ascending = true;

  clear(): void {
    this.#starts.length = 0;
    this.#ends.length = 0;
    this.#ascending = true;
  }

  /** Counts from `from` on and no more from `until` on; nothing where that is no time at all. */
  add(from: number, until: number): void {
    if (from >= until) return;
    const { length } = this.#starts;
    if (length > 0 && (this.#starts[length - 1]! > from || this.#ends[length - 1]! > until)) this.#ascending = false;
    this.#starts.push(from);
    this.#ends.push(until);
  }

  /** To be called once all are added. */
  close(): void {
    if (this.#ascending) return;
    this.#starts.sort(ascending);
    this.#ends.sort(ascending);
  }

  at(instant: number): number {
    return firstBeyond(this.#starts, instant) - firstBeyond(this.#ends, instant);
  }

  /** The first instant after one at which the count can be another; Infinity = never. */
  next(after: number): number {
    const start = this.#starts[firstBeyond(this.#starts, after)] ?? Infinity;
    const end = this.#ends[firstBeyond(this.#ends, after)] ?? Infinity;
    return Math.min(start, end);
  }
}

function ascending(a: number, b: number): number {
  // Not a − b: infinities.
  return a < b ? -1 : a > b ? 1 : 0;
}
