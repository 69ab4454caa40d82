/** Windows and spans of time, in words that follow a noun. */
import { DAY_MS, durationInWords } from '../../time/duration.ts';
import type { Window } from '../../time/window.ts';
import type { CalendarUnit, EventFilter, Zone } from '../ast.ts';
import { eventPhrase } from '../event-phrase.ts';
import { traitLabel } from './labels.ts';

/** ` in the last 30 days`, ` this month`, ` since the last refund`; for everything since the beginning ` ever`. */
export function windowInWords(window: Window, preposition: 'in' | 'over'): string {
  switch (window.kind) {
    case 'lifetime':
      return ' ever';
    case 'sliding':
      return window.offsetMs === 0
        ? ` ${preposition} the last ${span(window.ms)}`
        : ` between ${durationInWords(window.ms + window.offsetMs)} and ${durationInWords(window.offsetMs)} ago`;
    case 'calendar':
      return ` ${unitInWords(window.unit, window.back)}${zoneInWords(window.zone)}`;
    case 'sinceEvent':
      return ` since the last ${eventPhrase(window.filter, 'one')}`;
    case 'sinceTrait':
      return ` since ${dateOfTrait(window.trait)}`;
    case 'fixed':
      return ` from ${dateInWords(window.from)} until ${dateInWords(window.until)}`;
  }
}

/** The last hour, the last 30 days. */
export function span(ms: number): string {
  return durationInWords(ms).replace(/^1 (?=\w+$)/, '');
}

function unitInWords(unit: CalendarUnit, back: number): string {
  if (unit === 'day' && back < 2) return back === 0 ? 'today' : 'yesterday';
  if (back === 0) return `this ${unit}`;
  return back === 1 ? `in the ${unit} before this one` : `in the ${unit} ${back} ${unit}s before this one`;
}

/** Only where it is not the customer's own. */
export function zoneInWords(zone: Zone): string {
  return zone.ofCustomer ? '' : ` (time in ${placeOf(zone)})`;
}

function placeOf({ name }: Zone): string {
  return name.replace(/^.*\//, '').replaceAll('_', ' ');
}

function dateOfTrait(trait: string): string {
  return trait === 'createdAt' ? 'the customer came' : `the date of ${traitLabel(trait)}`;
}

/** An instant by the calendar of UTC: a day by itself where it is the beginning of one. */
export function dateInWords(at: number): string {
  const text = new Date(at).toISOString();
  return at % DAY_MS === 0 ? text.slice(0, 10) : `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`;
}

/** Of one event: `last`, `2nd last`. */
export function nthLast(n: number): string {
  return n === 1 ? 'last' : `${ordinal(n)} last`;
}

export function ordinal(n: number): string {
  const tens = n % 100;
  const ending = tens >= 11 && tens <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `${n}${ending}`;
}

/** ` with the same issue`, where a field tells events apart. */
export function sameInWords(label: string | null): string {
  return label === null ? '' : ` with the same ${label}`;
}

export function filterOf(filters: readonly EventFilter[]): EventFilter {
  return { events: [...new Set(filters.flatMap(({ events }) => events))], where: [] };
}
