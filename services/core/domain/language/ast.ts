/**
 * The syntax tree of the segment language: what a rule says, resolved and checked (see parse.ts). Everything that
 * decides is an integer: scores are in thousandths of the rescaled score, decimals in thousandths, money in minor units of
 * the workspace currency, durations in milliseconds.
 *
 * Three-valued logic (Kleene): a condition is true, false or unknown at an instant `at` of a customer.
 */
import type { Window } from '../time/window.ts';

export type EventName = 'interaction' | 'purchase' | 'survey';

export type Scalar = string | number | boolean;

/**
 * A test of one field of an event. A field that is null or absent passes only `known: false` (that is: every other test
 * of a missing field fails; an event either matches or does not, filters are two-valued). Numbers are in field units here.
 */
export type FieldTest =
  | { readonly op: 'in'; readonly values: readonly Scalar[] }
  | { readonly op: 'notIn'; readonly values: readonly Scalar[] }
  | { readonly op: 'has'; readonly values: readonly string[] }
  | {
      readonly op: 'between';
      readonly low: number;
      readonly high: number;
      readonly lowOpen: boolean;
      readonly highOpen: boolean;
    }
  | { readonly op: 'known'; readonly expected: boolean };

export interface FieldClause {
  /** Dotted path of the dictionary (`contact.queue`, `properties.plan`). */
  readonly field: string;
  readonly test: FieldTest;
}

/** Which events: any of the inputs, every clause must hold. Clauses are sorted by field, events by name: one canonical form. */
export interface EventFilter {
  readonly events: readonly EventName[];
  readonly where: readonly FieldClause[];
}

/** A number taken from an event. `score` of a survey is the rescaled one in thousandths (catalogue §0); null stays null. */
export interface Projection {
  readonly field: string;
  /** Integers per unit of the field: 1, or 1,000 for decimals and scores. */
  readonly scale: 1 | 1000;
}

/**
 * Measures, over the customer's folded events that pass the filter. Windows end at `at` and are half-open (T7).
 * - count: how many. Bounds when the feed is not whole over the window: [count, ∞).
 * - countDistinct: distinct non-null values of a field. Bounds likewise.
 * - sum: Σ of a number. Events whose number is null make the bounds [Σ known, ∞). Window not whole: (−∞, ∞).
 * - average: Σ ÷ n over non-null numbers; no value (unknown) without one, or when the window is not whole.
 * - min, max: over non-null numbers; no value without one. Window not whole: min in (−∞, seen], max in [seen, ∞).
 * - last: the number of the newest event by (instant, event id hash); null or no event = no value. Exact if that event lies
 *   at or after the instant the feed is whole from; else no value.
 * - averageLast: Σ ÷ k over the newest n events that have a number, k = min(n, all); fewer than `atLeastValues` = no value.
 *   Exact only if the k events lie in the whole part of the feed (k = n), or the feed is whole for life (k < n).
 * - timeSinceLast: at − instant of the newest event; no value without one. If that event lies before the whole part of the
 *   feed: between at − completeFrom (something newer may be missing) and at − its instant.
 */
export type Measure =
  | { readonly kind: 'count'; readonly filter: EventFilter; readonly window: Window }
  | { readonly kind: 'countDistinct'; readonly filter: EventFilter; readonly window: Window; readonly field: string }
  | {
      readonly kind: 'sum' | 'average' | 'min' | 'max';
      readonly filter: EventFilter;
      readonly window: Window;
      readonly of: Projection;
    }
  | { readonly kind: 'last'; readonly filter: EventFilter; readonly of: Projection }
  | {
      readonly kind: 'averageLast';
      readonly filter: EventFilter;
      readonly of: Projection;
      readonly n: number;
      readonly atLeastValues: number;
    }
  | { readonly kind: 'timeSinceLast'; readonly filter: EventFilter };

export type Comparator = 'atLeast' | 'atMost' | 'moreThan' | 'lessThan' | 'equals' | 'notEquals';

/**
 * Compares a measure. `value` is in the measure's integers: counts as they are, numbers × scale, durations in ms; for
 * average and averageLast in thousandths of a field unit whatever the scale, judged exactly by cross-multiplication:
 * Σ · 1000 ⋚ value · n · scale. A comparison over bounds [low, high] is true (false) when it is so for every number in them.
 */
export interface NumberTest {
  readonly op: Comparator;
  readonly value: number;
}

/** Tests of a trait. A trait that is not known is unknown to every test but `known`. Compared in the trait's own units. */
export type TraitTest =
  | { readonly op: 'in'; readonly values: readonly Scalar[] }
  | { readonly op: 'notIn'; readonly values: readonly Scalar[] }
  | { readonly op: Exclude<Comparator, 'equals' | 'notEquals'>; readonly value: number }
  | { readonly op: 'known'; readonly expected: boolean };

export type Condition =
  | { readonly kind: 'compare'; readonly measure: Measure; readonly test: NumberTest }
  /**
   * Absence: no event that passes the filter in (at − ms, at]. False if there is one. True if the feed is whole over the
   * window and the customer has been known (tenure: first instant seen) since at or before at − ms. Else unknown (E3).
   */
  | { readonly kind: 'none'; readonly filter: EventFilter; readonly ms: number }
  | { readonly kind: 'trait'; readonly trait: string; readonly test: TraitTest }
  /** Membership of another segment, after its own stability (E4); unknown if its root is unknown and it does not hold. */
  | { readonly kind: 'segment'; readonly key: string }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition };

export type UnknownPolicy = 'out' | 'in' | 'hold';

/** A segment as authored, resolved. What is not part of the rule is carried along untouched in `about`. */
export interface SegmentDefinition {
  readonly key: string;
  readonly name: string;
  readonly enter: Condition;
  /** What an unknown root means: out, in, or what it last was (out before it ever was known). */
  readonly unknown: UnknownPolicy;
  /** goal, owner, targetMetric, behaviourWanted, treatment, reviewAfter, sectors, guide …: for people. */
  readonly about: Readonly<Record<string, unknown>>;
}

export type Truth = 'true' | 'false' | 'unknown';
