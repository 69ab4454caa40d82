/**
 * An operator is a view over one series together with the instant at which its truth would change if nothing happened.
 * Operators are stateless: everything they know of a customer comes in with the call.
 */
import type { Comparator, NumberTest } from '../language/ast.ts';
import type { Latest } from '../series/latest.ts';
import type { Tape } from '../series/tape.ts';
import type { Tiles } from '../series/tiles.ts';
import type { TraitValue } from '../events/profile.ts';
import type { AnySeries } from '../series/series-bytes.ts';

export const FALSE = 0;
export const TRUE = 1;
export const UNKNOWN = 2;
/** Three-valued logic as a small integer, so that truths of a customer rest in one byte array. */
export type TruthCode = 0 | 1 | 2;

export type Series = Tiles | Tape | Latest;

/** What a comparison sees besides its series: all of it moves only forward for a given state. */
export interface Sight {
  /** The instant it is judged at. */
  at: number;
  /** Since when the feed of the series' events is whole (E3); Infinity = never declared. */
  wholeFrom: number;
  /** Since when the customer is known (E3). */
  tenure: number;
}

/** Where `judge` leaves its answer; one object is reused for all comparisons. */
export interface Verdict {
  truth: TruthCode;
  /** First millisecond after `at` at which the truth would change with no further input; Infinity = never. */
  flip: number;
}

export interface Operator {
  judge(series: Series | undefined, sight: Sight, verdict: Verdict): void;
  /** The value compared, for explanations, in the units a person wrote the threshold in; null where there is none. */
  value(series: Series | undefined, sight: Sight): number | null;
}

/** A customer as operators see it at an instant, for those that look at more than one series. */
export interface View {
  readonly at: number;
  readonly tenure: number;
  /** The customer's id, which never changes. */
  readonly customer: string;
  /** By place among the needs of the condition (`needsOf`); undefined while it has no entry. */
  series(place: number): AnySeries | undefined;
  /** Since when feed and birth of that series are whole, ms UTC; −∞ = always, ∞ = not known to be. What the series itself has
   * dropped (`completeFrom`) comes on top of it. */
  wholeFrom(place: number): number;
  trait(name: string): TraitValue | undefined;
  /** Of a segment, or of the customer's member of a group. */
  stay(key: string): Stay | undefined;
}

/** What is remembered of a customer's being in a segment or group. Instants in ms UTC. */
export interface Stay {
  /** Truth of the membership as references read it (E4). */
  readonly truth: TruthCode;
  /** Of the current stay; null while out. */
  readonly enteredAt: number | null;
  /** Newest entry and exit remembered, the current stay's included; −∞ = none. Of a group: newest move up and down. */
  readonly lastEntered: number;
  readonly lastLeft: number;
  /** Of a group: keys of its members, best first, and the current one; empty and null for a segment. */
  readonly order: readonly string[];
  readonly member: string | null;
}

/** A leaf of the language compiled: stateless, everything it knows of a customer comes in with the call. */
export interface LeafOperator {
  judge(view: View, verdict: Verdict): void;
  /** The value compared, in the units a person wrote the threshold in; null where there is none. */
  value(view: View): number | string | null;
}

/** Judges a comparison for every number in [low, high]: true (false) only when it is so for all of them. */
export function judgeBounds(op: Comparator, threshold: number, low: number, high: number): TruthCode {
  switch (op) {
    case 'atLeast':
      return low >= threshold ? TRUE : high < threshold ? FALSE : UNKNOWN;
    case 'moreThan':
      return low > threshold ? TRUE : high <= threshold ? FALSE : UNKNOWN;
    case 'atMost':
      return high <= threshold ? TRUE : low > threshold ? FALSE : UNKNOWN;
    case 'lessThan':
      return high < threshold ? TRUE : low >= threshold ? FALSE : UNKNOWN;
    case 'equals':
      return low === high && low === threshold ? TRUE : low > threshold || high < threshold ? FALSE : UNKNOWN;
    case 'notEquals':
      return low > threshold || high < threshold ? TRUE : low === high && low === threshold ? FALSE : UNKNOWN;
  }
}

/**
 * For a count that only falls by time: how many it takes for the test to be as it is with many. The truth flips when the one
 * leaves that makes it fewer. Null for tests that flip more than once.
 */
export function neededFor(test: NumberTest): number | null {
  if (test.op === 'atLeast' || test.op === 'lessThan') return test.value;
  return test.op === 'moreThan' || test.op === 'atMost' ? test.value + 1 : null;
}

/**
 * Walks the instants at which a window over ascending entries can change: an entry leaves at its instant + W, the feed
 * becomes whole over the window at wholeFrom + W. Returns the first at which `judgeFrom` differs from now; Infinity if none.
 * `judgeFrom(i, whole)` judges the window that holds the entries from i on.
 */
export function firstFlip(
  times: readonly number[],
  start: number,
  windowMs: number,
  sight: Sight,
  now: TruthCode,
  judgeFrom: (first: number, whole: boolean) => TruthCode,
): number {
  let first = start;
  let whole = sight.wholeFrom <= sight.at - windowMs;
  const maturity = sight.wholeFrom + windowMs;
  for (;;) {
    const leaves = first < times.length ? times[first]! + windowMs : Infinity;
    const next = whole ? leaves : Math.min(leaves, maturity);
    if (next === Infinity) return Infinity;
    while (first < times.length && times[first]! + windowMs <= next) first += 1;
    if (maturity <= next) whole = true;
    if (judgeFrom(first, whole) !== now) return next;
  }
}
