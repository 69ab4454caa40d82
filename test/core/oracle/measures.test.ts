import { describe, expect, it } from 'vitest';
import type { Measure, Projection } from '../../../services/core/domain/language/ast.ts';
import type { Window } from '../../../services/core/domain/time/window.ts';
import { interaction, profile, purchase, survey } from './events.ts';
import { against, compare, CONTACTS, DAY, events, HOUR, oneOf, ORDERS, truths } from './definitions.ts';

const AMOUNT: Projection = { field: 'amountBaseMinor', scale: 1 };
const SCORE: Projection = { field: 'score', scale: 1000 };
const LIFE: Window = { kind: 'lifetime' };
const sliding = (ms: number, offsetMs = 0): Window => ({ kind: 'sliding', ms, offsetMs });
const contact = (eventId: string, occurredAt: number, issueId: string | null = null) =>
  interaction({ eventId, occurredAt, issueId });
const order = (eventId: string, occurredAt: number, amountBaseMinor = 1000) =>
  purchase({ eventId, occurredAt, amountBaseMinor });
const rated = (eventId: string, occurredAt: number, score: number | null) => survey({ eventId, occurredAt, score });

describe('the same key', () => {
  const measure: Measure = {
    kind: 'largestPerKey',
    filter: CONTACTS,
    window: sliding(14 * DAY),
    key: 'issueId',
    per: { kind: 'count' },
  };

  it('counts the key that has most, and leaves out events without one', () => {
    const made = [
      contact('a', DAY, 'i1'),
      contact('b', 2 * DAY, 'i2'),
      contact('c', 3 * DAY),
      contact('d', 4 * DAY),
      contact('e', 5 * DAY, 'i1'),
    ];
    const told = truths(compare(measure, 'atLeast', 2), made, 30 * DAY);
    expect(told).toEqual([`false@${DAY}`, `true@${5 * DAY}`, `false@${15 * DAY}`]);
  });

  it('of a sum is open above where a number of that key is missing', () => {
    const sum: Measure = {
      kind: 'largestPerKey',
      filter: ORDERS,
      window: LIFE,
      key: 'orderId',
      per: { kind: 'sum', of: { field: 'marginBaseMinor', scale: 1 } },
    };
    const made = [
      purchase({ eventId: 'a', occurredAt: DAY, orderId: 'o1', marginBaseMinor: 100 }),
      purchase({ eventId: 'b', occurredAt: 2 * DAY, orderId: 'o2', marginBaseMinor: null }),
      purchase({ eventId: 'c', occurredAt: 3 * DAY, orderId: 'o1', marginBaseMinor: 400 }),
    ];
    const told = truths(compare(sum, 'atLeast', 500), made, 3 * DAY);
    expect(told).toEqual([`false@${DAY}`, `unknown@${2 * DAY}`, `true@${3 * DAY}`]);
  });
});

describe('the newest and the oldest', () => {
  it('nth last is the one before, and no value while there are fewer', () => {
    const measure: Measure = { kind: 'nthLast', filter: ORDERS, of: AMOUNT, n: 2, withinMs: 10 * DAY };
    const told = truths(compare(measure, 'atLeast', 500), [order('a', DAY, 700), order('b', 2 * DAY, 100)], 20 * DAY);
    expect(told).toEqual([`unknown@${DAY}`, `true@${2 * DAY}`, `unknown@${11 * DAY}`]);
  });

  it('first is known only where the feed is whole for life', () => {
    const measure: Measure = { kind: 'first', filter: ORDERS, of: AMOUNT };
    const made = [order('b', 2 * DAY, 100), order('a', DAY, 700)];
    expect(truths(compare(measure, 'atLeast', 500), made, 3 * DAY)).toEqual([`false@${2 * DAY}`, `true@${2 * DAY}`]);
    expect(truths(compare(measure, 'atLeast', 500), made, 3 * DAY, { since: 0 })).toEqual([`unknown@${2 * DAY}`]);
  });

  it('a trend is the average of the newest less that of the ones before', () => {
    const measure: Measure = { kind: 'trendLast', filter: events('survey'), of: SCORE, n: 2 };
    const made = [5, 4, null, 3, 5].map((score, day) => rated(`s${day}`, (day + 1) * DAY, score));
    // (3 + 5) ÷ 2 − (5 + 4) ÷ 2 = −0.5.
    expect(truths(compare(measure, 'equals', -500), made, 6 * DAY)).toEqual([`unknown@${DAY}`, `true@${5 * DAY}`]);
  });

  it('sum, least and most of the newest leave out what has no number', () => {
    const of = (kind: 'sumLast' | 'minLast' | 'maxLast'): Measure => {
      return { kind, filter: events('survey'), of: SCORE, n: 2, atLeastValues: 2 };
    };
    const made = [2, 5, null, 3].map((score, day) => rated(`s${day}`, (day + 1) * DAY, score));
    const last = (measure: Measure, value: number) => truths(compare(measure, 'equals', value), made, 4 * DAY).at(-1);
    expect(last(of('sumLast'), 8000)).toBe(`true@${4 * DAY}`);
    expect(last(of('minLast'), 3000)).toBe(`true@${4 * DAY}`);
    expect(last(of('maxLast'), 5000)).toBe(`true@${2 * DAY}`);
  });

  it('distinct values among the newest are certain only where those are', () => {
    const measure: Measure = { kind: 'countDistinctLast', filter: CONTACTS, field: 'channel', n: 2 };
    const made = (['phone', 'email', 'email'] as const).map((channel, day) =>
      interaction({ eventId: `c${day}`, occurredAt: (day + 1) * DAY, channel }),
    );
    const told = truths(compare(measure, 'atLeast', 2), made, 3 * DAY, { since: 0 });
    expect(told).toEqual([`unknown@${DAY}`, `true@${2 * DAY}`, `false@${3 * DAY}`]);
  });
});

describe('ages', () => {
  it('time since the first grows and is at least that where the feed is not whole', () => {
    const measure: Measure = { kind: 'timeSinceFirst', filter: ORDERS };
    const made = [order('a', DAY), order('b', 3 * DAY)];
    expect(truths(compare(measure, 'atLeast', 4 * DAY), made, 9 * DAY)).toEqual([`false@${DAY}`, `true@${5 * DAY}`]);
    expect(truths(compare(measure, 'atLeast', 4 * DAY), made, 9 * DAY, { since: 0 })).toEqual([
      `unknown@${DAY}`,
      `true@${5 * DAY}`,
    ]);
  });

  it('an average gap is judged without rounding', () => {
    const measure: Measure = { kind: 'averageGap', filter: ORDERS, window: sliding(30 * DAY) };
    const made = [order('a', 0), order('b', 1), order('c', 4)];
    expect(truths(compare(measure, 'equals', 2), made, DAY)).toEqual([`unknown@0`, `false@1`, `true@4`]);
  });

  it('is late when it is later than twice the usual gap, to the millisecond', () => {
    const since: Measure = { kind: 'timeSinceLast', filter: ORDERS };
    const gap: Measure = { kind: 'averageGap', filter: ORDERS, window: LIFE };
    const condition = against(since, 'moreThan', { kind: 'measure', measure: gap, times: 2000 });
    const made = [order('a', 0), order('b', 10 * DAY), order('c', 15 * DAY)];
    // A gap of 7.5 days: late from the millisecond after 15 days on.
    expect(truths(condition, made, 90 * DAY)).toEqual([`unknown@0`, `false@${10 * DAY}`, `true@${30 * DAY + 1}`]);
  });

  it('is compared with a trait in days', () => {
    const since: Measure = { kind: 'timeSinceLast', filter: ORDERS };
    const condition = against(since, 'atLeast', { kind: 'trait', trait: 'rhythm', times: 1500 });
    const told = truths(
      condition,
      [order('a', DAY), profile({ eventId: 'p', occurredAt: 2 * DAY, traits: { rhythm: 3 } })],
      30 * DAY,
    );
    expect(told).toEqual([`unknown@${DAY}`, `false@${2 * DAY}`, `true@${DAY + 4.5 * DAY}`]);
  });

  it('in a ratio meets its threshold in time', () => {
    const since: Measure = { kind: 'timeSinceLast', filter: ORDERS };
    const gap: Measure = { kind: 'averageGap', filter: ORDERS, window: LIFE };
    const ratio: Measure = { kind: 'ratio', form: 'ratio', top: since, bottom: gap, enough: null };
    const told = truths(compare(ratio, 'atLeast', 1500), [order('a', 0), order('b', 2 * DAY)], 30 * DAY);
    expect(told).toEqual([`unknown@0`, `false@${2 * DAY}`, `true@${5 * DAY}`]);
  });
});

describe('decay', () => {
  const measure: Measure = { kind: 'decayedSum', filter: CONTACTS, of: null, halfLifeMs: 64 * HOUR };

  it('is worth half after a half-life, on a grid of its 64th part', () => {
    // Counted in whole hours of absolute time, both are 64 hours old until hour 66: half of two is still one.
    const told = truths(
      compare(measure, 'atLeast', 1),
      [contact('a', 1.5 * HOUR), contact('b', 1.6 * HOUR)],
      99 * HOUR,
    );
    expect(told).toEqual([`true@${1.5 * HOUR}`, `false@${66 * HOUR}`]);
  });

  it('is nothing after twenty half-lives', () => {
    const told = truths(compare(measure, 'moreThan', 0), [contact('a', HOUR)], 2000 * HOUR);
    expect(told).toEqual([`true@${HOUR}`, `false@${1281 * HOUR}`]);
  });

  it('of numbers is unknown with one missing, while their average leaves it out', () => {
    const of: Projection = { field: 'marginBaseMinor', scale: 1 };
    const made = [
      purchase({ eventId: 'a', occurredAt: HOUR, marginBaseMinor: 300 }),
      purchase({ eventId: 'b', occurredAt: HOUR, marginBaseMinor: null }),
    ];
    const sum: Measure = { kind: 'decayedSum', filter: ORDERS, of, halfLifeMs: 64 * HOUR };
    const average: Measure = { kind: 'decayedAverage', filter: ORDERS, of, halfLifeMs: 64 * HOUR };
    expect(truths(compare(sum, 'atLeast', 0), made, HOUR)).toEqual([`true@${HOUR}`, `unknown@${HOUR}`]);
    expect(truths(compare(average, 'equals', 300_000), made, 100 * HOUR)).toEqual([`true@${HOUR}`]);
  });
});

describe('ratios', () => {
  const count = (...kinds: string[]): Measure => {
    return { kind: 'count', filter: events('interaction', oneOf('kind', ...kinds)), window: sliding(10 * DAY) };
  };

  it('have no value below nothing, or while too few are counted', () => {
    const all = count('contact', 'ticket_reopened');
    const share: Measure = {
      kind: 'ratio',
      form: 'share',
      top: count('ticket_reopened'),
      bottom: all,
      enough: { measure: all, n: 2 },
    };
    const made = [
      contact('a', DAY),
      interaction({ eventId: 'b', occurredAt: 2 * DAY, kind: 'ticket_reopened' }),
      contact('c', 3 * DAY),
    ];
    const told = truths(compare(share, 'atLeast', 500), made, 30 * DAY);
    expect(told).toEqual([
      `unknown@${DAY}`,
      `true@${2 * DAY}`,
      `false@${3 * DAY}`,
      `true@${11 * DAY}`,
      `unknown@${12 * DAY}`,
    ]);
  });

  it('of a window to the one before it tell a change', () => {
    const window = (offset: number): Measure => ({ kind: 'count', filter: CONTACTS, window: sliding(DAY, offset) });
    const change: Measure = { kind: 'ratio', form: 'change', top: window(0), bottom: window(DAY), enough: null };
    const made = [contact('a', 10 * DAY), contact('b', 10 * DAY + HOUR), contact('c', 11 * DAY + 2 * HOUR)];
    // Halved: at most 500 thousandths.
    expect(truths(compare(change, 'atMost', 500), made, 20 * DAY)).toEqual([
      `unknown@${10 * DAY}`,
      `false@${11 * DAY}`,
      // Both of the first day are before, none is now.
      `true@${11 * DAY + HOUR}`,
      `false@${12 * DAY}`,
      `unknown@${12 * DAY + HOUR}`,
      `true@${12 * DAY + 2 * HOUR}`,
      `unknown@${13 * DAY + 2 * HOUR}`,
    ]);
  });

  it('are in the units of the fields, whatever their scales', () => {
    const average: Measure = { kind: 'average', filter: events('survey'), of: SCORE, window: LIFE };
    const ratio: Measure = {
      kind: 'ratio',
      form: 'ratio',
      top: { kind: 'sum', filter: events('survey'), of: SCORE, window: LIFE },
      bottom: average,
      enough: null,
    };
    const made = [rated('a', DAY, 4), rated('b', 2 * DAY, 2)];
    expect(truths(compare(ratio, 'equals', 2000), made, 3 * DAY)).toEqual([`false@${DAY}`, `true@${2 * DAY}`]);
  });
});

describe('the other side', () => {
  it('may be a cut-off, with something added', () => {
    const sum: Measure = { kind: 'sum', filter: ORDERS, of: AMOUNT, window: LIFE };
    const condition = against(sum, 'atLeast', { kind: 'cut', table: 'clv', percentile: 90, plus: 500 });
    const table = { key: 'clv', name: 'clv', measure: 'cents', cuts: new Map([[90, 1_000_000]]), about: {} };
    const made = [order('a', DAY, 1000), order('b', 2 * DAY, 1)];
    expect(truths(condition, made, 3 * DAY, { tables: [table] })).toEqual([`false@${DAY}`, `true@${2 * DAY}`]);
    expect(truths(condition, made, 3 * DAY)).toEqual([`unknown@${DAY}`]);
  });

  it('may have bounds of its own', () => {
    const bought: Measure = { kind: 'count', filter: ORDERS, window: sliding(5 * DAY) };
    const called: Measure = { kind: 'count', filter: CONTACTS, window: sliding(5 * DAY) };
    const condition = against(called, 'moreThan', { kind: 'measure', measure: bought, times: 1000 });
    // No order is known of before day 8 is whole: one call may be more or not.
    const told = truths(condition, [contact('a', 10 * DAY)], 20 * DAY, { since: 8 * DAY });
    expect(told).toEqual([`unknown@${10 * DAY}`, `true@${13 * DAY}`, `false@${15 * DAY}`]);
  });
});
