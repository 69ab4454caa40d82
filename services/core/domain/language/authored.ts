/**
 * What every authored form is made of: texts, numbers, durations, instants, and the bounds beyond which a definition is
 * refused. The forms themselves stand in authored/. Structure only; what names and numbers mean is checked by parse.ts.
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

export const text = z.string().min(1).meta({ id: 'text' });
const texts = z.array(text).min(1).max(BOUNDS.listValues).meta({ id: 'texts' });
export const textOrTexts = z.union([text, texts]).meta({ id: 'textOrTexts' });
const scalar = z.union([text, z.number(), z.boolean()]).meta({ id: 'value' });
const scalars = z.array(scalar).min(1).max(BOUNDS.listValues).meta({ id: 'values' });

export const duration = z
  .string()
  .regex(/^[0-9]{1,12}(ms|s|min|h|d|w)$/, 'expected a duration such as 45min, 12h, 30d')
  .meta({ id: 'duration', description: 'A duration: 500ms, 90s, 45min, 12h, 30d, 2w.' });

/** Calendar units, for ages: a month is a month, whatever its days. */
export const span = z
  .string()
  .regex(/^[0-9]{1,4}(d|w|mo|y)$/, 'expected a span of the calendar such as 18y, 6mo, 2w, 10d')
  .meta({ id: 'span', description: 'A span of the calendar: 18y, 6mo, 2w, 10d.' });

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

export const date = z.string().regex(DATE, 'expected a date such as 2027-06-30');
export const dateOrInstant = z
  .string()
  .regex(INSTANT, 'expected a date such as 2027-06-30 or an instant such as 2027-06-30T12:00:00Z')
  .meta({
    id: 'dateOrInstant',
    description: 'A date (its beginning in the time zone of the workspace) or an instant with its offset.',
  });
export const instant = z
  .string()
  .regex(
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/,
    'expected an instant such as 2027-06-30T12:00:00Z',
  );

export const zone = z
  .string()
  .min(1)
  .meta({ id: 'zone', description: 'A time zone by its IANA name, such as Europe/Berlin.' });
export const calendarUnit = z.enum(['day', 'week', 'month', 'quarter', 'year']).meta({ id: 'calendarUnit' });

export const key = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected a key of lower-case letters, digits and hyphens, such as gone-quiet');
export const segmentKey = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'expected a key of lower-case letters, digits and hyphens, such as gone-quiet');

const eventName = z.enum(['interaction', 'purchase', 'survey']);

/** Ranges of a size of a set. */
const sizeTest = z.strictObject({
  atLeast: z.int().min(0).optional(),
  atMost: z.int().min(0).optional(),
});

/** A number, or a text that is read as a version. */
const numberOrVersion = z.union([z.number(), text]);

/** Tests that fields and traits have in common. */
export const valueTests = {
  equals: scalar.optional(),
  notEquals: scalar.optional(),
  in: scalars.optional(),
  notIn: scalars.optional(),
  hasAny: texts.optional(),
  hasAll: texts.optional(),
  hasNone: texts.optional(),
  has: texts.optional().describe('The same as hasAny.'),
  size: sizeTest.optional(),
  contains: textOrTexts.optional(),
  startsWith: textOrTexts.optional(),
  endsWith: textOrTexts.optional(),
  fold: z.boolean().optional().describe('Case and accents set aside.'),
  atLeast: numberOrVersion.optional(),
  atMost: numberOrVersion.optional(),
  moreThan: numberOrVersion.optional(),
  lessThan: numberOrVersion.optional(),
  between: z.tuple([numberOrVersion, numberOrVersion]).optional(),
  known: z.boolean().optional(),
};

/** What a field of an event is asked. */
const fieldTest = z.union([scalar, scalars, z.strictObject(valueTests)]).meta({ id: 'fieldTest' });
export const where = z
  .record(text, fieldTest)
  .meta({ id: 'where', description: 'Fields of the event; all entries must hold.' });

export const events = {
  event: z.union([eventName, z.array(eventName).min(1).max(3)]),
  where: where.optional(),
};
export const eventsBody = z.strictObject(events).meta({ id: 'events' });

const since = z.union([eventsBody, z.strictObject({ trait: text, zone: zone.optional() })]).meta({ id: 'since' });

/** Windows; nothing of it is everything since the beginning. */
export const windowed = {
  within: duration.optional(),
  offset: z.union([duration, z.int().min(0).max(1200)]).optional(),
  calendar: calendarUnit.optional(),
  zone: zone.optional(),
  since: since.optional(),
  from: dateOrInstant.optional(),
  until: dateOrInstant.optional(),
};
