/** Which events: the inputs that are named, and every clause on their fields, in one canonical order. */
import type { EventFilter, EventName, FieldClause, FieldTest, Scalar } from '../ast.ts';
import { asList, type Entry, type Parsing, type Path } from './parsing.ts';
import { fieldSpecs } from './specs.ts';
import {
  boundsOf,
  oneOf,
  oneOfTests,
  setTests,
  textTests,
  versionTest,
  type Bound,
  type Subject,
} from './value-tests.ts';

export function eventFilter(p: Parsing, body: Entry, path: Path): EventFilter {
  const events = [...new Set(asList(body['event'] as EventName | readonly EventName[]))].sort();
  return { events, where: whereClauses(p, events, body['where'] as Entry | undefined, [...path, 'where']) };
}

export function whereClauses(
  p: Parsing,
  events: readonly EventName[],
  where: Entry | undefined,
  path: Path,
): readonly FieldClause[] {
  return Object.entries(where ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([field, test]) =>
      fieldTests(p, events, field, test, [...path, field]).map((one) => ({ field, test: one })),
    );
}

/** A filter that asks for more: the clauses of both, in canonical order, each once. */
export function narrowed(filter: EventFilter, more: readonly FieldClause[]): EventFilter {
  const clauses = new Map([...filter.where, ...more].map((clause) => [JSON.stringify(clause), clause]));
  const where = [...clauses].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, clause]) => clause);
  return { events: filter.events, where: where.sort((a, b) => (a.field < b.field ? -1 : a.field > b.field ? 1 : 0)) };
}

function fieldTests(p: Parsing, events: readonly EventName[], field: string, test: unknown, path: Path): FieldTest[] {
  const known = p.mistakes.length;
  const specs = fieldSpecs(p, events, field, path);
  if (p.mistakes.length > known && specs.length === 0) return [];
  const subject: Subject = { name: field, specs, path };
  if (typeof test !== 'object' || test === null) return [oneOf(p, 'in', [test as Scalar], subject)];
  if (Array.isArray(test)) return [oneOf(p, 'in', test as readonly Scalar[], subject)];
  const entry = test as Entry;
  const tests: FieldTest[] = [
    ...oneOfTests(p, entry, subject),
    ...setTests(p, entry, subject),
    ...textTests(p, entry, subject),
    ...ranges(p, entry, subject),
  ];
  if (entry['known'] !== undefined) tests.push({ op: 'known', expected: entry['known'] as boolean });
  if (tests.length === 0) p.mistake(path, 'tests nothing');
  return tests;
}

function ranges(p: Parsing, entry: Entry, subject: Subject): FieldTest[] {
  const bounds = boundsOf(p, entry, subject);
  const numbers = bounds.filter(({ value }) => typeof value === 'number');
  const versions = bounds.filter(({ value }) => typeof value === 'string').map((one) => versionTest(p, one, subject));
  return numbers.length === 0 ? versions : [range(p, numbers, subject), ...versions];
}

function range(p: Parsing, bounds: readonly Bound[], { path }: Subject): FieldTest {
  const lows = bounds.filter(({ op }) => op === 'atLeast' || op === 'moreThan');
  const highs = bounds.filter(({ op }) => op === 'atMost' || op === 'lessThan');
  for (const side of [lows, highs])
    if (side.length > 1) p.mistake(path, `has ${side.map(({ op }) => op).join(' and ')}`);
  const low = lows[0] === undefined ? -Infinity : Number(lows[0].value);
  const high = highs[0] === undefined ? Infinity : Number(highs[0].value);
  const [lowOpen, highOpen] = [lows[0]?.op === 'moreThan', highs[0]?.op === 'lessThan'];
  if (low > high || (low === high && (lowOpen || highOpen))) p.mistake(path, 'no number lies in this range');
  return { op: 'between', low, high, lowOpen, highOpen };
}
