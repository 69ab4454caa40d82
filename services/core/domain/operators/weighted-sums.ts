/** Σ number · weight and Σ weight over tiles, at whatever instant is asked for. Entries of one step of the grid are taken together. */
import type { Tiles } from '../series/tiles.ts';
import { decayWeight } from '../time/decay.ts';
import { plus, times, type Whole } from './reading.ts';

/** Below this the halves of a weighted sum are safe numbers. */
const SAFE_TOTAL = 2 ** 37;
/** A weight is two halves of so many bits. */
const HALF_BITS = 15;
const HALF = 2 ** HALF_BITS;

export class WeightedSums {
  sum: Whole = 0;
  weights: Whole = 0;
  /** An event with weight lacks the number. */
  lacking = false;
  /** Whether a number is negative, and whether one is lacking, with weight or without. */
  negative = false;
  unknown = false;

  readonly #step: number;
  readonly #numbered: boolean;
  /** By step of the grid, ascending. */
  readonly #steps: number[] = [];
  readonly #sums: number[] = [];
  readonly #knowns: number[] = [];
  readonly #lacking: boolean[] = [];
  #tiles: Tiles | undefined = undefined;
  #safe = true;

  constructor(stepMs: number, numbered: boolean) {
    this.#step = stepMs;
    this.#numbered = numbered;
  }

  prepare(tiles: Tiles | undefined): void {
    this.#tiles = tiles;
    this.#steps.length = 0;
    this.negative = false;
    this.unknown = false;
    let total = 0;
    for (let i = 0; i < (tiles?.times.length ?? 0); i++) {
      const count = tiles!.countAt(i);
      const known = this.#numbered ? tiles!.known[i]! : count;
      const number = this.#numbered ? tiles!.sums[i]! : count;
      if (known < count) this.unknown = true;
      if (this.#numbered && tiles!.mins[i]! < 0) this.negative = true;
      total += Math.abs(number);
      this.#add(Math.floor(tiles!.times[i]! / this.#step), number, known, known < count);
    }
    this.#safe = total < SAFE_TOTAL;
  }

  #add(step: number, number: number, known: number, lacking: boolean): void {
    const last = this.#steps.length - 1;
    if (last >= 0 && this.#steps[last] === step) {
      this.#sums[last]! += number;
      this.#knowns[last]! += known;
      if (lacking) this.#lacking[last] = true;
      return;
    }
    this.#steps.push(step);
    this.#sums[last + 1] = number;
    this.#knowns[last + 1] = known;
    this.#lacking[last + 1] = lacking;
  }

  weigh(at: number): void {
    const now = Math.floor(at / this.#step);
    const steps = this.#steps;
    const sums = this.#sums;
    const knowns = this.#knowns;
    let [high, low, highOfWeights, lowOfWeights] = [0, 0, 0, 0];
    this.lacking = false;
    for (let i = steps.length - 1; i >= 0; i--) {
      const weight = decayWeight(now - steps[i]!);
      if (weight === 0) break;
      const upper = weight >> HALF_BITS;
      const lower = weight & (HALF - 1);
      high += sums[i]! * upper;
      low += sums[i]! * lower;
      highOfWeights += knowns[i]! * upper;
      lowOfWeights += knowns[i]! * lower;
      if (this.#lacking[i]!) this.lacking = true;
    }
    this.weights = plus(times(highOfWeights, HALF), lowOfWeights);
    this.sum = this.#safe ? plus(times(high, HALF), low) : this.#exact(now);
  }

  /** With bigints, where doubles would round. */
  #exact(now: number): Whole {
    let sum: Whole = 0;
    const tiles = this.#tiles!;
    for (let i = 0; i < tiles.times.length; i++) {
      const weight = decayWeight(now - Math.floor(tiles.times[i]! / this.#step));
      sum = plus(sum, times(this.#numbered ? tiles.sums[i]! : tiles.countAt(i), weight));
    }
    return sum;
  }
}
