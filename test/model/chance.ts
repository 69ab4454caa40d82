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
}
