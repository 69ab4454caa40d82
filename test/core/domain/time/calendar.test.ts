/** Days and units of zones: nights on which clocks change, days that a zone skipped, leap days, ends of months. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CalendarUnit } from '../../../../services/core/domain/language/ast.ts';
import { calendarOf, zoneOf } from '../../../../services/core/domain/time/calendar.ts';
import { addUnits, anniversaryIn, civilOf, dayNumber } from '../../../../services/core/domain/time/civil.ts';
import { DAY_MS } from '../../../../services/core/domain/time/duration.ts';
import { parseDate, parseDay } from '../../../../services/core/domain/time/instants.ts';

const HOUR = DAY_MS / 24;
const UNITS: readonly CalendarUnit[] = ['day', 'week', 'month', 'quarter', 'year'];
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Africa/Casablanca',
  'Africa/Cairo',
];

const calendar = (zone: string) => calendarOf(zone)!;
const at = (iso: string): number => Date.parse(iso);
const iso = (instant: number): string => new Date(instant).toISOString();
const dayOf = (text: string): number => parseDay(text)!;

describe('a day of a zone', () => {
  it.each([
    ['UTC', '2026-03-29', '2026-03-29T00:00:00.000Z', 24],
    ['Europe/Berlin', '2026-03-28', '2026-03-27T23:00:00.000Z', 24],
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z', 23],
    ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00.000Z', 25],
    ['Asia/Kathmandu', '2026-01-01', '2025-12-31T18:15:00.000Z', 24],
    ['Australia/Lord_Howe', '2026-04-05', '2026-04-04T13:00:00.000Z', 24.5],
    // Midnight did not happen: clocks went from 24:00 to 1:00.
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z', 23],
    ['America/Sao_Paulo', '2018-02-17', '2018-02-17T02:00:00.000Z', 25],
    // Clocks went back at one minute past midnight, so the minute after it came twice; the day begins with the first.
    ['America/St_Johns', '2006-10-29', '2006-10-29T02:30:00.000Z', 25],
    // The day that the zone skipped begins, empty, where the next one does.
    ['Pacific/Apia', '2011-12-29', '2011-12-29T10:00:00.000Z', 24],
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00.000Z', 0],
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00.000Z', 24],
  ])('%s, %s: begins at %s and lasts %s hours', (zone, day, begins, hours) => {
    const number = dayOf(day);
    const start = calendar(zone).startOfDay(number);
    expect(iso(start)).toBe(begins);
    expect((calendar(zone).startOfDay(number + 1) - start) / HOUR).toBe(hours);
  });

  it('holds every instant from its beginning to that of the next', () => {
    const zone = fc.constantFrom(...ZONES);
    fc.assert(
      fc.property(zone, fc.integer({ min: at('2005-01-01'), max: at('2030-01-01') }), (name, instant) => {
        const days = calendar(name);
        const day = days.localDay(instant);
        expect(days.startOfDay(day)).toBeLessThanOrEqual(instant);
        expect(days.startOfDay(day + 1)).toBeGreaterThan(instant);
        // Asked in another order a calendar says the same.
        expect(days.localDay(days.startOfDay(day + 1))).toBeGreaterThan(day);
        expect(days.localDay(instant)).toBe(day);
      }),
    );
  });

  it('is the one that clocks there show, as Intl tells it', () => {
    const noon = fc.integer({ min: -11_000, max: 25_000 }).map((day) => day * DAY_MS + DAY_MS / 2);
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), noon, (name, instant) => {
        const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: name, dateStyle: 'short' }).format(instant);
        const { year, month, day } = civilOf(calendar(name).localDay(instant));
        const two = (number: number): string => String(number).padStart(2, '0');
        expect(`${year}-${two(month)}-${two(day)}`).toBe(shown);
      }),
    );
  });
});

describe('a calendar unit', () => {
  it.each([
    ['week', 0, '2026-03-23T00:00:00.000Z', '2026-03-30T00:00:00.000Z'],
    ['month', 0, '2026-03-01T00:00:00.000Z', '2026-04-01T00:00:00.000Z'],
    ['quarter', 0, '2026-01-01T00:00:00.000Z', '2026-04-01T00:00:00.000Z'],
    ['year', 0, '2026-01-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['month', 3, '2025-12-01T00:00:00.000Z', '2026-04-01T00:00:00.000Z'],
    ['quarter', 1, '2025-10-01T00:00:00.000Z', '2026-04-01T00:00:00.000Z'],
  ] as const)('%s, %i back, of 29 March 2026 begins at %s; the next one at %s', (unit, back, begins, next) => {
    const days = calendar('UTC');
    const instant = at('2026-03-29T12:00:00Z');
    expect(iso(days.startOfUnit(instant, unit, back))).toBe(begins);
    expect(iso(days.nextStart(instant, unit))).toBe(next);
  });

  it('that begins now is the current one, and the next lies ahead', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.constantFrom(...UNITS),
        fc.integer({ min: at('2009-01-01'), max: at('2030-01-01') }),
        (name, unit, instant) => {
          const days = calendar(name);
          const start = days.startOfUnit(instant, unit, 0);
          const next = days.nextStart(instant, unit);
          expect(start).toBeLessThanOrEqual(instant);
          expect(next).toBeGreaterThan(instant);
          expect(days.startOfUnit(start, unit, 0)).toBe(start);
          expect(days.startOfUnit(next - 1, unit, 0)).toBe(start);
          expect(days.startOfUnit(next, unit, 1)).toBe(start);
        },
      ),
    );
  });

  it('begins on Monday, also before 1970', () => {
    expect(iso(calendar('UTC').startOfUnit(at('1969-12-31T10:00:00Z'), 'week', 0))).toBe('1969-12-29T00:00:00.000Z');
  });
});

describe('a day moved on', () => {
  it.each([
    ['2024-02-29', 1, 'year', '2025-03-01'],
    ['2024-02-29', 4, 'year', '2028-02-29'],
    ['2026-01-31', 1, 'month', '2026-03-01'],
    ['2026-05-31', 1, 'month', '2026-07-01'],
    ['2026-10-31', 14, 'month', '2027-12-31'],
    ['2026-12-30', 2, 'month', '2027-03-01'],
    ['2026-02-25', 1, 'week', '2026-03-04'],
    ['2026-02-25', 10, 'day', '2026-03-07'],
    ['2008-06-15', 18, 'year', '2026-06-15'],
  ] as const)('%s by %i %ss is %s', (day, n, unit, expected) => {
    expect(addUnits(dayOf(day), n, unit)).toBe(dayOf(expected));
  });

  it('that is 29 February has its anniversary on 1 March of other years', () => {
    const of = civilOf(dayOf('2024-02-29'));
    expect(anniversaryIn(2027, of)).toBe(dayOf('2027-03-01'));
    expect(anniversaryIn(2028, of)).toBe(dayOf('2028-02-29'));
  });

  it('takes years before 100 as they are', () => {
    expect(civilOf(dayNumber(99, 12, 31))).toEqual({ year: 99, month: 12, day: 31 });
  });
});

describe('an instant as written', () => {
  const berlin = calendar('Europe/Berlin');

  it.each([
    ['2026-07-01', '2026-06-30T22:00:00.000Z'],
    ['2026-07-01T10:00:00Z', '2026-07-01T10:00:00.000Z'],
    ['2026-07-01T10:00:00.250+02:00', '2026-07-01T08:00:00.250Z'],
    [at('2026-07-01T10:00:00Z'), '2026-07-01T10:00:00.000Z'],
  ])('%s is %s', (written, expected) => {
    expect(iso(parseDate(written, berlin)!)).toBe(expected);
  });

  it.each([
    '2026-02-29',
    '2026-13-01',
    '2026-07-01T10:00:00',
    'yesterday',
    '',
    NaN,
    Infinity,
    1e300,
    true,
    null,
    undefined,
  ])('%s is none', (written) => {
    expect(parseDate(written, berlin)).toBeUndefined();
  });
});

describe('the zone of a rule', () => {
  it('is that of the customer where it says so and the platform knows it, else its own', () => {
    const rule = { ofCustomer: true, name: 'Europe/Berlin' };
    expect(zoneOf(rule, 'Asia/Tokyo').zone).toBe('Asia/Tokyo');
    for (const unknown of ['Mars/Olympus', '', 7, null, undefined])
      expect(zoneOf(rule, unknown).zone).toBe('Europe/Berlin');
    expect(zoneOf({ ...rule, ofCustomer: false }, 'Asia/Tokyo').zone).toBe('Europe/Berlin');
  });

  it('must be known: nothing is evaluated in a zone that does not exist', () => {
    expect(calendarOf('Mars/Olympus')).toBeUndefined();
    expect(() => zoneOf({ ofCustomer: false, name: 'Mars/Olympus' }, undefined)).toThrow('the zone of a rule is known');
  });

  it('has no beginning for a day beyond what a date can be', () => {
    expect(calendar('Europe/Berlin').startOfDay(1e12)).toBe(Infinity);
    expect(calendar('Europe/Berlin').startOfDay(NaN)).toBe(Infinity);
    expect(calendar('Europe/Berlin').startOfDay(-1e12)).toBe(-Infinity);
  });
});
