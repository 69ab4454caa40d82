/**
 * The catalogue: a pure fold over the definitions topic (D1). Every reader that has read the same records holds the same
 * catalogue, refuses the same records for the same reasons, and forms the same rule sets.
 *
 *  1. A segment's number is the ordinal of its key's first accepted record, from 1, never reused. A group has one, and so has each
 *     of its members, under the key GROUP/MEMBER: what is told and counted of a segment is told and counted of a member.
 *  2. A record is refused when `basedOn` is not the offset of the version in force for its key (null for a new key), or when
 *     it is invalid against the fold at its offset (mistakes, unknown references, cycles, or others that would lose what they
 *     refer to).
 *  3. Rule sets are ascending in offset and in `dueAt`: a record whose own instant lies before that of an earlier record comes
 *     into force together with that one.
 */
import type { DefinitionRecord } from '../events/definition-record.ts';
import type { CutTable, Definition, EventFilter, GroupDefinition, SegmentDefinition } from './ast.ts';
import { parseCoverage, type Coverage } from './coverage.ts';
import type { Mistake } from './mistakes.ts';
import { parseDefinition, parseTable } from './parse.ts';
import { misfitsOf, usersOf, type Fit } from './references.ts';
import { seriesOfDefinition } from './series-identity.ts';

export type { Coverage } from './coverage.ts';

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

export interface LiveGroup {
  readonly number: number;
  readonly version: number;
  readonly offset: number;
  readonly definition: GroupDefinition;
  /** Of its members, by their keys in the group. */
  readonly numbers: ReadonlyMap<string, number>;
}

/** A table as published (D5). */
export interface LiveTable {
  readonly version: number;
  readonly offset: number;
  readonly table: CutTable;
}

export interface RuleSet {
  /** Of the last record in it. */
  readonly offset: number;
  readonly dueAt: number;
  /** By ascending number. */
  readonly segments: readonly LiveSegment[];
  readonly groups: readonly LiveGroup[];
  readonly tables: ReadonlyMap<string, LiveTable>;
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

type Reason = Omit<Refusal, 'offset' | 'key'>;

export interface CatalogueOptions {
  /** From publication until a definition without an instant of its own comes into force, ms. */
  readonly effectiveAfterMs: number;
  /** The workspace's time zone: what a rule means that names none. */
  readonly zone: string;
}

export class Catalogue {
  readonly #options: CatalogueOptions;
  readonly #numbers = new Map<string, number>();
  readonly #versions = new Map<string, number>();
  readonly #segments = new Map<string, LiveSegment>();
  readonly #groups = new Map<string, LiveGroup>();
  readonly #tables = new Map<string, LiveTable>();
  #coverage: Coverage = new Map();
  readonly #sets: RuleSet[] = [];
  readonly #births = new Map<string, Birth[]>();
  readonly #users = new Map<string, number>();
  #birthCount = 0;
  readonly refusals: Refusal[] = [];

  constructor(options: Partial<CatalogueOptions> = {}) {
    this.#options = { effectiveAfterMs: 5000, zone: 'UTC', ...options };
  }

  /** All rule sets so far, ascending. */
  get sets(): readonly RuleSet[] {
    return this.#sets;
  }

  /** The live segment or group of a key. */
  current(key: string): LiveSegment | LiveGroup | undefined {
    return this.#segments.get(key) ?? this.#groups.get(key);
  }

  table(key: string): LiveTable | undefined {
    return this.#tables.get(key);
  }

  get segments(): readonly LiveSegment[] {
    return [...this.#segments.values()].sort((a, b) => a.number - b.number);
  }

  get groups(): readonly LiveGroup[] {
    return [...this.#groups.values()].sort((a, b) => a.number - b.number);
  }

  get tables(): ReadonlyMap<string, LiveTable> {
    return this.#tables;
  }

  get coverage(): Coverage {
    return this.#coverage;
  }

  /** Every key that ever had a number, retired ones included; of a member GROUP/MEMBER. */
  keyOf(number: number): string | undefined {
    for (const [key, own] of this.#numbers) if (own === number) return key;
    return undefined;
  }

  numberOf(key: string): number | undefined {
    return this.#numbers.get(key);
  }

  /** Folds the next record; returns why it is refused, or undefined. */
  fold(offset: number, record: DefinitionRecord): Refusal | undefined {
    const reason = this.#accept(offset, record);
    const refusal = reason === undefined ? undefined : { offset, key: record.key, ...reason };
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
    const trial = new Catalogue(this.#options);
    copy(this.#numbers, trial.#numbers);
    copy(this.#versions, trial.#versions);
    copy(this.#segments, trial.#segments);
    copy(this.#groups, trial.#groups);
    copy(this.#tables, trial.#tables);
    copy(this.#users, trial.#users);
    trial.#coverage = this.#coverage;
    return records.map((record, index) => trial.fold(Number.MAX_SAFE_INTEGER - records.length + index, record));
  }

  #accept(offset: number, record: DefinitionRecord): Reason | undefined {
    switch (record.kind) {
      case 'segment':
        return this.#define(offset, record);
      case 'table':
        return this.#tabulate(offset, record);
      case 'retire':
        return this.#retire(record);
      case 'coverage':
        return this.#cover(record);
    }
  }

  #define(offset: number, record: DefinitionRecord): Reason | undefined {
    const live = this.current(record.key);
    if (record.basedOn !== (live?.offset ?? null)) return stale(live);
    const parsed = parseDefinition(parseJson(record.body), { zone: this.#options.zone });
    if (!parsed.ok) return invalid(parsed.mistakes);
    const { definition } = parsed;
    const mistakes = this.#mistakesOf(record.key, live, definition);
    if (mistakes.length > 0) return invalid(mistakes);
    const number = this.#number(record.key);
    const version = this.#version(record.key);
    this.#need(definition, offset);
    if (live !== undefined) this.#release(live.definition);
    if (definition.kind === 'segment') this.#segments.set(record.key, { number, version, offset, definition });
    else {
      const members = definition.members.map(({ key }) => [key, this.#number(`${record.key}/${key}`)] as const);
      this.#groups.set(record.key, { number, version, offset, definition, numbers: new Map(members) });
    }
    return undefined;
  }

  #mistakesOf(key: string, live: LiveSegment | LiveGroup | undefined, definition: Definition): readonly Mistake[] {
    if (definition.key !== key) return [{ path: ['key'], message: `the record is for ${key}` }];
    const kind = (live ?? this.#retired(key))?.definition.kind;
    if (kind !== undefined && kind !== definition.kind)
      return [{ path: ['key'], message: `${key} is a ${kind}; a ${definition.kind} needs a key of its own` }];
    return misfitsOf(definition, this.#fit());
  }

  /** A key that was a group once has members with numbers, and stays one. */
  #retired(key: string): { readonly definition: { readonly kind: 'group' } } | undefined {
    const isGroup = [...this.#numbers.keys()].some((name) => name.startsWith(`${key}/`));
    return isGroup ? { definition: { kind: 'group' } } : undefined;
  }

  #tabulate(offset: number, record: DefinitionRecord): Reason | undefined {
    const live = this.#tables.get(record.key);
    if (record.basedOn !== (live?.offset ?? null)) return stale(live);
    const parsed = parseTable(parseJson(record.body));
    if (!parsed.ok) return invalid(parsed.mistakes);
    const { table } = parsed;
    if (table.key !== record.key) return invalid([{ path: ['table'], message: `the record is for ${record.key}` }]);
    const lost = usersOf(this.#definitions()).cuts.filter((cut) => {
      return cut.table === table.key && !table.cuts.has(cut.percentile);
    });
    if (lost.length > 0) {
      return invalid(
        lost.map(({ user, percentile }) => ({ path: ['cuts'], message: `${user} asks for percentile ${percentile}` })),
      );
    }
    this.#tables.set(record.key, { version: this.#version(`table ${record.key}`), offset, table });
    return undefined;
  }

  #retire(record: DefinitionRecord): Reason | undefined {
    const live = this.current(record.key);
    const table = live === undefined ? this.#tables.get(record.key) : undefined;
    const target = live ?? table;
    if (target === undefined || record.basedOn !== target.offset) return stale(target);
    const { references, cuts } = usersOf(this.#definitions());
    const users =
      live === undefined
        ? cuts.filter((cut) => cut.table === record.key)
        : references.filter((one) => one.key === record.key);
    if (users.length > 0) {
      const names = [...new Set(users.map(({ user }) => user))];
      return invalid(names.map((user) => ({ path: ['key'], message: `${user} refers to ${record.key}` })));
    }
    if (live !== undefined) this.#release(live.definition);
    this.#segments.delete(record.key);
    this.#groups.delete(record.key);
    if (table !== undefined) this.#tables.delete(record.key);
    return undefined;
  }

  #cover(record: DefinitionRecord): Reason | undefined {
    const coverage = parseCoverage(this.#coverage, parseJson(record.body));
    if (coverage === undefined) {
      return invalid([{ path: [], message: 'expected {"input": …, "kinds": "*" or a list, "since": ms or "always"}' }]);
    }
    this.#coverage = coverage;
    return undefined;
  }

  #definitions(): readonly Definition[] {
    return [...this.#segments.values(), ...this.#groups.values()].map(({ definition }) => definition);
  }

  #fit(): Fit {
    return {
      definitions: this.#definitions(),
      tables: new Map([...this.#tables].map(([key, { table }]) => [key, table])),
    };
  }

  #number(key: string): number {
    const number = this.#numbers.get(key) ?? this.#numbers.size + 1;
    this.#numbers.set(key, number);
    return number;
  }

  #version(key: string): number {
    const version = (this.#versions.get(key) ?? 0) + 1;
    this.#versions.set(key, version);
    return version;
  }

  #need(definition: Definition, offset: number): void {
    for (const series of seriesOfDefinition(definition)) {
      const users = this.#users.get(series) ?? 0;
      this.#users.set(series, users + 1);
      if (users > 0) continue;
      this.#births.set(series, [...(this.#births.get(series) ?? []), { number: this.#birthCount, offset }]);
      this.#birthCount += 1;
    }
  }

  #release(definition: Definition): void {
    for (const series of seriesOfDefinition(definition)) this.#users.set(series, this.#users.get(series)! - 1);
  }

  #addSet(offset: number, record: DefinitionRecord): void {
    const own = record.effectiveFrom ?? record.publishedAt + this.#options.effectiveAfterMs;
    const onGrid = Math.ceil(own / EFFECTIVE_GRID_MS) * EFFECTIVE_GRID_MS;
    const before = this.#sets.at(-1);
    const dueAt = Math.max(onGrid, before?.dueAt ?? -Infinity);
    // Records of one instant are one set: it is coverage alone only if all of them are.
    const coverageOnly = record.kind === 'coverage' && (before?.dueAt !== dueAt || before.coverageOnly);
    const { segments, groups } = this;
    this.#sets.push({
      offset,
      dueAt,
      segments,
      groups,
      tables: new Map(this.#tables),
      coverage: this.#coverage,
      coverageOnly,
    });
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

function copy<K, V>(from: ReadonlyMap<K, V>, to: Map<K, V>): void {
  for (const [key, value] of from) to.set(key, value);
}

function invalid(mistakes: readonly Mistake[]): Reason {
  return { stale: false, mistakes };
}

function stale(live: { readonly version: number } | undefined): Reason {
  const message =
    live === undefined
      ? 'there is no such definition any more, or there never was'
      : `version ${live.version} was published meanwhile`;
  return { stale: true, mistakes: [{ path: ['basedOn'], message }] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
