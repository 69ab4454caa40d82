/**
 * The syntax tree of the segment language: what a rule says, resolved and checked (see parse.ts). Everything that
 * decides is an integer: scores are in thousandths of the rescaled score, decimals in thousandths, money in minor units of
 * the workspace currency, durations in milliseconds, ratios and model scores in thousandths.
 *
 * Three-valued logic (Kleene): a condition is true, false or unknown at an instant `at` of a customer.
 */

export type EventName = 'interaction' | 'purchase' | 'survey';

export type Scalar = string | number | boolean;

/** Case and accents set aside: NFD without marks, lower case (text/fold.ts). */
export type Folding = 'exact' | 'folded';

/**
 * A test of one field of an event. A field that is null or absent passes only `known: false` (that is: every other test
 * of a missing field fails; an event either matches or does not, filters are two-valued). Numbers are in field units here.
 */
export type FieldTest =
  | { readonly op: 'in'; readonly values: readonly Scalar[] }
  | { readonly op: 'notIn'; readonly values: readonly Scalar[] }
  /** Of a set: one of the values, all of them, none of them. */
  | { readonly op: 'has' | 'hasAll' | 'hasNone'; readonly values: readonly string[] }
  | {
      readonly op: 'between';
      readonly low: number;
      readonly high: number;
      readonly lowOpen: boolean;
      readonly highOpen: boolean;
    }
  /** How many members a set has. */
  | { readonly op: 'size'; readonly low: number; readonly high: number }
  | TextTest
  | VersionTest
  | { readonly op: 'known'; readonly expected: boolean };

/** Of a text. `values` are alternatives: one of them suffices. Folded ones are stored folded. */
export interface TextTest {
  readonly op: 'contains' | 'startsWith' | 'endsWith' | 'sameText' | 'notSameText';
  readonly folding: Folding;
  readonly values: readonly string[];
}

/** Versions compare part by part, a missing part is 0 (4.9 < 4.10, 4 = 4.0). A text that is no version is missing. */
export interface VersionTest {
  readonly op: 'version';
  readonly comparator: Comparator;
  readonly parts: readonly number[];
}

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
 * Measures, over the customer's folded events that pass the filter. `W` is the window at the instant `at` (window.ts). A
 * window is whole when the feed of the events (E3), the birth of the series (D4) and what the series still keeps (S2) all
 * reach back to its lower edge.
 * - count: how many. Bounds when the window is not whole: [count, ∞).
 * - countDistinct: distinct non-null values of a field. Bounds likewise.
 * - daysActive: distinct calendar days, in the zone, with an event. Bounds likewise.
 * - sum: Σ of a number. Events whose number is null make the bounds [Σ known, ∞). Window not whole: (−∞, ∞).
 * - average: Σ ÷ n over non-null numbers; no value (unknown) without one, or when the window is not whole.
 * - min, max: over non-null numbers; no value without one. Window not whole: min in (−∞, seen], max in [seen, ∞).
 * - count, countDistinct, sum with `sameKey`: of each value of the key field (events without it are left out) the same over
 *   its events; the largest. Without any event 0. Bounds: [largest, ∞) when not whole, for sum (−∞, ∞); a null number makes
 *   that key's sum [Σ known, ∞).
 * - last: the number of the newest event by (instant, event id hash) in the window (lifetime or sliding without offset); null
 *   or no event = no value. Exact if that event lies at or after the instant the feed is whole from; else no value.
 * - nthLast: likewise of the n-th newest event (n = 1 is the newest); fewer = no value; exact if that event lies so.
 * - first: the number of the oldest event ever; exact only when the feed is whole for life, else no value.
 * - averageLast: Σ ÷ k over the newest n events that have a number, k = min(n, all); fewer than `atLeastValues` = no value.
 *   Exact only if the k events lie in the whole part of the feed (k = n), or the feed is whole for life (k < n).
 * - sumLast, minLast, maxLast: likewise over the newest n numbers. countDistinctLast: distinct values among the newest n
 *   events that have the field; the same exactness; 0 without any when the feed is whole for life.
 * - trendLast: average of the newest n numbers less the average of the n before; fewer than 2n, or not all in the whole part
 *   of the feed = no value.
 * - timeSinceLast: at − instant of the newest event; no value without one. If that event lies before the whole part of the
 *   feed: between at − completeFrom (something newer may be missing) and at − its instant.
 * - timeSinceFirst: at − instant of the oldest event ever; no value without one. Feed not whole for life: [that, ∞).
 * - averageGap: (newest − oldest instant) ÷ (n − 1) over the window's events; fewer than 2 or not whole = no value.
 * - decayedSum: Σ number · w, decayedAverage: Σ number · w ÷ Σ w, with w = 2^(−age ÷ half-life) from the fixed table of
 *   time/decay.ts, over the events of the last 20 half-lives (tiles; the age is counted in whole steps of half-life ÷ 64,
 *   on a grid of absolute time). Without `of` each event counts 1 (scale 1). Null numbers are left out of the average and make
 *   the sum unknown. Span not whole: no value. decayedAverage without a number: no value.
 * - ratio: top ÷ bottom. No value when either has none or is not exact, when bottom is 0 or less, or when `enough` is given
 *   and its measure is not exactly known to be at least `n`.
 * - sequence: how many events `first` in W (window over the instant of the completing `then`) … exactly: the number of events
 *   `then` with instant in W for which there is an event `first` at least 1 ms and less than `ms` before it, with the same key
 *   (when `key` is given; events without it take no part), and no event `without` strictly between the two (same key too).
 *   Bounds when not whole over W + ms: [seen, ∞).
 * - notFollowedBy: how many events `first` with instant t in (at − W, at − ms] for which no event `by` with the same key lies
 *   in (t, t + ms) exclusively; with `orLater` none at any t' > t. Bounds when not whole over W: [seen, ∞).
 * - openIssues: issues (by `issueId`) whose newest opening (`ticket_opened`, `ticket_reopened` or inbound `contact`) lies in W
 *   and is newer, by (instant, hash), than their newest `ticket_resolved` in W, and whose latest known value in W of each field
 *   of `where` passes (a field never said fails, but for `known: false`); `escalated`: with (without) a `ticket_escalated` in W.
 *   Bounds when not whole: [seen, ∞).
 * - reopenedIssues: how many reopenings in W: a `ticket_reopened`, or an inbound `contact` of an issue whose newest earlier
 *   of (`ticket_resolved`, opening as above) in the series' reach of W is a `ticket_resolved`. Bounds likewise.
 * - failedFirstContacts: of the newest `n` issues by their first opening in W that have a `ticket_resolved` in W after it: those
 *   with a `ticket_reopened` in W, or with a second inbound `contact` in W up to 7 days after their first resolution. Fewer
 *   than n issues: of those there are. Not whole over W: no value.
 */
export type Measure =
  | { readonly kind: 'count'; readonly filter: EventFilter; readonly window: Window }
  | { readonly kind: 'countDistinct'; readonly filter: EventFilter; readonly window: Window; readonly field: string }
  | { readonly kind: 'daysActive'; readonly filter: EventFilter; readonly window: Window; readonly zone: Zone }
  | {
      readonly kind: 'sum' | 'average' | 'min' | 'max';
      readonly filter: EventFilter;
      readonly window: Window;
      readonly of: Projection;
    }
  | {
      readonly kind: 'largestPerKey';
      readonly filter: EventFilter;
      readonly window: Window;
      readonly key: string;
      readonly per:
        | { readonly kind: 'count' }
        | { readonly kind: 'countDistinct'; readonly field: string }
        | { readonly kind: 'sum'; readonly of: Projection };
    }
  | { readonly kind: 'last'; readonly filter: EventFilter; readonly of: Projection; readonly withinMs: number | null }
  | {
      readonly kind: 'nthLast';
      readonly filter: EventFilter;
      readonly of: Projection;
      readonly n: number;
      readonly withinMs: number | null;
    }
  | { readonly kind: 'first'; readonly filter: EventFilter; readonly of: Projection }
  | {
      readonly kind: 'averageLast' | 'sumLast' | 'minLast' | 'maxLast';
      readonly filter: EventFilter;
      readonly of: Projection;
      readonly n: number;
      readonly atLeastValues: number;
    }
  | {
      readonly kind: 'countDistinctLast';
      readonly filter: EventFilter;
      readonly field: string;
      readonly n: number;
    }
  | { readonly kind: 'trendLast'; readonly filter: EventFilter; readonly of: Projection; readonly n: number }
  | { readonly kind: 'timeSinceLast'; readonly filter: EventFilter }
  | { readonly kind: 'timeSinceFirst'; readonly filter: EventFilter }
  | { readonly kind: 'averageGap'; readonly filter: EventFilter; readonly window: Window }
  | {
      readonly kind: 'decayedSum' | 'decayedAverage';
      readonly filter: EventFilter;
      readonly of: Projection | null;
      readonly halfLifeMs: number;
    }
  | {
      readonly kind: 'ratio';
      /** How it was written: a share or a change is told in its own words. A change's test is against 1,000 + the change. */
      readonly form: 'ratio' | 'share' | 'change';
      readonly top: Measure;
      readonly bottom: Measure;
      readonly enough: { readonly measure: Measure; readonly n: number } | null;
    }
  | {
      readonly kind: 'sequence';
      readonly first: EventFilter;
      readonly then: EventFilter;
      readonly without: EventFilter | null;
      readonly key: string | null;
      readonly ms: number;
      readonly windowMs: number;
    }
  | {
      readonly kind: 'notFollowedBy';
      readonly first: EventFilter;
      readonly by: EventFilter;
      readonly key: string | null;
      readonly ms: number;
      readonly windowMs: number;
      readonly orLater: boolean;
    }
  | {
      readonly kind: 'openIssues';
      readonly where: readonly FieldClause[];
      readonly escalated: boolean | null;
      readonly windowMs: number;
    }
  | { readonly kind: 'reopenedIssues'; readonly windowMs: number }
  | { readonly kind: 'failedFirstContacts'; readonly n: number; readonly windowMs: number };

export type MeasureKind = Measure['kind'];

/** Which events count, by their instants (T7); edges and reach: time/window.ts. */
export type Window =
  /** (at − offsetMs − ms, at − offsetMs]. */
  | { readonly kind: 'sliding'; readonly ms: number; readonly offsetMs: number }
  /** From the start of the calendar unit `back` units before the current one; to `at` (back 0), else to the end of that unit. */
  | { readonly kind: 'calendar'; readonly unit: CalendarUnit; readonly back: number; readonly zone: Zone }
  /** After the newest event of a filter, (its instant, at]. Unknown while there is none or that feed is not whole from it on. */
  | { readonly kind: 'sinceEvent'; readonly filter: EventFilter }
  /** After the instant a trait names (a date: the start of that day in the zone); unknown without it. */
  | { readonly kind: 'sinceTrait'; readonly trait: string; readonly zone: Zone }
  /** [from, until), ms UTC. */
  | { readonly kind: 'fixed'; readonly from: number; readonly until: number }
  | { readonly kind: 'lifetime' };

/** A time zone: fixed, or the customer's `timezone` trait where that is a zone the platform knows, else the fallback. */
export interface Zone {
  readonly ofCustomer: boolean;
  /** IANA name. */
  readonly name: string;
}

export type Comparator = 'atLeast' | 'atMost' | 'moreThan' | 'lessThan' | 'equals' | 'notEquals';

/**
 * Compares a measure. `value` is in the measure's integers: counts as they are, numbers × scale, durations in ms; for
 * averages, trends, ratios and decayed averages in thousandths of a field unit (of 1) whatever the scale, judged exactly by
 * cross-multiplication: Σ · 1000 ⋚ value · n · scale. A comparison over bounds [low, high] is true (false) when it is so for
 * every number in them. With `against` the value is 0 and the other side is that operand; it too may have bounds, and the
 * comparison is true (false) when it is so for every pair.
 */
export interface NumberTest {
  readonly op: Comparator;
  readonly value: number;
  readonly against?: Operand;
}

/** Another side of a comparison, multiplied by `times` ÷ 1000 (a positive integer). */
export type Operand =
  | { readonly kind: 'measure'; readonly measure: Measure; readonly times: number }
  /** A numeric trait, in the trait's units; unknown = unknown. Rounded half up to thousandths. */
  | { readonly kind: 'trait'; readonly trait: string; readonly times: number }
  /**
   * A percentile of a cut-off table: a constant for every version of the table (D5); unknown while there is none. `plus`, in
   * thousandths, is added to it. In the units a person writes the measure in: money in minor units, scores as they are,
   * durations in days.
   */
  | { readonly kind: 'cut'; readonly table: string; readonly percentile: number; readonly plus: number };

/** Text measures: of a field that is no number; a boolean is 'true' or 'false'. */
export type TextMeasure =
  /** n-th newest event's field (n = 1: the last); null, no event, or not exact (as `last`) = unknown. */
  | {
      readonly kind: 'textLast';
      readonly filter: EventFilter;
      readonly field: string;
      readonly n: number;
      readonly withinMs: number | null;
    }
  | { readonly kind: 'textFirst'; readonly filter: EventFilter; readonly field: string }
  /** Most frequent non-null value in the window (sliding, no offset) or among the newest `n`; among equals the most recent, by
   * (instant, hash). Not whole, or none = unknown. */
  | {
      readonly kind: 'mostFrequent';
      readonly filter: EventFilter;
      readonly field: string;
      readonly over: { readonly windowMs: number } | { readonly n: number };
    };

/** Tests of a trait. A trait that is not known is unknown to every test but `known`. Compared in the trait's own units. */
export type TraitTest =
  | { readonly op: 'in'; readonly values: readonly Scalar[] }
  | { readonly op: 'notIn'; readonly values: readonly Scalar[] }
  | { readonly op: Exclude<Comparator, 'equals' | 'notEquals'>; readonly value: number }
  | { readonly op: 'has' | 'hasAll' | 'hasNone'; readonly values: readonly string[] }
  | { readonly op: 'size'; readonly low: number; readonly high: number }
  | TextTest
  | VersionTest
  | { readonly op: 'known'; readonly expected: boolean };

/** Where an instant comes from: a trait (a date means the start of that day in the zone), or a field of the newest event. */
export type DateSource =
  | { readonly kind: 'trait'; readonly trait: string }
  /** ms UTC in the newest event that passes; exact as `last`. */
  | { readonly kind: 'field'; readonly filter: EventFilter; readonly field: string };

export type CalendarUnit = 'day' | 'week' | 'month' | 'quarter' | 'year';

/**
 * Of an instant d. A missing or unreadable one is unknown.
 * - withinLast: d in (at − ms, at]; withinNext: d in (at, at + ms].
 * - olderThan: d's calendar day in the zone, moved on by n units (29 February: 1 March in other years; the 31st: the 1st of
 *   the month after next's … that is, a day that the target month does not have becomes the 1st of the following month),
 *   begins at or before `at`.
 * - anniversary: the calendar day in the zone at `at`, or one of the `days` following ones, has month and day of d (29 February
 *   counts as 1 March in other years) and lies in a later year.
 */
export type DateTest =
  | { readonly op: 'withinLast' | 'withinNext'; readonly ms: number }
  | { readonly op: 'olderThan'; readonly n: number; readonly unit: 'day' | 'week' | 'month' | 'year' }
  | { readonly op: 'anniversary'; readonly days: number };

/** Of membership in another segment, after its own stability (E4); unknown if its root is unknown and it does not hold. */
export type SegmentTest =
  | { readonly op: 'in' }
  /** Member, and at − entered-at ≥ ms. */
  | { readonly op: 'inFor'; readonly ms: number }
  /** The last entry (left) lies in (at − ms, at]. Unknown while what is remembered does not reach back so far. */
  | { readonly op: 'enteredWithin' | 'leftWithin'; readonly ms: number };

/** Of the member of a group a customer is in; unknown before the first full evaluation. */
export type TierTest =
  | { readonly op: 'is'; readonly members: readonly string[] }
  /** That member or one before it in the order. */
  | { readonly op: 'atLeast'; readonly member: string }
  /** The last move up (down) lies in (at − ms, at]. */
  | { readonly op: 'movedUp' | 'movedDown'; readonly ms: number };

export type Condition =
  | { readonly kind: 'compare'; readonly measure: Measure; readonly test: NumberTest }
  | { readonly kind: 'text'; readonly measure: TextMeasure; readonly test: TextComparison }
  /**
   * Absence: no event that passes the filter in (at − ms, at]. False if there is one. True if the feed is whole over the
   * window and the customer has been known (tenure: first instant seen) since at or before at − ms. Else unknown (E3).
   */
  | { readonly kind: 'none'; readonly filter: EventFilter; readonly ms: number }
  /** No event ever. False if there is one; true if the feed is whole for life; else unknown. */
  | { readonly kind: 'never'; readonly filter: EventFilter }
  /**
   * No event after the newest event `since`, by instant (one at the same millisecond does not count). False if there is one;
   * unknown while there is no `since` event, or while either feed is not whole from that event on; else true.
   */
  | { readonly kind: 'noneSince'; readonly filter: EventFilter; readonly since: EventFilter }
  | { readonly kind: 'trait'; readonly trait: string; readonly test: TraitTest }
  /**
   * The trait's value became another in (at − ms, at]: a written value that differs from the last known one before it. The first
   * value ever known, and unsetting, are no changes. Unknown when what is remembered of it does not decide.
   */
  | { readonly kind: 'traitChanged'; readonly trait: string; readonly ms: number }
  /** The trait is one of the values, and has been one of them since at − ms or before. Unknown trait: unknown. */
  | { readonly kind: 'traitHeld'; readonly trait: string; readonly values: readonly Scalar[]; readonly ms: number }
  | { readonly kind: 'date'; readonly source: DateSource; readonly test: DateTest; readonly zone: Zone }
  /**
   * A model's score, × 1000 rounded half up. Unknown when there is none, at or after its `expiresAt`, or when it is older than
   * maxAgeMs (at − computedAt > maxAgeMs). The newest by the event's (instant, hash) counts. `test.value` in thousandths.
   */
  | { readonly kind: 'score'; readonly model: string; readonly test: NumberTest; readonly maxAgeMs: number | null }
  /** Consent for a purpose was granted and not withdrawn since; never said is unknown. */
  | { readonly kind: 'consent'; readonly purpose: string }
  | { readonly kind: 'segment'; readonly key: string; readonly test: SegmentTest }
  | { readonly kind: 'tier'; readonly group: string; readonly test: TierTest }
  /** hash64(`seed`, NUL, customer id).lo mod 10,000 in [from, to): hundredths of a percent. Never changes for a customer. */
  | { readonly kind: 'bucket'; readonly seed: string; readonly from: number; readonly to: number }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'atLeastOf'; readonly n: number; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition };

/** Conditions that hold no others. */
export type LeafCondition = Exclude<Condition, { kind: 'all' | 'any' | 'atLeastOf' | 'not' }>;

export type TextComparison = { readonly op: 'in' | 'notIn'; readonly values: readonly string[] } | TextTest;

export type UnknownPolicy = 'out' | 'in' | 'hold';

/** A customer put on a list by hand. */
export interface Listed {
  readonly customer: string;
  readonly author: string;
  readonly reason: string;
  /** From this instant on it does not count any more, ms UTC; null = for good. */
  readonly expiresAt: number | null;
}

/** E5; everything in ms, 0 = none; `maxStayMs` null = as long as the rule holds. */
export interface Stability {
  readonly confirmMs: number;
  readonly graceMs: number;
  readonly minStayMs: number;
  readonly maxStayMs: number | null;
  readonly cooldownMs: number;
}

/** Rule and list of a segment, or of a member of a group. */
export interface Membership {
  readonly enter: Condition;
  /** Weaker than `enter`: once in, either keeps the customer in (hysteresis). */
  readonly stay: Condition | null;
  readonly stability: Stability;
  /** What an unknown root means: out, in, or what it last was (out before it ever was known). */
  readonly unknown: UnknownPolicy;
  /** In whatever the rule says … */
  readonly include: readonly Listed[];
  /** … and out whatever the rule and the other list say; both set stability aside. */
  readonly exclude: readonly Listed[];
  /** Out, at once, unless consent for this purpose is granted; null = none needed. */
  readonly consent: string | null;
}

/** A segment as authored, resolved. What is not part of the rule is carried along untouched in `about`. */
export interface SegmentDefinition extends Membership {
  readonly kind: 'segment';
  readonly key: string;
  readonly name: string;
  /** goal, owner, targetMetric, behaviourWanted, treatment, reviewAfter, sectors, guide …: for people. */
  readonly about: Readonly<Record<string, unknown>>;
}

/** E6. Members in order of priority, the default somewhere among them; its own rule is never asked. */
export interface GroupDefinition {
  readonly kind: 'group';
  readonly key: string;
  readonly name: string;
  readonly members: readonly GroupMember[];
  readonly default: string;
  /** A move down waits, beyond grace and minimum stay, for the next beginning of this unit; null = for nothing. */
  readonly demoteAt: { readonly unit: CalendarUnit; readonly zone: Zone } | null;
  readonly about: Readonly<Record<string, unknown>>;
}

/** `confirmMs`, `maxStayMs` and `cooldownMs` of a member are 0, null and 0. */
export interface GroupMember extends Membership {
  readonly key: string;
  readonly name: string;
  readonly about: Readonly<Record<string, unknown>>;
}

export type Definition = SegmentDefinition | GroupDefinition;

/** A reference table of cut-offs (D5): the value at each percentile, ascending. */
export interface CutTable {
  readonly key: string;
  readonly name: string;
  /** What was measured, for people. */
  readonly measure: string;
  /** Percentile (0–100) → value in the measure's units, as thousandths. */
  readonly cuts: ReadonlyMap<number, number>;
  readonly about: Readonly<Record<string, unknown>>;
}

export type Truth = 'true' | 'false' | 'unknown';
