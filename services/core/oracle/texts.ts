/** Tests of texts, versions and sets, for fields and traits alike. */
import { unreachable } from '../faults.ts';
import type { Comparator, TextTest, VersionTest } from '../domain/language/ast.ts';

/** Case and accents set aside. */
function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** The values of a folded test are stored folded. */
export function passesText(test: TextTest, value: string): boolean {
  const text = test.folding === 'folded' ? folded(value) : value;
  switch (test.op) {
    case 'contains':
      return test.values.some((part) => text.includes(part));
    case 'startsWith':
      return test.values.some((part) => text.startsWith(part));
    case 'endsWith':
      return test.values.some((part) => text.endsWith(part));
    case 'sameText':
      return test.values.includes(text);
    case 'notSameText':
      return !test.values.includes(text);
    default:
      return unreachable(test.op);
  }
}

/** Undefined when the text is no version: numbers with dots between them. */
export function passesVersion(test: VersionTest, value: string): boolean | undefined {
  if (!/^\d+(\.\d+)*$/.test(value)) return undefined;
  const parts = value.split('.').map(Number);
  const length = Math.max(parts.length, test.parts.length);
  for (let place = 0; place < length; place++) {
    const difference = (parts[place] ?? 0) - (test.parts[place] ?? 0);
    if (difference !== 0) return holds(test.comparator, difference);
  }
  return holds(test.comparator, 0);
}

/** Whether a comparison holds of two numbers that differ so: the left less the right. */
function holds(comparator: Comparator, difference: number): boolean {
  switch (comparator) {
    case 'atLeast':
      return difference >= 0;
    case 'atMost':
      return difference <= 0;
    case 'moreThan':
      return difference > 0;
    case 'lessThan':
      return difference < 0;
    case 'equals':
      return difference === 0;
    case 'notEquals':
      return difference !== 0;
    default:
      return unreachable(comparator);
  }
}

export function passesSet(
  op: 'has' | 'hasAll' | 'hasNone',
  values: readonly string[],
  set: readonly unknown[],
): boolean {
  if (op === 'has') return values.some((value) => set.includes(value));
  if (op === 'hasAll') return values.every((value) => set.includes(value));
  return !values.some((value) => set.includes(value));
}
