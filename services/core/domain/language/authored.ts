/**
 * The authored form of a segment: what a YAML file or the definitions topic holds, as data. Structure only; what names
 * and numbers mean is checked by parse.ts. One object names its form by one key (`count`, `trait`, `all` …).
 */
import { z } from 'zod';

/** Bounds of a definition; beyond them it is refused. Strings in bytes of UTF-8, windows in days. */
export const BOUNDS = {
  depth: 8,
  nodes: 200,
  listValues: 1000,
  stringBytes: 256,
  windowDays: 1096,
  referenceDepth: 4,
} as const;

const text = z.string().min(1);
const scalar = z.union([text, z.number(), z.boolean()]);
const scalars = z.array(scalar).min(1).max(BOUNDS.listValues);
const duration = z.string().regex(/^[0-9]{1,12}(ms|s|min|h|d|w)$/, 'expected a duration such as 45min, 12h, 30d');
const eventName = z.enum(['interaction', 'purchase', 'survey']);

/** What a field of an event is asked. */
export const fieldTest = z.union([
  scalar,
  scalars,
  z.strictObject({
    in: scalars.optional(),
    notIn: scalars.optional(),
    has: z.array(text).min(1).max(BOUNDS.listValues).optional(),
    atLeast: z.number().optional(),
    atMost: z.number().optional(),
    moreThan: z.number().optional(),
    lessThan: z.number().optional(),
    known: z.boolean().optional(),
  }),
]);

const events = {
  event: z.union([eventName, z.array(eventName).min(1).max(3)]),
  where: z.record(text, fieldTest).optional(),
};
const windowed = { ...events, within: duration.optional() };

const amount = z.union([z.number(), duration]);
/** What a measure is asked. */
export const comparators = {
  atLeast: amount.optional(),
  atMost: amount.optional(),
  moreThan: amount.optional(),
  lessThan: amount.optional(),
  equals: amount.optional(),
  notEquals: amount.optional(),
};

/** Measures by their key, each with the shape of its body. Adding an operator adds a line here. */
export const MEASURES = {
  count: z.strictObject(windowed),
  countDistinct: z.strictObject({ ...windowed, of: text }),
  sum: z.strictObject({ ...windowed, of: text }),
  average: z.strictObject({ ...windowed, of: text }),
  min: z.strictObject({ ...windowed, of: text }),
  max: z.strictObject({ ...windowed, of: text }),
  last: z.strictObject({ ...events, of: text }),
  averageLast: z.strictObject({
    ...events,
    of: text,
    n: z.int().min(1).max(100),
    atLeastValues: z.int().min(1).max(100).optional(),
  }),
  timeSinceLast: z.strictObject(events),
} as const;

export type MeasureKey = keyof typeof MEASURES;

/** What a trait is asked. */
export const traitTest = {
  equals: scalar.optional(),
  notEquals: scalar.optional(),
  in: scalars.optional(),
  notIn: scalars.optional(),
  atLeast: z.number().optional(),
  atMost: z.number().optional(),
  moreThan: z.number().optional(),
  lessThan: z.number().optional(),
  known: z.boolean().optional(),
};

const measureConditions = Object.entries(MEASURES).map(([key, body]) =>
  z.strictObject({ [key]: body, ...comparators }),
);

/** Of absence. */
export const noneBody = z.strictObject({ ...events, within: duration });

export const condition: z.ZodType = z.lazy(() =>
  z.union([
    ...measureConditions,
    z.strictObject({ none: noneBody }),
    z.strictObject({ trait: text, ...traitTest }),
    z.strictObject({ segment: text }),
    z.strictObject({ all: z.array(condition).min(1) }),
    z.strictObject({ any: z.array(condition).min(1) }),
    z.strictObject({ not: condition }),
  ]),
);

/** Keys that name a condition, in the order of the union above: used to report the mistakes of the form that was meant. */
export const CONDITION_KEYS: readonly string[] = [
  ...Object.keys(MEASURES),
  'none',
  'trait',
  'segment',
  'all',
  'any',
  'not',
];

/** Everything an entry can be called, to find what a misspelt one was meant to be. */
export const ENTRY_NAMES: readonly string[] = [
  ...CONDITION_KEYS,
  ...Object.keys(comparators),
  ...Object.keys(traitTest),
  ...['event', 'where', 'within', 'of', 'n', 'atLeastValues', 'has'],
  ...['key', 'name', 'enter', 'unknown', 'goal', 'owner', 'targetMetric', 'behaviourWanted', 'treatment'],
  ...['reviewAfter', 'sectors', 'protectedTraits', 'guide'],
];

const forPeople = {
  goal: text.optional(),
  owner: text.optional(),
  targetMetric: z.strictObject({ metric: text, direction: z.enum(['up', 'down']) }).optional(),
  behaviourWanted: text.optional(),
  treatment: z.record(text, z.unknown()).optional(),
  reviewAfter: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, 'expected a date such as 2027-06-30')
    .optional(),
  sectors: z.array(text).optional(),
  protectedTraits: z.array(text).optional(),
  guide: z.record(text, z.unknown()).optional(),
};

export const authoredSegment = z.strictObject({
  key: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/, 'expected a key of lower-case letters, digits and hyphens, such as gone-quiet'),
  name: text.max(120),
  enter: condition,
  unknown: z.enum(['out', 'in', 'hold']).optional(),
  ...forPeople,
});
