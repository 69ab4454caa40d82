/** The measures of the views, recomputed the plain way from the records themselves. */
import type { Change } from '../../services/core/domain/events/change.ts';
import type { Fact } from '../../services/core/domain/events/fact.ts';
import type { Interaction } from '../../services/core/domain/events/interaction.ts';
import type { Survey } from '../../services/core/domain/events/survey.ts';
import { DAY } from './records.ts';

export interface Place {
  readonly fact: Fact;
  readonly partition: number;
  readonly offset: number;
}

export interface NaiveIssue {
  readonly issue_id: string;
  readonly customer_id: string;
  readonly opened: number;
  readonly segments: readonly number[];
  readonly is_open: boolean;
  readonly reopened: number;
  readonly answers: number;
  readonly contacts: number;
  readonly channels: readonly string[];
  readonly escalations: number;
  readonly first_response_s: number | null;
  readonly resolution_s: number | null;
}

const inboundContact = (event: Interaction): boolean => event.kind === 'contact' && event.direction === 'inbound';

/** Walks each issue's events in order with a two-state machine. */
export function naiveIssues(places: readonly Place[]): NaiveIssue[] {
  const groups = new Map<string, Place[]>();
  for (const place of places) {
    if (place.fact.input !== 'interactions' || place.fact.event.issueId === null) continue;
    const key = JSON.stringify([place.fact.customerId, place.fact.event.issueId]);
    groups.set(key, [...(groups.get(key) ?? []), place]);
  }
  return [...groups].flatMap(([key, group]) => {
    const [customerId, issueId] = JSON.parse(key) as [string, string];
    return naiveIssue(customerId, issueId, group) ?? [];
  });
}

function naiveIssue(customerId: string, issueId: string, group: Place[]): NaiveIssue | undefined {
  group.sort((a, b) => a.fact.instant - b.fact.instant || a.partition - b.partition || a.offset - b.offset);
  const events = group.map(({ fact }) => ({ fact, event: fact.event as Interaction }));
  const start = events.findIndex(({ event }) => event.kind === 'ticket_opened' || inboundContact(event));
  if (start < 0) return undefined;
  const opening = events[start]!;
  const opened = opening.fact.instant;
  let open = true;
  let reopened = 0;
  let firstResolved: number | null = null;
  let firstAnswered: number | null = null;
  let answers = 0;
  for (const { fact, event } of events.slice(start + 1)) {
    if (event.kind === 'ticket_resolved' && open) {
      open = false;
      firstResolved ??= fact.instant;
    } else if ((event.kind === 'ticket_reopened' || inboundContact(event)) && !open) {
      open = true;
      reopened += 1;
    } else if (event.kind === 'ticket_answered' && event.handledBy === 'agent' && event.visibility === 'public') {
      answers += 1;
      firstAnswered ??= fact.instant;
    }
  }
  const reported = (field: 'firstReplyMs' | 'resolutionMs'): number | null =>
    events.findLast(
      ({ event }) => event.ticket !== null && event.ticket.durationClock !== 'business' && event.ticket[field] !== null,
    )?.event.ticket?.[field] ?? null;
  const after = new Set([...opening.fact.segments, ...opening.fact.entered]);
  for (const number of opening.fact.exited) after.delete(number);
  const live = ['phone', 'chat', 'video', 'in_person'].includes(opening.event.channel);
  const byCustomer = opening.event.direction === 'inbound' || opening.event.actor === 'customer';
  const response = firstAnswered === null ? reported('firstReplyMs') : firstAnswered - opened;
  const resolution = firstResolved === null ? reported('resolutionMs') : firstResolved - opened;
  return {
    issue_id: issueId,
    customer_id: customerId,
    opened,
    segments: [...after].sort((a, b) => a - b),
    is_open: open,
    reopened,
    answers,
    contacts: events.filter(({ event }) => inboundContact(event)).length,
    channels: [
      ...new Set(events.filter(({ event }) => inboundContact(event)).map(({ event }) => event.channel)),
    ].sort(),
    escalations: events.filter(({ event }) => event.kind === 'ticket_escalated').length,
    first_response_s: response === null || live || !byCustomer ? null : response / 1000,
    resolution_s: resolution === null ? null : resolution / 1000,
  };
}

export interface Period {
  readonly since: number;
  readonly until: number;
}

export interface NaiveMeasure {
  readonly n: number;
  readonly value: number | null;
}

type Belongs = (set: readonly number[]) => boolean;

/** Every measure over the cases whose set belongs. `days` are the member-days of those who belong. */
export function naiveMeasures(
  places: readonly Place[],
  period: Period,
  belongs: Belongs,
  days: number,
): Record<string, NaiveMeasure> {
  const within = (at: number): boolean => at >= period.since && at < period.until;
  const facts = places.map(({ fact }) => fact).filter((fact) => within(fact.instant) && belongs(fact.segments));
  const contacts = facts.filter((fact) => fact.input === 'interactions' && inboundContact(fact.event)).length;
  const purchases = facts.flatMap((fact) => (fact.input === 'purchases' ? [fact.event] : []));
  const orders = purchases.filter(({ kind }) => kind === 'order');
  const cancelled = purchases.filter(({ kind }) => kind === 'order_cancelled').length;
  const rated = purchases.filter((event) => event.kind !== 'trial_started' && event.amountBaseMinor !== null);
  const ratedOrders = orders.filter(({ amountBaseMinor }) => amountBaseMinor !== null);
  const csat = answersOf(places, 'csat').filter(({ fact }) => within(fact.instant) && belongs(fact.segments));
  const nps = answersOf(places, 'nps').filter(({ fact }) => within(fact.instant) && belongs(fact.segments));
  const issues = naiveIssues(places).filter(({ segments }) => belongs(segments));
  const durations = (field: 'first_response_s' | 'resolution_s'): number[] =>
    issues.flatMap((issue) =>
      issue[field] !== null && within(issue.opened + issue[field] * 1000) ? [issue[field]] : [],
    );
  const share = (part: number, whole: number): number => (100 * part) / whole;
  return {
    contacts: { n: contacts, value: contacts },
    contact_rate: { n: contacts, value: (1000 * contacts) / days },
    orders: { n: orders.length + cancelled, value: orders.length - cancelled },
    revenue: { n: rated.length, value: sum(rated.map(({ amountBaseMinor }) => amountBaseMinor!)) },
    aov: {
      n: ratedOrders.length,
      value: sum(ratedOrders.map(({ amountBaseMinor }) => amountBaseMinor!)) / ratedOrders.length,
    },
    csat: { n: csat.length, value: share(csat.filter(({ score }) => score >= 4).length, csat.length) },
    csat_mean: { n: csat.length, value: sum(csat.map(({ score }) => score)) / csat.length },
    nps: {
      n: nps.length,
      value: share(
        nps.filter(({ score }) => score >= 9).length - nps.filter(({ score }) => score <= 6).length,
        nps.length,
      ),
    },
    first_response_time: measureOf(durations('first_response_s')),
    resolution_time: measureOf(durations('resolution_s')),
  };
}

function measureOf(values: number[]): NaiveMeasure {
  return { n: values.length, value: median(values) };
}

/** The last answer to each question of each invitation, on 1–5 or 0–10; the shop's scores are on those scales as asked. */
function answersOf(places: readonly Place[], kind: 'csat' | 'nps'): { fact: Fact; score: number }[] {
  const last = new Map<string, { place: Place; event: Survey; score: number }>();
  for (const place of places) {
    const { fact } = place;
    if (
      fact.input !== 'surveys' ||
      fact.event.kind !== kind ||
      fact.event.status !== 'answered' ||
      fact.event.score === null
    )
      continue;
    const [min, max] = kind === 'csat' ? [1, 5] : [0, 10];
    if (fact.event.score < min || fact.event.score > max) continue;
    const score = fact.event.lowerIsBetter ? min + max - fact.event.score : fact.event.score;
    const key = `${fact.customerId}|${fact.event.responseId}`;
    const known = last.get(key);
    const newer =
      known === undefined ||
      fact.event.receivedAt > known.event.receivedAt ||
      (fact.event.receivedAt === known.event.receivedAt && place.offset > known.place.offset);
    if (newer) last.set(key, { place, event: fact.event, score });
  }
  return [...last.values()].map(({ place, score }) => ({ fact: place.fact, score }));
}

export interface Crossing {
  readonly customer: string;
  readonly number: number;
  readonly at: number;
  readonly entered: boolean;
  readonly cause: string;
}

export interface Stay {
  readonly customer: string;
  readonly number: number;
  readonly from: number;
  readonly to: number | null;
}

/** Entries and exits one by one: a move within a group is an exit of one member and an entry of another. */
export function naiveCrossings(changes: readonly Change[]): Crossing[] {
  return changes.flatMap((change) => {
    const { customerId, number, kind, fromNumber, effectiveAt, cause } = change;
    const common = { customer: customerId, at: effectiveAt, cause };
    if (kind !== 'moved') return [{ ...common, number, entered: kind === 'entered' }];
    const left = fromNumber === null ? [] : [{ ...common, number: fromNumber, entered: false }];
    return [...left, { ...common, number, entered: true }];
  });
}

export function naiveStays(changes: readonly Change[]): Stay[] {
  const open = new Map<string, Stay>();
  const closed: Stay[] = [];
  for (const { customer, number, entered, at } of naiveCrossings(changes)) {
    const key = `${customer}|${number}`;
    if (entered) open.set(key, { customer, number, from: at, to: null });
    else {
      closed.push({ ...open.get(key)!, to: at });
      open.delete(key);
    }
  }
  return [...closed, ...open.values()];
}

/** Days of the stays that lie in the period and before the horizon. */
export function daysOf(spans: readonly { from: number; to: number | null }[], period: Period, horizon: number): number {
  const lengths = spans.map(
    ({ from, to }) => Math.min(to ?? Infinity, period.until, horizon) - Math.max(from, period.since),
  );
  return sum(lengths.map((length) => Math.max(0, length))) / DAY;
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
