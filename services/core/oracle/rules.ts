/** The rules in force for one partition: one set after the other, as the definitions came into effect (D2). */
import type { EventFilter } from '../domain/language/ast.ts';
import type { Coverage, LiveSegment, RuleSet } from '../domain/language/catalogue.ts';
import { seriesOf, type SeriesIdentity } from '../domain/language/series-identity.ts';
import { delaysOf, leavesOf, reachOf, referencesOf, sourceOf, type Leaf } from './leaf.ts';
import type { Reach } from './trail.ts';

/** What a task remembers of how it came to its rules (D2, D4); it cannot be told from the journal alone. */
export interface RulesHistory {
  /** Sets up to this offset were in force before the first event, whenever due (replay); -1 = none. */
  readonly foundation: number;
  /** Sets up to this offset were applied before the first event: their series miss nothing of it; -1 = none. */
  readonly early: number;
  /** For each set applied after the first event: its offset, and from when a series born with it is whole, ms UTC. */
  readonly born: readonly (readonly [offset: number, wholeFrom: number])[];
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
  /** Of all leaves over the series. */
  readonly reach: Reach;
}

/** A rule set as the tasks of a partition apply it. */
export interface Force {
  /** Of its last record: what facts call `rulesOffset`. */
  readonly offset: number;
  /** When it came into force, ms UTC; −∞ for what was there before a replay's first event. */
  readonly dueAt: number;
  /** Only the declared coverage is new: what changes is told as backfill. */
  readonly coverageOnly: boolean;
  /** Referenced segments before those that refer to them. */
  readonly segments: readonly LiveSegment[];
  readonly places: readonly Place[];
}

/** The sets a partition went through up to an offset, records of one instant as one set (D2). */
export function forcesOf(sets: readonly RuleSet[], history: RulesHistory, through: number): readonly Force[] {
  const births = new Map<string, number>();
  const forces: Force[] = [];
  const applied = sets.filter((set) => set.offset <= through);
  const alone = new Set(history.born.map(([offset]) => offset));
  let coverageOnly = true;
  applied.forEach((set, index) => {
    // A birth belongs to the record that first needs the series, be it alone in its set or not.
    keepBirths(births, set);
    const next = applied[index + 1];
    const founding = set.offset <= history.foundation;
    coverageOnly = coverageOnly && set.coverageOnly;
    // One that was in force when another of its instant was published stays a set of its own.
    const joined = next?.dueAt === set.dueAt && !alone.has(set.offset);
    if (next !== undefined && (next.offset <= history.foundation || (!founding && joined))) return;
    forces.push({
      offset: set.offset,
      dueAt: founding ? -Infinity : set.dueAt,
      coverageOnly,
      segments: inTopologicalOrder(set.segments),
      places: placesOf(set, births, history),
    });
    coverageOnly = true;
  });
  return forces;
}

/** Offsets of the sets that series were born with: those the set before had too live on, others are born or end. */
function keepBirths(births: Map<string, number>, set: RuleSet): void {
  const needed = new Set(leavesIn(set).map((leaf) => seriesOf(sourceOf(leaf)).text));
  for (const text of [...births.keys()]) if (!needed.has(text)) births.delete(text);
  for (const text of needed) if (!births.has(text)) births.set(text, set.offset);
}

function placesOf(set: RuleSet, births: ReadonlyMap<string, number>, history: RulesHistory): readonly Place[] {
  const leaves = leavesIn(set);
  return leaves.map((leaf) => {
    const series = seriesOf(sourceOf(leaf));
    const birth = births.get(series.text)!;
    const reaches = leaves
      .filter((other) => seriesOf(sourceOf(other)).text === series.text)
      .map((other) => reachOf(other));
    return {
      leaf,
      series,
      name: `${birth} ${series.text}`,
      completeFrom: Math.max(coveredFrom(set.coverage, series.filter), wholeSince(birth, history)),
      delays: delaysOf(leaf),
      reach: {
        ms: Math.max(...reaches.map(({ ms }) => ms)),
        lifetime: reaches.some(({ lifetime }) => lifetime),
        newest: Math.max(...reaches.map(({ newest }) => newest)),
      },
    };
  });
}

function leavesIn(set: RuleSet): readonly Leaf[] {
  return set.segments.flatMap((segment) => leavesOf(segment.definition.enter));
}

function wholeSince(birth: number, history: RulesHistory): number {
  if (birth <= history.early) return -Infinity;
  return history.born.find(([offset]) => offset >= birth)?.[1] ?? Infinity;
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
