/**
 * A definition with mistakes of form, made whole: what has no right form is left out or replaced by something that is never wrong,
 * and everything keeps its place. So mistakes of meaning in the rest are found in the same round as those of form.
 */
import type { z } from 'zod';
import { eventsBody, where as whereForm } from './authored.ts';
import { CONDITION_KEYS, condition, FORMS, type FormKey } from './authored/conditions.ts';
import {
  authoredGroup,
  authoredMember,
  authoredSegment,
  type AuthoredGroup,
  type AuthoredSegment,
} from './authored/definitions.ts';
import { MACROS } from './authored/macros.ts';
import { absence, comparators, COUNTED_BY_THEMSELVES, MEASURES, noneSinceBody } from './authored/measures.ts';

type Entry = Readonly<Record<string, unknown>>;
type Shape = Readonly<Record<string, z.ZodType>>;

/** Asks for nothing that has to be looked for anywhere. */
const HARMLESS: Entry = { consent: 'any' };
/** A custom field is of any type. */
const HARMLESS_FIELD = 'properties.any';

/** What is put in the place of parts that are missing or have no right form. */
const SUBSTITUTES: Readonly<Record<string, unknown>> = {
  of: HARMLESS_FIELD,
  n: 1,
  within: '1d',
  during: '1096d',
  halfLife: '1d',
  matching: { 'properties.any': 'any' },
  lastIssues: 1,
  last: 1,
  ofLast: 1,
  minShare: 1,
  below: 1,
  atMost: 1,
};

const DURATIONS: ReadonlySet<string> = new Set(['timeSinceLast', 'timeSinceFirst', 'averageGap']);
const ALONE: ReadonlySet<string> = new Set(COUNTED_BY_THEMSELVES);

/** `entry` is data whose nesting is bounded (`rawMistakes`). */
function mended(entry: unknown): Entry {
  if (condition.safeParse(entry).success) return entry as Entry;
  if (!isEntry(entry)) return HARMLESS;
  const key = CONDITION_KEYS.filter((name) => name in entry);
  // Of several forms in one condition none is known to be the one that was meant.
  const whole = key.length === 1 ? mendedForm(key[0]!, entry) : HARMLESS;
  return condition.safeParse(whole).success ? whole : HARMLESS;
}

function mendedForm(key: FormKey, entry: Entry): Entry {
  const body = entry[key];
  if (key === 'all' || key === 'any') return Array.isArray(body) ? { [key]: mendedAll(body) } : HARMLESS;
  if (key === 'not') return { not: mended(body) };
  if (key === 'none')
    return Array.isArray(body) ? { none: mendedAll(body) } : withBody(key, mendedBody(absence.shape, body));
  if (key === 'atLeastOf')
    return isEntry(body) && Array.isArray(body['of']) ? { atLeastOf: { n: 1, of: mendedAll(body['of']) } } : HARMLESS;
  if (key === 'noneSince') return withBody(key, mendedBody(noneSinceBody.shape, body));
  if (key === 'trait') return mendedTrait(entry);
  if (Object.hasOwn(MEASURES, key)) return mendedMeasure(key as keyof typeof MEASURES, entry);
  if (Object.hasOwn(MACROS, key)) {
    const { shape } = MACROS[key as keyof typeof MACROS].body as { readonly shape?: Shape };
    return shape === undefined ? HARMLESS : { ...valid(FORMS[key].shape, entry), [key]: parts(shape, body) };
  }
  return valid(FORMS[key].shape, entry);
}

function mendedAll(parts: readonly unknown[]): readonly Entry[] {
  return parts.map(mended);
}

function withBody(key: string, body: Entry | undefined): Entry {
  return body === undefined ? HARMLESS : { [key]: body };
}

function mendedMeasure(key: keyof typeof MEASURES, entry: Entry): Entry {
  const { shape } = MEASURES[key] as { readonly shape?: Shape };
  if (shape === undefined) return HARMLESS;
  const body = mendedBody(shape, entry[key]);
  if (body === undefined) return HARMLESS;
  const harmless = DURATIONS.has(key) ? '1d' : 1;
  const tests = mendedTests(comparators, entry, harmless);
  // A misspelt comparator is told as such; that there is none is no second mistake.
  const isSaid = Object.keys(entry).length > 1 && !ALONE.has(key);
  return { [key]: body, ...(isSaid && Object.keys(tests).length === 0 ? { atLeast: harmless } : tests) };
}

function mendedTrait(entry: Entry): Entry {
  if (typeof entry['trait'] !== 'string' || entry['trait'] === '') return HARMLESS;
  const tests = valid(FORMS.trait.shape, entry);
  const isSaid = Object.keys(entry).length > 1;
  return isSaid && Object.keys(tests).length === 1 ? { ...tests, known: true } : tests;
}

/** Undefined where it does not say which events: then nothing of it can be judged. */
function mendedBody(shape: Shape, body: unknown): Entry | undefined {
  if (!isEntry(body)) return undefined;
  if ('event' in shape && !shape['event'].safeParse(body['event']).success) return undefined;
  return parts(shape, body);
}

/** The valid parts of a body, with something for what it cannot do without. */
function parts(shape: Shape, body: unknown): Record<string, unknown> {
  const entry = isEntry(body) ? body : {};
  const whole = valid(shape, entry);
  for (const [name, form] of Object.entries(shape)) {
    const given = entry[name];
    if (name === 'where' && isEntry(given)) whole[name] = validClauses(given);
    else if (whole[name] === undefined && 'event' in shape && isEvents(given))
      whole[name] = parts(eventsBody.shape, given);
    else if (whole[name] === undefined && !form.safeParse(undefined).success && name in SUBSTITUTES)
      whole[name] = SUBSTITUTES[name];
  }
  return whole;
}

function validClauses(where: Entry): Entry {
  const clauses = Object.entries(where).filter(([field, test]) => whereForm.safeParse({ [field]: test }).success);
  return Object.fromEntries(clauses);
}

function isEvents(value: unknown): boolean {
  return isEntry(value) && eventsBody.shape.event.safeParse(value['event']).success;
}

/** Tests of the right form; one that has another is replaced, so that it does not look as if there were none. */
function mendedTests(shape: Shape, entry: Entry, harmless: string | number): Entry {
  const tests = valid(shape, entry);
  for (const op of ['atLeast', 'atMost', 'moreThan', 'lessThan', 'equals', 'notEquals'])
    if (op in entry) tests[op] ??= harmless;
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

/** A whole segment of which the right parts are kept. */
export function mendedSegment(input: unknown): AuthoredSegment {
  const entry = isEntry(input) ? input : {};
  return {
    key: 'any',
    name: 'any',
    ...valid(authoredSegment.shape, entry),
    ...mendedRules(entry, true),
  } as AuthoredSegment;
}

export function mendedGroup(input: unknown): AuthoredGroup {
  const entry = isEntry(input) ? input : {};
  const members = isEntry(entry['members']) ? entry['members'] : {};
  const keys = Object.keys(members);
  const right = valid(authoredGroup.shape, entry);
  const order = (right['order'] as readonly string[] | undefined) ?? [...keys, 'any', 'other'];
  return {
    group: 'any',
    name: 'any',
    ...right,
    order,
    default: right['default'] ?? order.find((key) => !keys.includes(key)) ?? order.at(-1),
    members: Object.fromEntries(
      Object.entries(members).map(([key, member]) => {
        const own = isEntry(member) ? member : {};
        return [key, { ...valid(authoredMember.shape, own), ...mendedRules(own, false) }];
      }),
    ),
  } as AuthoredGroup;
}

/** `needed`: without a rule there is nothing, and that is told by the form. */
function mendedRules(entry: Entry, needed: boolean): Entry {
  return {
    ...(needed || 'enter' in entry ? { enter: mended(entry['enter']) } : {}),
    ...('stay' in entry ? { stay: mended(entry['stay']) } : {}),
  };
}
