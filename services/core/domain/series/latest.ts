/**
 * The newest instant of each value of a field, for counting distinct values in a window.
 *
 *  1. Adding in any order, or merging two parts, gives the same instants: the maximum per value.
 *  2. At most VALUES_MAX values: the one seen longest ago goes, and `completeFrom` moves past it.
 */
const VALUES_MAX = 512;

export class Latest {
  readonly shape = 'latest';
  /** Since its bytes were last kept (codec.ts). */
  changed = true;
  readonly instants = new Map<string, number>();
  completeFrom = -Infinity;

  #ascending: readonly number[] | undefined = undefined;

  add(instant: number, value: string): void {
    const known = this.instants.get(value);
    if (known !== undefined && known >= instant) return;
    this.changed = true;
    this.#ascending = undefined;
    this.instants.set(value, instant);
    if (known !== undefined) return;
    if (this.instants.size > VALUES_MAX) this.dropOldest();
  }

  merge(other: Latest): void {
    this.changed = true;
    this.completeFrom = Math.max(this.completeFrom, other.completeFrom);
    for (const [value, instant] of other.instants) this.add(instant, value);
  }

  /** Forgets values last seen before an instant. */
  prune(before: number): void {
    for (const [value, instant] of this.instants) {
      if (instant >= before) continue;
      this.changed = true;
      this.#ascending = undefined;
      this.instants.delete(value);
      this.completeFrom = Math.max(this.completeFrom, instant + 1);
    }
  }

  /** The instants, oldest first; several views share one sorting. */
  ascending(): readonly number[] {
    return (this.#ascending ??= [...this.instants.values()].sort((a, b) => a - b));
  }

  private dropOldest(): void {
    this.#ascending = undefined;
    let oldest: string | undefined;
    for (const [value, instant] of this.instants) {
      const best = oldest === undefined ? Infinity : this.instants.get(oldest)!;
      if (instant < best || (instant === best && value < oldest!)) oldest = value;
    }
    this.completeFrom = Math.max(this.completeFrom, this.instants.get(oldest!)! + 1);
    this.instants.delete(oldest!);
  }
}
