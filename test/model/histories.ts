/**
 * Random histories of a partition: what is appended and published, how time goes on, and when the task gets round to timers,
 * slices and restarts. Instants are drawn so that they fall on the edges of windows, together, late, too late and long after.
 */
import type { InputEvent } from '../../services/core/domain/events/fact.ts';
import type { Input } from '../../services/core/domain/events/header.ts';
import { interaction, profile, purchase, survey } from '../core/oracle/events.ts';
import { Chance } from './chance.ts';
import { segment, WINDOWS_H, type Authored } from './rules.ts';

export type Publication =
  | { readonly kind: 'segment'; readonly key: string; readonly body: Authored; readonly effectiveInMs: number | null }
  | { readonly kind: 'retire'; readonly key: string; readonly effectiveInMs: number | null }
  | { readonly kind: 'coverage'; readonly body: Authored; readonly effectiveInMs: number | null };

export type Step =
  /** Appended now. */
  | { readonly kind: 'record'; readonly input: Input; readonly event: InputEvent; readonly damaged: boolean }
  /** Append time, and with it the clock, goes on. */
  | { readonly kind: 'pass'; readonly to: number }
  | { readonly kind: 'publish'; readonly publication: Publication }
  /** The task lets at most so many due timers go; the rest has to wait (K2). */
  | { readonly kind: 'fire'; readonly atMost: number }
  /** A slice brings at most so many customers up to date (D3). */
  | { readonly kind: 'slice'; readonly atMost: number }
  /** Everything so far is committed and a new owner restores it. */
  | { readonly kind: 'restart' };

export interface History {
  readonly seed: number;
  readonly mode: 'live' | 'replay';
  /** Published and read before the first record. */
  readonly founding: readonly Publication[];
  readonly startMs: number;
  readonly steps: readonly Step[];
}

const HOUR_MS = 3_600_000;
export const LATENESS_MS = 7 * 24 * HOUR_MS;
export const FUTURE_MS = 300_000;
export const DEDUP_WINDOW_MS = 24 * HOUR_MS;
const START_MS = Date.UTC(2026, 0, 1);
const CUSTOMERS = ['ada', 'bob', 'cyd'];

export function historyOf(seed: number): History {
  const chance = new Chance(seed);
  const mode = chance.happens(0.3) ? 'replay' : 'live';
  const keys = Array.from({ length: chance.whole(1, 6) }, (_, index) => `s${index}`);
  const founding: Publication[] = [];
  for (const input of ['interactions', 'purchases', 'surveys']) {
    const since = chance.oneOf(['always', 'always', START_MS, START_MS - 100 * HOUR_MS, undefined]);
    if (since !== undefined)
      founding.push({ kind: 'coverage', body: { input, kinds: '*', since }, effectiveInMs: null });
  }
  keys.forEach((key, index) => {
    const body = segment(chance, key, keys.slice(0, index));
    founding.push({ kind: 'segment', key, body, effectiveInMs: null });
  });
  return { seed, mode, founding, startMs: START_MS, steps: new Steps(chance, mode, keys).draw(chance.whole(5, 120)) };
}

class Steps {
  readonly #chance: Chance;
  readonly #mode: 'live' | 'replay';
  readonly #keys: string[];
  readonly #steps: Step[] = [];
  readonly #instants: number[] = [];
  readonly #events: { input: Input; event: InputEvent }[] = [];
  #now = START_MS + 6 * HOUR_MS;

  constructor(chance: Chance, mode: 'live' | 'replay', keys: readonly string[]) {
    this.#chance = chance;
    this.#mode = mode;
    this.#keys = [...keys];
  }

  draw(count: number): readonly Step[] {
    const chance = this.#chance;
    while (this.#steps.length < count) {
      const kind = chance.whole(1, 100);
      if (kind <= 45) this.#record();
      else if (kind <= 75) this.#pass();
      else if (kind <= 83) this.#steps.push({ kind: 'fire', atMost: chance.oneOf([1, 2, 100]) });
      else if (kind <= 90) this.#steps.push({ kind: 'slice', atMost: chance.oneOf([1, 2, 100]) });
      else if (kind <= 94) this.#steps.push({ kind: 'restart' });
      else if (kind <= 97) this.#burst();
      else if (this.#mode === 'live') this.#publish();
    }
    return this.#steps;
  }

  #pass(): void {
    const chance = this.#chance;
    const edges = this.#instants
      .flatMap((instant) => WINDOWS_H.map((hours) => instant + hours * HOUR_MS))
      .filter((edge) => edge > this.#now);
    const near = edges.length > 0 && chance.happens(0.6);
    const to = near
      ? chance.oneOf(edges) + chance.oneOf([-1, 0, 0, 1, 499, 500, 501])
      : this.#now + chance.oneOf([1, 1000, HOUR_MS, 24 * HOUR_MS, 24 * HOUR_MS, 2000 * HOUR_MS]);
    if (to <= this.#now) return;
    this.#now = to;
    this.#steps.push({ kind: 'pass', to });
  }

  #record(): void {
    const chance = this.#chance;
    if (this.#events.length > 0 && chance.happens(0.08)) {
      const again = chance.oneOf(this.#events);
      // What was imported may come once more live.
      const event = chance.happens(0.5) ? again.event : { ...again.event, importId: null };
      this.#push({ ...again, event }, chance.happens(0.05));
      return;
    }
    const drawn = this.#event(this.#instant());
    const importId = this.#mode === 'live' && chance.happens(0.1) ? 'import' : null;
    this.#push({ ...drawn, event: { ...drawn.event, importId } }, chance.happens(0.02));
  }

  /** More events of one kind within a minute than a tile tells apart. */
  #burst(): void {
    const instant = this.#instant();
    const customerId = this.#chance.oneOf(CUSTOMERS);
    for (let index = 0; index < 20; index++) {
      const occurredAt = instant - this.#chance.whole(0, 40_000);
      this.#push({ input: 'interactions', event: this.#interaction(customerId, occurredAt) }, false);
    }
  }

  #push(recorded: { input: Input; event: InputEvent }, damaged: boolean): void {
    this.#events.push(recorded);
    if (recorded.event.occurredAt <= this.#now) this.#instants.push(recorded.event.occurredAt);
    this.#steps.push({ kind: 'record', ...recorded, damaged });
  }

  #instant(): number {
    const chance = this.#chance;
    if (this.#instants.length > 0 && chance.happens(0.15)) return chance.oneOf(this.#instants);
    if (chance.happens(0.65)) return this.#now;
    const back = chance.oneOf([
      1,
      1000,
      HOUR_MS,
      5 * HOUR_MS,
      50 * HOUR_MS,
      LATENESS_MS,
      LATENESS_MS + 1,
      300 * HOUR_MS,
    ]);
    return chance.happens(0.9) ? this.#now - back : this.#now + chance.oneOf([1, FUTURE_MS, FUTURE_MS + 1]);
  }

  #event(occurredAt: number): { input: Input; event: InputEvent } {
    const chance = this.#chance;
    const customerId = chance.oneOf(CUSTOMERS);
    const header = { eventId: `e${this.#events.length}`, customerId, occurredAt };
    const kind = chance.whole(1, 10);
    if (kind <= 5) return { input: 'interactions', event: this.#interaction(customerId, occurredAt) };
    if (kind <= 7) {
      const amount = chance.oneOf([-500, 0, 500, 1000, 2500]);
      const amountBaseMinor = chance.happens(0.1) ? null : amount;
      const productIds = chance.oneOf([[], ['p1'], ['p2', 'p3']]);
      const rest = { storeId: chance.oneOf([null, 'a', 'b']), kind: chance.oneOf(['order', 'refund'] as const) };
      return {
        input: 'purchases',
        event: purchase({ ...header, ...rest, amountMinor: amount, amountBaseMinor, productIds }),
      };
    }
    if (kind <= 9) {
      const score = chance.happens(0.2) ? null : chance.whole(1, 5);
      const rest = { kind: chance.oneOf(['csat', 'csat', 'nps'] as const), lowerIsBetter: chance.happens(0.2) };
      return {
        input: 'surveys',
        event: survey({ ...header, ...rest, score, channel: chance.oneOf(['email', 'sms']) }),
      };
    }
    const traits = chance.oneOf([{ plan: 'pro' }, { plan: 'free', seats: chance.whole(1, 5) }, { seats: 3 }, {}]);
    const accountTraits = chance.happens(0.3) ? { employees: chance.oneOf([50, 100]) } : {};
    return {
      input: 'profiles',
      event: profile({ ...header, traits, accountTraits, unset: chance.oneOf([[], [], ['plan']]) }),
    };
  }

  #interaction(customerId: string, occurredAt: number): InputEvent {
    const chance = this.#chance;
    return interaction({
      eventId: `e${this.#events.length}`,
      customerId,
      occurredAt,
      kind: chance.oneOf(['contact', 'contact', 'page_view']),
      channel: chance.oneOf(['phone', 'email', 'chat']),
      issueId: chance.oneOf([null, 'i1', 'i2']),
      sentiment: chance.oneOf([null, -0.7, 0, 0.2504]),
      durationMs: chance.oneOf([null, 0, 60_000, 90_000]),
      properties: chance.oneOf<Record<string, string | number>>([{}, { plan: 'x' }, { plan: 'y', seats: 2.5 }]),
    });
  }

  #publish(): void {
    const chance = this.#chance;
    const effectiveInMs = chance.oneOf([null, null, 0, HOUR_MS, 24 * HOUR_MS]);
    const kind = chance.whole(1, 10);
    if (kind <= 2) {
      const input = chance.oneOf(['interactions', 'purchases', 'surveys']);
      const since = chance.oneOf(['always', this.#now - 100 * HOUR_MS, this.#now]);
      this.#say({ kind: 'coverage', body: { input, kinds: chance.oneOf(['*', ['contact']]), since }, effectiveInMs });
    } else if (kind <= 4) this.#say({ kind: 'retire', key: chance.oneOf(this.#keys), effectiveInMs });
    else if (kind <= 7) {
      const at = chance.whole(0, this.#keys.length - 1);
      const key = this.#keys[at]!;
      this.#say({ kind: 'segment', key, body: segment(chance, key, this.#keys.slice(0, at)), effectiveInMs });
    } else {
      const key = `s${this.#keys.length}`;
      this.#say({ kind: 'segment', key, body: segment(chance, key, this.#keys), effectiveInMs });
      this.#keys.push(key);
    }
  }

  #say(publication: Publication): void {
    this.#steps.push({ kind: 'publish', publication });
  }
}
