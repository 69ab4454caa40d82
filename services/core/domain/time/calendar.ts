/**
 * Days and calendar units in a time zone. A local day is a number: days since 1 January 1970 in the calendar of the zone. It
 * begins at the first instant at which clocks there show its date or a later one: a night without midnight, and a day that a
 * zone skipped, have a beginning too, and an evening that is lived twice belongs to the day it first led into.
 */
import { assert } from '../../faults.ts';
import { civilOf, dayNumber, DAYS_PER_WEEK, MONDAY } from './civil.ts';
import { DAY_MS, INSTANT_MAX } from './duration.ts';
import type { CalendarUnit, Zone } from '../language/ast.ts';
import { offsetsOf, type ZoneOffsets } from './zone-offsets.ts';

/** No zone was ever further from UTC. */
const OFFSET_MAX_MS = 16 * 3_600_000;

export class Calendar {
  readonly zone: string;
  readonly #offsets: ZoneOffsets;
  /** The day asked for last, and where it lies: neighbours in time ask one after another. */
  #day = NaN;
  #from = Infinity;
  #until = -Infinity;

  constructor(zone: string, offsets: ZoneOffsets) {
    this.zone = zone;
    this.#offsets = offsets;
  }

  /** The day an instant lies in. */
  localDay(at: number): number {
    if (at >= this.#from && at < this.#until) return this.#day;
    let day = Math.floor((at + this.#offsets.offsetAt(at)) / DAY_MS);
    // Clocks that were put back show a day that is over already.
    while (this.startOfDay(day + 1) <= at) day += 1;
    this.#day = day;
    this.#from = this.startOfDay(day);
    this.#until = this.startOfDay(day + 1);
    return day;
  }

  /** First instant after which no clock of the zone shows an earlier date for good, ms UTC. */
  startOfDay(day: number): number {
    const midnight = day * DAY_MS;
    // Beyond what a date can be, NaN among it, no day begins.
    if (!(Math.abs(midnight) <= INSTANT_MAX)) return midnight < 0 ? -Infinity : Infinity;
    let from = midnight - OFFSET_MAX_MS;
    for (;;) {
      const until = this.#offsets.changeAfter(from);
      const start = Math.max(from, midnight - this.#offsets.offsetAt(from));
      if (start < until) return start;
      from = until;
    }
  }

  /** When the unit begins that an instant lies in, or the one `back` units before it (−1: the next one), ms UTC. */
  startOfUnit(at: number, unit: CalendarUnit, back: number): number {
    return this.startOfDay(firstDay(this.localDay(at), unit, back));
  }

  /** When the next unit begins, after an instant, ms UTC. */
  nextStart(at: number, unit: CalendarUnit): number {
    return this.startOfUnit(at, unit, -1);
  }
}

/** The first day of the unit a day lies in, or of the one `back` units before it. Weeks begin on Monday. */
function firstDay(day: number, unit: CalendarUnit, back: number): number {
  switch (unit) {
    case 'day':
      return day - back;
    case 'week':
      return day - modulo(day - MONDAY, DAYS_PER_WEEK) - DAYS_PER_WEEK * back;
    case 'month': {
      const { year, month } = civilOf(day);
      return dayNumber(year, month - back, 1);
    }
    case 'quarter': {
      const { year, month } = civilOf(day);
      return dayNumber(year, month - modulo(month - 1, 3) - 3 * back, 1);
    }
    case 'year':
      return dayNumber(civilOf(day).year - back, 1, 1);
  }
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

/** Zones and names that are none; customers may say anything, so both are bounded. */
const NAMES_MAX = 2048;
const calendars = new Map<string, Calendar | undefined>();

/** Undefined for what is no zone of the IANA database. */
export function calendarOf(zone: string): Calendar | undefined {
  if (calendars.has(zone)) return calendars.get(zone);
  if (calendars.size >= NAMES_MAX) calendars.clear();
  const offsets = offsetsOf(zone);
  const calendar = offsets === undefined ? undefined : new Calendar(zone, offsets);
  calendars.set(zone, calendar);
  return calendar;
}

/** Of a rule's zone for a customer whose `timezone` trait is as given. A fallback that is no zone was refused before. */
export function zoneOf(zone: Zone, timezone: unknown): Calendar {
  const own = zone.ofCustomer && typeof timezone === 'string' ? calendarOf(timezone) : undefined;
  const calendar = own ?? calendarOf(zone.name);
  assert(calendar !== undefined, 'the zone of a rule is known');
  return calendar;
}
