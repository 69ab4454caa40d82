/** The comparisons of a plan and the series they are views over; each of both once, whoever asks for it (S1). */
import { hash64 } from '../events/event-id.ts';
import type { Definition, EventName, LeafCondition, Measure, NumberTest } from '../language/ast.ts';
import { kindsOf, wholeFrom, type RuleSet } from '../language/catalogue.ts';
import { traitsOf } from '../language/dependencies.ts';
import { needsOf, remembers, staysOf, type SeriesIdentity, type SeriesNeed } from '../language/series-identity.ts';
import { conditionInWords } from '../language/sentence.ts';
import { thresholdInWords } from '../language/words/comparisons.ts';
import { countDistinctOperator } from '../operators/count-distinct.ts';
import { countOperator } from '../operators/count.ts';
import { compileLeaf } from '../operators/leaf.ts';
import { numberInWindowOperator } from '../operators/number-in-window.ts';
import { averageLastOperator, lastOperator, noneOperator, timeSinceLastOperator } from '../operators/on-tape.ts';
import type { LeafOperator, Operator } from '../operators/operator.ts';
import { durationInWords } from '../time/duration.ts';
import { isPlain } from '../time/window.ts';
import { accessor, compileFilter, projection, type EventRecord, type Matcher } from './filter.ts';

export interface SeriesPlan {
  readonly slot: number;
  readonly identity: SeriesIdentity;
  /** By coverage (E3), ms UTC. */
  readonly wholeFrom: number;
  /** Longest reach of any view, ms; entries older than that and the lateness limit are dropped. */
  reachMs: number;
  /** A lifetime view needs every value (latest) or the base (tiles). */
  lifetime: boolean;
  /** Entries a tape keeps. */
  keep: number;
  /** By filter of the identity; one alone has its input and kind answered already. */
  readonly matches: readonly Matcher[];
  readonly number: (event: EventRecord) => number | null;
  readonly text: (event: EventRecord) => string | null;
  readonly key: (event: EventRecord) => string | null;
  /** Plain comparisons over it. */
  readonly comparisons: number[];
  /** Other comparisons that look at it, among others. */
  readonly general: number[];
}

interface ComparisonBase {
  readonly id: number;
  /** Indices of the units whose rules rest on it. */
  readonly units: number[];
  readonly condition: LeafCondition;
  /** In words, with the threshold. */
  readonly text: string;
  readonly threshold: string | null;
}

/** Over one series, against a constant, in a window that ends now: in closed form. */
export type SeriesComparison = ComparisonBase & {
  readonly kind: 'series';
  readonly slot: number;
  readonly operator: Operator;
  readonly absence: boolean;
};

export type GeneralComparison = ComparisonBase & {
  readonly kind: 'general';
  /** By place among the leaf's needs. */
  readonly slots: readonly number[];
  readonly operator: LeafOperator;
  /** Key of the segment or group whose membership it reads. */
  readonly watches: string | null;
  flipGroup: number;
};

export type ComparisonPlan = SeriesComparison | GeneralComparison;

export class ComparisonPlans {
  readonly #set: RuleSet;
  readonly series: SeriesPlan[] = [];
  readonly comparisons: ComparisonPlan[] = [];
  readonly #slots = new Map<string, SeriesPlan>();
  readonly #ids = new Map<string, ComparisonPlan>();

  constructor(set: RuleSet) {
    this.#set = set;
  }

  of(condition: LeafCondition): ComparisonPlan {
    const text = JSON.stringify(condition);
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const comparison = this.#build(condition);
    this.comparisons.push(comparison);
    this.#ids.set(text, comparison);
    return comparison;
  }

  /** Of what is remembered of a definition's entries and exits; −1 where nothing is. */
  staysSlot(definition: Definition): number {
    const need = staysOf(definition.key);
    const known = this.#slots.get(need.identity.text);
    if (known !== undefined) return known.slot;
    return definition.kind === 'group' || remembers(definition) ? this.#seriesFor(need).slot : -1;
  }

  absences(): readonly number[] {
    const slots = this.comparisons.flatMap((one) => (one.kind === 'series' && one.absence ? [one.slot] : []));
    return [...new Set(slots)];
  }

  traits(): ReadonlyMap<string, readonly number[]> {
    const found = new Map<string, number[]>();
    for (const { id, condition } of this.comparisons) {
      for (const trait of traitsOf(condition)) found.set(trait, [...(found.get(trait) ?? []), id]);
    }
    return found;
  }

  writes(): ReadonlyMap<string, readonly SeriesPlan[]> {
    const found = new Map<string, SeriesPlan[]>();
    for (const series of this.series) {
      const { shape } = series.identity;
      if (shape.shape === 'writes') found.set(shape.trait, [...(found.get(shape.trait) ?? []), series]);
    }
    return found;
  }

  /** Series an event may belong to, by input and kind; found once for each. */
  candidates(): (event: EventName, kind: string) => readonly SeriesPlan[] {
    const byEvent = new Map<EventName, Map<string, readonly SeriesPlan[]>>();
    return (event, kind) => {
      let byKind = byEvent.get(event);
      if (byKind === undefined) {
        byKind = new Map<string, readonly SeriesPlan[]>();
        byEvent.set(event, byKind);
      }
      let found = byKind.get(kind);
      if (found === undefined) {
        found = this.series.filter(({ identity: { filters } }) =>
          filters.some((filter) => filter.events.includes(event) && (kindsOf(filter)?.includes(kind) ?? true)),
        );
        byKind.set(kind, found);
      }
      return found;
    };
  }

  #build(condition: LeafCondition): ComparisonPlan {
    const base = {
      id: this.comparisons.length,
      units: [],
      condition,
      text: conditionInWords(condition),
      threshold: thresholdOf(condition),
    };
    const slots = needsOf(condition).map((need) => this.#seriesFor(need));
    const plain = plainOperator(condition);
    if (plain !== undefined) {
      const [series] = slots;
      series!.comparisons.push(base.id);
      return { ...base, kind: 'series', slot: series!.slot, operator: plain, absence: condition.kind === 'none' };
    }
    for (const series of slots) if (!series.general.includes(base.id)) series.general.push(base.id);
    return {
      ...base,
      kind: 'general',
      slots: slots.map(({ slot }) => slot),
      operator: compileLeaf(condition, (table, percentile) => this.#cut(table, percentile)),
      watches: condition.kind === 'segment' ? condition.key : condition.kind === 'tier' ? condition.group : null,
      flipGroup: 0,
    };
  }

  #cut(table: string, percentile: number): number | null {
    return this.#set.tables.get(table)?.table.cuts.get(percentile) ?? null;
  }

  #seriesFor(need: SeriesNeed): SeriesPlan {
    const { identity } = need;
    let series = this.#slots.get(identity.text);
    if (series === undefined) {
      const from = identity.filters.map((filter) => wholeFrom(this.#set.coverage, filter));
      series = newSeries(this.series.length, identity, Math.max(-Infinity, ...from));
      this.series.push(series);
      this.#slots.set(identity.text, series);
    }
    series.keep = Math.max(series.keep, need.newest);
    series.reachMs = Math.max(series.reachMs, need.reachMs);
    series.lifetime ||= need.lifetime;
    return series;
  }
}

function newSeries(slot: number, identity: SeriesIdentity, from: number): SeriesPlan {
  const { shape, filters } = identity;
  const field = 'field' in shape ? shape.field : null;
  const read = field === null ? undefined : accessor(field);
  const scale = 'scale' in shape ? shape.scale : 0;
  const readKey = shape.shape === 'log' && shape.key !== null ? accessor(shape.key) : undefined;
  return {
    slot,
    identity,
    wholeFrom: from,
    reachMs: 0,
    lifetime: false,
    keep: 1,
    matches: filters.map((filter) => compileFilter(filter, filters.length > 1)),
    number: field === null || scale === 0 ? () => null : projection(field, scale),
    text: (event) => distinctText(read?.(event)),
    key: (event) => distinctText(readKey?.(event)),
    comparisons: [],
    general: [],
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

/** What a leaf is compared with, in words; null where nothing is. */
function thresholdOf(leaf: LeafCondition): string | null {
  if (leaf.kind === 'compare') return thresholdInWords(leaf.measure, leaf.test);
  return leaf.kind === 'none' ? durationInWords(leaf.ms) : null;
}

/** Undefined where a leaf has no closed form. */
function plainOperator(leaf: LeafCondition): Operator | undefined {
  if (leaf.kind === 'none') return noneOperator(leaf.ms);
  if (leaf.kind !== 'compare' || leaf.test.against !== undefined) return undefined;
  return plainMeasure(leaf.measure, leaf.test);
}

function plainMeasure(measure: Measure, test: NumberTest): Operator | undefined {
  if (measure.kind === 'count' && isPlain(measure.window)) return countOperator(measure.window, test);
  if (measure.kind === 'countDistinct' && isPlain(measure.window)) return countDistinctOperator(measure.window, test);
  if (measure.kind === 'last') return measure.withinMs === null ? lastOperator(measure.of, test) : undefined;
  if (measure.kind === 'averageLast') return averageLastOperator(measure.of, measure.n, measure.atLeastValues, test);
  if (measure.kind === 'timeSinceLast') return timeSinceLastOperator(test);
  const inWindow =
    measure.kind === 'sum' || measure.kind === 'average' || measure.kind === 'min' || measure.kind === 'max';
  return inWindow && isPlain(measure.window)
    ? numberInWindowOperator(measure.kind, measure.of, measure.window, test)
    : undefined;
}
