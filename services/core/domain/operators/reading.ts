/** What a measure is known to be at an instant: bounds as fractions of whole numbers, compared exactly (S3, E3). */
import type { Comparator } from '../language/ast.ts';
import { FALSE, TRUE, UNKNOWN, type TruthCode } from './operator.ts';

/** A whole number: a double as long as it is safe, beyond that a bigint. Infinities are doubles. */
export type Whole = number | bigint;

/** Between `low ÷ den` and `high ÷ den`. One object is filled again and again. */
export class Reading {
  /** Without a value every comparison is unknown. */
  known = false;
  low: Whole = 0;
  high: Whole = 0;
  /** Positive. */
  den: Whole = 1;
  /** Changes by itself between two edges, in one direction. */
  grows = false;
  /** What was seen, for people, as a plain number; NaN where nothing was. */
  seen = NaN;

  none(): void {
    this.known = false;
    this.grows = false;
    this.seen = NaN;
  }

  exactly(value: Whole, den: Whole = 1): void {
    this.between(value, value, den);
  }

  /** `low` or more where it is not whole. */
  atLeast(low: Whole, whole: boolean): void {
    this.between(low, whole ? low : Infinity, 1);
  }

  between(low: Whole, high: Whole, den: Whole): void {
    this.known = true;
    this.low = low;
    this.high = high;
    this.den = den;
    this.grows = false;
    this.seen = low === -Infinity ? fractionOf(high, den) : fractionOf(low, den);
  }

  get exact(): boolean {
    return this.known && this.low === this.high;
  }

  /** Multiplies by `by ÷ over`, both positive and safe. */
  scale(by: number, over: number): void {
    if (!this.known) return;
    if (by !== 1) {
      this.low = times(this.low, by);
      this.high = times(this.high, by);
    }
    if (over !== 1) this.den = times(this.den, over);
  }
}

function fractionOf(value: Whole, den: Whole): number {
  return Number(value) / Number(den);
}

export function times(a: Whole, b: Whole): Whole {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (product >= -Number.MAX_SAFE_INTEGER && product <= Number.MAX_SAFE_INTEGER) return product;
  }
  if (isInfinite(a) || isInfinite(b)) return Number(a) * Number(b);
  return BigInt(a) * BigInt(b);
}

export function plus(a: Whole, b: Whole): Whole {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (sum >= -Number.MAX_SAFE_INTEGER && sum <= Number.MAX_SAFE_INTEGER) return sum;
  }
  if (isInfinite(a) || isInfinite(b)) return Number(a) + Number(b);
  return BigInt(a) + BigInt(b);
}

function isInfinite(value: Whole): boolean {
  return value === Infinity || value === -Infinity;
}

/** Negative, 0 or positive as a ÷ aDen is less than, equal to or more than b ÷ bDen. */
function compareFractions(a: Whole, aDen: Whole, b: Whole, bDen: Whole): number {
  const left = times(a, bDen);
  const right = times(b, aDen);
  return left === right ? 0 : left < right ? -1 : left > right ? 1 : 0;
}

/** True (false) when the comparison is so for every pair out of both ranges. */
export function judgeReadings(op: Comparator, left: Reading, right: Reading): TruthCode {
  if (!left.known || !right.known) return UNKNOWN;
  switch (op) {
    case 'atLeast':
      return lowToHigh(left, right) >= 0 ? TRUE : highToLow(left, right) < 0 ? FALSE : UNKNOWN;
    case 'moreThan':
      return lowToHigh(left, right) > 0 ? TRUE : highToLow(left, right) <= 0 ? FALSE : UNKNOWN;
    case 'atMost':
      return highToLow(left, right) <= 0 ? TRUE : lowToHigh(left, right) > 0 ? FALSE : UNKNOWN;
    case 'lessThan':
      return highToLow(left, right) < 0 ? TRUE : lowToHigh(left, right) >= 0 ? FALSE : UNKNOWN;
    case 'equals':
    case 'notEquals': {
      const lowest = lowToHigh(left, right);
      const highest = highToLow(left, right);
      const equal = lowest > 0 || highest < 0 ? FALSE : lowest === 0 && highest === 0 ? TRUE : UNKNOWN;
      return op === 'equals' || equal === UNKNOWN ? equal : equal === TRUE ? FALSE : TRUE;
    }
  }
}

function lowToHigh(left: Reading, right: Reading): number {
  return compareFractions(left.low, left.den, right.high, right.den);
}

function highToLow(left: Reading, right: Reading): number {
  return compareFractions(left.high, left.den, right.low, right.den);
}

/** Everything a comparison can depend on: while it stays the same, so does every truth. */
export function signatureOf(left: Reading, right: Reading): number {
  if (!left.known || !right.known) return -1;
  return (Math.sign(lowToHigh(left, right)) + 1) * 3 + Math.sign(highToLow(left, right)) + 1;
}

/** Of two positive whole numbers. */
export function greatestCommon(a: number, b: number): number {
  return b === 0 ? a : greatestCommon(b, a % b);
}
