/**
 * From an authored segment (plain data) to the syntax tree. All mistakes of a definition are found in one go; a rule that
 * cannot be evaluated exactly within the bounds is refused with the reason, no part of it is ever dropped.
 */
import { FIELDS, type FieldType } from '../events/fields.ts';
import type { PiiClass } from '../events/header.ts';
import { TRAITS, type TraitSpec } from '../events/traits.ts';
import { DAY_MS, parseDuration } from '../time/duration.ts';
import type { Window } from '../time/window.ts';
import type {
  Comparator,
  Condition,
  EventFilter,
  EventName,
  FieldClause,
  FieldTest,
  Measure,
  NumberTest,
  Projection,
  Scalar,
  SegmentDefinition,
  TraitTest,
  UnknownPolicy,
} from './ast.ts';
import { authoredSegment, BOUNDS, MEASURES, type MeasureKey } from './authored.ts';
import { mended } from './mended.ts';
import { didYouMean, type Mistake } from './mistakes.ts';
import { isNotYet, notYet } from './not-yet.ts';
import { FORBIDDEN, rawMistakes, structuralMistakes } from './structure.ts';

export type Parsed =
  | { readonly ok: true; readonly definition: SegmentDefinition }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

type Path = readonly (string | number)[];
/** What the dictionaries say of a field or trait; `any`: a declared custom field, of any scalar type. */
interface Spec {
  readonly type: FieldType | TraitSpec['type'] | 'any';
  readonly symbols?: readonly string[];
  readonly label: string;
  readonly pii?: PiiClass;
}
type Entry = Readonly<Record<string, unknown>>;

const COMPARATORS: readonly Comparator[] = ['atLeast', 'atMost', 'moreThan', 'lessThan', 'equals', 'notEquals'];

export function parseSegment(input: unknown): Parsed {
  const raw = rawMistakes(input);
  if (raw.length > 0) return { ok: false, mistakes: raw };
  // A group is a document of another form: its other entries are no mistakes of a segment.
  if (typeof input === 'object' && input !== null && 'group' in input && isNotYet('group'))
    return { ok: false, mistakes: [{ path: ['group'], message: notYet('group') }] };
  const structure = authoredSegment.safeParse(input);
  if (!structure.success) {
    const form = structuralMistakes(structure.error.issues, input);
    return { ok: false, mistakes: [...form, ...mistakesOfMeaning(input)] };
  }
  const { key, name, enter, unknown, ...about } = structure.data;
  const parser = new Parser();
  const definition: SegmentDefinition = {
    key,
    name,
    enter: parser.condition(enter as Entry, ['enter'], 1),
    unknown: (unknown ?? 'out') satisfies UnknownPolicy,
    about,
  };
  if (parser.nodes > BOUNDS.nodes)
    parser.mistake(['enter'], `the rule has ${parser.nodes} conditions, at most ${BOUNDS.nodes} are allowed`);
  return parser.mistakes.length === 0 ? { ok: true, definition } : { ok: false, mistakes: parser.mistakes };
}

/** Of those parts of a rule that have the right form. */
function mistakesOfMeaning(input: unknown): readonly Mistake[] {
  const parser = new Parser();
  const enter: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, 'enter') : undefined;
  parser.condition(mended(enter), ['enter'], 1);
  return parser.mistakes;
}

class Parser {
  readonly mistakes: Mistake[] = [];
  nodes = 0;

  mistake(path: Path, message: string): void {
    this.mistakes.push({ path, message });
  }

  condition(entry: Entry, path: Path, depth: number): Condition {
    this.nodes += 1;
    if (depth > BOUNDS.depth) {
      this.mistake(path, `conditions are nested deeper than ${BOUNDS.depth}`);
      return { kind: 'segment', key: '' };
    }
    for (const kind of ['all', 'any'] as const) {
      const parts = entry[kind];
      if (Array.isArray(parts)) {
        return {
          kind,
          of: parts.map((part, index) => this.condition(part as Entry, [...path, kind, index], depth + 1)),
        };
      }
    }
    if ('not' in entry) return { kind: 'not', of: this.condition(entry['not'] as Entry, [...path, 'not'], depth + 1) };
    if ('segment' in entry) return { kind: 'segment', key: entry['segment'] as string };
    if ('trait' in entry) return this.trait(entry, path);
    if ('none' in entry) {
      const body = entry['none'] as Entry;
      const window = this.window(body, [...path, 'none']);
      return {
        kind: 'none',
        filter: this.filter(body, [...path, 'none']),
        ms: window.kind === 'sliding' ? window.ms : 1,
      };
    }
    const key = (Object.keys(MEASURES) as MeasureKey[]).find((name) => name in entry)!;
    const measure = this.measure(key, entry[key] as Entry, [...path, key]);
    return { kind: 'compare', measure, test: this.numberTest(entry, measure, path) };
  }

  private measure(kind: MeasureKey, body: Entry, path: Path): Measure {
    const filter = this.filter(body, path);
    switch (kind) {
      case 'count':
        return { kind, filter, window: this.window(body, path) };
      case 'countDistinct':
        return {
          kind,
          filter,
          window: this.window(body, path),
          field: this.distinctField(filter, body['of'] as string, [...path, 'of']),
        };
      case 'sum':
      case 'average':
      case 'min':
      case 'max':
        return {
          kind,
          filter,
          window: this.window(body, path),
          of: this.projection(filter, body['of'] as string, [...path, 'of']),
        };
      case 'last':
        return { kind, filter, of: this.projection(filter, body['of'] as string, [...path, 'of']) };
      case 'averageLast': {
        const n = body['n'] as number;
        const atLeastValues = (body['atLeastValues'] as number | undefined) ?? 1;
        if (atLeastValues > n)
          this.mistake([...path, 'atLeastValues'], `asks for ${atLeastValues} of the last ${n} values`);
        return { kind, filter, of: this.projection(filter, body['of'] as string, [...path, 'of']), n, atLeastValues };
      }
      case 'timeSinceLast':
        return { kind, filter };
    }
  }

  private numberTest(entry: Entry, measure: Measure, path: Path): NumberTest {
    const given = COMPARATORS.filter((op) => entry[op] !== undefined);
    const op = given[0] ?? 'atLeast';
    if (given.length !== 1) {
      this.mistake(
        path,
        given.length === 0
          ? `needs one of ${COMPARATORS.join(', ')}`
          : `has ${given.join(' and ')}; join two conditions with all`,
      );
      return { op, value: 0 };
    }
    return { op, value: this.threshold(entry[op] as number | string, measure, [...path, op]) };
  }

  private threshold(raw: number | string, measure: Measure, path: Path): number {
    if (measure.kind === 'timeSinceLast') {
      const ms = typeof raw === 'string' ? parseDuration(raw) : undefined;
      if (ms === undefined) this.mistake(path, 'expected a duration such as 30d');
      else if (ms > BOUNDS.windowDays * DAY_MS) this.mistake(path, `longer than ${BOUNDS.windowDays} days`);
      return ms ?? 0;
    }
    if (typeof raw === 'string') {
      this.mistake(path, 'expected a number');
      return 0;
    }
    const scale = measureScale(measure);
    const value = Math.round(raw * scale);
    if (!Number.isSafeInteger(value) || Math.abs(value / scale - raw) > 1e-9) {
      this.mistake(path, scale === 1 ? 'expected a whole number' : 'expected a number with at most three decimals');
    }
    return value;
  }

  private window(body: Entry, path: Path): Window {
    const within = body['within'] as string | undefined;
    if (within === undefined) return { kind: 'lifetime' };
    const ms = parseDuration(within) ?? 0;
    if (ms === 0) this.mistake([...path, 'within'], 'a window must be longer than nothing');
    if (ms > BOUNDS.windowDays * DAY_MS) {
      this.mistake([...path, 'within'], `longer than ${BOUNDS.windowDays} days, the longest span that is kept exactly`);
    }
    return { kind: 'sliding', ms };
  }

  private filter(body: Entry, path: Path): EventFilter {
    const event = body['event'] as EventName | EventName[];
    const events = [...new Set(Array.isArray(event) ? event : [event])].sort();
    const where = Object.entries((body['where'] as Entry | undefined) ?? {})
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([field, test]) => this.clauses(events, field, test, [...path, 'where', field]));
    return { events, where };
  }

  private clauses(events: readonly EventName[], field: string, test: unknown, path: Path): FieldClause[] {
    const specs = this.field(events, field, path);
    if (specs.length === 0) return [];
    if (typeof test !== 'object' || test === null) return [this.oneOf('in', field, [test as Scalar], specs, path)];
    if (Array.isArray(test)) return [this.oneOf('in', field, test as Scalar[], specs, path)];
    const entry = test as Entry;
    const clauses: FieldClause[] = [];
    for (const op of ['in', 'notIn'] as const) {
      if (entry[op] !== undefined) clauses.push(this.oneOf(op, field, entry[op] as Scalar[], specs, [...path, op]));
    }
    if (entry['has'] !== undefined) {
      if (specs.some((spec) => spec.type !== 'set')) this.mistake([...path, 'has'], `${field} is no set; use in`);
      this.bounded(entry['has'] as string[], [...path, 'has']);
      clauses.push({ field, test: { op: 'has', values: sorted(entry['has'] as string[]) } });
    }
    if (entry['known'] !== undefined)
      clauses.push({ field, test: { op: 'known', expected: entry['known'] as boolean } });
    const range = this.range(entry, field, specs, path);
    if (range !== undefined) clauses.push({ field, test: range });
    if (clauses.length === 0) this.mistake(path, 'tests nothing');
    return clauses;
  }

  private range(entry: Entry, field: string, specs: readonly Spec[], path: Path): FieldTest | undefined {
    const { atLeast, atMost, moreThan, lessThan } = entry as Partial<Record<string, number>>;
    if (atLeast === undefined && atMost === undefined && moreThan === undefined && lessThan === undefined)
      return undefined;
    if (specs.some((spec) => !isNumeric(spec))) this.mistake(path, `${field} is no number`);
    if (atLeast !== undefined && moreThan !== undefined) this.mistake(path, 'has atLeast and moreThan');
    if (atMost !== undefined && lessThan !== undefined) this.mistake(path, 'has atMost and lessThan');
    return {
      op: 'between',
      low: atLeast ?? moreThan ?? -Infinity,
      lowOpen: moreThan !== undefined,
      high: atMost ?? lessThan ?? Infinity,
      highOpen: lessThan !== undefined,
    };
  }

  private oneOf(
    op: 'in' | 'notIn',
    field: string,
    values: readonly Scalar[],
    specs: readonly Spec[],
    path: Path,
  ): FieldClause {
    this.bounded(values, path);
    for (const value of values) {
      const problem = valueProblem(value, specs);
      if (problem !== undefined) this.mistake(path, problem);
    }
    return { field, test: { op, values: sorted(values) } };
  }

  private bounded(values: readonly Scalar[], path: Path): void {
    if (values.some((value) => typeof value === 'string' && byteLength(value) > BOUNDS.stringBytes))
      this.mistake(path, `a text is longer than ${BOUNDS.stringBytes} bytes`);
  }

  /** The dictionary's entries for a field over all named inputs; a mistake where one of them does not have it. */
  private field(events: readonly EventName[], field: string, path: Path): Spec[] {
    if (field.split('.').some((step) => FORBIDDEN.has(step))) {
      this.mistake(path, `${field} is never a field name`);
      return [];
    }
    if (/^properties\.[^.]+$/.test(field)) return [{ type: 'any', label: field }];
    return events.flatMap((event) => {
      const spec = Object.hasOwn(FIELDS[event], field) ? FIELDS[event][field] : undefined;
      if (spec !== undefined) return [spec];
      this.mistake(path, `${event} has no field ${field}${didYouMean(field, Object.keys(FIELDS[event]))}`);
      return [];
    });
  }

  private projection(filter: EventFilter, field: string, path: Path): Projection {
    const specs = this.field(filter.events, field, path);
    if (specs.some((spec) => !isNumeric(spec))) this.mistake(path, `${field} is no number`);
    return { field, scale: specs.some((spec) => spec.type === 'decimal' || spec.type === 'any') ? 1000 : 1 };
  }

  private distinctField(filter: EventFilter, field: string, path: Path): string {
    const specs = this.field(filter.events, field, path);
    if (specs.some((spec) => spec.type === 'set'))
      this.mistake(path, `${field} is a set; distinct values of a set are not counted`);
    return field;
  }

  private trait(entry: Entry, path: Path): Condition {
    const trait = entry['trait'] as string;
    const spec = Object.hasOwn(TRAITS, trait) ? TRAITS[trait] : undefined;
    const custom = /^(account\.)?[A-Za-z][A-Za-z0-9_]*$/.test(trait) && !FORBIDDEN.has(trait);
    if (spec === undefined && !custom) this.mistake([...path, 'trait'], `no trait can have the name ${trait}`);
    if (spec?.pii === 'D') this.mistake([...path, 'trait'], `${trait} identifies a person directly; no rule reads it`);
    const near = spec === undefined ? didYouMean(trait, Object.keys(TRAITS)) : '';
    if (near !== '') this.mistake([...path, 'trait'], `${trait} is not in the dictionary${near}`);
    const given = ['equals', 'notEquals', 'in', 'notIn', 'atLeast', 'atMost', 'moreThan', 'lessThan', 'known'].filter(
      (op) => entry[op] !== undefined,
    );
    if (given.length !== 1)
      this.mistake(
        path,
        given.length === 0 ? 'says nothing about the trait' : `has ${given.join(' and ')}; join two with all`,
      );
    return { kind: 'trait', trait, test: this.traitTest(given[0] ?? 'known', entry, path, spec) };
  }

  private traitTest(op: string, entry: Entry, path: Path, spec: Spec | undefined): TraitTest {
    if (op === 'known') return { op, expected: (entry['known'] as boolean | undefined) ?? true };
    if (op === 'atLeast' || op === 'atMost' || op === 'moreThan' || op === 'lessThan') {
      if (spec !== undefined && !isNumeric(spec)) this.mistake([...path, op], `${String(entry['trait'])} is no number`);
      return { op, value: entry[op] as number };
    }
    const values = op === 'in' || op === 'notIn' ? (entry[op] as Scalar[]) : [entry[op] as Scalar];
    if (spec !== undefined) {
      if (spec.type === 'set')
        this.mistake([...path, op], `${String(entry['trait'])} is a set; sets are not compared yet`);
      for (const value of values) {
        const problem = valueProblem(value, [spec]);
        if (problem !== undefined) this.mistake([...path, op], problem);
      }
    }
    this.bounded(values, [...path, op]);
    return { op: op === 'equals' || op === 'in' ? 'in' : 'notIn', values: sorted(values) };
  }
}

/** Integers per unit of what a test of this measure is written in. */
export function measureScale(measure: Measure): 1 | 1000 {
  switch (measure.kind) {
    case 'count':
    case 'countDistinct':
    case 'timeSinceLast':
      return 1;
    case 'average':
    case 'averageLast':
      return 1000;
    case 'sum':
    case 'min':
    case 'max':
    case 'last':
      return measure.of.scale;
  }
}

function isNumeric(spec: Spec): boolean {
  return spec.type === 'integer' || spec.type === 'decimal' || spec.type === 'any';
}

function valueProblem(value: Scalar, specs: readonly Spec[]): string | undefined {
  const expected = (spec: Spec): string | undefined => {
    if (spec.type === 'any') return undefined;
    if (spec.type === 'boolean') return typeof value === 'boolean' ? undefined : 'expected true or false';
    if (isNumeric(spec) || spec.type === 'instant') return typeof value === 'number' ? undefined : 'expected a number';
    if (spec.type === 'set') return `${spec.label} is a set; use has`;
    return typeof value === 'string' ? undefined : 'expected a text (put it in quotes)';
  };
  const problems = specs.map((spec) => expected(spec));
  if (problems.every((problem) => problem !== undefined)) return problems[0];
  const symbols = specs.flatMap((spec) => spec.symbols ?? []);
  if (typeof value === 'string' && specs.every((spec) => spec.type === 'enum') && !symbols.includes(value)) {
    return `${value} is none of ${[...new Set(symbols)].join(', ')}${didYouMean(value, symbols)}`;
  }
  return undefined;
}

function sorted<T extends Scalar>(values: readonly T[]): T[] {
  return [...new Set(values)].sort((a, b) => (typeof a === typeof b ? (a < b ? -1 : 1) : typeof a < typeof b ? -1 : 1));
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
