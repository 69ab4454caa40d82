/** Draws from a seed. One object per history, so that a seed names everything that happens in it. */
import { chanceOf } from '../driver/virtual-host.ts';

export class Chance {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = chanceOf(seed);
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.#next() * (high - low + 1));
  }

  /** True with the given share. */
  happens(share: number): boolean {
    return this.#next() < share;
  }

  oneOf<T>(values: readonly T[]): T {
    return values[this.whole(0, values.length - 1)]!;
  }

  /** One of several ways to go on, each as likely as its weight says. */
  oneWay<T>(ways: readonly (readonly [weight: number, way: () => T])[]): T {
    let left = this.#next() * ways.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, way] of ways) {
      left -= weight;
      if (left < 0) return way();
    }
    return ways.at(-1)![1]();
  }

  /** Between `low` and `high` different values, in the order given. */
  someOf<T>(values: readonly T[], low: number, high: number): readonly T[] {
    let wanted = this.whole(low, Math.min(high, values.length));
    return values.filter((_, at) => {
      const taken = this.whole(1, values.length - at) <= wanted;
      if (taken) wanted -= 1;
      return taken;
    });
  }
}
