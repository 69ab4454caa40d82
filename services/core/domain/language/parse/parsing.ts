/** What every part of the parser shares: the mistakes found so far, and how texts and durations are read. */
import { calendarOf } from '../../time/calendar.ts';
import { DAY_MS, parseDuration } from '../../time/duration.ts';
import type { Scalar, Zone } from '../ast.ts';
import { BOUNDS } from '../authored.ts';
import type { Mistake } from '../mistakes.ts';

export type Path = readonly (string | number)[];
/** An authored object of the right form. */
export type Entry = Readonly<Record<string, unknown>>;

/** Longest span a date is compared with, days; nothing is kept for it. */
const DATE_DAYS = 36_525;

export class Parsing {
  readonly mistakes: Mistake[] = [];
  /** IANA name of the workspace's time zone. */
  readonly zone: string;

  constructor(zone: string) {
    this.zone = zone;
  }

  mistake(path: Path, message: string): void {
    this.mistakes.push({ path, message });
  }

  /** A window: longer than nothing, and not longer than events are kept. ms. */
  window(text: string, path: Path): number {
    const ms = parseDuration(text) ?? 0;
    if (ms === 0) this.mistake(path, 'a window must be longer than nothing');
    if (ms > BOUNDS.windowDays * DAY_MS)
      this.mistake(path, `longer than ${BOUNDS.windowDays} days, the longest span that is kept exactly`);
    return ms;
  }

  /** A duration that somebody stays, or waits; ms. */
  stay(text: string, path: Path): number {
    const ms = parseDuration(text) ?? 0;
    if (ms > BOUNDS.windowDays * DAY_MS) this.mistake(path, `longer than ${BOUNDS.windowDays} days`);
    return ms;
  }

  /** A span from or to a date, which nothing has to be kept for; ms. */
  span(text: string, path: Path): number {
    const ms = parseDuration(text) ?? 0;
    if (ms === 0) this.mistake(path, 'must be longer than nothing');
    if (ms > DATE_DAYS * DAY_MS) this.mistake(path, `longer than ${DATE_DAYS} days`);
    return ms;
  }

  /** The zone that is named; without one the customer's own. */
  zoneOf(name: unknown, path: Path): Zone {
    if (typeof name !== 'string') return { ofCustomer: true, name: this.zone };
    if (calendarOf(name) === undefined)
      this.mistake([...path, 'zone'], `${name} is no time zone; expected a name such as Europe/Berlin`);
    return { ofCustomer: false, name };
  }

  bounded(values: readonly Scalar[], path: Path): void {
    if (values.some((value) => typeof value === 'string' && byteLength(value) > BOUNDS.stringBytes))
      this.mistake(path, `a text is longer than ${BOUNDS.stringBytes} bytes`);
  }
}

export function sorted<T extends Scalar>(values: readonly T[]): T[] {
  return [...new Set(values)].sort((a, b) => (typeof a === typeof b ? (a < b ? -1 : 1) : typeof a < typeof b ? -1 : 1));
}

export function asList<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
