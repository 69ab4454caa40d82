/** Instants and dates as authored: a date is the beginning of that day in the time zone of the workspace. */
import { calendarOf } from '../../time/calendar.ts';
import { parseDate } from '../../time/instants.ts';
import type { Parsing, Path } from './parsing.ts';

/** ms UTC; undefined beside a mistake. Throws RangeError when the workspace's zone is none. */
export function instantOf(p: Parsing, text: string, path: Path): number | undefined {
  const calendar = calendarOf(p.zone);
  if (calendar === undefined) throw new RangeError(`${p.zone} is no time zone`);
  const at = parseDate(text, calendar);
  if (at === undefined) p.mistake(path, `there is no ${text} in the calendar`);
  return at;
}
