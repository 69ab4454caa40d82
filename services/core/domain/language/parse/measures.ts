/** Measures: from the body under their key to what is computed. */
import { DAY_MS } from '../../time/duration.ts';
import type { EventFilter, Measure } from '../ast.ts';
import { BOUNDS } from '../authored.ts';
import type { MeasureKey } from '../authored/measures.ts';
import { MEASURE_KEYS } from '../authored/measures.ts';
import { eventFilter, whereClauses } from './filters.ts';
import type { Entry, Parsing, Path } from './parsing.ts';
import { projection } from './projection.ts';
import { changeMeasure, ratioMeasure, shareMeasure } from './ratios.ts';
import { fieldSpecs } from './specs.ts';
import { DECAY_HALF_LIVES, ISSUE_CLAUSES_MAX } from '../series-identity.ts';
import { windowOf } from './windows.ts';

/** What an issue is looked back for when a rule does not say. */
const ISSUES_WITHIN = '365d';
const FIRST_CONTACTS_WITHIN = '180d';

/** Measures that have a number; `mostFrequent` has none. */
export type NumberKey = Exclude<MeasureKey, 'mostFrequent'>;

/** A measure that stands by itself under its one key. Undefined beside a mistake. */
export function measureEntry(p: Parsing, entry: Entry, path: Path): Measure | undefined {
  const key = MEASURE_KEYS.find((name) => name in entry)!;
  if (key === 'mostFrequent') {
    p.mistake([...path, key], 'is a text, no number');
    return undefined;
  }
  return measureOf(p, key, entry[key] as Entry, [...path, key]);
}

export function measureOf(p: Parsing, kind: NumberKey, body: Entry, path: Path): Measure {
  switch (kind) {
    case 'ratio':
      return ratioMeasure(p, body, path, measureEntry);
    case 'share':
      return shareMeasure(p, body, path);
    case 'change':
      return changeMeasure(p, body, path, measureEntry);
    case 'sequence':
      return sequence(p, body, path);
    case 'openIssues':
    case 'reopenedIssues':
    case 'failedFirstContacts':
      return ofIssues(p, kind, body, path);
    case 'first':
    case 'last':
    case 'nthLast':
    case 'averageLast':
    case 'trendLast':
      return ofNewest(p, kind, body, path);
    case 'count':
    case 'countDistinct':
    case 'daysActive':
    case 'sum':
    case 'average':
    case 'min':
    case 'max':
    case 'averageGap':
      return inWindow(p, kind, body, path);
    case 'timeSinceLast':
    case 'timeSinceFirst':
      return { kind, filter: eventFilter(p, body, path) };
    case 'decayedSum':
    case 'decayedAverage':
      return decayed(p, kind, body, path);
    case 'notFollowedBy':
      return unanswered(p, eventFilter(p, body, path), body, path);
  }
}

function ofIssues(
  p: Parsing,
  kind: 'openIssues' | 'reopenedIssues' | 'failedFirstContacts',
  body: Entry,
  path: Path,
): Measure {
  const within = body['within'] as string | undefined;
  const windowMs = (usual: string): number => p.window(within ?? usual, [...path, 'within']);
  switch (kind) {
    case 'openIssues': {
      const where = whereClauses(p, ['interaction'], body['where'] as Entry | undefined, [...path, 'where']);
      if (where.length > ISSUE_CLAUSES_MAX)
        p.mistake([...path, 'where'], `has ${where.length} tests, at most ${ISSUE_CLAUSES_MAX} are kept of an issue`);
      return {
        kind,
        where,
        escalated: (body['escalated'] as boolean | undefined) ?? null,
        windowMs: windowMs(ISSUES_WITHIN),
      };
    }
    case 'reopenedIssues':
      return { kind, windowMs: windowMs(ISSUES_WITHIN) };
    case 'failedFirstContacts':
      return { kind, n: body['lastIssues'] as number, windowMs: windowMs(FIRST_CONTACTS_WITHIN) };
  }
}

function ofNewest(
  p: Parsing,
  kind: 'first' | 'last' | 'nthLast' | 'averageLast' | 'trendLast',
  body: Entry,
  path: Path,
): Measure {
  const filter = eventFilter(p, body, path);
  const of = projection(p, filter, body['of'] as string, [...path, 'of']);
  const n = body['n'] as number;
  switch (kind) {
    case 'first':
      return { kind, filter, of };
    case 'last':
      return { kind, filter, of, withinMs: withinMs(p, body, path) };
    case 'nthLast':
      return { kind, filter, of, n, withinMs: withinMs(p, body, path) };
    case 'averageLast':
      return { kind, filter, of, ...newest(p, body, 'n', path) };
    case 'trendLast':
      return { kind, filter, of, n };
  }
}

function inWindow(
  p: Parsing,
  kind: Windowed | 'count' | 'countDistinct' | 'daysActive' | 'averageGap',
  body: Entry,
  path: Path,
): Measure {
  const filter = eventFilter(p, body, path);
  switch (kind) {
    case 'count':
      if (body['sameKey'] !== undefined) return perKey(p, filter, body, path, { kind });
      return { kind, filter, window: windowOf(p, body, path) };
    case 'countDistinct':
      return distinct(p, filter, body, path);
    case 'daysActive': {
      const window = windowOf(p, body, path);
      if (window.kind === 'lifetime')
        p.mistake(path, 'needs a window (within, calendar, since): days of a whole life are not kept apart');
      return { kind, filter, window, zone: p.zoneOf(body['zone'], path) };
    }
    case 'averageGap':
      return { kind, filter, window: windowOf(p, body, path) };
    case 'sum':
    case 'average':
    case 'min':
    case 'max':
      return ofNumbers(p, kind, filter, body, path);
  }
}

function decayed(p: Parsing, kind: 'decayedSum' | 'decayedAverage', body: Entry, path: Path): Measure {
  const filter = eventFilter(p, body, path);
  const field = body['of'] as string | undefined;
  const of = field === undefined ? null : projection(p, filter, field, [...path, 'of']);
  return { kind, filter, of, halfLifeMs: halfLife(p, body['halfLife'] as string, [...path, 'halfLife']) };
}

type Windowed = 'sum' | 'average' | 'min' | 'max';
const OF_NEWEST = { sum: 'sumLast', average: 'averageLast', min: 'minLast', max: 'maxLast' } as const;

function ofNumbers(p: Parsing, kind: Windowed, filter: EventFilter, body: Entry, path: Path): Measure {
  const of = projection(p, filter, body['of'] as string, [...path, 'of']);
  if (body['sameKey'] !== undefined) return perKey(p, filter, body, path, { kind: 'sum', of });
  const window = windowOf(p, body, path);
  if (body['lastEvents'] !== undefined)
    return { kind: OF_NEWEST[kind], filter, of, ...newest(p, body, 'lastEvents', path) };
  if (body['atLeastValues'] !== undefined) p.mistake([...path, 'atLeastValues'], 'needs lastEvents');
  return { kind, filter, window, of };
}

function newest(
  p: Parsing,
  body: Entry,
  name: string,
  path: Path,
): { readonly n: number; readonly atLeastValues: number } {
  const n = body[name] as number;
  const atLeastValues = (body['atLeastValues'] as number | undefined) ?? 1;
  if (atLeastValues > n) p.mistake([...path, 'atLeastValues'], `asks for ${atLeastValues} of the last ${n} values`);
  return { n, atLeastValues };
}

function distinct(p: Parsing, filter: EventFilter, body: Entry, path: Path): Measure {
  const field = distinctField(p, filter, body['of'] as string, [...path, 'of']);
  if (body['sameKey'] !== undefined) return perKey(p, filter, body, path, { kind: 'countDistinct', field });
  const window = windowOf(p, body, path);
  if (body['lastEvents'] !== undefined)
    return { kind: 'countDistinctLast', filter, field, n: body['lastEvents'] as number };
  return { kind: 'countDistinct', filter, window, field };
}

type Per = Extract<Measure, { kind: 'largestPerKey' }>['per'];

function perKey(p: Parsing, filter: EventFilter, body: Entry, path: Path, per: Per): Measure {
  if (body['lastEvents'] !== undefined)
    p.mistake([...path, 'sameKey'], 'the newest events are not told apart by a field; use within');
  const window = windowOf(p, body, path);
  // Events are kept one by one where a field tells them apart, so not for ever.
  if (window.kind === 'lifetime') p.mistake(path, 'sameKey needs a window, for example within: 365d');
  const key = distinctField(p, filter, body['sameKey'] as string, [...path, 'sameKey']);
  return { kind: 'largestPerKey', filter, window, key, per };
}

function sequence(p: Parsing, body: Entry, path: Path): Measure {
  const part = (name: string): EventFilter => eventFilter(p, body[name] as Entry, [...path, name]);
  const [first, then] = [part('first'), part('then')];
  const without = body['without'] === undefined ? null : part('without');
  const parts = without === null ? [first, then] : [first, then, without];
  return { kind: 'sequence', first, then, without, ...inTime(p, body, path), key: keyField(p, parts, body, path) };
}

function unanswered(p: Parsing, first: EventFilter, body: Entry, path: Path): Measure {
  const by = eventFilter(p, body['by'] as Entry, [...path, 'by']);
  const key = keyField(p, [first, by], body, path);
  return { kind: 'notFollowedBy', first, by, key, ...inTime(p, body, path), orLater: body['orLater'] === true };
}

/** How soon the second has to come, and in which window they are looked for. */
function inTime(p: Parsing, body: Entry, path: Path): { readonly ms: number; readonly windowMs: number } {
  const ms = p.window(body['within'] as string, [...path, 'within']);
  const windowMs = p.window(body['during'] as string, [...path, 'during']);
  if ('by' in body && ms >= windowMs && windowMs > 0)
    p.mistake([...path, 'during'], 'must be longer than within, else nothing is ever looked at');
  return { ms, windowMs };
}

function keyField(p: Parsing, filters: readonly EventFilter[], body: Entry, path: Path): string | null {
  const key = body['sameKey'] as string | undefined;
  if (key === undefined) return null;
  const events = [...new Set(filters.flatMap((filter) => filter.events))].sort();
  return distinctField(p, { events, where: [] }, key, [...path, 'sameKey']);
}

function withinMs(p: Parsing, body: Entry, path: Path): number | null {
  return body['within'] === undefined ? null : p.window(body['within'] as string, [...path, 'within']);
}

/** Twenty half-lives are kept; so they have to fit into the longest window. */
function halfLife(p: Parsing, text: string, path: Path): number {
  const ms = p.window(text, path);
  const longest = Math.floor(BOUNDS.windowDays / DECAY_HALF_LIVES);
  if (ms > longest * DAY_MS) p.mistake(path, `longer than ${longest} days; twenty half-lives are kept`);
  return ms;
}

function distinctField(p: Parsing, filter: EventFilter, field: string, path: Path): string {
  const specs = fieldSpecs(p, filter.events, field, path);
  if (specs.some((spec) => spec.type === 'set'))
    p.mistake(path, `${field} is a set; distinct values of a set are not counted`);
  return field;
}
