/**
 * Bringing every key up to a broadcast set, a little at a time, in order of key hash (D3). Which keys are done is kept
 * as ranges of the hash: a key that nothing changed in is not written, and still known to be evaluated.
 *
 * A new set may come while an older one is under way. The slicer then takes the range that is furthest behind and
 * brings it straight to the newest set: what a key becomes does not depend on when a slice came by.
 */
import { HASH_END, hashOf } from './key-order.ts';
import type { HashRange } from './meta.ts';

export interface SliceKeys {
  readonly size: number;
  /** Keys with from ≤ hash < to, in order of (hash, key bytes). */
  keysBetween(from: number, to: number): string[];
}

/** Keys looked up at a time: about what one turn touches. */
const KEYS_PER_SLICE = 500;

export function untouchedRanges(): readonly HashRange[] {
  return [{ below: HASH_END, offset: -1 }];
}

export class Slices {
  readonly #keys: SliceKeys;
  #ranges: readonly HashRange[];
  #newest: number;
  /** The slice under way: keys of hashes from `#from` to `#to`. */
  #slice: readonly string[] = [];
  #at = 0;
  #from = 0;
  #to = 0;

  constructor(keys: SliceKeys, ranges: readonly HashRange[], newest: number) {
    this.#keys = keys;
    this.#ranges = ranges;
    this.#newest = newest;
    this.begin(newest);
  }

  get ranges(): readonly HashRange[] {
    return this.#ranges;
  }

  get pending(): boolean {
    return this.#ranges.length > 1 || this.#ranges[0]!.offset < this.#newest;
  }

  /** A set came into force: everybody is behind it now. */
  begin(offset: number): void {
    this.#newest = offset;
    this.#slice = [];
    this.#at = 0;
    this.#to = this.#from;
    // Nobody there, nothing to bring up to date.
    if (this.#keys.size === 0) this.#ranges = [{ below: HASH_END, offset }];
  }

  /** The broadcast offset through which the finished slices have evaluated this key; -1 = never. */
  through(key: string): number {
    const ranges = this.#ranges;
    if (ranges.length === 1) return ranges[0]!.offset;
    const hash = hashOf(key);
    for (const range of ranges) if (hash < range.below) return range.offset;
    return -1;
  }

  /** Touches keys until none is behind, `keysMax` are touched, or `enough` says so (asked after each key). */
  advance(touch: (key: string) => void, keysMax: number, enough: () => boolean): number {
    let touched = 0;
    while (this.pending && touched < keysMax) {
      if (this.#at === this.#slice.length && !this.#next()) continue;
      const key = this.#slice[this.#at]!;
      touch(key);
      this.#at += 1;
      touched += 1;
      if (enough()) break;
    }
    this.#mark();
    return touched;
  }

  /** Looks up the next slice; false if it holds nobody. */
  #next(): boolean {
    this.#mark();
    let behind = 0;
    for (let index = 1; index < this.#ranges.length; index++) {
      if (this.#ranges[index]!.offset < this.#ranges[behind]!.offset) behind = index;
    }
    if (this.#ranges[behind]!.offset >= this.#newest) return false;
    const slices = Math.max(1, Math.ceil(this.#keys.size / KEYS_PER_SLICE));
    this.#from = behind === 0 ? 0 : this.#ranges[behind - 1]!.below;
    this.#to = Math.min(this.#ranges[behind]!.below, this.#from + Math.ceil(HASH_END / slices));
    this.#slice = this.#keys.keysBetween(this.#from, this.#to);
    this.#at = 0;
    if (this.#slice.length === 0) this.#mark();
    return this.#slice.length > 0;
  }

  /** Writes down what is done of the slice under way: whole hashes only. */
  #mark(): void {
    const done = this.#at < this.#slice.length ? hashOf(this.#slice[this.#at]!) : this.#to;
    if (done > this.#from) this.#ranges = withRange(this.#ranges, this.#from, done, this.#newest);
    this.#from = Math.max(this.#from, done);
  }
}

/** The ranges with from ≤ hash < to set to the offset, neighbours with equal offsets joined. */
export function withRange(ranges: readonly HashRange[], from: number, to: number, offset: number): HashRange[] {
  const result: HashRange[] = [];
  const add = (below: number, through: number): void => {
    const last = result[result.length - 1];
    if (last !== undefined && below <= last.below) return;
    if (last?.offset === through) result[result.length - 1] = { below, offset: through };
    else result.push({ below, offset: through });
  };
  let start = 0;
  for (const range of ranges) {
    if (start < from) add(Math.min(range.below, from), range.offset);
    if (range.below > from && start < to) add(Math.min(Math.max(range.below, from), to), offset);
    if (range.below > to) add(range.below, range.offset);
    start = range.below;
  }
  return result;
}
