/** Exact numbers and what is known of them: fractions of whole numbers, never rounded, and ranges of them (E3, S3). */
import { unreachable } from '../faults.ts';
import type { Comparator, Truth } from '../domain/language/ast.ts';

/** `n ÷ d`; d is positive, or 0 for what lies beyond every number on the side that n says. */
export interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

/** Between what a number lies. */
export interface Range {
  readonly low: Fraction;
  readonly high: Fraction;
}

export const BELOW_ALL: Fraction = { n: -1n, d: 0n };
export const ABOVE_ALL: Fraction = { n: 1n, d: 0n };
export const ANYTHING: Range = { low: BELOW_ALL, high: ABOVE_ALL };

export function fraction(n: number | bigint, d: number | bigint = 1n): Fraction {
  return { n: BigInt(n), d: BigInt(d) };
}

export function exactly(n: number | bigint, d: number | bigint = 1n): Range {
  const only = fraction(n, d);
  return { low: only, high: only };
}

export function isExact({ low, high }: Range): boolean {
  return low.d !== 0n && compare(low, high) === 0;
}

/** Negative, 0 or positive as a is less than, equal to or more than b. */
export function compare(a: Fraction, b: Fraction): number {
  if (a.d === 0n && b.d === 0n) return Number(a.n - b.n);
  const difference = a.n * b.d - b.n * a.d;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function times(a: Fraction, by: Fraction): Fraction {
  return { n: a.n * by.n, d: a.d * by.d };
}

export function scaled({ low, high }: Range, by: Fraction): Range {
  return { low: times(low, by), high: times(high, by) };
}

/** True (false) when the comparison is so for every pair out of both ranges. */
export function judge(op: Comparator, left: Range, right: Range): Truth {
  switch (op) {
    case 'atLeast':
      return compare(left.low, right.high) >= 0 ? 'true' : compare(left.high, right.low) < 0 ? 'false' : 'unknown';
    case 'moreThan':
      return compare(left.low, right.high) > 0 ? 'true' : compare(left.high, right.low) <= 0 ? 'false' : 'unknown';
    case 'atMost':
      return negated(judge('moreThan', left, right));
    case 'lessThan':
      return negated(judge('atLeast', left, right));
    case 'equals':
      if (compare(left.low, right.high) > 0 || compare(left.high, right.low) < 0) return 'false';
      return isExact(left) && isExact(right) ? 'true' : 'unknown';
    case 'notEquals':
      return negated(judge('equals', left, right));
    default:
      return unreachable(op);
  }
}

export function negated(truth: Truth): Truth {
  return truth === 'unknown' ? 'unknown' : truth === 'true' ? 'false' : 'true';
}

export function truthFrom(holds: boolean): Truth {
  return holds ? 'true' : 'false';
}

/** Kleene's "or". */
export function either(a: Truth, b: Truth): Truth {
  return a === 'true' || b === 'true' ? 'true' : a === 'unknown' || b === 'unknown' ? 'unknown' : 'false';
}
