/**
 * Days and calendar units in a time zone, asked of Intl for each day. A day is a number: days since 1 January 1970 in the
 * calendar of the zone; it begins at the first instant that shows its date, so that a night without midnight is one too.
 */
import type { CalendarUnit } from '../domain/language/ast.ts';
import { DAY_MS } from '../domain/time/duration.ts';

const HOUR_MS = DAY_MS / 24;

const formats = new Map<string, Intl.DateTimeFormat | undefined>();
/** By zone: the first instant of each day that was asked for, ms UTC. */
const starts = new Map<string, Map<number, number>>();

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  if (formats.has(zone)) return formats.get(zone);
  let format: Intl.DateTimeFormat | undefined;
  try {
    format = new Intl.DateTimeFormat('en', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (error) {
    // The only way to ask whether a zone is known; anything else is no answer.
    if (!(error instanceof RangeError)) throw error;
  }
  formats.set(zone, format);
  return format;
}

export function isZone(name: string): boolean {
  return formatOf(name) !== undefined;
}

/** What a clock in the zone shows, as if it were UTC; whole seconds. */
function shown(at: number, zone: string): number {
  if (zone === 'UTC') return Math.floor(at / 1000) * 1000;
  const fields = new Map(
    formatOf(zone)!
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => fields.get(name)!;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/** The first instant of a day in the zone, ms UTC. Of a day that the zone skipped: of the next. */
export function startOfDay(day: number, zone: string): number {
  if (zone === 'UTC') return day * DAY_MS;
  let known = starts.get(zone);
  if (known === undefined) starts.set(zone, (known = new Map<number, number>()));
  let start = known.get(day);
  if (start === undefined) known.set(day, (start = findStart(day * DAY_MS, zone)));
  return start;
}

/** Offsets lie between −12 and +14 hours, so the midnight is near the UTC one; the clocks change at most once about it. */
function findStart(midnight: number, zone: string): number {
  const early = midnight - 15 * HOUR_MS;
  const late = midnight + 13 * HOUR_MS;
  const offsets = [early, late].map((at) => shown(at, zone) - at);
  const found = offsets.map((offset) => midnight - offset).filter((at) => shown(at, zone) === midnight);
  if (found.length > 0) return Math.min(...found);
  // The clocks jump over midnight: the day begins where they land.
  let [before, after] = [early, late];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (shown(middle, zone) >= midnight) after = middle;
    else before = middle;
  }
  return after;
}

/** The day an instant lies in. */
export function dayOf(at: number, zone: string): number {
  let day = Math.floor(at / DAY_MS) + 1;
  while (startOfDay(day, zone) > at) day -= 1;
  return day;
}

export interface CivilDay {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

export function civilOf(day: number): CivilDay {
  const date = new Date(day * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** The day of a date; `month` may lie outside of 1 to 12 and moves the year then. */
export function dayNumber(year: number, month: number, day: number): number {
  const date = new Date(0);
  // Unlike Date.UTC this takes the years before 100 as they are.
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime() / DAY_MS;
}

/** The first day of the unit a day lies in, or of the one `back` units before; weeks begin on Monday. */
function unitFirstDay(unit: CalendarUnit, day: number, back: number): number {
  const { year, month } = civilOf(day);
  switch (unit) {
    case 'day':
      return day - back;
    case 'week':
      // 1 January 1970 was a Thursday.
      return day - ((((day + 3) % 7) + 7) % 7) - 7 * back;
    case 'month':
      return dayNumber(year, month - back, 1);
    case 'quarter':
      return dayNumber(year, month - ((month - 1) % 3) - 3 * back, 1);
    case 'year':
      return dayNumber(year - back, 1, 1);
  }
}

/** The start of the unit that `at` lies in, or of the one `back` units before it (−1: the next one), ms UTC. */
export function unitStart(unit: CalendarUnit, at: number, back: number, zone: string): number {
  return startOfDay(unitFirstDay(unit, dayOf(at, zone), back), zone);
}

/** A day moved on by n units; where the target month has no such day it is the first of the month after. */
export function movedOn(day: number, n: number, unit: 'day' | 'week' | 'month' | 'year'): number {
  if (unit === 'day') return day + n;
  if (unit === 'week') return day + 7 * n;
  const from = civilOf(day);
  const months = unit === 'month' ? n : 12 * n;
  const first = dayNumber(from.year, from.month + months, 1);
  const next = dayNumber(from.year, from.month + months + 1, 1);
  return Math.min(first + from.day - 1, next);
}

/** The day of a text YYYY-MM-DD; undefined when it is no such day. */
export function dayOfText(text: string): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const found = dayNumber(year, month, day);
  const civil = civilOf(found);
  return civil.year === year && civil.month === month && civil.day === day ? found : undefined;
}
