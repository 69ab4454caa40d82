import { describe, expect, it } from 'vitest';
import { dayNumber, dayOf, dayOfText, movedOn, startOfDay, unitStart } from '../../../services/core/oracle/calendar.ts';
import { at } from './definitions.ts';

const MARCH_29 = dayNumber(2026, 3, 29);

describe('days of a zone', () => {
  it('begin at local midnight, whatever the clocks do that day', () => {
    // Clocks go forward in Berlin on 29 March 2026, back on 25 October.
    expect(startOfDay(MARCH_29, 'Europe/Berlin')).toBe(at('2026-03-28T23:00:00Z'));
    expect(startOfDay(MARCH_29 + 1, 'Europe/Berlin')).toBe(at('2026-03-29T22:00:00Z'));
    expect(startOfDay(dayNumber(2026, 10, 26), 'Europe/Berlin')).toBe(at('2026-10-25T23:00:00Z'));
  });

  it('begin at one in the morning where the clocks jump over midnight', () => {
    // Beirut, 29 March 2026: 00:00 becomes 01:00.
    expect(startOfDay(MARCH_29, 'Asia/Beirut')).toBe(at('2026-03-28T22:00:00Z'));
    expect(dayOf(at('2026-03-28T21:59:59.999Z'), 'Asia/Beirut')).toBe(MARCH_29 - 1);
    expect(dayOf(at('2026-03-28T22:00:00Z'), 'Asia/Beirut')).toBe(MARCH_29);
  });

  it('begin once where midnight comes twice', () => {
    // Havana, 1 November 2026: 01:00 becomes 00:00.
    expect(startOfDay(dayNumber(2026, 11, 1), 'America/Havana')).toBe(at('2026-11-01T04:00:00Z'));
    expect(startOfDay(dayNumber(2026, 11, 2), 'America/Havana')).toBe(at('2026-11-02T05:00:00Z'));
  });

  it('are read from texts that are days only', () => {
    expect(dayOfText('1970-01-02')).toBe(1);
    expect(dayOfText('2024-02-29')).toBe(dayNumber(2024, 2, 29));
    expect(dayOfText('2026-02-29')).toBeUndefined();
    expect(dayOfText('2026-2-9')).toBeUndefined();
  });
});

describe('calendar units', () => {
  it('begin on Monday, on the first of the month, quarter and year', () => {
    const now = at('2026-11-25T12:00:00Z');
    const starts = (['day', 'week', 'month', 'quarter', 'year'] as const).map((unit) => unitStart(unit, now, 0, 'UTC'));
    expect(starts.map((start) => new Date(start).toISOString().slice(0, 10))).toEqual([
      '2026-11-25',
      '2026-11-23',
      '2026-11-01',
      '2026-10-01',
      '2026-01-01',
    ]);
    expect(unitStart('month', now, 11, 'UTC')).toBe(at('2025-12-01T00:00:00Z'));
    expect(unitStart('quarter', now, -1, 'UTC')).toBe(at('2027-01-01T00:00:00Z'));
  });
});

describe('moving a day on', () => {
  it('lands on the first of the next month where the month is too short', () => {
    expect(movedOn(dayNumber(2024, 2, 29), 1, 'year')).toBe(dayNumber(2025, 3, 1));
    expect(movedOn(dayNumber(2024, 2, 29), 4, 'year')).toBe(dayNumber(2028, 2, 29));
    expect(movedOn(dayNumber(2026, 1, 31), 1, 'month')).toBe(dayNumber(2026, 3, 1));
    expect(movedOn(dayNumber(2026, 12, 31), 2, 'month')).toBe(dayNumber(2027, 3, 1));
    expect(movedOn(dayNumber(2026, 1, 31), 2, 'week')).toBe(dayNumber(2026, 2, 14));
  });
});
