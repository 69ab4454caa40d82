/** Conditions as authored. One object names its form by one key (`count`, `trait`, `all` …); what stands beside it belongs to it. */
import { z } from 'zod';
import { BOUNDS, duration, eventsBody, span, text, textOrTexts, valueTests, zone } from '../authored.ts';
import { readByKey } from './by-key.ts';
import { MACROS } from './macros.ts';
import { absence, comparators, MEASURES, noneSinceBody, TEXTUAL, textualComparators } from './measures.ts';
import { FORM_WORDS } from './words.ts';

export const condition: z.ZodType = z.lazy(() => {
  const forms = CONDITION_KEYS.map((name) => FORMS[name].describe(FORM_WORDS[name]!));
  const union = z.union(forms).meta({ id: 'condition', description: 'A condition: one form, named by its key.' });
  return readByKey(union, forms, CONDITION_KEYS);
});

const conditions = z.array(condition).min(1);

/** Tests of an instant. */
const dateTests = {
  withinLast: duration.optional(),
  withinNext: duration.optional(),
  olderThan: span.optional(),
  anniversary: z.union([z.literal('today'), z.strictObject({ withinNextDays: z.int().min(0).max(366) })]).optional(),
};

const percent = z.number().min(0).max(100);

/** Forms that are neither measures nor shortcuts. */
const PLAIN = {
  all: z.strictObject({ all: conditions }),
  any: z.strictObject({ any: conditions }),
  none: z.strictObject({ none: z.union([conditions, absence]) }),
  not: z.strictObject({ not: condition }),
  atLeastOf: z.strictObject({
    atLeastOf: z.strictObject({ n: z.int().min(1).max(BOUNDS.nodes), of: conditions }),
  }),
  segment: z.strictObject({
    segment: text,
    for: duration.optional(),
    enteredWithin: duration.optional(),
    leftWithin: duration.optional(),
  }),
  tier: z.strictObject({
    tier: text,
    is: textOrTexts.optional(),
    isNot: textOrTexts.optional(),
    atLeast: text.optional(),
    movedUpWithin: duration.optional(),
    movedDownWithin: duration.optional(),
  }),
  bucket: z.strictObject({ bucket: z.strictObject({ seed: text, from: percent, to: percent }) }),
  consent: z.strictObject({ consent: text }),
  trait: z.strictObject({
    trait: text,
    ...valueTests,
    ...dateTests,
    changedWithin: duration.optional(),
    for: duration.optional(),
    zone: zone.optional(),
  }),
  date: z.strictObject({
    date: z.strictObject({ last: eventsBody.extend({ of: text }) }),
    ...dateTests,
    zone: zone.optional(),
  }),
  score: z.strictObject({ score: text, ...comparators, maxAge: duration.optional() }),
  never: z.strictObject({ never: eventsBody }),
  noneSince: z.strictObject({ noneSince: noneSinceBody }),
} as const;

const textual: ReadonlySet<string> = new Set(TEXTUAL);

type Form = z.ZodObject;

/** Every form of a condition by its key, in the order in which they are named to people. */
export const FORMS: Readonly<Record<FormKey, Form>> = {
  ...named(MEASURES, (name, body) =>
    z.strictObject({ [name]: body, ...(textual.has(name) ? textualComparators : comparators) }),
  ),
  ...PLAIN,
  ...named(MACROS, (name, { body, beside }) => z.strictObject({ [name]: body, ...beside })),
};

function named<K extends string, V>(
  from: Readonly<Record<K, V>>,
  form: (name: string, of: V) => z.ZodObject,
): Record<K, Form> {
  const forms = Object.entries<V>(from).map(([name, of]) => [name, form(name, of)]);
  return Object.fromEntries(forms) as Record<K, Form>;
}

export type FormKey = keyof typeof MEASURES | keyof typeof PLAIN | keyof typeof MACROS;
/** Keys that name a condition, in the order of the union above: used to report the mistakes of the form that was meant. */
export const CONDITION_KEYS = Object.keys(FORMS) as readonly FormKey[];
