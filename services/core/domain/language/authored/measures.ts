/** Measures as authored: by their key, each with the shape of its body. Adding one adds a line here. */
import { z } from 'zod';
import { readByKey } from './by-key.ts';
import { BOUNDS, duration, events, eventsBody, text, textOrTexts, where, windowed } from '../authored.ts';

const inWindow = { ...events, ...windowed };
const count = z.int().min(1).max(100);
const newest = { lastEvents: count.optional(), atLeastValues: count.optional() };
const sameKey = text.optional();

/** A measure by itself, as it stands in a ratio or on the other side of a comparison. */
const measure: z.ZodType = z.lazy(() => {
  const forms = MEASURE_KEYS.map((name) => z.strictObject({ [name]: MEASURES[name] }));
  const description = 'A measure by its key, such as { count: { event: purchase, within: 30d } }.';
  return readByKey(z.union(forms).meta({ id: 'measure', description }), forms, MEASURE_KEYS);
});

const average = z.strictObject({ ...inWindow, of: text, ...newest });

export const MEASURES = {
  count: z.strictObject({ ...inWindow, sameKey }),
  countDistinct: z.strictObject({ ...inWindow, of: text, sameKey, lastEvents: count.optional() }),
  daysActive: z.strictObject(inWindow),
  sum: z.strictObject({ ...inWindow, of: text, sameKey, ...newest }),
  average,
  min: average,
  max: average,
  first: z.strictObject({ ...events, of: text }),
  last: z.strictObject({ ...events, of: text, within: duration.optional() }),
  nthLast: z.strictObject({ ...events, of: text, n: count, within: duration.optional() }),
  averageLast: z.strictObject({ ...events, of: text, n: count, atLeastValues: count.optional() }),
  trendLast: z.strictObject({ ...events, of: text, n: z.int().min(1).max(50) }),
  timeSinceLast: eventsBody,
  timeSinceFirst: eventsBody,
  averageGap: z.strictObject(inWindow),
  decayedSum: z.strictObject({ ...events, of: text.optional(), halfLife: duration }),
  decayedAverage: z.strictObject({ ...events, of: text, halfLife: duration }),
  mostFrequent: z.strictObject({ ...events, of: text, within: duration.optional(), lastEvents: count.optional() }),
  share: z.strictObject({
    ...inWindow,
    matching: where,
    of: text.optional(),
    atLeastEvents: z.int().min(1).max(1_000_000).optional(),
  }),
  ratio: z.strictObject({ of: measure, to: measure }),
  change: measure,
  sequence: z.strictObject({
    first: eventsBody,
    then: eventsBody,
    within: duration,
    without: eventsBody.optional(),
    sameKey,
    during: duration,
  }),
  notFollowedBy: z.strictObject({
    ...events,
    by: eventsBody,
    within: duration,
    sameKey,
    during: duration,
    orLater: z.boolean().optional(),
  }),
  openIssues: z.strictObject({
    where: where.optional(),
    escalated: z.boolean().optional(),
    within: duration.optional(),
  }),
  reopenedIssues: z.strictObject({ within: duration }),
  failedFirstContacts: z.strictObject({ lastIssues: count, within: duration.optional() }),
} as const;

export type MeasureKey = keyof typeof MEASURES;
export const MEASURE_KEYS = Object.keys(MEASURES) as readonly MeasureKey[];

/** Measures of a field that may be a text; they take the tests of texts too. */
export const TEXTUAL = ['first', 'last', 'nthLast', 'mostFrequent'] as const satisfies readonly MeasureKey[];

/** What is meant without a comparator: at least one. */
export const COUNTED_BY_THEMSELVES = [
  'sequence',
  'notFollowedBy',
  'openIssues',
  'reopenedIssues',
] as const satisfies readonly MeasureKey[];

const operand = z.union([
  z.strictObject({ trait: text, times: z.number().positive().optional() }),
  z.strictObject({ measure, times: z.number().positive().optional() }),
  z.strictObject({ cut: text, p: z.number().min(0).max(100) }),
]);

const WRITTEN = /^(-?[0-9]+(\.[0-9]+)?%|[0-9]{1,12}(ms|s|min|h|d|w))$/;

/** What a measure is compared with. */
export const amount = z
  .union([
    z.number(),
    z.string().regex(WRITTEN, 'expected a number, a duration such as 30d or a percentage such as 50%'),
    operand,
  ])
  .meta({ id: 'amount', description: 'A number, a duration, a percentage, or another side to compare with.' });

export const comparators = {
  atLeast: amount.optional(),
  atMost: amount.optional(),
  moreThan: amount.optional(),
  lessThan: amount.optional(),
  equals: amount.optional(),
  notEquals: amount.optional(),
  between: z.tuple([amount, amount]).optional(),
  in: z.array(amount).min(1).max(BOUNDS.nodes).optional(),
  notIn: z.array(amount).min(1).max(BOUNDS.nodes).optional(),
};

const anything = z.union([amount, text, z.boolean()]);
const anythings = z.array(anything).min(1).max(BOUNDS.listValues);

/** What a measure of a field of any type is compared with. */
export const textualComparators = {
  ...comparators,
  equals: anything.optional(),
  notEquals: anything.optional(),
  in: anythings.optional(),
  notIn: anythings.optional(),
  contains: textOrTexts.optional(),
  startsWith: textOrTexts.optional(),
  endsWith: textOrTexts.optional(),
  fold: z.boolean().optional(),
};

export const absence = z.strictObject({ ...events, within: duration });
export const noneSinceBody = z.strictObject({ ...events, since: eventsBody });
