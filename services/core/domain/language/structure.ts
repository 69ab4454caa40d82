/** From the structural issues of an authored segment to mistakes in plain words: where, and what was expected there. */
import type { z } from 'zod';
import { CONDITION_KEYS, FORMS } from './authored/conditions.ts';
import { DEFINITION_ENTRIES } from './authored/definitions.ts';
import { MEASURE_KEYS, MEASURES } from './authored/measures.ts';
import { MACROS } from './authored/macros.ts';
import { didYouMean, type Mistake } from './mistakes.ts';
import { isNotYet, notYet } from './not-yet.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];

/** Names that reach beyond the data they stand in. They are refused before anything reads the data. */
export const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Everything an entry can be called, to find what a misspelt one was meant to be. */
const ENTRY_NAMES: readonly string[] = [
  ...new Set([
    ...CONDITION_KEYS,
    ...Object.values(FORMS).flatMap(({ shape }) => Object.keys(shape)),
    ...[...Object.values(MEASURES), ...Object.values(MACROS).map(({ body }) => body)].flatMap(entriesOf),
    ...DEFINITION_ENTRIES,
  ]),
];

function entriesOf(form: object): readonly string[] {
  return 'shape' in form && typeof form.shape === 'object' && form.shape !== null ? Object.keys(form.shape) : [];
}

/** Levels of lists and entries in each other; rules need fewer than 30, and what reads them recurses. */
const LEVELS_MAX = 64;

/** What must be settled before the structure is read: forbidden names, and nesting nothing could read. */
export function rawMistakes(input: unknown): Mistake[] {
  const mistakes: Mistake[] = [];
  const open: { readonly value: unknown; readonly path: Path }[] = [{ value: input, path: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (path.length > LEVELS_MAX)
      return [{ path: path.slice(0, 8), message: `nested deeper than ${LEVELS_MAX} levels` }];
    for (const name of Object.keys(value)) {
      const step = Array.isArray(value) ? Number(name) : name;
      if (FORBIDDEN.has(name)) mistakes.push({ path: [...path, step], message: `${name} is never a name` });
      else open.push({ value: Reflect.get(value, name), path: [...path, step] });
    }
  }
  return mistakes;
}

/** Of a union only the branch that was meant is reported. */
export function structuralMistakes(issues: readonly Issue[], input: unknown, at: Path = []): Mistake[] {
  return issues.flatMap((issue) => {
    const local = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
    const path = [...at, ...local];
    const value = valueAt(input, local);
    if (issue.code === 'invalid_union') return unionMistakes(issue.errors, value, path);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: unknownEntry(key),
      }));
    }
    return [{ path, message: inWords(issue, value, path) }];
  });
}

function unknownEntry(key: string): string {
  if (isNotYet(key)) return notYet(key);
  if (ENTRY_NAMES.includes(key)) return `"${key}" belongs somewhere else`;
  return `unknown entry "${key}"${didYouMean(key, ENTRY_NAMES)}`;
}

function unionMistakes(branches: readonly (readonly Issue[])[], value: unknown, path: Path): Mistake[] {
  if (branches.length === CONDITION_KEYS.length) return conditionMistakes(branches, CONDITION_KEYS, value, path);
  if (branches.length === MEASURE_KEYS.length) return conditionMistakes(branches, MEASURE_KEYS, value, path);
  // A branch for another sort of value was not meant; of the others the one that got furthest was.
  const sorted = branches
    .filter((issues) => !issues.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type'))
    .sort((a, b) => depth(b) - depth(a) || a.length - b.length);
  const [meant] = sorted;
  if (meant === undefined) return [{ path, message: 'this value has no form that is allowed here' }];
  return structuralMistakes(meant, value, path);
}

function depth(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}

/** `names`: what names the forms of this union, in its order. */
function conditionMistakes(
  branches: readonly (readonly Issue[])[],
  names: readonly string[],
  value: unknown,
  path: Path,
): Mistake[] {
  const what = names === CONDITION_KEYS ? 'condition' : 'measure';
  const keys = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  const named = names.filter((key) => keys.includes(key));
  if (named.length === 1) return structuralMistakes(branches[names.indexOf(named[0]!)]!, value, path);
  if (named.length > 1)
    return [{ path, message: `one ${what} has one form, found ${named.join(' and ')}; join them with all or any` }];
  const later = keys.filter(isNotYet);
  if (later.length > 0) return later.map((key) => ({ path: [...path, key], message: notYet(key) }));
  if (value === undefined) return [{ path, message: 'is missing' }];
  // With fifty forms a list helps only somebody who is not near one already.
  const hint = keys.map((key) => didYouMean(key, names)).find((text) => text !== '');
  return [
    {
      path,
      message: hint === undefined ? `expected a ${what}: one of ${names.join(', ')}` : `expected a ${what}${hint}`,
    },
  ];
}

const SORTS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'entries with names',
  record: 'entries with names',
  int: 'a whole number',
};

function inWords(issue: Issue, value: unknown, path: Path): string {
  const ofWindow = path.at(-1) === 'within';
  if (issue.code === 'invalid_type') {
    if (value === undefined) return 'is missing';
    return `expected ${SORTS[issue.expected] ?? issue.expected}`;
  }
  if (issue.code === 'too_small') {
    if (issue.origin === 'array') return 'needs at least one entry';
    return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`;
  }
  if (issue.code === 'too_big') {
    if (issue.origin === 'array') return `has more than ${issue.maximum} entries`;
    const longer = `is longer than ${issue.maximum} characters`;
    return issue.origin === 'string' ? longer : `must be at most ${issue.maximum}`;
  }
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String);
    return `expected one of ${values.join(', ')}${typeof value === 'string' ? didYouMean(value, values) : ''}`;
  }
  if (ofWindow && typeof value === 'string' && /day|week|month|quarter|year/i.test(value))
    return `${issue.message}; a calendar month is calendar: month`;
  return issue.message;
}

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined),
    input,
  );
}
