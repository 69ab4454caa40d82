/** Compiles event filters and projections to closures over decoded events. Filters are two-valued: an event matches or not. */
import type { EventFilter, FieldClause, FieldTest, Scalar } from '../language/ast.ts';
import { rescaledThousandths } from '../events/score.ts';
import type { Survey } from '../events/survey.ts';
import { compileText } from '../text/fold.ts';
import { compileVersion } from '../text/version.ts';

/** A decoded event as rules read it: by field name. */
export type EventRecord = Readonly<Record<string, unknown>>;
/** `name`: the input the event came from, for a filter that shares its series with others. */
export type Matcher = (event: EventRecord, name?: string) => boolean;
export type Accessor = (event: EventRecord) => unknown;

/**
 * All clauses of a filter; for one that has a series of its own without the one on `kind`, which the dispatch by input and kind has
 * already answered.
 */
export function compileFilter(filter: EventFilter, shared: boolean): Matcher {
  // The first only: `matching` of a share adds another.
  const answered = shared ? undefined : filter.where.find(({ field, test }) => field === 'kind' && test.op === 'in');
  const matchers = filter.where.filter((clause) => clause !== answered).map(compileClause);
  if (shared) {
    const names = new Set<string | undefined>(filter.events);
    return (event, name) => names.has(name) && matchers.every((matches) => matches(event));
  }
  const [first, second] = matchers;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  if (matchers.length === 2) return (event) => first(event) && second(event);
  return (event) => matchers.every((matches) => matches(event));
}

function compileClause(clause: FieldClause): Matcher {
  const read = accessor(clause.field);
  const passes = compileTest(clause.test);
  return (event) => passes(read(event));
}

function compileTest(test: FieldTest): (value: unknown) => boolean {
  switch (test.op) {
    case 'in':
    case 'notIn': {
      const expected = test.op === 'in';
      const [only] = test.values;
      if (test.values.length === 1)
        return (value) => value !== null && value !== undefined && (value === only) === expected;
      const values = new Set<Scalar>(test.values);
      return (value) => value !== null && value !== undefined && values.has(value as Scalar) === expected;
    }
    case 'has':
    case 'hasAll':
    case 'hasNone':
      return (value) => Array.isArray(value) && setPasses(test, value);
    case 'size':
      return (value) => Array.isArray(value) && value.length >= test.low && value.length <= test.high;
    case 'contains':
    case 'startsWith':
    case 'endsWith':
    case 'sameText':
    case 'notSameText': {
      const passes = compileText(test);
      return (value) => typeof value === 'string' && passes(value);
    }
    case 'version': {
      const passes = compileVersion(test);
      return (value) => typeof value === 'string' && passes(value) === true;
    }
    case 'between':
      return (value) =>
        typeof value === 'number' &&
        (test.lowOpen ? value > test.low : value >= test.low) &&
        (test.highOpen ? value < test.high : value <= test.high);
    case 'known':
      return (value) => (value !== null && value !== undefined) === test.expected;
  }
}

/** Of a set: one of the values, all of them, none of them. */
function setPasses(
  test: { readonly op: 'has' | 'hasAll' | 'hasNone'; readonly values: readonly string[] },
  members: readonly unknown[],
): boolean {
  switch (test.op) {
    case 'has':
      return test.values.some((value) => members.includes(value));
    case 'hasAll':
      return test.values.every((value) => members.includes(value));
    case 'hasNone':
      return !test.values.some((value) => members.includes(value));
  }
}

/** Reads a field of the dictionary. `score` is the rescaled one, in units (catalogue §0). */
export function accessor(field: string): Accessor {
  if (field === 'score') {
    return (event) => {
      const thousandths = rescaledThousandths(event as unknown as Survey);
      return thousandths === null ? null : thousandths / 1000;
    };
  }
  const [head, tail] = split(field);
  if (tail === undefined) return (event) => event[head];
  return (event) => {
    const inner = event[head] as EventRecord | null | undefined;
    return inner !== null && inner !== undefined && Object.hasOwn(inner, tail) ? inner[tail] : null;
  };
}

/** The number of an event as the integer that decides, or null where it has none. */
export function projection(field: string, scale: number): (event: EventRecord) => number | null {
  if (field === 'score') return (event) => rescaledThousandths(event as unknown as Survey);
  const read = accessor(field);
  return (event) => {
    const value = read(event);
    if (typeof value !== 'number' || !Number.isFinite(value)) return null;
    // Half up, as for scores.
    return scale === 1 ? value : Math.floor(value * scale + 0.5);
  };
}

function split(field: string): [string, string | undefined] {
  const dot = field.indexOf('.');
  return dot < 0 ? [field, undefined] : [field.slice(0, dot), field.slice(dot + 1)];
}
