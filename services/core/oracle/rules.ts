/** The rules in force for one partition: one set after the other, as the definitions came into effect (D2). */
import type { EventFilter } from '../domain/language/ast.ts';
import type { Coverage, LiveSegment, RuleSet } from '../domain/language/catalogue.ts';
import { seriesOf, type SeriesIdentity } from '../domain/language/series-identity.ts';
import { delaysOf, leavesOf, referencesOf, sourceOf, type Leaf } from './leaf.ts';

export interface Birth {
  /** Offset of the set the series was born with: only events applied under it or a later one are in the series. */
  readonly offset: number;
  /** The series knows nothing from before, ms UTC; −∞ when it was there before the first event. */
  readonly from: number;
}

/** A leaf of the rules in force with all that does not depend on a customer. */
export interface Place {
  readonly leaf: Leaf;
  readonly series: SeriesIdentity;
  /** Names the series, its birth included: equal names, equal events. */
  readonly name: string;
  /** Since when everything the leaf may match is there, ms UTC; −∞ = always, ∞ = not known to be (E3). */
  readonly completeFrom: number;
  /** How long after an event time alone may change the leaf (`delaysOf`). */
  readonly delays: readonly number[];
}

/** A rule set as the tasks of a partition apply it. */
export interface Force {
  /** Of its last record: what facts call `rulesOffset`. */
  readonly offset: number;
  /** When it came into force, ms UTC; −∞ for what was there before the first event. */
  readonly dueAt: number;
  /** Referenced segments before those that refer to them. */
  readonly segments: readonly LiveSegment[];
  readonly places: readonly Place[];
  /** By the text of the series. */
  readonly births: ReadonlyMap<string, Birth>;
}

/**
 * The sets a partition went through. The first is the one its first fact was decided under (D2: in replay everything below
 * the captured end of the definitions, whenever due); then come the later ones, records of one instant as one set.
 */
export function forcesOf(sets: readonly RuleSet[], firstRulesOffset: number): readonly Force[] {
  const forces: Force[] = [];
  sets.forEach((set, index) => {
    if (set.offset < firstRulesOffset) return;
    const first = set.offset === firstRulesOffset;
    if (!first && sets[index + 1]?.dueAt === set.dueAt) return;
    const dueAt = first ? -Infinity : set.dueAt;
    const births = birthsOf(set, dueAt, forces.at(-1));
    const segments = inTopologicalOrder(set.segments);
    forces.push({ offset: set.offset, dueAt, segments, places: placesOf(set, births), births });
  });
  return forces;
}

/** A series that the set before already had lives on, every other one starts now. */
function birthsOf(set: RuleSet, dueAt: number, before: Force | undefined): ReadonlyMap<string, Birth> {
  const births = new Map<string, Birth>();
  for (const leaf of set.segments.flatMap((segment) => leavesOf(segment.definition.enter))) {
    const { text } = seriesOf(sourceOf(leaf));
    births.set(text, before?.births.get(text) ?? { offset: set.offset, from: dueAt });
  }
  return births;
}

function placesOf(set: RuleSet, births: ReadonlyMap<string, Birth>): readonly Place[] {
  return set.segments
    .flatMap((segment) => leavesOf(segment.definition.enter))
    .map((leaf) => {
      const series = seriesOf(sourceOf(leaf));
      const birth = births.get(series.text)!;
      const completeFrom = Math.max(coveredFrom(set.coverage, series.filter), birth.from);
      return { leaf, series, name: `${birth.offset} ${series.text}`, completeFrom, delays: delaysOf(leaf) };
    });
}

/** Each segment after those it refers to; an accepted catalogue has no cycles. */
function inTopologicalOrder(segments: readonly LiveSegment[]): readonly LiveSegment[] {
  const byKey = new Map(segments.map((segment) => [segment.definition.key, segment]));
  const ordered = new Set<LiveSegment>();
  const visit = (segment: LiveSegment): void => {
    for (const key of referencesOf(segment.definition.enter)) {
      const referred = byKey.get(key);
      if (referred !== undefined && !ordered.has(referred)) visit(referred);
    }
    ordered.add(segment);
  };
  for (const segment of segments) visit(segment);
  return [...ordered];
}

/**
 * Since when everything a filter can match is delivered whole: the latest over its inputs and, where the filter names
 * kinds, over these; else over every kind that was declared (E3). ∞ where nothing was declared.
 */
function coveredFrom(coverage: Coverage, filter: EventFilter): number {
  const clause = filter.where.find(({ field, test }) => field === 'kind' && test.op === 'in');
  const kinds = clause?.test.op === 'in' ? clause.test.values.map(String) : undefined;
  const starts = filter.events.flatMap((event) => {
    const declared = coverage.get(event);
    const otherwise = declared?.get('*') ?? Infinity;
    return kinds === undefined
      ? [otherwise, ...(declared?.values() ?? [])]
      : kinds.map((kind) => declared?.get(kind) ?? otherwise);
  });
  return Math.max(...starts);
}
