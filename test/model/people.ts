/** Events of three people, out of a vocabulary that the rules ask for; and what hangs together: issues, checkouts, bursts. */
import type { InputEvent } from '../../services/core/domain/events/fact.ts';
import type { Input } from '../../services/core/domain/events/header.ts';
import type { Contact, Interaction, Ticket } from '../../services/core/domain/events/interaction.ts';
import type { Consent, Score, TraitValue } from '../../services/core/domain/events/profile.ts';
import { interaction, profile, purchase, survey, type Header } from '../core/oracle/events.ts';
import type { Chance } from './chance.ts';
import { CATEGORIES, CHANNELS } from './rules/sources.ts';
import { ZONES } from './rules/windows.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
export const CUSTOMERS: readonly string[] = ['ada', 'bob', 'cyd'];

export interface Told {
  readonly input: Input;
  readonly event: InputEvent;
}

export class People {
  readonly #chance: Chance;
  #events = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** Any event at an instant. */
  anything(occurredAt: number): Told {
    const header = this.#header(this.#chance.oneOf(CUSTOMERS), occurredAt);
    return this.#chance.oneWay<Told>([
      [10, () => this.#interaction(header)],
      [5, () => this.#purchase(header)],
      [4, () => this.#survey(header)],
      [5, () => this.#profile(header)],
    ]);
  }

  /** Much is said of everybody at once, so that little is unknown later. */
  introductions(occurredAt: number): readonly Told[] {
    return CUSTOMERS.map((customerId) => this.#profile(this.#header(customerId, occurredAt), true));
  }

  /** The life of an issue up to an instant: contacts, answers, escalations, resolutions, reopenings. */
  issue(until: number): readonly Told[] {
    const chance = this.#chance;
    const customerId = chance.oneOf(CUSTOMERS);
    const issueId = chance.oneOf(['i1', 'i2', 'i3']);
    const kinds = chance.someOf(
      [
        ...(['contact', 'ticket_opened', 'ticket_answered', 'ticket_escalated'] as const),
        ...(['ticket_resolved', 'contact', 'ticket_reopened', 'ticket_resolved'] as const),
      ],
      2,
      6,
    );
    const stepMs = chance.oneOf([1, 1000, HOUR_MS / 2, HOUR_MS, 5 * HOUR_MS]);
    const shuffled = chance.happens(0.2) ? [...kinds].reverse() : kinds;
    return shuffled.map((kind, at) => {
      const occurredAt = until - (kinds.length - 1 - at) * stepMs;
      return this.#interaction(this.#header(customerId, occurredAt), { kind, issueId });
    });
  }

  /** A visit with or without a purchase, and what comes back. */
  checkout(until: number): readonly Told[] {
    const chance = this.#chance;
    const customerId = chance.oneOf(CUSTOMERS);
    const key = chance.oneOf(['o1', 'o2', 'o3']);
    const stepMs = chance.oneOf([1, 60_000, HOUR_MS, 30 * HOUR_MS]);
    const at = (steps: number): Header => this.#header(customerId, until - steps * stepMs);
    const told = [this.#interaction(at(2), { kind: 'page_view', channel: 'chat' })];
    if (chance.happens(0.7))
      told.push(this.#purchase(at(1), { kind: 'order', orderId: key, checkoutId: key, channel: 'chat' }));
    if (chance.happens(0.4)) told.push(this.#purchase(at(0), { kind: 'refund', orderId: key, checkoutId: key }));
    return told;
  }

  /** Many of one sort within a minute or so: more than a tile tells apart, or more than a series keeps at all. */
  burst(until: number, count: number): readonly Told[] {
    const chance = this.#chance;
    const customerId = chance.oneOf(CUSTOMERS);
    const kind = chance.oneOf(['contact', 'order', 'csat'] as const);
    const back = Array.from({ length: count }, () => chance.whole(0, 40_000));
    // In order as a rule, but not always: each that comes before another was late.
    if (chance.happens(0.7)) back.sort((a, b) => b - a);
    return back.map((ms) => {
      const header = this.#header(customerId, until - ms);
      if (kind === 'contact') return this.#interaction(header, { kind });
      return kind === 'order' ? this.#purchase(header, { kind }) : this.#survey(header);
    });
  }

  #header(customerId: string, occurredAt: number): Header {
    this.#events += 1;
    return { eventId: `e${this.#events}`, customerId, occurredAt };
  }

  #interaction(header: Header, more: Partial<Interaction> = {}): Told {
    const chance = this.#chance;
    const kind =
      more.kind ??
      chance.oneOf(['contact', 'contact', 'contact', 'page_view', 'ticket_resolved', 'ticket_escalated'] as const);
    const event = interaction({
      ...header,
      channel: chance.oneOf(CHANNELS),
      direction: chance.oneOf(['inbound', 'inbound', 'inbound', 'outbound'] as const),
      issueId: chance.oneOf([null, 'i1', 'i2']),
      category: chance.oneOf([null, ...CATEGORIES]),
      sentiment: chance.oneOf([null, -0.7, 0, 0.2504]),
      durationMs: chance.oneOf([null, 0, 60_000, 90_000]),
      contact: kind === 'contact' && chance.happens(0.5) ? contactOf(chance) : null,
      ticket: kind.startsWith('ticket') || chance.happens(0.1) ? ticketOf(chance) : null,
      device: chance.happens(0.4) ? deviceOf(chance) : null,
      properties: chance.oneOf<Record<string, string | number>>([{}, { plan: 'x' }, { plan: 'y', seats: 2.5 }]),
      ...more,
      kind,
    });
    return { input: 'interactions', event };
  }

  #purchase(header: Header, more: Partial<Parameters<typeof purchase>[0]> = {}): Told {
    const chance = this.#chance;
    const kind = chance.oneOf(['order', 'order', 'refund'] as const);
    const amount = chance.oneOf([-500, 0, 500, 1000, 2500]);
    const endsAt = header.occurredAt + chance.oneOf([-DAY_MS, 0, DAY_MS, 7 * DAY_MS, 30 * DAY_MS]);
    const event = purchase({
      ...header,
      kind,
      orderId: chance.oneOf([null, 'o1', 'o2', 'o3']),
      amountMinor: amount,
      amountBaseMinor: chance.happens(0.1) ? null : amount,
      productIds: chance.oneOf([[], ['p1'], ['p2', 'p3']]),
      channel: chance.oneOf(CHANNELS),
      storeId: chance.oneOf([null, 'a', 'b']),
      subscription: chance.happens(0.5) ? subscriptionOf(chance.happens(0.8) ? endsAt : null) : null,
      ...more,
    });
    return { input: 'purchases', event };
  }

  #survey(header: Header): Told {
    const chance = this.#chance;
    const event = survey({
      ...header,
      kind: chance.oneOf(['csat', 'csat', 'nps'] as const),
      score: chance.happens(0.2) ? null : chance.whole(1, 5),
      lowerIsBetter: chance.happens(0.2),
      channel: chance.oneOf(CHANNELS),
      surveyId: chance.oneOf(['s', 't']),
      offeredAt: chance.oneOf([null, header.occurredAt - DAY_MS, header.occurredAt + 7 * DAY_MS]),
    });
    return { input: 'surveys', event };
  }

  #profile(header: Header, thorough = false): Told {
    const chance = this.#chance;
    const { occurredAt } = header;
    const all = traitsAt(chance, occurredAt);
    const few = chance.someOf(all, 0, 4);
    const event = profile({
      ...header,
      traits: Object.assign({}, ...(thorough ? all : few)) as Record<string, TraitValue>,
      accountTraits: chance.happens(0.2) ? { employees: chance.oneOf([50, 100]) } : {},
      unset: thorough ? [] : chance.oneOf([[], [], [], ['plan'], ['seats', 'birthday'], ['timezone']]),
      scores: thorough || chance.happens(0.35) ? [scoreOf(chance, occurredAt)] : [],
      consents: thorough || chance.happens(0.4) ? [consentOf(chance)] : [],
    });
    return { input: 'profiles', event };
  }
}

function traitsAt(chance: Chance, at: number): readonly Readonly<Record<string, TraitValue>>[] {
  const day = (days: number): string => new Date(at + days * DAY_MS).toISOString().slice(0, 10);
  const yearsBefore = (years: number, days: number): string =>
    `${Number(day(days).slice(0, 4)) - years}${day(days).slice(4)}`;
  return [
    { plan: chance.oneOf(['pro', 'pro', 'team', 'free', null]) },
    { seats: chance.oneOf([1, 2, 3, 3, 4, 2.5]) },
    { limit: chance.oneOf([0, 1, 2, 1000]) },
    { appVersion: chance.oneOf(['4.9', '4.10', '4.10.0', '5', 'beta']) },
    { 'address.city': chance.oneOf(['Zürich', 'Zurich', 'Genève', 'Wien']) },
    { interests: chance.oneOf([[], ['golf'], ['golf', 'chess'], ['chess', 'opera', 'golf']]) },
    { vulnerable: chance.happens(0.5) },
    { timezone: chance.oneOf([...ZONES, 'Nowhere/Else']) },
    {
      birthday: chance.oneOf([
        ...[yearsBefore(18, 0), yearsBefore(18, 1), yearsBefore(18, 2), yearsBefore(1, 3), yearsBefore(40, 7)],
        ...['2008-02-29', '2000-02-29', '1990-01-31', 'soon', day(-10), day(-31)],
      ]),
    },
    { createdAt: chance.oneOf([at - DAY_MS, new Date(at - 7 * DAY_MS).toISOString(), day(-1), day(0), at + HOUR_MS]) },
    { careEndsAt: chance.oneOf([at + DAY_MS, new Date(at + 7 * DAY_MS).toISOString(), day(1), day(30), at - 1]) },
  ];
}

function scoreOf(chance: Chance, at: number): Score {
  return {
    model: chance.oneOf(['clv12m', 'churn']),
    version: '1',
    value: chance.oneOf([0.1, 0.2, 0.7005, 0.70149, 2, 4]),
    low: null,
    high: null,
    computedAt: at - chance.oneOf([0, 1, HOUR_MS, DAY_MS]),
    expiresAt: chance.oneOf([null, null, at + 1, at + HOUR_MS, at + 7 * DAY_MS]),
  };
}

function consentOf(chance: Chance): Consent {
  return { purpose: chance.oneOf(['health', 'health', 'marketing']), granted: chance.happens(0.65), basis: null };
}

function subscriptionOf(
  currentPeriodEndsAt: number | null,
): NonNullable<Parameters<typeof purchase>[0]['subscription']> {
  return {
    plan: null,
    interval: null,
    cancelReason: null,
    seats: null,
    recurringBaseMinor: null,
    voluntary: null,
    currentPeriodEndsAt,
    trialEndsAt: null,
  };
}

function contactOf(chance: Chance): Contact {
  return {
    queue: null,
    team: null,
    agentId: null,
    transferredTo: null,
    disposition: null,
    waitMs: null,
    handleMs: null,
    holdMs: null,
    afterContactMs: null,
    costBaseMinor: null,
    outsideBusinessHours: null,
    treatments: chance.oneOf([[], ['a'], ['a', 'b'], ['b', 'c', 'd']]),
    verification: null,
  };
}

function ticketOf(chance: Chance): Ticket {
  return {
    status: null,
    type: null,
    priority: chance.oneOf([null, 'low', 'high', 'urgent'] as const),
    urgency: null,
    complexity: null,
    firstReplyMs: null,
    resolutionMs: null,
    durationClock: null,
    slaMetric: chance.oneOf([null, 'first_reply', 'resolution'] as const),
    slaTargetMs: null,
    slaMet: chance.oneOf([null, true, false]),
    reopenCount: null,
    reassignmentCount: null,
    escalationLevel: null,
    resolvedBy: null,
    resolutionCode: null,
    resolvedOnFirstContact: null,
  };
}

function deviceOf(chance: Chance): NonNullable<Interaction['device']> {
  const appVersion = chance.oneOf([null, '4.9', '4.10', '4.9.9', 'x']);
  return { type: 'mobile', os: null, osVersion: null, browser: null, appVersion };
}
