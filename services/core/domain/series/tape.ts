/**
 * Tape (S2): the newest entries by (instant, 64-bit hash of the event id), for functions that depend on order.
 *
 *  1. Entries are ascending in (instant, hash). Adding in any order, or merging two parts, keeps the same newest ones.
 *  2. At most `keep` entries; what falls off moves `completeFrom` past it: nothing newer than that is missing.
 *  3. The entries are the newest there were, without a gap. So a tape that was widened after it dropped something takes
 *     nothing from before `completeFrom`: it would stand beside what is gone as if nothing lay between.
 */
/** A number, or a text where the series keeps texts; null where the event has none. */
export type TapeValue = number | string | null;

export class Tape {
  readonly shape = 'tape';
  /** Since it was read from its bytes (series-set.ts). */
  changed = true;
  /** How many entries the widest view needs; may grow with later definitions. */
  keep: number;
  times: number[] = [];
  hashHigh: number[] = [];
  hashLow: number[] = [];
  /** The projected number or text, null where the event has none; not used by a tape without projection. */
  values: TapeValue[] = [];
  /** Nothing after this instant was dropped; −Infinity while nothing was. */
  completeFrom = -Infinity;

  constructor(keep: number) {
    this.keep = keep;
  }

  add(instant: number, high: number, low: number, value: TapeValue): void {
    if (instant < this.completeFrom && this.times.length < this.keep) return;
    this.insert(instant, high, low, value);
    this.bound();
  }

  merge(other: Tape): void {
    const keep = Math.max(this.keep, other.keep);
    // Full tapes that dropped something lose nothing in a merge: what fills one of them is newer than what it dropped.
    const gap = [this, other].some((tape) => tape.completeFrom > -Infinity && tape.times.length < keep);
    this.keep = keep;
    this.completeFrom = Math.max(this.completeFrom, other.completeFrom);
    for (let i = 0; i < other.times.length; i++)
      this.insert(other.times[i]!, other.hashHigh[i]!, other.hashLow[i]!, other.values[i] ?? null);
    this.bound();
    if (gap) while (this.times[0]! < this.completeFrom) this.shift();
  }

  private insert(instant: number, high: number, low: number, value: TapeValue): void {
    this.changed = true;
    const { times } = this;
    let at = times.length;
    while (at > 0 && this.isAfter(at - 1, instant, high, low)) at -= 1;
    put(times, at, instant);
    put(this.hashHigh, at, high);
    put(this.hashLow, at, low);
    put(this.values, at, value);
  }

  private bound(): void {
    while (this.times.length > this.keep) this.completeFrom = Math.max(this.completeFrom, this.shift() + 1);
  }

  private shift(): number {
    this.changed = true;
    this.hashHigh.shift();
    this.hashLow.shift();
    this.values.shift();
    return this.times.shift()!;
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
