/** Versions: numbers with dots between them, compared part by part; a part that is missing is 0 (4.9 < 4.10, 4 = 4.0). */
import type { Comparator, VersionTest } from '../language/ast.ts';

/** Undefined for a text that is no version. */
export function parseVersion(text: string): readonly number[] | undefined {
  return /^\d+(\.\d+)*$/.test(text) ? text.split('.').map(Number) : undefined;
}

/** Negative, 0 or positive as a is before, equal to or after b. */
export function compareVersions(a: readonly number[], b: readonly number[]): number {
  const length = Math.max(a.length, b.length);
  for (let place = 0; place < length; place++) {
    const difference = (a[place] ?? 0) - (b[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Undefined where the text is no version: it says nothing about one. */
export function compileVersion(test: VersionTest): (text: string) => boolean | undefined {
  return (text) => {
    const parts = parseVersion(text);
    return parts === undefined ? undefined : holds(test.comparator, compareVersions(parts, test.parts));
  };
}

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
  }
}
