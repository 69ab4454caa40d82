/**
 * A rule with mistakes of form, made whole: what has no right form is left out or replaced by something that is never wrong, and
 * everything keeps its place. So mistakes of meaning in the rest are found in the same round as those of form.
 */
import {
  comparators,
  CONDITION_KEYS,
  condition,
  fieldTest,
  MEASURES,
  noneBody,
  traitTest,
  type MeasureKey,
} from './authored.ts';

type Entry = Readonly<Record<string, unknown>>;
type Shape = Readonly<Record<string, { safeParse(value: unknown): { readonly success: boolean } }>>;

/** Refers to a segment, which is looked for only when all forms are right. */
const HARMLESS: Entry = { segment: 'any' };
/** A custom field is of any type. */
const HARMLESS_FIELD = 'properties.any';

/** `entry` is data whose nesting is bounded (`rawMistakes`). */
export function mended(entry: unknown): Entry {
  if (condition.safeParse(entry).success) return entry as Entry;
  if (!isEntry(entry)) return HARMLESS;
  // Of several forms in one condition none is known to be the one that was meant.
  if (CONDITION_KEYS.filter((key) => key in entry).length !== 1) return HARMLESS;
  for (const kind of ['all', 'any'] as const) {
    const parts = entry[kind];
    if (Array.isArray(parts)) return { [kind]: (parts as readonly unknown[]).map(mended) };
  }
  if ('not' in entry) return { not: mended(entry['not']) };
  if ('trait' in entry) return mendedTrait(entry);
  if ('none' in entry) return mendedAbsence(entry['none']);
  const key = (Object.keys(MEASURES) as MeasureKey[]).find((name) => name in entry);
  return key === undefined ? HARMLESS : mendedMeasure(key, entry);
}

function mendedMeasure(key: MeasureKey, entry: Entry): Entry {
  const shape: Shape = MEASURES[key].shape;
  const body = mendedBody(shape, entry[key]);
  if (body === undefined) return HARMLESS;
  if ('of' in shape) body['of'] ??= HARMLESS_FIELD;
  if ('n' in shape) body['n'] ??= 100;
  const harmless = key === 'timeSinceLast' ? '1d' : 1;
  const tests = mendedTests(comparators, entry, harmless);
  // A misspelt comparator is told as such; that there is none is no second mistake.
  const isSaid = Object.keys(entry).length > 1;
  return { [key]: body, ...(isSaid && Object.keys(tests).length === 0 ? { atLeast: harmless } : tests) };
}

function mendedAbsence(entry: unknown): Entry {
  const body = mendedBody(noneBody.shape, entry);
  return body === undefined ? HARMLESS : { none: { within: '1d', ...body } };
}

function mendedTrait(entry: Entry): Entry {
  if (typeof entry['trait'] !== 'string' || entry['trait'] === '') return HARMLESS;
  const tests = mendedTests(traitTest, entry, undefined);
  const isSaid = Object.keys(entry).length > 1;
  return { trait: entry['trait'], ...(isSaid && Object.keys(tests).length === 0 ? { known: true } : tests) };
}

/** Undefined where it does not say which events: then nothing of it can be judged. */
function mendedBody(shape: Shape, body: unknown): Record<string, unknown> | undefined {
  if (!isEntry(body) || !shape['event']!.safeParse(body['event']).success) return undefined;
  const { where, ...rest } = body;
  const clauses = isEntry(where) ? Object.entries(where).filter(([, test]) => fieldTest.safeParse(test).success) : [];
  return { ...valid(shape, rest), where: Object.fromEntries(clauses) };
}

/** Tests of the right form; one that has another is replaced, so that it does not look as if there were none. */
function mendedTests(shape: Shape, entry: Entry, harmless: string | number | undefined): Entry {
  const tests = valid(shape, entry);
  for (const op of Object.keys(shape)) if (op in entry && harmless !== undefined) tests[op] ??= harmless;
  return tests;
}

function valid(shape: Shape, entry: Entry): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(entry).filter(
      ([name, value]) => Object.hasOwn(shape, name) && shape[name]!.safeParse(value).success,
    ),
  );
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
