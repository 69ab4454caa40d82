/**
 * The newest instant of each value of a field, for counting distinct values in a window.
 *
 *  1. Adding in any order, or merging two parts, gives the same instants: the maximum per value.
 *  2. At most VALUES_MAX values: the one seen longest ago goes, and `completeFrom` moves past it.
 */
export const VALUES_MAX = 512;

export class Latest {
  readonly shape = 'latest';
  readonly instants = new Map<string, number>();
  completeFrom = -Infinity;

  add(instant: number, value: string): void {
    const known = this.instants.get(value);
    if (known !== undefined) {
      if (known < instant) this.instants.set(value, instant);
      return;
    }
    this.instants.set(value, instant);
    if (this.instants.size > VALUES_MAX) this.dropOldest();
  }

  merge(other: Latest): void {
    this.completeFrom = Math.max(this.completeFrom, other.completeFrom);
    for (const [value, instant] of other.instants) this.add(instant, value);
  }

  /** Forgets values last seen before an instant. */
  prune(before: number): void {
    for (const [value, instant] of this.instants) {
      if (instant >= before) continue;
      this.instants.delete(value);
      this.completeFrom = Math.max(this.completeFrom, instant + 1);
    }
  }

  private dropOldest(): void {
    let oldest: string | undefined;
    for (const [value, instant] of this.instants) {
      const best = oldest === undefined ? Infinity : this.instants.get(oldest)!;
      if (instant < best || (instant === best && value < oldest!)) oldest = value;
    }
    this.completeFrom = Math.max(this.completeFrom, this.instants.get(oldest!)! + 1);
    this.instants.delete(oldest!);
  }
}
