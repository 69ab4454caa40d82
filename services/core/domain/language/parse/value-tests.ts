/** Tests that fields and traits have in common: of one value, one test for each entry that asks something. */
import { fold } from '../../text/fold.ts';
import { parseVersion } from '../../text/version.ts';
import type { Comparator, Scalar, TextTest, VersionTest } from '../ast.ts';
import { asList, sorted, type Entry, type Parsing, type Path } from './parsing.ts';
import { isNumeric, isTextual, valueProblem, type Spec } from './specs.ts';

export type OneOf = { readonly op: 'in' | 'notIn'; readonly values: readonly Scalar[] };
export type SetTest = { readonly op: 'has' | 'hasAll' | 'hasNone'; readonly values: readonly string[] };
export type SizeTest = { readonly op: 'size'; readonly low: number; readonly high: number };

/** Where a value stands, what it is called, and what the dictionary says of it (nothing: of any type). */
export interface Subject {
  readonly name: string;
  readonly specs: readonly Spec[];
  readonly path: Path;
}

/** `equals`, `notEquals`, `in`, `notIn`; folded they are tests of a text. */
export function oneOfTests(p: Parsing, entry: Entry, subject: Subject): (OneOf | TextTest)[] {
  const tests: (OneOf | TextTest)[] = [];
  for (const [name, op] of [
    ['equals', 'in'],
    ['in', 'in'],
    ['notEquals', 'notIn'],
    ['notIn', 'notIn'],
  ] as const) {
    if (entry[name] === undefined) continue;
    const values = asList(entry[name] as Scalar | readonly Scalar[]);
    tests.push(entry['fold'] === true ? sameText(p, op, values, subject, name) : oneOf(p, op, values, subject, name));
  }
  return tests;
}

export function oneOf(p: Parsing, op: OneOf['op'], values: readonly Scalar[], subject: Subject, name?: string): OneOf {
  const path = name === undefined ? subject.path : [...subject.path, name];
  p.bounded(values, path);
  for (const value of values) {
    const problem = valueProblem(value, subject.specs);
    if (problem !== undefined) p.mistake(path, problem);
  }
  return { op, values: sorted(values) };
}

function sameText(p: Parsing, op: OneOf['op'], values: readonly Scalar[], subject: Subject, name: string): TextTest {
  const path = [...subject.path, name];
  textOnly(p, subject, path);
  p.bounded(values, path);
  const words = values.filter((value) => typeof value === 'string');
  if (words.length < values.length) p.mistake(path, 'only texts can be folded');
  return { op: op === 'in' ? 'sameText' : 'notSameText', folding: 'folded', values: sorted(words.map(fold)) };
}

export function textTests(p: Parsing, entry: Entry, subject: Subject): TextTest[] {
  const folding = entry['fold'] === true ? 'folded' : 'exact';
  return (['contains', 'startsWith', 'endsWith'] as const).flatMap((op) => {
    if (entry[op] === undefined) return [];
    const path = [...subject.path, op];
    const words = asList(entry[op] as string | readonly string[]);
    textOnly(p, subject, path);
    p.bounded(words, path);
    return [{ op, folding, values: sorted(folding === 'folded' ? words.map(fold) : words) }];
  });
}

function textOnly(p: Parsing, { name, specs }: Subject, path: Path): void {
  if (specs.some((spec) => !isTextual(spec))) p.mistake(path, `${name} is no text`);
}

export function setTests(p: Parsing, entry: Entry, subject: Subject): (SetTest | SizeTest)[] {
  const tests: (SetTest | SizeTest)[] = [];
  for (const [name, op] of [
    ['hasAny', 'has'],
    ['has', 'has'],
    ['hasAll', 'hasAll'],
    ['hasNone', 'hasNone'],
  ] as const) {
    if (entry[name] === undefined) continue;
    const path = [...subject.path, name];
    const values = entry[name] as readonly string[];
    setOnly(p, subject, path);
    p.bounded(values, path);
    tests.push({ op, values: sorted(values) });
  }
  if (entry['size'] !== undefined) tests.push(sizeTest(p, entry['size'] as Entry, subject));
  return tests;
}

function setOnly(p: Parsing, { name, specs }: Subject, path: Path): void {
  // A custom value may be a set as well as anything else.
  if (specs.some((spec) => spec.type !== 'set' && spec.type !== 'any')) p.mistake(path, `${name} is no set; use in`);
}

function sizeTest(p: Parsing, size: Entry, subject: Subject): SizeTest {
  const path = [...subject.path, 'size'];
  setOnly(p, subject, path);
  const low = (size['atLeast'] as number | undefined) ?? 0;
  const high = (size['atMost'] as number | undefined) ?? Number.MAX_SAFE_INTEGER;
  if (size['atLeast'] === undefined && size['atMost'] === undefined) p.mistake(path, 'needs atLeast or atMost');
  if (low > high) p.mistake(path, `no set has at least ${low} and at most ${high} members`);
  return { op: 'size', low, high };
}

export type Bound = { readonly op: Exclude<Comparator, 'equals' | 'notEquals'>; readonly value: number | string };

/** `atLeast` … `lessThan` and `between`, as single bounds in the order written here; numbers and versions apart by type. */
export function boundsOf(p: Parsing, entry: Entry, subject: Subject): Bound[] {
  const bounds: Bound[] = [];
  for (const op of ['atLeast', 'moreThan', 'atMost', 'lessThan'] as const) {
    if (entry[op] !== undefined) bounds.push(bound(p, op, entry[op] as number | string, subject, op));
  }
  if (entry['between'] !== undefined) {
    const [low, high] = entry['between'] as readonly [number | string, number | string];
    bounds.push(bound(p, 'atLeast', low, subject, 'between'), bound(p, 'atMost', high, subject, 'between'));
    if (typeof low !== typeof high) p.mistake([...subject.path, 'between'], 'has a number and a text');
    else if (typeof low === 'number' && low > (high as number))
      p.mistake([...subject.path, 'between'], `nothing lies between ${low} and ${high}`);
  }
  return bounds;
}

function bound(p: Parsing, op: Bound['op'], value: number | string, subject: Subject, name: string): Bound {
  const path = [...subject.path, name];
  if (typeof value === 'number') {
    if (subject.specs.some((spec) => !isNumeric(spec))) p.mistake(path, `${subject.name} is no number`);
  } else if (subject.specs.some((spec) => spec.type !== 'string' && spec.type !== 'any'))
    p.mistake(path, subject.specs.every(isNumeric) ? 'expected a number' : `${subject.name} is no version`);
  return { op, value };
}

/** A bound that is a text compares versions. */
export function versionTest(p: Parsing, { op, value }: Bound, subject: Subject): VersionTest {
  const parts = parseVersion(String(value));
  if (parts === undefined) p.mistake([...subject.path, op], `${value} is no version; expected one such as 4.10`);
  return { op: 'version', comparator: op, parts: parts ?? [0] };
}
