/**
 * The catalogue: a pure fold over the definitions topic (D1). Every reader that has read the same records holds the same
 * catalogue, refuses the same records for the same reasons, and forms the same rule sets.
 *
 *  1. A segment's number is the ordinal of its key's first accepted record, from 1, never reused.
 *  2. A record is refused when `basedOn` is not the offset of the version in force for its key (null for a new key), or when
 *     it is invalid against the fold at its offset (mistakes, unknown references, cycles).
 *  3. Rule sets are ascending in offset and in `dueAt`: a record whose own instant lies before that of an earlier record comes
 *     into force together with that one.
 */
import type { DefinitionRecord } from '../events/definition-record.ts';
import type { Condition, EventFilter, EventName, SegmentDefinition } from './ast.ts';
import { BOUNDS } from './authored.ts';
import { didYouMean, type Mistake } from './mistakes.ts';
import { parseSegment } from './parse.ts';
import { seriesIn } from './series-identity.ts';

/** Instants at which definitions come into force are whole multiples of this, ms (D2). */
export const EFFECTIVE_GRID_MS = 5000;

export interface LiveSegment {
  readonly number: number;
  /** From 1 per key, counting accepted records. */
  readonly version: number;
  /** Of the record that published this version. */
  readonly offset: number;
  readonly definition: SegmentDefinition;
}

/** Since when the feed of an input is whole, per kind; `*` is every kind without an entry of its own (E3). */
export type Coverage = ReadonlyMap<EventName, ReadonlyMap<string, number>>;

export interface RuleSet {
  /** Of the last record in it. */
  readonly offset: number;
  readonly dueAt: number;
  /** By ascending number. */
  readonly segments: readonly LiveSegment[];
  readonly coverage: Coverage;
  /** Only the declared coverage differs from the set before: what changes is told as backfill, not as definition. */
  readonly coverageOnly: boolean;
}

/** A series from the set in which a live segment first needs it until none does; needed again, it is born again (D4). */
export interface Birth {
  /** Ordinal over all births, from 0, never reused. */
  readonly number: number;
  /** Offset of the set it is born with. */
  readonly offset: number;
}

export interface Refusal {
  readonly offset: number;
  readonly key: string;
  readonly mistakes: readonly Mistake[];
  readonly stale: boolean;
}

export class Catalogue {
  readonly #effectiveAfterMs: number;
  readonly #numbers = new Map<string, number>();
  readonly #versions = new Map<string, number>();
  readonly #live = new Map<string, LiveSegment>();
  #coverage: Coverage = new Map();
  readonly #sets: RuleSet[] = [];
  readonly #births = new Map<string, Birth[]>();
  readonly #users = new Map<string, number>();
  #birthCount = 0;
  readonly refusals: Refusal[] = [];

  /** `effectiveAfterMs`: from publication until a definition without an instant of its own comes into force. */
  constructor(effectiveAfterMs = 5000) {
    this.#effectiveAfterMs = effectiveAfterMs;
  }

  /** All rule sets so far, ascending. */
  get sets(): readonly RuleSet[] {
    return this.#sets;
  }

  current(key: string): LiveSegment | undefined {
    return this.#live.get(key);
  }

  get live(): readonly LiveSegment[] {
    return [...this.#live.values()].sort((a, b) => a.number - b.number);
  }

  get coverage(): Coverage {
    return this.#coverage;
  }

  /** Every key that ever had a number, retired ones included. */
  keyOf(number: number): string | undefined {
    for (const [key, own] of this.#numbers) if (own === number) return key;
    return undefined;
  }

  numberOf(key: string): number | undefined {
    return this.#numbers.get(key);
  }

  /** Folds the next record; returns why it is refused, or undefined. */
  fold(offset: number, record: DefinitionRecord): Refusal | undefined {
    const mistakes = record.kind === 'segment' ? this.#segment(offset, record) : this.#other(record);
    const refusal = mistakes === undefined ? undefined : { offset, key: record.key, ...mistakes };
    if (refusal === undefined) this.#addSet(offset, record);
    else this.refusals.push(refusal);
    return refusal;
  }

  /** The birth of a series that the set at this offset needs. */
  birthOf(series: string, setOffset: number): Birth {
    const births = this.#births.get(series) ?? [];
    const birth = births.findLast((candidate) => candidate.offset <= setOffset);
    if (birth === undefined) throw new Error(`no live segment at ${setOffset} needs the series ${series}`);
    return birth;
  }

  /** What `fold` would say of records in this order, without folding them. */
  check(records: readonly DefinitionRecord[]): readonly (Refusal | undefined)[] {
    const trial = new Catalogue(this.#effectiveAfterMs);
    for (const [key, number] of this.#numbers) trial.#numbers.set(key, number);
    for (const [key, version] of this.#versions) trial.#versions.set(key, version);
    for (const [key, live] of this.#live) trial.#live.set(key, live);
    trial.#coverage = this.#coverage;
    return records.map((record, index) => trial.fold(Number.MAX_SAFE_INTEGER - records.length + index, record));
  }

  #segment(offset: number, record: DefinitionRecord): Omit<Refusal, 'offset' | 'key'> | undefined {
    if (record.basedOn !== (this.#live.get(record.key)?.offset ?? null))
      return { stale: true, mistakes: [staleMistake(this.#live.get(record.key))] };
    const parsed = parseSegment(parseJson(record.body));
    if (!parsed.ok) return { stale: false, mistakes: parsed.mistakes };
    if (parsed.definition.key !== record.key) {
      return { stale: false, mistakes: [{ path: ['key'], message: `the record is for ${record.key}` }] };
    }
    const mistakes = referenceMistakes(
      parsed.definition,
      [...this.#live.keys()],
      (key) => this.#live.get(key)?.definition,
    );
    if (mistakes.length > 0) return { stale: false, mistakes };
    const number = this.#numbers.get(record.key) ?? this.#numbers.size + 1;
    const version = (this.#versions.get(record.key) ?? 0) + 1;
    this.#numbers.set(record.key, number);
    this.#versions.set(record.key, version);
    this.#need(parsed.definition, offset);
    this.#release(this.#live.get(record.key)?.definition);
    this.#live.set(record.key, { number, version, offset, definition: parsed.definition });
    return undefined;
  }

  #other(record: DefinitionRecord): Omit<Refusal, 'offset' | 'key'> | undefined {
    switch (record.kind) {
      case 'retire': {
        const live = this.#live.get(record.key);
        if (live === undefined || record.basedOn !== live.offset)
          return { stale: true, mistakes: [staleMistake(live)] };
        const users = this.live.filter((other) => references(other.definition.enter).includes(record.key));
        if (users.length > 0) {
          return {
            stale: false,
            mistakes: users.map((user) => ({
              path: ['key'],
              message: `${user.definition.key} refers to ${record.key}`,
            })),
          };
        }
        this.#release(live.definition);
        this.#live.delete(record.key);
        return undefined;
      }
      case 'coverage': {
        const coverage = parseCoverage(this.#coverage, parseJson(record.body));
        if (coverage === undefined) {
          return {
            stale: false,
            mistakes: [{ path: [], message: 'expected {"input": …, "kinds": "*" or a list, "since": ms or "always"}' }],
          };
        }
        this.#coverage = coverage;
        return undefined;
      }
      case 'table':
        return undefined;
      case 'segment':
        throw new Error('segments are folded by #segment');
    }
  }

  #need(definition: SegmentDefinition, offset: number): void {
    for (const series of seriesIn(definition.enter)) {
      const users = this.#users.get(series) ?? 0;
      this.#users.set(series, users + 1);
      if (users > 0) continue;
      this.#births.set(series, [...(this.#births.get(series) ?? []), { number: this.#birthCount, offset }]);
      this.#birthCount += 1;
    }
  }

  #release(definition: SegmentDefinition | undefined): void {
    if (definition === undefined) return;
    for (const series of seriesIn(definition.enter)) this.#users.set(series, this.#users.get(series)! - 1);
  }

  #addSet(offset: number, record: DefinitionRecord): void {
    const own = record.effectiveFrom ?? record.publishedAt + this.#effectiveAfterMs;
    const onGrid = Math.ceil(own / EFFECTIVE_GRID_MS) * EFFECTIVE_GRID_MS;
    const before = this.#sets.at(-1);
    const dueAt = Math.max(onGrid, before?.dueAt ?? -Infinity);
    // Records of one instant are one set: it is coverage alone only if all of them are.
    const coverageOnly = record.kind === 'coverage' && (before?.dueAt !== dueAt || before.coverageOnly);
    this.#sets.push({ offset, dueAt, segments: this.live, coverage: this.#coverage, coverageOnly });
  }
}

/** Since when the feed of events that can pass a filter is whole: the worst of its inputs and kinds. Infinity = never declared. */
export function wholeFrom(coverage: Coverage, filter: EventFilter): number {
  const kinds = kindsOf(filter);
  let worst = -Infinity;
  for (const event of filter.events) {
    const byKind = coverage.get(event);
    const fallback = byKind?.get('*') ?? Infinity;
    if (kinds === undefined) worst = Math.max(worst, fallback, ...(byKind?.values() ?? []));
    else for (const kind of kinds) worst = Math.max(worst, byKind?.get(kind) ?? fallback);
  }
  return worst;
}

/** The kinds a filter names; undefined when it takes every kind. */
export function kindsOf(filter: EventFilter): readonly string[] | undefined {
  for (const { field, test } of filter.where) if (field === 'kind' && test.op === 'in') return test.values.map(String);
  return undefined;
}

/** Keys of the segments a condition refers to, each once. */
export function references(condition: Condition): string[] {
  switch (condition.kind) {
    case 'segment':
      return [condition.key];
    case 'all':
    case 'any':
      return [...new Set(condition.of.flatMap(references))];
    case 'not':
      return references(condition.of);
    case 'compare':
    case 'none':
    case 'trait':
      return [];
  }
}

function referenceMistakes(
  definition: SegmentDefinition,
  known: readonly string[],
  find: (key: string) => SegmentDefinition | undefined,
): Mistake[] {
  const mistakes: Mistake[] = [];
  const walk = (key: string, condition: Condition, trail: readonly string[]): void => {
    for (const next of references(condition)) {
      if (next === definition.key) {
        mistakes.push({ path: ['enter'], message: `refers to itself: ${[...trail, next].join(' -> ')}` });
        continue;
      }
      if (trail.length > BOUNDS.referenceDepth) {
        mistakes.push({
          path: ['enter'],
          message: `references are deeper than ${BOUNDS.referenceDepth}: ${[...trail, next].join(' -> ')}`,
        });
        continue;
      }
      const target = find(next);
      if (target !== undefined) walk(next, target.enter, [...trail, next]);
      else if (key === definition.key)
        mistakes.push({ path: ['enter'], message: `there is no live segment ${next}${didYouMean(next, known)}` });
    }
  };
  walk(definition.key, definition.enter, [definition.key]);
  return mistakes;
}

function staleMistake(live: LiveSegment | undefined): Mistake {
  const message =
    live === undefined
      ? 'there is no such segment any more, or there never was'
      : `version ${live.version} was published meanwhile`;
  return { path: ['basedOn'], message };
}

function parseCoverage(coverage: Coverage, body: unknown): Coverage | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { input, kinds, since } = body as { input?: unknown; kinds?: unknown; since?: unknown };
  const event = typeof input === 'string' && Object.hasOwn(EVENT_OF_INPUT, input) ? EVENT_OF_INPUT[input] : undefined;
  const from = since === 'always' ? -Infinity : typeof since === 'number' && Number.isFinite(since) ? since : undefined;
  const names =
    kinds === '*' ? ['*'] : Array.isArray(kinds) && kinds.every((kind) => typeof kind === 'string') ? kinds : undefined;
  if (from === undefined || names === undefined) return undefined;
  // Profiles and identities carry no counted events: their coverage is accepted and has no effect on rules yet.
  if (event === undefined) return input === 'profiles' || input === 'identities' ? coverage : undefined;
  const next = new Map(coverage);
  next.set(event, extended(coverage.get(event) ?? new Map<string, number>(), names, from));
  return next;
}

/** Coverage only grows: what is declared adds to what was known, and a kind without an entry had that of every kind. */
function extended(known: ReadonlyMap<string, number>, names: readonly string[], from: number): Map<string, number> {
  const every = known.get('*') ?? Infinity;
  const byKind = new Map(known);
  for (const name of names) byKind.set(name, Math.min(from, known.get(name) ?? every));
  if (names.includes('*')) for (const [name, since] of byKind) byKind.set(name, Math.min(since, from));
  return byKind;
}

const EVENT_OF_INPUT: Readonly<Record<string, EventName>> = {
  interactions: 'interaction',
  purchases: 'purchase',
  surveys: 'survey',
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
