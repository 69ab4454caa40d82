/**
 * Log (S2): events in order with the roles they play, for functions that look at one after another (sequences, issues). Owns the
 * entries of one series of one source of one customer.
 *
 *  1. Entries are ascending in (instant, hash of the event id). Adding in any order, or merging two parts, gives the same entries
 *     as long as nothing is dropped (2); whatever is dropped, views that are whole are the same.
 *  2. At most LOG_MAX entries: the oldest go, and `completeFrom` moves past them. Whatever is dropped by age (S2: before reach and
 *     lateness) goes the same way, a quarter of the entries at a time.
 */
export const LOG_MAX = 1024;

export type LogValue = number | string | null;

export class EventLog {
  readonly shape = 'log';
  /** Since it was read from its bytes (series-set.ts). */
  changed = true;
  times: number[] = [];
  hashHigh: number[] = [];
  hashLow: number[] = [];
  /** By place among the filters of the series: which of them the event passes. */
  bits: number[] = [];
  /** The key, null in a series without one. */
  keys: (string | null)[] = [];
  /** The projected number or text, null where there is none. */
  values: LogValue[] = [];
  /** Nothing from here on was dropped; −Infinity while nothing was. */
  completeFrom = -Infinity;

  /** An event from before what was dropped leaves no trace: it would stand beside what is gone as if nothing lay between. */
  add(instant: number, high: number, low: number, bits: number, key: string | null, value: LogValue): void {
    if (instant < this.completeFrom) return;
    this.insert(instant, high, low, bits, key, value);
    this.bound();
  }

  merge(other: EventLog): void {
    this.changed = true;
    this.completeFrom = Math.max(this.completeFrom, other.completeFrom);
    for (let i = 0; i < other.times.length; i++) {
      this.insert(
        other.times[i]!,
        other.hashHigh[i]!,
        other.hashLow[i]!,
        other.bits[i]!,
        other.keys[i]!,
        other.values[i]!,
      );
    }
    this.drop(this.firstAfter(this.completeFrom - 1));
    this.bound();
  }

  /** Index of the first entry after an instant. */
  firstAfter(instant: number): number {
    const { times } = this;
    let low = 0;
    let high = times.length;
    if (high === 0 || times[0]! > instant) return 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (times[middle]! > instant) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Drops what lies before an instant, once that is a quarter of the entries. */
  prune(before: number): void {
    const { times } = this;
    // One by one would move all the others with each event.
    if (times.length === 0 || times[times.length >>> 2]! >= before) return;
    this.drop(this.firstAfter(before - 1));
  }

  private bound(): void {
    if (this.times.length > LOG_MAX) this.drop(this.times.length - LOG_MAX);
  }

  private drop(count: number): void {
    if (count === 0) return;
    this.changed = true;
    this.completeFrom = Math.max(this.completeFrom, this.times[count - 1]! + 1);
    for (const array of [this.times, this.hashHigh, this.hashLow, this.bits, this.keys, this.values])
      array.splice(0, count);
  }

  private insert(instant: number, high: number, low: number, bits: number, key: string | null, value: LogValue): void {
    this.changed = true;
    let at = this.times.length;
    while (at > 0 && this.isAfter(at - 1, instant, high, low)) at -= 1;
    put(this.times, at, instant);
    put(this.hashHigh, at, high);
    put(this.hashLow, at, low);
    put(this.bits, at, bits);
    put(this.keys, at, key);
    put(this.values, at, value);
  }

  private isAfter(index: number, instant: number, high: number, low: number): boolean {
    if (this.times[index]! !== instant) return this.times[index]! > instant;
    if (this.hashHigh[index]! !== high) return this.hashHigh[index]! > high;
    return this.hashLow[index]! > low;
  }
}

function put<T>(array: T[], at: number, value: T): void {
  if (at === array.length) array.push(value);
  else array.splice(at, 0, value);
}
