/** The rules in force for one partition: one set after the other, as the definitions came into effect (D2). */
import type { Definition, EventFilter, LeafCondition, Membership } from '../domain/language/ast.ts';
import type { Coverage, LiveGroup, LiveSegment, RuleSet } from '../domain/language/catalogue.ts';
import {
  leavesIn,
  needsOf,
  seriesOfDefinition,
  staysOf,
  type SeriesIdentity,
  type SeriesNeed,
} from '../domain/language/series-identity.ts';
import { rulesOf } from './group.ts';
import type { OwnLeaf } from './leaf.ts';
import type { Reference } from './references.ts';
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

/** A leaf of the rules in force; equal leaves are one. */
export interface Place {
  readonly index: number;
  readonly leaf: OwnLeaf;
  readonly needs: readonly SeriesNeed[];
}

/** A series of the rules in force, with all that does not depend on a customer. */
export interface Source {
  readonly series: SeriesIdentity;
  /** Names the series, its birth included: equal names, equal events. */
  readonly name: string;
  /** Since when everything that may belong to it is there, ms UTC; −∞ = always, ∞ = not known to be (E3, D4). */
  readonly completeFrom: number;
  /** Of all leaves over the series. */
  readonly reach: Reach;
}

export type Live = LiveSegment | LiveGroup;

/** A rule set as the tasks of a partition apply it. */
export interface Force {
  /** Of its last record: what facts call `rulesOffset`. */
  readonly offset: number;
  /** When it came into force, ms UTC; −∞ for what was there before a replay's first event. */
  readonly dueAt: number;
  /** Only the declared coverage is new: what changes is told as backfill. */
  readonly coverageOnly: boolean;
  /** Segments and groups; what is referred to stands before those that refer to it. */
  readonly lives: readonly Live[];
  readonly places: readonly Place[];
  readonly placeOf: ReadonlyMap<LeafCondition, Place>;
  /** Leaves that look at other segments and groups. */
  readonly references: readonly Reference[];
  /** By the text of the series. */
  readonly sources: ReadonlyMap<string, Source>;
  readonly tables: RuleSet['tables'];
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
    const places = placesOf(set);
    forces.push({
      offset: set.offset,
      dueAt: founding ? -Infinity : set.dueAt,
      coverageOnly,
      lives: inTopologicalOrder(livesOf(set)),
      places: [...new Set(places.values())],
      placeOf: places,
      references: leavesOf(set).filter((leaf) => leaf.kind === 'segment' || leaf.kind === 'tier'),
      sources: sourcesOf(set, births, history),
      tables: set.tables,
    });
    coverageOnly = true;
  });
  return forces;
}

function livesOf(set: RuleSet): readonly Live[] {
  return [...set.segments, ...set.groups].sort((a, b) => a.number - b.number);
}

/** The rules of a definition: of a group those of all members but the default. */
export function rulesIn(definition: Definition): readonly Membership[] {
  return definition.kind === 'segment' ? [definition] : rulesOf(definition);
}

function leavesOf(set: RuleSet): readonly LeafCondition[] {
  return livesOf(set).flatMap(({ definition }) => leavesOfDefinition(definition));
}

function leavesOfDefinition(definition: Definition): readonly LeafCondition[] {
  const rules: readonly Membership[] = definition.kind === 'segment' ? [definition] : definition.members;
  return rules.flatMap(({ enter, stay }) => (stay === null ? [enter] : [enter, stay])).flatMap(leavesIn);
}

/** Offsets of the sets that series were born with: those the set before had too live on, others are born or end. */
function keepBirths(births: Map<string, number>, set: RuleSet): void {
  const needed = new Set(livesOf(set).flatMap(({ definition }) => seriesOfDefinition(definition)));
  for (const text of [...births.keys()]) if (!needed.has(text)) births.delete(text);
  for (const text of needed) if (!births.has(text)) births.set(text, set.offset);
}

function placesOf(set: RuleSet): ReadonlyMap<LeafCondition, Place> {
  const byText = new Map<string, Place>();
  const places = new Map<LeafCondition, Place>();
  for (const leaf of leavesOf(set)) {
    if (leaf.kind === 'segment' || leaf.kind === 'tier') continue;
    const text = JSON.stringify(leaf);
    const known = byText.get(text) ?? { index: byText.size, leaf, needs: needsOf(leaf) };
    byText.set(text, known);
    places.set(leaf, known);
  }
  return places;
}

function sourcesOf(
  set: RuleSet,
  births: ReadonlyMap<string, number>,
  history: RulesHistory,
): ReadonlyMap<string, Source> {
  const needs = new Map<string, SeriesNeed[]>();
  const own = livesOf(set).map(({ definition }) => staysOf(definition.key));
  for (const need of [...leavesOf(set).flatMap(needsOf), ...own]) {
    const { text } = need.identity;
    // What is remembered of stays is there only where somebody needs it.
    if (births.has(text)) needs.set(text, [...(needs.get(text) ?? []), need]);
  }
  return new Map(
    [...needs].map(([text, all]) => {
      const birth = births.get(text)!;
      const series = all[0]!.identity;
      const covered = series.filters.map((filter) => coveredFrom(set.coverage, filter));
      const source: Source = {
        series,
        name: `${birth} ${text}`,
        completeFrom: Math.max(wholeSince(birth, history), ...covered),
        reach: {
          ms: Math.max(...all.map(({ reachMs }) => reachMs)),
          lifetime: all.some(({ lifetime }) => lifetime),
          newest: Math.max(...all.map(({ newest }) => newest)),
        },
      };
      return [text, source];
    }),
  );
}

function wholeSince(birth: number, history: RulesHistory): number {
  if (birth <= history.early) return -Infinity;
  return history.born.find(([offset]) => offset >= birth)?.[1] ?? Infinity;
}

/** Each segment and group after those it refers to; an accepted catalogue has no cycles. */
function inTopologicalOrder(lives: readonly Live[]): readonly Live[] {
  const byKey = new Map(lives.map((live) => [live.definition.key, live]));
  const ordered = new Set<Live>();
  const visit = (live: Live): void => {
    for (const leaf of leavesOfDefinition(live.definition)) {
      const key = leaf.kind === 'segment' ? leaf.key : leaf.kind === 'tier' ? leaf.group : undefined;
      const referred = key === undefined ? undefined : byKey.get(key);
      if (referred !== undefined && !ordered.has(referred)) visit(referred);
    }
    ordered.add(live);
  };
  for (const live of lives) visit(live);
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
