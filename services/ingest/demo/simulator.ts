/**
 * The demo's live part: the same customers go on contacting, ordering, browsing and answering, at a rate a person can
 * follow. All of it is invented, from a seed. Hours of a real desk pass in minutes here, so that something happens
 * while one looks.
 *
 * The story: from time to time the payment of one country's customers fails. They call, several times; answers come
 * late; then it is repaired, everybody is told, and the answers to the surveys show it.
 */
import type { InputEvent } from '../import/event-plan.ts';
import type { DemoCustomer } from './history.ts';
import { DEMO_CURRENCY } from './real-sets.ts';
import { seededRandom, type Random } from './random.ts';
import { Schedule } from './schedule.ts';
import { interaction, purchase, survey, type Stamp } from './simulated-event.ts';

export interface SimulatorOptions {
  readonly customers: readonly DemoCustomer[];
  readonly seed: number;
  /** Instant of the first event, ms UTC. */
  readonly now: number;
  /** Mean over a long time, story included; default 5. */
  readonly eventsPerSecond?: number | undefined;
}

export interface Simulator {
  /** The next event and when it happens; instants never fall. It has no end. */
  next(): { readonly event: InputEvent; readonly atMs: number };
}

/** Means, ms. */
const ANSWER_AFTER_MS = 25_000;
const RESOLVED_AFTER_MS = 40_000;
const SURVEY_AFTER_MS = 15_000;
const STORY_FIRST_MS = 20_000;
const STORY_EVERY_MS = 300_000;
const STORY_LASTS_MS = 75_000;
/** Of all events, about; the customers it hits grow with the rate. */
const STORY_SHARE = 1 / 3;
const STORY_CUSTOMERS_PER_RATE = 5;
/** Events a course of things has on average; keeps the mean rate at what was asked for. */
const EVENTS_PER_ISSUE = 6;
const WEIGHTS = { issue: 18, order: 30, browse: 52 } as const;
const EVENTS_PER_COURSE = (18 * EVENTS_PER_ISSUE + 30 * 1.04 + 52 * 1.8) / 100;

const CATEGORIES = { delivery: 35, billing: 20, how_to: 20, fault: 15, account: 10 } as const;

type Step = (atMs: number) => InputEvent | undefined;

export function createSimulator(options: SimulatorOptions): Simulator {
  const world = new World(options);
  return { next: () => world.next() };
}

class World {
  readonly #random: Random;
  readonly #customers: readonly DemoCustomer[];
  readonly #seed: number;
  readonly #start: number;
  readonly #steps = new Schedule<Step>();
  readonly #meanGapMs: number;
  readonly #storyCustomers: number;
  #ids = 0;
  #orders = 0;
  #issues = 0;

  constructor({ customers, seed, now, eventsPerSecond = 5 }: SimulatorOptions) {
    this.#random = seededRandom(seed, 'simulator');
    this.#customers = [...customers].sort((a, b) => (a.customerId < b.customerId ? -1 : 1));
    this.#seed = seed;
    this.#start = now;
    this.#meanGapMs = (1000 * EVENTS_PER_COURSE) / (eventsPerSecond * (1 - STORY_SHARE));
    this.#storyCustomers = Math.ceil(eventsPerSecond * STORY_CUSTOMERS_PER_RATE);
    this.#steps.plan(now, (atMs) => this.#arrival(atMs));
    this.#steps.plan(now + STORY_FIRST_MS, (atMs) => this.#story(atMs));
  }

  next(): { readonly event: InputEvent; readonly atMs: number } {
    for (;;) {
      const { atMs, what } = this.#steps.next()!;
      const event = what(atMs);
      if (event !== undefined) return { event, atMs };
    }
  }

  /** Something begins, and the next beginning is planned. */
  #arrival(atMs: number): InputEvent | undefined {
    this.#steps.plan(this.#later(atMs, this.#meanGapMs), (at) => this.#arrival(at));
    // Who ordered more does more.
    const one = this.#random.pick(this.#customers);
    const other = this.#random.pick(this.#customers);
    const customer = one.orders >= other.orders ? one : other;
    switch (this.#random.weighted(WEIGHTS)) {
      case 'issue':
        return this.#issue(atMs, customer, this.#random.weighted(CATEGORIES), 1);
      case 'order':
        return this.#order(atMs, customer);
      case 'browse':
        return this.#browse(atMs, customer);
    }
  }

  /** A contact and its ticket, answered and resolved after a while; then, perhaps, a survey. */
  #issue(atMs: number, customer: DemoCustomer, category: string, slowness: number, resolvesAt?: number): InputEvent {
    const { customerId } = customer;
    const issueId = `SIM-${this.#seed}-${++this.#issues}`;
    const channel = slowness > 1 ? 'phone' : customer.usualChannel;
    const said = { channel, issueId, category } as const;
    const priority = slowness > 1 ? ('urgent' as const) : ('normal' as const);
    const step = (after: number, make: (stamp: Stamp) => InputEvent): void => {
      this.#steps.plan(after, (at) => make(this.#stamp(customerId, at)));
    };
    step(atMs, (stamp) =>
      interaction(stamp, { ...said, kind: 'ticket_opened' }, { ticket: { status: 'new', priority } }),
    );
    const answered = this.#later(atMs, ANSWER_AFTER_MS * slowness);
    const resolved = Math.max(resolvesAt ?? 0, this.#later(answered, RESOLVED_AFTER_MS));
    const byAgent = { ...said, actor: 'agent', handledBy: 'agent' } as const;
    step(answered, (stamp) =>
      interaction(stamp, { ...byAgent, kind: 'ticket_answered' }, { ticket: { status: 'open', priority } }),
    );
    if (channel === 'phone' || channel === 'chat') {
      const handleMs = resolved - answered;
      const contact = { waitMs: answered - atMs, handleMs };
      step(resolved, (stamp) =>
        interaction(stamp, { ...byAgent, kind: 'contact_ended', conversationId: issueId }, { contact }),
      );
    }
    const slaMet = resolved - atMs <= 3 * RESOLVED_AFTER_MS;
    step(resolved, (stamp) =>
      interaction(
        stamp,
        { ...byAgent, kind: 'ticket_resolved' },
        { ticket: { status: 'solved', priority, resolvedBy: 'agent', slaMetric: 'resolution', slaMet } },
      ),
    );
    this.#steps.plan(this.#later(resolved, SURVEY_AFTER_MS), (at) =>
      this.#asked(at, customerId, issueId, resolved - atMs),
    );
    const stamp = this.#stamp(customerId, atMs);
    return interaction(stamp, {
      ...said,
      kind: 'contact',
      direction: 'inbound',
      handledBy: 'agent',
      conversationId: issueId,
    });
  }

  /** An invitation after an issue; a third is answered, and the longer it took the worse. */
  #asked(atMs: number, customerId: string, issueId: string, tookMs: number): InputEvent {
    const responseId = `R-${issueId}`;
    const said = { kind: 'csat', surveyId: 'after-issue', questionId: 'csat', responseId, issueId } as const;
    if (this.#random.chance(0.35)) {
      const felt = 4.6 - tookMs / (2 * RESOLVED_AFTER_MS) + 0.7 * this.#random.normal();
      const score = Math.min(5, Math.max(1, Math.round(felt)));
      this.#steps.plan(this.#later(atMs, SURVEY_AFTER_MS), (at) =>
        survey(this.#stamp(customerId, at), {
          ...said,
          status: 'answered',
          score,
          scaleMin: 1,
          scaleMax: 5,
          offeredAt: atMs,
        }),
      );
    }
    return survey(this.#stamp(customerId, atMs), { ...said, status: 'offered', offeredAt: atMs });
  }

  #order(atMs: number, customer: DemoCustomer): InputEvent {
    const orderId = `SIM-${this.#seed}-O${++this.#orders}`;
    const mean = Math.max(500, customer.meanAmountMinor);
    const amountMinor = Math.max(100, Math.round(mean * Math.exp(0.5 * this.#random.normal() - 0.125)));
    const said = { orderId, currency: DEMO_CURRENCY, channel: 'web' } as const;
    if (this.#random.chance(0.04)) {
      const refund = { ...said, kind: 'refund', originalOrderId: orderId, amountMinor: -amountMinor } as const;
      this.#steps.plan(this.#later(atMs, 2 * RESOLVED_AFTER_MS), (at) =>
        purchase(this.#stamp(customer.customerId, at), refund),
      );
    }
    return purchase(this.#stamp(customer.customerId, atMs), { ...said, kind: 'order', amountMinor });
  }

  /** A page looked at, most often with the end of the visit behind it. */
  #browse(atMs: number, { customerId, country }: DemoCustomer): InputEvent {
    const sessionId = `SIM-${this.#seed}-S${this.#ids}`;
    const place = country === undefined ? null : { country, state: null, city: null, storeId: null };
    const said = { channel: 'web', sessionId, place } as const;
    if (this.#random.chance(0.8)) {
      const ended = this.#later(atMs, RESOLVED_AFTER_MS);
      this.#steps.plan(ended, (at) =>
        interaction(this.#stamp(customerId, at), { ...said, kind: 'session_end', durationMs: ended - atMs }),
      );
    }
    return interaction(this.#stamp(customerId, atMs), { ...said, kind: 'product_view' });
  }

  /** Payments of one country's customers fail for a while. */
  #story(atMs: number): undefined {
    this.#steps.plan(atMs + STORY_EVERY_MS, (at) => this.#story(at));
    const repaired = atMs + STORY_LASTS_MS;
    for (const customer of this.#affected()) {
      const first = atMs + Math.floor(this.#random.unit() * STORY_LASTS_MS * 0.5);
      this.#steps.plan(first, (at) => this.#paymentFailed(at, customer));
      for (let call = this.#later(first, 6_000); call < repaired; call = this.#later(call, 25_000)) {
        this.#steps.plan(call, (at) => this.#issue(at, customer, 'billing', 3, repaired));
      }
      const told = repaired + Math.floor(this.#random.unit() * 10_000);
      this.#steps.plan(told, (at) =>
        interaction(this.#stamp(customer.customerId, at), {
          ...{ kind: 'outreach_sent', channel: 'email', direction: 'outbound', actor: 'system' },
          campaignId: 'payment-repaired',
        }),
      );
    }
  }

  #affected(): readonly DemoCustomer[] {
    const abroad = new Map<string, DemoCustomer[]>();
    for (const customer of this.#customers) {
      if (customer.country === undefined || customer.country === 'GB') continue;
      const there = abroad.get(customer.country) ?? [];
      abroad.set(customer.country, there);
      there.push(customer);
    }
    const large = [...abroad.values()].filter((there) => there.length >= this.#storyCustomers / 2);
    const group = large.length > 0 ? this.#random.pick(large) : this.#customers;
    return this.#random.shuffled(group).slice(0, this.#storyCustomers);
  }

  #paymentFailed(atMs: number, { customerId }: DemoCustomer): InputEvent {
    const said = { kind: 'payment_failed', channel: 'web', amountMinor: 0, currency: DEMO_CURRENCY } as const;
    return purchase(this.#stamp(customerId, atMs), said);
  }

  #stamp(customerId: string, atMs: number): Stamp {
    return { eventId: `sim-${this.#seed}-${this.#start}-${++this.#ids}`, customerId, atMs };
  }

  #later(atMs: number, meanMs: number): number {
    return atMs + Math.max(1, Math.round(this.#random.exponential(meanMs)));
  }
}
