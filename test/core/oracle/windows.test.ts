import { describe, expect, it } from 'vitest';
import type { Measure } from '../../../services/core/domain/language/ast.ts';
import type { Window } from '../../../services/core/domain/time/window.ts';
import { interaction, profile, purchase } from './events.ts';
import { at, BERLIN, compare, CONTACTS, DAY, events, oneOf, ORDERS, truths } from './definitions.ts';

const contact = (eventId: string, occurredAt: number) => interaction({ eventId, occurredAt });
const order = (eventId: string, occurredAt: number) => purchase({ eventId, occurredAt });
const count = (window: Window): Measure => ({ kind: 'count', filter: CONTACTS, window });

describe('a sliding window with an offset', () => {
  it('takes an event in and lets it go that much later', () => {
    const window: Window = { kind: 'sliding', ms: 2 * DAY, offsetMs: DAY };
    const told = truths(compare(count(window), 'atLeast', 1), [contact('a', 10 * DAY)], 20 * DAY);
    expect(told).toEqual([`false@${10 * DAY}`, `true@${11 * DAY}`, `false@${13 * DAY}`]);
  });

  it('is unknown until the feed is whole over it', () => {
    const window: Window = { kind: 'sliding', ms: 2 * DAY, offsetMs: DAY };
    const told = truths(compare(count(window), 'lessThan', 1), [contact('a', 10 * DAY)], 20 * DAY, { since: 10 * DAY });
    // From day 11 on the event is in it; when it leaves on day 13 the window (10, 12] is whole.
    expect(told).toEqual([`unknown@${10 * DAY}`, `false@${11 * DAY}`, `true@${13 * DAY}`]);
  });
});

describe('a calendar window', () => {
  const day: Window = { kind: 'calendar', unit: 'day', back: 0, zone: BERLIN };

  it('begins at midnight of the zone, in the night of the shorter day too', () => {
    const first = at('2026-03-28T22:59:59.999Z');
    const second = at('2026-03-28T23:00:00Z');
    const told = truths(
      compare(count(day), 'atLeast', 1),
      [contact('a', first), contact('b', second)],
      second + 2 * DAY,
    );
    // 29 March has 23 hours in Berlin.
    expect(told).toEqual([`true@${first}`, `false@${second}`, `true@${second}`, `false@${at('2026-03-29T22:00:00Z')}`]);
  });

  it('of units back ends where the next begins', () => {
    const window: Window = { kind: 'calendar', unit: 'month', back: 1, zone: BERLIN };
    const last = at('2026-03-31T21:59:59.999Z');
    const told = truths(compare(count(window), 'atLeast', 1), [contact('a', last)], last + 90 * DAY);
    expect(told).toEqual([
      `false@${last}`,
      `true@${at('2026-03-31T22:00:00Z')}`,
      `false@${at('2026-04-30T22:00:00Z')}`,
    ]);
  });

  it("is the customer's own where the zone is, and moves with it", () => {
    const own: Window = { ...day, zone: { ofCustomer: true, name: 'UTC' } };
    const early = at('2026-06-01T20:00:00Z');
    const move = at('2026-06-01T23:00:00Z');
    const told = truths(
      compare(count(own), 'atLeast', 1),
      [contact('a', early), profile({ eventId: 'z', occurredAt: move, traits: { timezone: 'Asia/Tokyo' } })],
      move + DAY,
    );
    // 20:00 UTC was 5 o'clock of 2 June in Tokyo, which ends at 15:00 UTC.
    expect(told).toEqual([`true@${early}`, `false@${at('2026-06-02T15:00:00Z')}`]);
  });

  it('of the workspace where the named zone is none', () => {
    const own: Window = { ...day, zone: { ofCustomer: true, name: 'UTC' } };
    const start = at('2026-06-01T20:00:00Z');
    const told = truths(
      compare(count(own), 'atLeast', 1),
      [profile({ eventId: 'z', occurredAt: start, traits: { timezone: 'Middle/Earth' } }), contact('a', start)],
      start + DAY,
    );
    expect(told.slice(-1)).toEqual([`false@${at('2026-06-02T00:00:00Z')}`]);
  });
});

describe('a window since an anchor', () => {
  it('is unknown without it and begins after it', () => {
    const window: Window = { kind: 'sinceEvent', filter: ORDERS };
    const told = truths(
      compare(count(window), 'atLeast', 1),
      [contact('a', DAY), order('b', 2 * DAY), contact('c', 2 * DAY), contact('d', 3 * DAY), order('e', 4 * DAY)],
      5 * DAY,
    );
    expect(told).toEqual([`unknown@${DAY}`, `false@${2 * DAY}`, `true@${3 * DAY}`, `false@${4 * DAY}`]);
  });

  it('begins at the start of the day a trait names, after its first millisecond', () => {
    const window: Window = { kind: 'sinceTrait', trait: 'createdAt', zone: BERLIN };
    const midnight = at('2026-05-09T22:00:00Z');
    const known = profile({ eventId: 'p', occurredAt: midnight - DAY, traits: { createdAt: '2026-05-10' } });
    const told = truths(
      compare(count(window), 'atLeast', 1),
      [known, contact('a', midnight), contact('b', midnight + 1)],
      midnight + DAY,
    );
    expect(told).toEqual([`false@${midnight - DAY}`, `true@${midnight + 1}`]);
  });
});

describe('a fixed window', () => {
  it('takes in its first millisecond and not the one it ends at', () => {
    const window: Window = { kind: 'fixed', from: 10 * DAY, until: 11 * DAY };
    const measure = count(window);
    const told = (instant: number): readonly string[] =>
      truths(compare(measure, 'atLeast', 1), [contact('a', instant)], 20 * DAY);
    expect(told(10 * DAY - 1)).toEqual([`false@${10 * DAY - 1}`]);
    expect(told(10 * DAY)).toEqual([`true@${10 * DAY}`]);
    expect(told(11 * DAY - 1)).toEqual([`true@${11 * DAY - 1}`]);
    expect(told(11 * DAY)).toEqual([`false@${11 * DAY}`]);
  });
});

describe('days active', () => {
  it('counts calendar days of the zone, both midnights of a long night apart', () => {
    const measure: Measure = {
      kind: 'daysActive',
      filter: events('interaction'),
      window: { kind: 'sliding', ms: 7 * DAY, offsetMs: 0 },
      zone: BERLIN,
    };
    // 25 October 2026 lasts from 22:00 to 23:00 UTC of the next day.
    const instants = ['2026-10-24T21:59:00Z', '2026-10-24T22:00:00Z', '2026-10-25T22:59:00Z', '2026-10-25T23:00:00Z'];
    const made = instants.map((text, index) => contact(`c${index}`, at(text)));
    const told = truths(compare(measure, 'atLeast', 3), made, at('2026-10-26T12:00:00Z'));
    expect(told).toEqual([`false@${at(instants[0]!)}`, `true@${at(instants[3]!)}`]);
  });
});

describe('distinct values in a window that does not end now', () => {
  it('are counted as they were then', () => {
    const measure: Measure = {
      kind: 'countDistinct',
      filter: events('interaction', oneOf('kind', 'contact')),
      window: { kind: 'sliding', ms: DAY, offsetMs: DAY },
      field: 'channel',
    };
    const made = [
      interaction({ eventId: 'a', occurredAt: 10 * DAY, channel: 'phone' }),
      interaction({ eventId: 'b', occurredAt: 10 * DAY + 1, channel: 'email' }),
      interaction({ eventId: 'c', occurredAt: 11 * DAY, channel: 'phone' }),
    ];
    const told = truths(compare(measure, 'atLeast', 2), made, 20 * DAY);
    // At day 12 the second call has come in as the first goes; the mail goes a millisecond later.
    expect(told).toEqual([`false@${10 * DAY}`, `true@${11 * DAY + 1}`, `false@${12 * DAY + 1}`]);
  });
});
