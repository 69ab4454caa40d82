/**
 * What a definition costs and how exact it is: told when it is validated, before anything is published. Figures of state are
 * estimates from the form of the series; `bench -- language` measures real ones.
 */
import type { Definition, EventFilter, EventName, LeafCondition } from './ast.ts';
import { bytesOf, seriesInWords, type Bytes } from './report/series.ts';
import { timersOf } from './report/time-alone.ts';
import { leavesIn, needsOf, seriesOfDefinition, type SeriesNeed, type Shape } from './series-identity.ts';

/**
 * - cheap: what an event changes is a handful of newest entries, or nothing is kept of events at all.
 * - moderate: counts and sums by time are kept and looked through.
 * - heavy: events are kept one by one with what they have in common (sequences, issues, same key), weights change all the time
 *   (decay), or more than eight series are kept for this definition alone.
 */
export type CostClass = 'cheap' | 'moderate' | 'heavy';

export interface SeriesReport {
  readonly words: string;
  readonly bytes: Bytes;
  /** Keys of other definitions that rest on it too; they cost it once together. */
  readonly sharedWith: readonly string[];
}

export interface TouchReport {
  readonly input: EventName | 'profile';
  /** Kinds that can touch it; null: every kind. */
  readonly kinds: readonly string[] | null;
}

export interface DefinitionReport {
  readonly key: string;
  /** Of one customer, by series; what is shared is counted here too. */
  readonly stateBytes: Bytes;
  /** Instants that may be waited for at once for one customer; 0: nothing changes by time alone. */
  readonly timers: number;
  /** How exact it is, in sentences; the first is the one that always holds. */
  readonly precision: readonly string[];
  readonly cost: CostClass;
  readonly touchedBy: readonly TouchReport[];
  readonly series: readonly SeriesReport[];
}

/** `others` may hold the definition itself; definitions of the same key are set aside. */
export function reportOf(definition: Definition, others: readonly Definition[]): DefinitionReport {
  const leaves = leavesOf(definition);
  const needs = needsByText(leaves);
  const users = usersOf(others.filter(({ key }) => key !== definition.key));
  const series = [...needs].map(([text, need]) => ({
    words: seriesInWords(need.identity),
    bytes: bytesOf(need),
    sharedWith: users.get(text) ?? [],
  }));
  return {
    key: definition.key,
    stateBytes: {
      typical: series.reduce((sum, { bytes }) => sum + bytes.typical, 0),
      bound: series.reduce((sum, { bytes }) => sum + bytes.bound, 0),
    },
    timers: timersOf(definition),
    precision: precisionOf([...needs.values()], leaves),
    cost: costOf([...needs.values()], leaves),
    touchedBy: touchedBy([...needs.values()], leaves),
    series,
  };
}

function leavesOf(definition: Definition): readonly LeafCondition[] {
  const rules = definition.kind === 'segment' ? [definition] : definition.members;
  return rules.flatMap(({ enter, stay }) => [...leavesIn(enter), ...(stay === null ? [] : leavesIn(stay))]);
}

/** Each series once, with all that is needed of it. */
function needsByText(leaves: readonly LeafCondition[]): ReadonlyMap<string, SeriesNeed> {
  const needs = new Map<string, SeriesNeed>();
  for (const need of leaves.flatMap((leaf) => needsOf(leaf))) {
    const known = needs.get(need.identity.text);
    const newest = Math.max(need.newest, known?.newest ?? 0);
    needs.set(need.identity.text, { ...need, newest, lifetime: need.lifetime || known?.lifetime === true });
  }
  return needs;
}

function usersOf(others: readonly Definition[]): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>();
  for (const other of others) {
    for (const text of seriesOfDefinition(other)) users.set(text, [...(users.get(text) ?? []), other.key]);
  }
  return users;
}

const PRECISION: Readonly<Partial<Record<Shape['shape'], string>>> = {
  tiles: 'where more than 16 events of one sort fall into one minute, that minute is told apart no further',
  latest: 'of one field the 512 values seen last are known; what lies before is told as not known',
  log: 'of one sort the newest 1,024 events are kept one by one; what lies before is told as not known',
  writes: 'of one trait the newest 32 changes are known; what lies before is told as not known',
};

function precisionOf(needs: readonly SeriesNeed[], leaves: readonly LeafCondition[]): readonly string[] {
  const shapes = new Set(needs.map(({ identity }) => identity.shape.shape));
  const bounds = [...shapes].flatMap((shape) => PRECISION[shape] ?? []);
  const decay = leaves.some(decays) ? ['what decays does so in steps of a 64th of its half-life'] : [];
  return ['exact to the millisecond', ...bounds, ...decay];
}

function decays(leaf: LeafCondition): boolean {
  return leaf.kind === 'compare' && (leaf.measure.kind === 'decayedSum' || leaf.measure.kind === 'decayedAverage');
}

/** Series of one definition beyond which it is heavy, whatever they are. */
const SERIES_MANY = 8;

function costOf(needs: readonly SeriesNeed[], leaves: readonly LeafCondition[]): CostClass {
  const shapes = needs.map(({ identity }) => identity.shape.shape);
  if (shapes.includes('log') || leaves.some(decays) || needs.length > SERIES_MANY) return 'heavy';
  return shapes.some((shape) => shape === 'tiles' || shape === 'latest') ? 'moderate' : 'cheap';
}

function touchedBy(needs: readonly SeriesNeed[], leaves: readonly LeafCondition[]): readonly TouchReport[] {
  const kinds = new Map<EventName, Set<string> | null>();
  for (const filter of needs.flatMap(({ identity }) => identity.filters)) {
    const own = kindsOf(filter);
    for (const event of filter.events) {
      const known = kinds.get(event);
      if (own === null || known === null) kinds.set(event, null);
      else kinds.set(event, new Set([...(known ?? []), ...own]));
    }
  }
  const events = (['interaction', 'purchase', 'survey'] as const).flatMap((input): TouchReport[] => {
    const own = kinds.get(input);
    return own === undefined ? [] : [{ input, kinds: own === null ? null : [...own].sort() }];
  });
  return leaves.some(readsProfile) ? [...events, { input: 'profile', kinds: null }] : events;
}

/** Null: of every kind. */
function kindsOf(filter: EventFilter): readonly string[] | null {
  const kinds = filter.where.flatMap(({ field, test }) => (field === 'kind' && test.op === 'in' ? [test.values] : []));
  const [first] = kinds;
  return first === undefined ? null : first.map(String);
}

function readsProfile(leaf: LeafCondition): boolean {
  switch (leaf.kind) {
    case 'trait':
    case 'traitChanged':
    case 'traitHeld':
    case 'score':
    case 'consent':
      return true;
    case 'date':
      return leaf.source.kind === 'trait';
    case 'compare':
      return (
        leaf.test.against?.kind === 'trait' || ('window' in leaf.measure && leaf.measure.window.kind === 'sinceTrait')
      );
    case 'text':
    case 'none':
    case 'never':
    case 'noneSince':
    case 'segment':
    case 'tier':
    case 'bucket':
      return false;
  }
}
