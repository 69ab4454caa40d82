/**
 * A comparison of two quantities, and the first millisecond at which its truth changes with no further input (E2).
 *
 *  1. Between two edges nothing changes but what grows, and that in one direction: each relation of the bounds then changes at
 *     most once, and is found by bisection.
 *  2. At most EDGES_MAX edges are walked. The last of them is then named although nothing changes there: a harmless look again,
 *     after which the walk goes on.
 */
import type { Comparator } from '../language/ast.ts';
import { DAY_MS } from '../time/duration.ts';
import type { TruthCode, Verdict, View } from './operator.ts';
import type { Quantity } from './quantity.ts';
import { greatestCommon, judgeReadings, Reading, signatureOf } from './reading.ts';

const EDGES_MAX = 64;
/** Nothing that grows is looked at further ahead than this: some 1,100 years. */
const FAR_MS = 2 ** 45;

export class Comparison {
  readonly #op: Comparator;
  readonly #left: Quantity;
  readonly #right: Quantity;
  /** What brings both sides to one unit, without what they have in common: the smaller the numbers, the faster they compare. */
  readonly #leftPer: number;
  readonly #rightPer: number;
  readonly #leftReading = new Reading();
  readonly #rightReading = new Reading();

  /** `inUnits`: both sides are brought to the units a person writes; else the right one is in the integers of the left one. */
  constructor(op: Comparator, left: Quantity, right: Quantity, inUnits: boolean) {
    this.#op = op;
    this.#left = left;
    this.#right = right;
    const common = inUnits ? greatestCommon(left.perUnit, right.perUnit) : 1;
    this.#leftPer = inUnits ? left.perUnit / common : 1;
    this.#rightPer = inUnits ? right.perUnit / common : 1;
  }

  judge(view: View, verdict: Verdict): void {
    const { at } = view;
    this.#left.prepare?.(view);
    this.#right.prepare?.(view);
    const now = this.#truthAt(view, at);
    verdict.truth = now;
    verdict.flip = this.#firstChange(view, at, now);
  }

  /** What the left side was seen to be, in the units a threshold is written in; null where it has no value. */
  value(view: View): number | null {
    const reading = this.#leftReading;
    this.#left.prepare?.(view);
    this.#left.read(view, view.at, reading);
    if (Number.isNaN(reading.seen)) return null;
    return this.#left.perUnit === DAY_MS ? reading.seen : reading.seen / this.#left.perUnit;
  }

  #truthAt(view: View, at: number): TruthCode {
    const left = this.#leftReading;
    const right = this.#rightReading;
    this.#left.read(view, at, left);
    this.#right.read(view, at, right);
    if (this.#leftPer !== 1) left.scale(1, this.#leftPer);
    if (this.#rightPer !== 1) right.scale(1, this.#rightPer);
    return judgeReadings(this.#op, left, right);
  }

  #signatureAt(view: View, at: number): number {
    this.#truthAt(view, at);
    return signatureOf(this.#leftReading, this.#rightReading);
  }

  /** The readings are those of `from` when this is called. */
  #firstChange(view: View, from: number, now: TruthCode): number {
    for (let edges = 1; ; edges++) {
      const next = Math.min(this.#left.nextEdge(view, from), this.#right.nextEdge(view, from));
      if (this.#leftReading.grows || this.#rightReading.grows) {
        const crossing = this.#crossing(view, from, next, now);
        if (crossing < next) return crossing;
      }
      if (next === Infinity) return Infinity;
      if (this.#truthAt(view, next) !== now || edges === EDGES_MAX) return next;
      from = next;
    }
  }

  /** The first instant in (from, until) with another truth; Infinity if there is none (1). */
  #crossing(view: View, from: number, until: number, now: TruthCode): number {
    const last = Math.min(until - 1, from + FAR_MS);
    let start = from;
    while (start < last) {
      const signature = this.#signatureAt(view, start);
      if (this.#signatureAt(view, last) === signature) return Infinity;
      let low = start;
      let high = last;
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (this.#signatureAt(view, middle) === signature) low = middle;
        else high = middle;
      }
      if (this.#truthAt(view, high) !== now) return high;
      start = high;
    }
    return Infinity;
  }
}
