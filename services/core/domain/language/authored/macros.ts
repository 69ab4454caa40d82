/** Shortcuts for support as authored. They expand to conditions of the language (parse/macros.ts). */
import { z } from 'zod';
import { duration, text, where } from '../authored.ts';
import { amount, comparators } from './measures.ts';

const count = z.int().min(1).max(100);
const percent = z.union([z.number(), z.string().regex(/^[0-9]+(\.[0-9]+)?%$/, 'expected a percentage such as 60%')]);
const channels = z.union([text, z.array(text).min(1)]);
const npsClass = z.enum(['detractor', 'passive', 'promoter']);

export const RFM_CLASSES = [
  'champions',
  'loyal-customers',
  'potential-loyalists',
  'new-customers',
  'promising',
  'need-attention',
  'about-to-sleep',
  'at-risk',
  'cant-lose',
  'hibernating',
] as const;
export type RfmClass = (typeof RFM_CLASSES)[number];

/** By key: the body, and what stands beside it. */
export const MACROS = {
  repeatContact: {
    body: z.strictObject({ within: duration, atLeast: count.optional(), channel: channels.optional() }),
    beside: {},
  },
  reopened: { body: z.strictObject({ within: duration }), beside: {} },
  firstContactFailed: {
    body: z.strictObject({ atLeast: count, ofLast: count, within: duration.optional() }),
    beside: {},
  },
  slaBreached: {
    body: z.strictObject({ within: duration, metric: z.union([text, z.array(text).min(1)]).optional() }),
    beside: {},
  },
  csatAverage: {
    body: z.strictObject({ last: count, atLeastValues: count.optional() }),
    beside: comparators,
  },
  npsClass: {
    body: z.union([npsClass, z.array(npsClass).min(1).max(3)]),
    beside: { maxAge: duration.optional() },
  },
  sentimentTrend: { body: z.strictObject({ n: z.int().min(1).max(50) }), beside: comparators },
  preferredChannel: {
    body: z.strictObject({ is: channels, within: duration, minShare: percent, atLeastContacts: count.optional() }),
    beside: {},
  },
  openCases: {
    body: z.strictObject({
      where: where.optional(),
      within: duration.optional(),
      ...comparators,
    }),
    beside: {},
  },
  escalated: { body: z.strictObject({ within: duration }), beside: {} },
  daysToRenewal: { body: z.strictObject({ atMost: z.int().min(1).max(3660) }), beside: {} },
  lifetimeValue: { body: z.strictObject({ ...comparators, maxAge: duration.optional() }), beside: {} },
  probabilityAlive: { body: z.strictObject({ below: amount, maxAge: duration.optional() }), beside: {} },
  rfmClass: {
    body: z.strictObject({
      is: z.union([z.enum(RFM_CLASSES), z.array(z.enum(RFM_CLASSES)).min(1)]),
      recency: text,
      frequency: text,
      within: duration,
    }),
    beside: {},
  },
} as const;

export type MacroKey = keyof typeof MACROS;
