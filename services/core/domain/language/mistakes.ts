/** Mistakes of a definition: where in the tree, what was found, what was expected. Collected, never thrown one by one. */
import type { z } from 'zod';
import { CONDITION_KEYS } from './authored.ts';

export interface Mistake {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export function pathInWords(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
}

/** The nearest of the names by edit distance, when it is near enough to be a slip; else undefined. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of names) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

export function didYouMean(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(previous[j]! + 1, row[j - 1]! + 1, substitution));
    }
    previous = row;
  }
  return previous[b.length]!;
}

type Issue = z.core.$ZodIssue;

/** Turns structural issues into mistakes; of a union only the branch that was meant is reported. */
export function structuralMistakes(
  issues: readonly Issue[],
  input: unknown,
  at: readonly (string | number)[] = [],
): Mistake[] {
  return issues.flatMap((issue) => {
    const path = [...at, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
    if (issue.code === 'invalid_union') return unionMistakes(issue.errors, valueAt(input, path.slice(at.length)), path);
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `unknown entry "${key}"${didYouMean(key, CONDITION_KEYS)}`,
      }));
    }
    return [{ path, message: issue.message }];
  });
}

function unionMistakes(
  branches: readonly (readonly Issue[])[],
  value: unknown,
  path: readonly (string | number)[],
): Mistake[] {
  if (branches.length === CONDITION_KEYS.length) {
    const named = CONDITION_KEYS.filter((key) => typeof value === 'object' && value !== null && key in value);
    if (named.length === 1) return structuralMistakes(branches[CONDITION_KEYS.indexOf(named[0]!)]!, value, path);
    if (named.length > 1) {
      return [{ path, message: `one condition has one form, found ${named.join(' and ')}; join them with all or any` }];
    }
    const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
    const hint = keys.map((key) => didYouMean(key, CONDITION_KEYS)).find((text) => text !== '') ?? '';
    return [{ path, message: `expected a condition: one of ${CONDITION_KEYS.join(', ')}${hint}` }];
  }
  // The branch that got furthest is the one that was meant.
  const depth = (issues: readonly Issue[]): number => Math.max(0, ...issues.map((issue) => issue.path.length));
  const meant = [...branches].sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0];
  if (meant === undefined || depth(meant) === 0)
    return [{ path, message: 'this value has no form that is allowed here' }];
  return structuralMistakes(meant, value, path);
}

function valueAt(input: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined),
    input,
  );
}
