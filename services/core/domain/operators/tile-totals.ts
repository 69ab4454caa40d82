/** What a range of the entries of tiles amounts to. Running totals are made once per judgement, so that edges cost no walk. */
import type { Tiles } from '../series/tiles.ts';
import { plus, type Whole } from './reading.ts';

export class TileTotals {
  count = 0;
  /** How many of them have the number. */
  known = 0;
  sum: Whole = 0;
  min = Infinity;
  max = -Infinity;
  tiles: Tiles | undefined = undefined;

  readonly #numbered: boolean;
  readonly #extremes: boolean;
  /** Totals of the entries before an index. */
  readonly #counts: number[] = [];
  readonly #knowns: number[] = [];
  readonly #sums: Whole[] = [];

  constructor(kind: 'count' | 'sum' | 'average' | 'min' | 'max') {
    this.#numbered = kind !== 'count';
    this.#extremes = kind === 'min' || kind === 'max';
  }

  prepare(tiles: Tiles | undefined): void {
    this.tiles = tiles;
    if (tiles === undefined) return;
    const { length } = tiles.times;
    let [count, known] = [0, 0];
    let sum: Whole = 0;
    for (let i = 0; i <= length; i++) {
      this.#counts[i] = count;
      this.#knowns[i] = known;
      this.#sums[i] = sum;
      if (i === length) break;
      count += tiles.countAt(i);
      if (!this.#numbered) continue;
      known += tiles.known[i]!;
      sum = plus(sum, tiles.sums[i]!);
    }
  }

  /** Of the entries in [first, end); `forLife`: and of what has no instant any more. */
  take(first: number, end: number, forLife: boolean): void {
    const { tiles } = this;
    const some = tiles !== undefined && first < end;
    this.count = some ? this.#counts[end]! - this.#counts[first]! : 0;
    this.known = some ? this.#knowns[end]! - this.#knowns[first]! : 0;
    this.sum = some ? minus(this.#sums[end]!, this.#sums[first]!) : 0;
    this.min = Infinity;
    this.max = -Infinity;
    for (let i = first; this.#extremes && i < end; i++) this.#reach(tiles!.mins[i]!, tiles!.maxs[i]!);
    const base = tiles?.base;
    if (!forLife || base === undefined) return;
    this.count += base.count;
    this.known += base.known;
    this.sum = plus(this.sum, base.sum);
    this.#reach(base.min, base.max);
  }

  #reach(min: number, max: number): void {
    if (min < this.min) this.min = min;
    if (max > this.max) this.max = max;
  }
}

function minus(a: Whole, b: Whole): Whole {
  return plus(a, -b);
}
