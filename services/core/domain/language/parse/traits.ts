/** Conditions on traits: exactly one test each, with what belongs to it (`fold`, `for`, `zone`). */
import type { Condition, Scalar, TraitTest } from '../ast.ts';
import { DATE_OPS, dateOf } from './dates.ts';
import { asList, sorted, type Entry, type Parsing, type Path } from './parsing.ts';
import { dateTrait, traitSpec } from './trait-names.ts';
import { boundsOf, oneOfTests, setTests, textTests, versionTest, type Bound, type Subject } from './value-tests.ts';

const TESTS = [
  ...['equals', 'notEquals', 'in', 'notIn', 'atLeast', 'atMost', 'moreThan', 'lessThan', 'between'],
  ...['hasAny', 'has', 'hasAll', 'hasNone', 'size', 'contains', 'startsWith', 'endsWith', 'known', 'changedWithin'],
  ...DATE_OPS,
];
const OF_TEXTS: ReadonlySet<string> = new Set([
  'equals',
  'notEquals',
  'in',
  'notIn',
  'contains',
  'startsWith',
  'endsWith',
]);

export function traitCondition(p: Parsing, entry: Entry, path: Path): Condition {
  const trait = entry['trait'] as string;
  const date = DATE_OPS.find((op) => entry[op] !== undefined);
  const spec = date === undefined ? traitSpec(p, trait, [...path, 'trait']) : undefined;
  if (date !== undefined) dateTrait(p, trait, [...path, 'trait']);
  const given = TESTS.filter((op) => entry[op] !== undefined);
  if (given.length !== 1)
    p.mistake(
      path,
      given.length === 0 ? 'says nothing about the trait' : `has ${given.join(' and ')}; join two with all`,
    );
  modifiers(p, entry, given[0] ?? 'known', path);
  if (date !== undefined) return dateOf(p, date, entry, { kind: 'trait', trait }, path);
  const subject: Subject = { name: trait, specs: spec === undefined ? [] : [spec], path };
  if (entry['changedWithin'] !== undefined)
    return { kind: 'traitChanged', trait, ms: p.window(entry['changedWithin'] as string, [...path, 'changedWithin']) };
  if (entry['for'] !== undefined) return held(p, entry, subject);
  const [first, ...more] = testsOf(p, entry, subject).map((test): Condition => ({ kind: 'trait', trait, test }));
  if (first === undefined) return { kind: 'trait', trait, test: { op: 'known', expected: true } };
  return more.length === 0 ? first : { kind: 'all', of: [first, ...more] };
}

/** What stands beside a test has to mean something there. */
function modifiers(p: Parsing, entry: Entry, op: string, path: Path): void {
  if (entry['fold'] !== undefined && !OF_TEXTS.has(op)) p.mistake([...path, 'fold'], `says nothing beside ${op}`);
  if (entry['zone'] !== undefined && op !== 'olderThan' && op !== 'anniversary')
    if (op !== 'withinLast' && op !== 'withinNext') p.mistake([...path, 'zone'], `says nothing beside ${op}`);
  if (entry['for'] !== undefined && ((op !== 'equals' && op !== 'in') || entry['fold'] === true))
    p.mistake([...path, 'for'], 'goes with equals or in');
}

function held(p: Parsing, entry: Entry, subject: Subject): Condition {
  oneOfTests(p, { ...entry, fold: false }, subject);
  const values = asList((entry['equals'] ?? entry['in'] ?? []) as Scalar | readonly Scalar[]);
  const ms = p.window(entry['for'] as string, [...subject.path, 'for']);
  return { kind: 'traitHeld', trait: subject.name, values: sorted(values), ms };
}

function testsOf(p: Parsing, entry: Entry, subject: Subject): TraitTest[] {
  const tests: TraitTest[] = [
    ...oneOfTests(p, entry, subject),
    ...setTests(p, entry, subject),
    ...textTests(p, entry, subject),
    ...boundsOf(p, entry, subject).map((one) => boundTest(p, one, subject)),
  ];
  if (entry['known'] !== undefined) tests.push({ op: 'known', expected: entry['known'] as boolean });
  return tests;
}

function boundTest(p: Parsing, bound: Bound, subject: Subject): TraitTest {
  return typeof bound.value === 'number' ? { op: bound.op, value: bound.value } : versionTest(p, bound, subject);
}
