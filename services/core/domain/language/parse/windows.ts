/** Windows: exactly one way to say where a measure looks, or none for everything since the beginning. */
import { DAY_MS, parseDuration } from '../../time/duration.ts';
import type { Window } from '../../time/window.ts';
import type { CalendarUnit } from '../ast.ts';
import { BOUNDS } from '../authored.ts';
import { eventFilter } from './filters.ts';
import { instantOf } from './instants.ts';
import type { Entry, Parsing, Path } from './parsing.ts';
import { dateTrait } from './trait-names.ts';

const WAYS = ['within', 'calendar', 'since', 'from', 'lastEvents'] as const;

/** The window of a body; its `lastEvents` is no window of time and is read by the measure. */
export function windowOf(p: Parsing, body: Entry, path: Path): Window {
  const ways = WAYS.filter((way) => body[way] !== undefined);
  if (ways.length > 1) p.mistake(path, `has ${ways.join(' and ')}; a measure looks at one window`);
  const [way] = ways;
  if (body['offset'] !== undefined && way !== 'within' && way !== 'calendar')
    p.mistake([...path, 'offset'], 'needs within or calendar, which it moves back');
  if (body['until'] !== undefined && body['from'] === undefined) p.mistake([...path, 'until'], 'needs from');
  if (way === undefined || way === 'lastEvents') return { kind: 'lifetime' };
  switch (way) {
    case 'within':
      return sliding(p, body, path);
    case 'calendar':
      return calendar(p, body, path);
    case 'since':
      return since(p, body['since'] as Entry, [...path, 'since']);
    case 'from':
      return fixed(p, body, path);
  }
}

function sliding(p: Parsing, body: Entry, path: Path): Window {
  const ms = p.window(body['within'] as string, [...path, 'within']);
  const offset = body['offset'];
  const offsetMs = typeof offset === 'string' ? (parseDuration(offset) ?? 0) : 0;
  if (offset !== undefined && typeof offset !== 'string')
    p.mistake([...path, 'offset'], 'expected a duration such as 30d');
  if (offsetMs > 0 && ms + offsetMs > BOUNDS.windowDays * DAY_MS)
    p.mistake([...path, 'offset'], `reaches back longer than ${BOUNDS.windowDays} days`);
  return { kind: 'sliding', ms, offsetMs };
}

/** Days of the longest unit. */
const UNIT_DAYS = { day: 1, week: 7, month: 31, quarter: 92, year: 366 } as const;

function calendar(p: Parsing, body: Entry, path: Path): Window {
  const unit = body['calendar'] as CalendarUnit;
  const offset = body['offset'];
  const back = typeof offset === 'number' ? offset : 0;
  if (typeof offset === 'string') p.mistake([...path, 'offset'], `expected how many ${unit}s back, a whole number`);
  if ((back + 1) * UNIT_DAYS[unit] > BOUNDS.windowDays)
    p.mistake([...path, 'offset'], `reaches back longer than ${BOUNDS.windowDays} days`);
  return { kind: 'calendar', unit, back, zone: p.zoneOf(body['zone'], path) };
}

function since(p: Parsing, anchor: Entry, path: Path): Window {
  if ('event' in anchor) return { kind: 'sinceEvent', filter: eventFilter(p, anchor, path) };
  const trait = anchor['trait'] as string;
  dateTrait(p, trait, [...path, 'trait']);
  return { kind: 'sinceTrait', trait, zone: p.zoneOf(anchor['zone'], path) };
}

function fixed(p: Parsing, body: Entry, path: Path): Window {
  if (body['until'] === undefined) p.mistake(path, 'from needs until');
  const [from, until] = (['from', 'until'] as const).map((name) =>
    body[name] === undefined ? undefined : instantOf(p, body[name] as string, [...path, name]),
  );
  if (from === undefined || until === undefined) return { kind: 'fixed', from: 0, until: 1 };
  if (until <= from) p.mistake([...path, 'until'], 'lies before from');
  if (until - from > BOUNDS.windowDays * DAY_MS)
    p.mistake([...path, 'until'], `longer than ${BOUNDS.windowDays} days after from`);
  return { kind: 'fixed', from, until };
}
