/**
 * Random records for the input topics, as the worst of senders would make them: mostly events in order; duplicates, conflicts,
 * late and too late ones, events from the future, and records that nobody can decode. Instants are close to now, so that the
 * short windows of `random-rules.ts` open and close while it runs.
 */
import type { Input } from '../../services/core/domain/events/header.ts';
import { eventFromJson } from '../../services/ingest/json/event-from-json.ts';
import { seededRandom, type Random } from '../../services/ingest/demo/random.ts';
import { RECORD_OF_INPUT } from '../../services/platform/registry/record-schemas.ts';
import type { Registry } from '../../services/platform/registry/registry.ts';

export interface RandomRecord {
  readonly input: Input;
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

const CUSTOMERS = 240;
const RECENT = 64;
const DAY_MS = 86_400_000;
const LATENESS_LIMIT_MS = 7 * DAY_MS;
const SORTS = {
  fresh: 860,
  late: 50,
  duplicate: 50,
  conflict: 10,
  tooLate: 5,
  future: 5,
  poison: 18,
  large: 2,
} as const;
const INPUTS = { interactions: 60, purchases: 20, surveys: 12, profiles: 7, identities: 1 } as const;
const KINDS = {
  contact: 5,
  message: 1,
  page_view: 2,
  ticket_opened: 2,
  ticket_answered: 2,
  ticket_resolved: 2,
} as const;
const CHANNELS = { phone: 3, email: 3, chat: 2, web: 2 } as const;
const TIERS = { gold: 1, silver: 2, none: 3 } as const;

export class RandomEvents {
  readonly #random: Random;
  readonly #registry: Registry;
  readonly #run: string;
  readonly #recent: RandomRecord[] = [];
  #ids = 0;

  /** `run` keeps the ids of one run apart from those of another on the same data. */
  constructor(seed: number, run: string, registry: Registry) {
    this.#random = seededRandom(seed, 'events');
    this.#registry = registry;
    this.#run = run;
  }

  /** `now`: ms UTC. */
  next(now: number): RandomRecord {
    const random = this.#random;
    const sort = random.weighted(SORTS);
    switch (sort) {
      case 'fresh':
        return this.#remember(this.#event(now - Math.floor(random.exponential(200))));
      case 'late':
        return this.#event(now - Math.floor(random.exponential(random.chance(0.5) ? 3_000 : DAY_MS)));
      case 'tooLate':
        return this.#event(now - LATENESS_LIMIT_MS - 1_000 - random.below(DAY_MS));
      case 'future':
        return this.#event(now + 600_000 + random.below(DAY_MS));
      case 'large':
        return this.#event(now, 'x'.repeat(100_000 + random.below(100_000)));
      case 'duplicate':
      case 'conflict': {
        if (this.#recent.length === 0) return this.#remember(this.#event(now));
        const known = random.pick(this.#recent);
        return sort === 'duplicate' ? known : this.#conflictWith(known, now);
      }
      case 'poison':
        return this.#poison(now);
    }
  }

  #event(occurredAt: number, text?: string): RandomRecord {
    const input = text === undefined ? this.#random.weighted(INPUTS) : 'interactions';
    const fields = { ...this.#fieldsOf(input), ...(text === undefined ? {} : { text }) };
    return this.#record(input, { ...fields, customerId: this.#customer(), occurredAt });
  }

  #record(input: Input, json: Record<string, unknown>): RandomRecord {
    const read = eventFromJson(input, json, {
      eventId: () => `${this.#run}-${++this.#ids}`,
      source: 'torture',
      receivedAt: Number(json['occurredAt']),
      currency: 'USD',
    });
    if (read.mistakes !== undefined) throw new Error(`a random event is refused: ${JSON.stringify(read.mistakes)}`);
    const { event } = read;
    return {
      input,
      key: Buffer.from(event.customerId),
      value: this.#registry.encode(RECORD_OF_INPUT[input], event),
    };
  }

  #fieldsOf(input: Input): Record<string, unknown> {
    const random = this.#random;
    switch (input) {
      case 'interactions': {
        const issueId = random.chance(0.6) ? `issue-${random.below(CUSTOMERS)}` : null;
        const kind = random.weighted(KINDS);
        const said = { kind, channel: random.weighted(CHANNELS), direction: 'inbound', handledBy: 'agent', issueId };
        return kind.startsWith('ticket_')
          ? { ...said, issueId: issueId ?? 'issue-0', ticket: { status: 'open' } }
          : said;
      }
      case 'purchases': {
        const amountMinor = 100 + random.below(20_000);
        const said = { orderId: `order-${random.below(10_000)}`, currency: 'USD', channel: 'web' };
        return random.chance(0.1)
          ? { ...said, kind: 'refund', amountMinor: -amountMinor, amountBaseMinor: -amountMinor }
          : { ...said, kind: 'order', amountMinor, amountBaseMinor: amountMinor };
      }
      case 'surveys': {
        const said = { surveyId: 'after-contact', responseId: `response-${random.below(100_000)}` };
        return random.chance(0.5)
          ? { ...said, questionId: 'csat', kind: 'csat', score: 1 + random.below(5), scaleMin: 1, scaleMax: 5 }
          : { ...said, questionId: 'nps', kind: 'nps', score: random.below(11), scaleMin: 0, scaleMax: 10 };
      }
      case 'profiles':
        return random.chance(0.01)
          ? { kind: 'erase' }
          : { traits: { tier: random.weighted(TIERS), seats: random.below(20) } };
      case 'identities':
        return { otherId: `device-${random.below(CUSTOMERS)}`, idKind: 'crm', otherIdKind: 'device', method: 'login' };
    }
  }

  /** Squared: a few customers get most of it. Some ids are longer in bytes than in letters. */
  #customer(): string {
    const rank = Math.floor(this.#random.unit() ** 2 * CUSTOMERS);
    return rank % 10 === 7 ? `kundin-ä-${rank}` : `customer-${rank}`;
  }

  #remember(record: RandomRecord): RandomRecord {
    if (this.#recent.length < RECENT) this.#recent.push(record);
    else this.#recent[this.#random.below(RECENT)] = record;
    return record;
  }

  /** The id of an earlier event, with other content (C1). */
  #conflictWith({ input, value }: RandomRecord, now: number): RandomRecord {
    const { eventId, customerId } = this.#registry.decodeEvent(input, value);
    return this.#record(input, { ...this.#fieldsOf(input), eventId, customerId, occurredAt: now });
  }

  #poison(now: number): RandomRecord {
    const good = this.#event(now);
    const value = Buffer.from(good.value!);
    switch (this.#random.below(6)) {
      case 0:
        return { ...good, value: null };
      case 1:
        return { ...good, value: Buffer.from('no Avro at all') };
      case 2:
        return { ...good, value: value.subarray(0, Math.max(1, value.length - 1 - this.#random.below(20))) };
      case 3:
        value.writeInt32BE(999_999, 1);
        return { ...good, value };
      case 4:
        return { ...good, key: Buffer.from('somebody-else') };
      default:
        return { ...good, value: new Uint8Array(0) };
    }
  }
}
