/** Instants as people and systems write them. */
import type { Calendar } from './calendar.ts';
import { civilOf, dayNumber } from './civil.ts';
import { INSTANT_MAX } from './duration.ts';

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
/** With its distance from UTC: without one it would mean another instant in every zone. */
const INSTANT = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * The instant a value means, ms UTC: milliseconds as they are, YYYY-MM-DD the beginning of that day in the calendar's zone, an ISO
 * instant with its offset. Undefined for anything else.
 */
export function parseDate(value: unknown, calendar: Calendar): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && Math.abs(value) <= INSTANT_MAX ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const day = parseDay(value);
  if (day !== undefined) return calendar.startOfDay(day);
  const match = INSTANT.exec(value);
  if (match === null || parseDay(match[1]!) === undefined) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : at;
}

/** The day of YYYY-MM-DD; undefined when there is no such day. */
export function parseDay(text: string): number | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const found = dayNumber(year, month, day);
  const civil = civilOf(found);
  return civil.month === month && civil.day === day ? found : undefined;
}
