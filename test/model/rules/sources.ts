/**
 * What random rules look at: filters over a vocabulary small enough that random events pass them, with the fields that can be
 * read from what passes and thresholds that lie among their values.
 */
import type { Chance } from '../chance.ts';

export type Authored = Readonly<Record<string, unknown>>;

export interface NumberField {
  readonly field: string;
  readonly thresholds: readonly number[];
  /** Told as a ratio or in money: what a cut-off table of these values is called. */
  readonly table: 'money' | 'unit' | 'days';
}

export interface TextField {
  readonly field: string;
  readonly values: readonly string[];
}

export interface Source {
  readonly events: Authored;
  readonly numbers: readonly NumberField[];
  readonly texts: readonly TextField[];
  /** Fields that name what an event is about. */
  readonly keys: readonly string[];
}

export const CHANNELS = ['phone', 'email', 'chat'] as const;
export const CATEGORIES = ['Zürich', 'zurich west', 'Genève', 'NOËL'] as const;

const SENTIMENT: NumberField = { field: 'sentiment', thresholds: [-0.5, 0, 0.25], table: 'unit' };
const DURATION: NumberField = { field: 'durationMs', thresholds: [0, 60_000, 120_000], table: 'money' };
const AMOUNT: NumberField = { field: 'amountBaseMinor', thresholds: [-500, 0, 1000, 3000], table: 'money' };
const SCORE: NumberField = { field: 'score', thresholds: [2, 3, 3.5], table: 'unit' };
const CHANNEL: TextField = { field: 'channel', values: CHANNELS };
const CATEGORY: TextField = { field: 'category', values: CATEGORIES };

const SOURCES: readonly Source[] = [
  {
    events: { event: 'interaction', where: { kind: 'contact', direction: 'inbound' } },
    numbers: [SENTIMENT, DURATION],
    texts: [CHANNEL, CATEGORY],
    keys: ['issueId', 'channel'],
  },
  {
    events: { event: 'interaction', where: { kind: ['contact', 'page_view'], channel: { notIn: ['phone'] } } },
    numbers: [SENTIMENT],
    texts: [CHANNEL, { field: 'kind', values: ['contact', 'page_view'] }],
    keys: ['issueId'],
  },
  {
    events: { event: 'interaction', where: { sentiment: { lessThan: 0 } } },
    numbers: [DURATION],
    texts: [CHANNEL],
    keys: ['channel'],
  },
  {
    events: { event: 'interaction', where: { 'properties.plan': { known: true } } },
    numbers: [{ field: 'properties.seats', thresholds: [2, 2.5], table: 'unit' }],
    texts: [{ field: 'properties.plan', values: ['x', 'y'] }],
    keys: ['properties.plan'],
  },
  {
    events: { event: 'interaction', where: { kind: 'ticket_resolved', 'ticket.slaMet': false } },
    numbers: [],
    texts: [{ field: 'ticket.priority', values: ['low', 'high'] }],
    keys: ['issueId'],
  },
  {
    events: { event: 'purchase' },
    numbers: [AMOUNT],
    texts: [CHANNEL, { field: 'kind', values: ['order', 'refund'] }],
    keys: ['storeId', 'orderId'],
  },
  {
    events: { event: 'purchase', where: { kind: 'order', productIds: { hasAny: ['p1', 'p2'] } } },
    numbers: [AMOUNT],
    texts: [{ field: 'storeId', values: ['a', 'b'] }],
    keys: ['storeId', 'checkoutId'],
  },
  { events: { event: 'survey', where: { kind: 'csat' } }, numbers: [SCORE], texts: [CHANNEL], keys: ['channel'] },
  {
    events: { event: 'survey', where: { kind: 'nps', score: { atMost: 8 } } },
    numbers: [{ field: 'score', thresholds: [6, 7], table: 'unit' }],
    texts: [{ field: 'surveyId', values: ['s', 't'] }],
    keys: ['surveyId'],
  },
  { events: { event: ['interaction', 'purchase'] }, numbers: [], texts: [CHANNEL], keys: ['channel'] },
];

/** Filters by one field each, so that every test of a field is asked. */
const CLAUSES: readonly Authored[] = [
  { channel: { in: ['phone', 'email'] } },
  { category: { contains: 'zur', fold: true } },
  { category: { startsWith: ['Gen', 'NO'] } },
  { category: { endsWith: 'l', fold: true } },
  { category: { equals: 'zürich', fold: true } },
  { category: { notIn: ['genève', 'noel'], fold: true } },
  { sentiment: { between: [-0.7, 0] } },
  { durationMs: { moreThan: 0 } },
  { 'contact.treatments': { hasAll: ['a', 'b'] } },
  { 'contact.treatments': { hasNone: ['b'] } },
  { 'contact.treatments': { size: { atLeast: 1, atMost: 2 } } },
  { 'device.appVersion': { lessThan: '4.10' } },
  { 'device.appVersion': { atLeast: '4.9' } },
  { issueId: { known: false } },
];

export function source(chance: Chance): Source {
  return chance.oneOf(SOURCES);
}

export function sourceWithNumber(chance: Chance): Source {
  return chance.oneOf(SOURCES.filter(({ numbers }) => numbers.length > 0));
}

/** A filter alone: one of the sources', now and then another test of a field of an interaction. */
export function events(chance: Chance): Authored {
  if (chance.happens(0.3)) return { event: 'interaction', where: { kind: 'contact', ...chance.oneOf(CLAUSES) } };
  if (chance.happens(0.1)) return { event: 'interaction', where: chance.oneOf(CLAUSES) };
  return source(chance).events;
}
