/** Dates without a zone: days as numbers since 1 January 1970, proleptic Gregorian. */
import { DAY_MS } from './duration.ts';

export const DAYS_PER_WEEK = 7;
/** 5 January 1970. */
export const MONDAY = 4;

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

/** NaN beyond what a date can be. A month outside of 1 to 12 moves the year, a day that the month does not have the month. */
export function dayNumber(year: number, month: number, day: number): number {
  const date = new Date(0);
  // Unlike Date.UTC this takes the years before 100 as they are.
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime() / DAY_MS;
}

/** A day moved on by n units; where the target month has no such day it is the first of the month after. */
export function addUnits(day: number, n: number, unit: 'day' | 'week' | 'month' | 'year'): number {
  if (unit === 'day') return day + n;
  if (unit === 'week') return day + DAYS_PER_WEEK * n;
  const from = civilOf(day);
  const month = from.month + (unit === 'month' ? n : 12 * n);
  const next = dayNumber(from.year, month + 1, 1);
  return Math.min(dayNumber(from.year, month, 1) + from.day - 1, next);
}

/** The day of another year with the month and day of a date; 29 February is 1 March where the year has none. */
export function anniversaryIn(year: number, of: CivilDay): number {
  return dayNumber(year, of.month, of.day);
}
