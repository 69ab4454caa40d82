/**
 * Tiles (S2): how many events, and the sum and extremes of one projected number, by instant. Owns the entries of one series
 * of one source of one customer.
 *
 *  1. An entry is exact (one event) until more than TILE_ENTRIES events were ever added to its tile of one minute; then the
 *     tile is one entry at the instant of its newest event. So precision is never coarser than one minute.
 *  2. Entries are ascending in (instant, number). Adding in any order, or merging two parts, gives the same entries as long as
 *     nothing is dropped (3); whatever is dropped, views that are whole and lifetime totals are the same.
 *  3. At most ENTRIES_MAX entries: the oldest go, and `completeFrom` moves past them; what lifetime views need of them stays in
 *     `base`. Whatever is dropped by age (S2: before reach and lateness) goes the same way, a quarter of the entries at a time.
 */
import { MINUTE_MS } from '../time/duration.ts';

const TILE_ENTRIES = 16;
const ENTRIES_MAX = 2048;
/** Aggregates of what no longer has an instant. `known`: how many had the number. */
export interface Base {
  count: number;
  known: number;
  sum: number;
  min: number;
  max: number;
}

export class Tiles {
  readonly shape = 'tiles';
  /** Since it was read from its bytes (series-set.ts). */
  changed = true;
  /** Whether entries carry a number; fixed by the series. */
  readonly numbered: boolean;
  times: number[] = [];
  /** Events per entry; empty while every entry is one event. */
  counts: number[] = [];
  /** Parallel to times when numbered: how many events of the entry had the number, its sum and extremes. */
  known: number[] = [];
  sums: number[] = [];
  mins: number[] = [];
  maxs: number[] = [];
  base: Base | undefined = undefined;
  /** Sliding views are whole from here on; −Infinity while nothing was dropped. */
  completeFrom = -Infinity;

  constructor(numbered: boolean) {
    this.numbered = numbered;
  }

  add(instant: number, value: number | null): void {
    this.changed = true;
    if (instant < this.completeFrom) {
      this.toBase(1, value === null ? 0 : 1, value ?? 0, value ?? Infinity, value ?? -Infinity);
      return;
    }
    this.insert(instant, 1, value === null ? 0 : 1, value ?? 0, value ?? Infinity, value ?? -Infinity);
    this.collapse(Math.floor(instant / MINUTE_MS));
    if (this.times.length > ENTRIES_MAX) this.drop(this.times.length - ENTRIES_MAX);
  }

  merge(other: Tiles): void {
    this.changed = true;
    this.completeFrom = Math.max(this.completeFrom, other.completeFrom);
    if (other.base !== undefined)
      this.toBase(other.base.count, other.base.known, other.base.sum, other.base.min, other.base.max);
    for (let i = 0; i < other.times.length; i++) {
      this.insert(
        other.times[i]!,
        other.countAt(i),
        other.known[i] ?? 0,
        other.sums[i] ?? 0,
        other.mins[i] ?? Infinity,
        other.maxs[i] ?? -Infinity,
      );
      this.collapse(Math.floor(other.times[i]! / MINUTE_MS));
    }
    this.prune(this.completeFrom);
    if (this.times.length > ENTRIES_MAX) this.drop(this.times.length - ENTRIES_MAX);
  }

  countAt(index: number): number {
    return this.counts.length === 0 ? 1 : this.counts[index]!;
  }

  /** Index of the first entry after an instant (that is: inside a window that starts there, exclusively). */
  firstAfter(instant: number): number {
    const times = this.times;
    let low = 0;
    let high = times.length;
    // Most windows end near the newest entries or hold nearly all: look at the ends first.
    if (high === 0 || times[0]! > instant) return 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (times[middle]! > instant) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Drops whole tiles that ended at or before an instant. */
  prune(before: number): void {
    const { times } = this;
    const tileStart = Math.floor(before / MINUTE_MS) * MINUTE_MS;
    // A quarter at a time: dropping one by one would move all the others with each event.
    if (times.length === 0 || times[times.length >>> 2]! >= tileStart) return;
    this.drop(this.firstAfter(tileStart - 1));
  }

  private drop(count: number): void {
    this.changed = true;
    for (let i = 0; i < count; i++) {
      this.toBase(
        this.countAt(i),
        this.known[i] ?? 0,
        this.sums[i] ?? 0,
        this.mins[i] ?? Infinity,
        this.maxs[i] ?? -Infinity,
      );
    }
    this.completeFrom = Math.max(this.completeFrom, this.times[count - 1]! + 1);
    this.times.splice(0, count);
    if (this.counts.length > 0) this.counts.splice(0, count);
    if (this.counts.every((one) => one === 1)) this.counts = [];
    if (this.numbered) for (const array of [this.known, this.sums, this.mins, this.maxs]) array.splice(0, count);
  }

  private toBase(count: number, known: number, sum: number, min: number, max: number): void {
    const base = (this.base ??= { count: 0, known: 0, sum: 0, min: Infinity, max: -Infinity });
    base.count += count;
    base.known += known;
    base.sum += sum;
    base.min = Math.min(base.min, min);
    base.max = Math.max(base.max, max);
  }

  private insert(instant: number, count: number, known: number, sum: number, min: number, max: number): void {
    const last = this.times.length - 1;
    let at = last < 0 || this.times[last]! <= instant ? last + 1 : this.firstAfter(instant);
    if (this.numbered) while (at > 0 && this.times[at - 1] === instant && this.isGreater(at - 1, known, sum)) at -= 1;
    if (this.counts.length === 0 && count > 1) this.counts = this.times.map(() => 1);
    put(this.times, at, instant);
    if (this.counts.length > 0 || count > 1) put(this.counts, at, count);
    if (this.numbered) {
      put(this.known, at, known);
      put(this.sums, at, sum);
      put(this.mins, at, min);
      put(this.maxs, at, max);
    }
  }

  /** The order of entries of one instant: without a number first, then by number. */
  private isGreater(index: number, known: number, sum: number): boolean {
    return this.known[index]! === known ? this.sums[index]! > sum : this.known[index]! > known;
  }

  /** Makes one entry of a tile that has taken more than TILE_ENTRIES events. */
  private collapse(tile: number): void {
    const times = this.times;
    let end = times.length;
    while (end > 0 && times[end - 1]! >= (tile + 1) * MINUTE_MS) end -= 1;
    let start = end;
    let events = 0;
    while (start > 0 && times[start - 1]! >= tile * MINUTE_MS) {
      start -= 1;
      events += this.countAt(start);
    }
    if (events <= TILE_ENTRIES || end - start <= 1) return;
    if (this.counts.length === 0) this.counts = times.map(() => 1);
    const fold = (array: number[], join: (a: number, b: number) => number): void => {
      const joined = array.slice(start, end).reduce(join);
      array.splice(start, end - start, joined);
    };
    const plus = (a: number, b: number): number => a + b;
    // Not Math.max itself: reduce hands on index and array too, which makes NaN of it.
    const greater = (a: number, b: number): number => Math.max(a, b);
    fold(times, greater);
    fold(this.counts, plus);
    if (!this.numbered) return;
    fold(this.known, plus);
    fold(this.sums, plus);
    fold(this.mins, (a, b) => Math.min(a, b));
    fold(this.maxs, greater);
  }
}

function put(array: number[], at: number, value: number): void {
  if (at === array.length) array.push(value);
  else array.splice(at, 0, value);
}
