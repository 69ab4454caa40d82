/** Where a rule names what a mistake is about: the fold knows only which rule does, a person wants the very word. */
import type { Mistake } from '../../core/domain/language/mistakes.ts';

/** Entries whose values are names of other definitions, of members and of tables. */
const NAMING: ReadonlySet<string> = new Set([
  ...['segment', 'tier', 'is', 'isNot', 'atLeast', 'cut', 'recency', 'frequency'],
]);

/** The mistake at the first name in the rule that its message says; as it is where the rule says none of them. */
export function atItsName(authored: unknown, mistake: Mistake): Mistake {
  const words = new Set(mistake.message.split(/[^A-Za-z0-9_-]+/));
  const start = mistake.path.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined),
    authored,
  );
  const found = find(start, [...mistake.path], words);
  return found === undefined ? mistake : { ...mistake, path: found };
}

function find(value: unknown, path: Mistake['path'], words: ReadonlySet<string>): Mistake['path'] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    const place = [...path, Array.isArray(value) ? Number(name) : name];
    if (NAMING.has(name) && namesIn(inner).some((one) => words.has(one))) return place;
    const deeper = find(inner, place, words);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

function namesIn(value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((one) => typeof one === 'string');
}
