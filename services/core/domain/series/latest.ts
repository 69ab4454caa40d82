/**
 * The newest instant of each value of a field, for counting distinct values in a window.
 *
 *  1. Adding in any order, or merging two parts, gives the same instants: the maximum per value.
 *  2. At most VALUES_MAX values: the one seen longest ago goes, and `completeFrom` moves past it.
 */
const VALUES_MAX = 512;

export class Latest {
  readonly shape = 'latest';
  /** Since it was read from its bytes (series-set.ts). */
  changed = true;
  /** Ascending; `instants` in parallel. */
  readonly values: string[] = [];
  readonly instants: number[] = [];
  completeFrom = -Infinity;

  #ascending: readonly number[] | undefined = undefined;

  add(instant: number, value: string): void {
    const at = this.#placeOf(value);
    const known = this.values[at] === value;
    if (known && this.instants[at]! >= instant) return;
    this.changed = true;
    this.#ascending = undefined;
    if (known) {
      this.instants[at] = instant;
      return;
    }
    this.values.splice(at, 0, value);
    this.instants.splice(at, 0, instant);
    if (this.values.length > VALUES_MAX) this.#drop(this.#oldest());
  }

  merge(other: Latest): void {
    this.changed = true;
    this.completeFrom = Math.max(this.completeFrom, other.completeFrom);
    for (let i = 0; i < other.values.length; i++) this.add(other.instants[i]!, other.values[i]!);
  }

  /** Forgets values last seen before an instant. */
  prune(before: number): void {
    for (let i = this.instants.length - 1; i >= 0; i--) if (this.instants[i]! < before) this.#drop(i);
  }

  /** The instants, oldest first; several views share one sorting. */
  ascending(): readonly number[] {
    return (this.#ascending ??= ascending(this.instants));
  }

  /** Index of the first value that is not smaller. */
  #placeOf(value: string): number {
    let low = 0;
    let high = this.values.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.values[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Of several that are equally old, the smallest. */
  #oldest(): number {
    let oldest = 0;
    for (let i = 1; i < this.instants.length; i++) if (this.instants[i]! < this.instants[oldest]!) oldest = i;
    return oldest;
  }

  #drop(at: number): void {
    this.changed = true;
    this.#ascending = undefined;
    this.completeFrom = Math.max(this.completeFrom, this.instants[at]! + 1);
    this.values.splice(at, 1);
    this.instants.splice(at, 1);
  }
}

/** Few nearly always: by insertion. */
function ascending(instants: readonly number[]): number[] {
  const sorted = instants.slice();
  if (sorted.length > 16) return sorted.sort((a, b) => a - b);
  for (let i = 1; i < sorted.length; i++) {
    const one = sorted[i]!;
    let at = i;
    for (; at > 0 && sorted[at - 1]! > one; at--) sorted[at] = sorted[at - 1]!;
    sorted[at] = one;
  }
  return sorted;
}
