/**
 * Ends: the oldest event ever, the instant of the newest, and how many there were. Owns what life as a whole says of one series
 * of one source of one customer.
 *
 *  1. Adding in any order, or merging two parts, gives the same: the least by (instant, hash), the greatest instant, the sum.
 *  2. Nothing is ever dropped, so it is whole for as long as its feed is.
 */
export type EndValue = number | string | null;

export class Ends {
  readonly shape = 'ends';
  /** Since it was read from its bytes (series-set.ts). */
  changed = true;
  /** Instant of the oldest event, ms UTC; Infinity while there is none. */
  oldest = Infinity;
  /** Halves of the hash of its id. */
  hashHigh = 0;
  hashLow = 0;
  /** Its projected number or text; null where it has none. */
  value: EndValue = null;
  /** Instant of the newest event, ms UTC; −Infinity while there is none. */
  newest = -Infinity;
  count = 0;
  readonly completeFrom = -Infinity;

  add(instant: number, high: number, low: number, value: EndValue): void {
    this.join(instant, high, low, value, instant, 1);
  }

  merge(other: Ends): void {
    this.join(other.oldest, other.hashHigh, other.hashLow, other.value, other.newest, other.count);
  }

  private join(oldest: number, high: number, low: number, value: EndValue, newest: number, count: number): void {
    if (count === 0) return;
    this.changed = true;
    this.count += count;
    this.newest = Math.max(this.newest, newest);
    if (!this.isAfter(oldest, high, low)) return;
    this.oldest = oldest;
    this.hashHigh = high;
    this.hashLow = low;
    this.value = value;
  }

  private isAfter(instant: number, high: number, low: number): boolean {
    if (this.oldest !== instant) return this.oldest > instant;
    if (this.hashHigh !== high) return this.hashHigh > high;
    return this.hashLow > low;
  }
}
