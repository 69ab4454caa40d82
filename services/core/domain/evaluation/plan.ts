/**
 * A rule set compiled: numbered slots instead of names. Shared by all customers and tasks that are at this set; holds nothing
 * of any customer.
 *
 *  1. Series and comparisons are shared: equal conditions of different segments are one comparison over one series (S1).
 *  2. Segments stand in topological order of their references; one pass over them gives one consistent set (E1).
 *  3. An event finds its series by input and kind; comparisons and segments that do not depend on them are not looked at.
 */
import { hash64 } from '../events/event-id.ts';
import { kindsOf, references, wholeFrom, type LiveSegment, type RuleSet } from '../language/catalogue.ts';
import type { Condition, EventName, Measure, NumberTest } from '../language/ast.ts';
import { seriesOf, type SeriesIdentity } from '../language/series-identity.ts';
import { conditionInWords, thresholdInWords } from '../language/sentence.ts';
import type { Comparison } from '../language/value-sentence.ts';
import { countOperator } from '../operators/count.ts';
import { countDistinctOperator } from '../operators/count-distinct.ts';
import { numberInWindowOperator } from '../operators/number-in-window.ts';
import { averageLastOperator, lastOperator, noneOperator, timeSinceLastOperator } from '../operators/on-tape.ts';
import { FALSE, TRUE, UNKNOWN, type Operator, type TruthCode } from '../operators/operator.ts';
import { durationInWords } from '../time/duration.ts';
import { accessor, compileFilter, projection, type EventRecord, type Matcher } from './filter.ts';
import { compileTrait, type TraitJudge } from './trait-test.ts';

export interface SeriesPlan {
  readonly slot: number;
  readonly identity: SeriesIdentity;
  readonly wholeFrom: number;
  /** Longest sliding reach of any view, ms; entries older than that and the lateness limit are dropped. */
  reachMs: number;
  /** A lifetime view needs every value (latest) or the base (tiles). */
  lifetime: boolean;
  /** Entries a tape keeps. */
  keep: number;
  readonly matches: Matcher;
  readonly number: (event: EventRecord) => number | null;
  readonly text: (event: EventRecord) => string | null;
  /** Comparisons over it. */
  readonly comparisons: number[];
}

interface ComparisonBase {
  readonly id: number;
  /** Segments (indices) whose root rests on it. */
  readonly segments: number[];
  readonly condition: Comparison;
  /** In words, with the threshold. */
  readonly text: string;
  readonly threshold: string | null;
}

export type SeriesComparison = ComparisonBase & {
  readonly kind: 'series';
  readonly slot: number;
  readonly operator: Operator;
  readonly absence: boolean;
};

export type TraitComparison = ComparisonBase & {
  readonly kind: 'trait';
  readonly trait: string;
  readonly judge: TraitJudge;
};

export type ComparisonPlan = SeriesComparison | TraitComparison;

/** Truths of comparisons by id; what references to segments read, by index. */
export interface TruthSource {
  truth(comparison: number): TruthCode;
  reference(segment: number): TruthCode;
}

export type Root = (source: TruthSource) => TruthCode;

/** Where something stands in a rule; `negated`: under an odd number of `not`, so that its being false speaks for the rule. */
interface Place {
  readonly path: string;
  readonly negated: boolean;
}

export interface SegmentPlan {
  readonly index: number;
  readonly live: LiveSegment;
  readonly root: Root;
  /** Its comparisons with their places in the rule. */
  readonly leaves: readonly (Place & { readonly id: number })[];
  /** Segments it refers to, with the places. */
  readonly references: readonly (Place & { readonly index: number })[];
  /** Segments that refer to it. */
  readonly referrers: number[];
}

interface Places {
  readonly leaves: (Place & { readonly id: number })[];
  readonly references: (Place & { readonly index: number })[];
}

export interface Plan {
  /** Tells plans of one process apart: no two have the same. */
  readonly stamp: number;
  readonly offset: number;
  readonly series: readonly SeriesPlan[];
  readonly comparisons: readonly ComparisonPlan[];
  /** Topological order. */
  readonly segments: readonly SegmentPlan[];
  /** Indices into `segments` by ascending segment number. */
  readonly byNumber: readonly number[];
  /** Slots of series with a comparison that looks at the customer's tenure. */
  readonly absences: readonly number[];
  readonly traits: ReadonlyMap<string, readonly number[]>;
  /** Series an event may belong to, by input and kind. */
  candidates(event: EventName, kind: string): readonly SeriesPlan[];
}

export function compilePlan(set: RuleSet): Plan {
  return new Compiler(set).plan();
}

class Compiler {
  readonly #set: RuleSet;
  readonly #series: SeriesPlan[] = [];
  readonly #slots = new Map<string, SeriesPlan>();
  readonly #comparisons: ComparisonPlan[] = [];
  readonly #ids = new Map<string, ComparisonPlan>();
  readonly #indexOf = new Map<string, number>();

  constructor(set: RuleSet) {
    this.#set = set;
  }

  plan(): Plan {
    const ordered = topological(this.#set.segments);
    ordered.forEach((live, index) => this.#indexOf.set(live.definition.key, index));
    const segments = ordered.map((live, index) => this.#segment(live, index));
    for (const segment of segments) {
      for (const { id } of segment.leaves) {
        const users = this.#comparisons[id]!.segments;
        if (users.at(-1) !== segment.index) users.push(segment.index);
      }
      for (const { index } of segment.references) segments[index]!.referrers.push(segment.index);
    }
    const traits = new Map<string, number[]>();
    for (const comparison of this.#comparisons) {
      if (comparison.kind === 'trait')
        traits.set(comparison.trait, [...(traits.get(comparison.trait) ?? []), comparison.id]);
    }
    const byEvent = new Map<EventName, Map<string, readonly SeriesPlan[]>>();
    return {
      stamp: newStamp(),
      offset: this.#set.offset,
      series: this.#series,
      comparisons: this.#comparisons,
      segments,
      byNumber: segments
        .map((segment) => segment.index)
        .sort((a, b) => segments[a]!.live.number - segments[b]!.live.number),
      absences: absencesOf(this.#comparisons),
      traits,
      candidates: (event, kind) => {
        let byKind = byEvent.get(event);
        if (byKind === undefined) {
          byKind = new Map<string, readonly SeriesPlan[]>();
          byEvent.set(event, byKind);
        }
        let found = byKind.get(kind);
        if (found === undefined) {
          found = this.#series.filter(({ identity: { filter } }) => {
            return filter.events.includes(event) && (kindsOf(filter)?.includes(kind) ?? true);
          });
          byKind.set(kind, found);
        }
        return found;
      },
    };
  }

  #segment(live: LiveSegment, index: number): SegmentPlan {
    const places: Places = { leaves: [], references: [] };
    const root = this.#root(live.definition.enter, { path: 'enter', negated: false }, places);
    return { index, live, root, ...places, referrers: [] };
  }

  #root(condition: Condition, place: Place, places: Places): Root {
    const { path, negated } = place;
    switch (condition.kind) {
      case 'all':
      case 'any': {
        const parts = condition.of.map((part, at) =>
          this.#root(part, { path: `${path}.${condition.kind}[${at}]`, negated }, places),
        );
        return condition.kind === 'all' ? allOf(parts) : anyOf(parts);
      }
      case 'not': {
        const part = this.#root(condition.of, { path: `${path}.not`, negated: !negated }, places);
        return (source) => negate(part(source));
      }
      case 'segment': {
        const index = this.#indexOf.get(condition.key)!;
        places.references.push({ ...place, index });
        return (source) => source.reference(index);
      }
      case 'compare':
      case 'none':
      case 'trait': {
        const { id } = this.#comparison(condition);
        places.leaves.push({ ...place, id });
        return (source) => source.truth(id);
      }
    }
  }

  #comparison(condition: Comparison): ComparisonPlan {
    const text = JSON.stringify(condition);
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const base = { id: this.#comparisons.length, segments: [], condition, text: conditionInWords(condition) };
    const comparison = this.#build(condition, base);
    this.#comparisons.push(comparison);
    this.#ids.set(text, comparison);
    return comparison;
  }

  #build(condition: Comparison, base: Omit<ComparisonBase, 'threshold'>): ComparisonPlan {
    if (condition.kind === 'trait') {
      return { ...base, kind: 'trait', trait: condition.trait, judge: compileTrait(condition.test), threshold: null };
    }
    const source = condition.kind === 'none' ? condition : condition.measure;
    const series = this.#seriesFor(source);
    series.comparisons.push(base.id);
    if (condition.kind === 'none') {
      return {
        ...base,
        kind: 'series',
        slot: series.slot,
        operator: noneOperator(condition.ms),
        absence: true,
        threshold: durationInWords(condition.ms),
      };
    }
    const { measure, test } = condition;
    return {
      ...base,
      kind: 'series',
      slot: series.slot,
      operator: operatorFor(measure, test),
      absence: false,
      threshold: thresholdInWords(measure, test),
    };
  }

  #seriesFor(source: Measure | Extract<Condition, { kind: 'none' }>): SeriesPlan {
    const identity = seriesOf(source);
    let series = this.#slots.get(identity.text);
    if (series === undefined) {
      series = newSeries(this.#series.length, identity, wholeFrom(this.#set.coverage, identity.filter));
      this.#series.push(series);
      this.#slots.set(identity.text, series);
    }
    if (source.kind === 'averageLast') series.keep = Math.max(series.keep, source.n);
    if ('window' in source) {
      if (source.window.kind === 'lifetime') series.lifetime = true;
      else series.reachMs = Math.max(series.reachMs, source.window.ms);
    }
    return series;
  }
}

let stamps = 0;

function newStamp(): number {
  stamps += 1;
  return stamps;
}

function absencesOf(comparisons: readonly ComparisonPlan[]): number[] {
  const slots = new Set<number>();
  for (const comparison of comparisons)
    if (comparison.kind === 'series' && comparison.absence) slots.add(comparison.slot);
  return [...slots];
}

function newSeries(slot: number, identity: SeriesIdentity, from: number): SeriesPlan {
  const { shape } = identity;
  const read = shape.field === null ? undefined : accessor(shape.field);
  return {
    slot,
    identity,
    wholeFrom: from,
    reachMs: 0,
    lifetime: false,
    keep: 1,
    matches: compileFilter(identity.filter),
    number: shape.shape === 'latest' || shape.field === null ? () => null : projection(shape.field, shape.scale),
    text: (event) => distinctText(read?.(event)),
    comparisons: [],
  };
}

/** Longer values are told apart by their hash: a customer's 512 values stay one small page (S4). */
const DISTINCT_UNITS_MAX = 40;

function distinctText(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return null;
  if (value.length <= DISTINCT_UNITS_MAX) return value;
  const { hi, lo } = hash64(value);
  return `#${hi.toString(16).padStart(8, '0')}${lo.toString(16).padStart(8, '0')}`;
}

function operatorFor(measure: Measure, test: NumberTest): Operator {
  switch (measure.kind) {
    case 'count':
      return countOperator(measure.window, test);
    case 'countDistinct':
      return countDistinctOperator(measure.window, test);
    case 'sum':
    case 'average':
    case 'min':
    case 'max':
      return numberInWindowOperator(measure.kind, measure.of, measure.window, test);
    case 'last':
      return lastOperator(measure.of, test);
    case 'averageLast':
      return averageLastOperator(measure.of, measure.n, measure.atLeastValues, test);
    case 'timeSinceLast':
      return timeSinceLastOperator(test);
  }
}

/** Kleene: false wins over unknown in all, true in any. */
function allOf(parts: readonly Root[]): Root {
  return (source) => {
    let truth: TruthCode = TRUE;
    for (const part of parts) {
      const own = part(source);
      if (own === FALSE) return FALSE;
      if (own === UNKNOWN) truth = UNKNOWN;
    }
    return truth;
  };
}

function anyOf(parts: readonly Root[]): Root {
  return (source) => {
    let truth: TruthCode = FALSE;
    for (const part of parts) {
      const own = part(source);
      if (own === TRUE) return TRUE;
      if (own === UNKNOWN) truth = UNKNOWN;
    }
    return truth;
  };
}

function negate(truth: TruthCode): TruthCode {
  return truth === UNKNOWN ? UNKNOWN : truth === TRUE ? FALSE : TRUE;
}

/** References first; the catalogue has refused cycles. */
function topological(segments: readonly LiveSegment[]): LiveSegment[] {
  const byKey = new Map(segments.map((live) => [live.definition.key, live]));
  const ordered: LiveSegment[] = [];
  const placed = new Set<string>();
  const place = (live: LiveSegment): void => {
    if (placed.has(live.definition.key)) return;
    placed.add(live.definition.key);
    for (const key of references(live.definition.enter)) {
      const target = byKey.get(key);
      if (target !== undefined) place(target);
    }
    ordered.push(live);
  };
  segments.forEach(place);
  return ordered;
}
