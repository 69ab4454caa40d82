/** What a leaf may look at, and where its windows lie. */
import { unreachable } from '../faults.ts';
import type { Score } from '../domain/events/profile.ts';
import type { Measure, Zone } from '../domain/language/ast.ts';
import { needsOfMeasure, type SeriesNeed } from '../domain/language/series-identity.ts';
import type { Window } from '../domain/time/window.ts';
import { dayOfText, isZone, startOfDay, unitStart } from './calendar.ts';
import type { Seen, Trail } from './trail.ts';

/** The events of one series, as the rules in force see them. */
export interface Feed {
  readonly trail: Trail;
  /** Since when feed and birth are whole, ms UTC; −∞ = always, ∞ = not known to be (E3, D4). */
  readonly completeFrom: number;
}

/** A customer at an instant. */
export interface Sight {
  readonly customer: string;
  /** Since when the customer is known, ms UTC; ∞ = not yet. */
  readonly tenure: number;
  feed(need: SeriesNeed): Feed;
  trait(name: string): unknown;
  score(model: string): Score | undefined;
  consent(purpose: string): boolean | undefined;
  /** Of a table of cut-offs, in thousandths; undefined where there is none. */
  cut(table: string, percentile: number): number | undefined;
}

const needs = new WeakMap<Measure, readonly SeriesNeed[]>();

/** The feeds of a measure, in the order of `needsOfMeasure`. */
export function feedsOf(measure: Measure, sight: Sight): readonly Feed[] {
  let found = needs.get(measure);
  if (found === undefined) needs.set(measure, (found = needsOfMeasure(measure)));
  return found.map((need) => sight.feed(need));
}

/** Nothing at or after this instant is missing from a feed, be it not delivered, not yet born or lost. */
export function wholeFrom({ trail, completeFrom }: Feed): number {
  return Math.max(completeFrom, trail.goneFrom);
}

export function zoneName(zone: Zone, sight: Sight): string {
  const own = zone.ofCustomer ? sight.trait('timezone') : undefined;
  return typeof own === 'string' && isZone(own) ? own : zone.name;
}

/** A day that an instant or a date names, and the instant itself: of a date the start of that day in the zone. */
export interface Moment {
  readonly instant: number;
  /** Of a date; an instant lies on different days in different zones. */
  readonly day: number | undefined;
}

const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** Milliseconds, an ISO instant or a date; undefined for anything else. */
export function momentOf(value: unknown, zone: string): Moment | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? { instant: value, day: undefined } : undefined;
  if (typeof value !== 'string') return undefined;
  const day = dayOfText(value);
  if (day !== undefined) return { instant: startOfDay(day, zone), day };
  // A day that does not exist is no instant, though Date.parse would take it for another one.
  const isReal = ISO_INSTANT.test(value) && dayOfText(value.slice(0, 10)) !== undefined;
  const instant = isReal ? Date.parse(value) : NaN;
  return Number.isNaN(instant) ? undefined : { instant, day: undefined };
}

/** Where a window lies: the instants after `after` through `through`. */
export interface Span {
  readonly after: number;
  readonly through: number;
  /** A feed that is whole from here on is whole over the window. */
  readonly edge: number;
}

/** `anchor`: the feed of a window that begins at an event. Undefined where the window has no beginning that is known. */
function spanOf(window: Window, at: number, sight: Sight, anchor: Feed | undefined): Span | undefined {
  switch (window.kind) {
    case 'lifetime':
      return { after: -Infinity, through: at, edge: -Infinity };
    case 'sliding': {
      const through = at - window.offsetMs;
      return { after: through - window.ms, through, edge: through - window.ms };
    }
    case 'calendar': {
      const zone = zoneName(window.zone, sight);
      const start = unitStart(window.unit, at, window.back, zone);
      const through = window.back === 0 ? at : unitStart(window.unit, at, window.back - 1, zone) - 1;
      return { after: start - 1, through, edge: start };
    }
    case 'sinceEvent': {
      const newest = anchor!.trail.between(-Infinity, at).at(-1);
      if (newest === undefined || newest.instant < anchor!.completeFrom) return undefined;
      return { after: newest.instant, through: at, edge: newest.instant };
    }
    case 'sinceTrait': {
      const moment = momentOf(sight.trait(window.trait), zoneName(window.zone, sight));
      return moment === undefined ? undefined : { after: moment.instant, through: at, edge: moment.instant };
    }
    case 'fixed':
      return { after: window.from - 1, through: Math.min(at, window.until - 1), edge: window.from };
    default:
      return unreachable(window);
  }
}

/** The events of a window, and whether they are all there were. */
export interface Inside {
  readonly events: readonly Seen[];
  readonly whole: boolean;
}

/** Undefined where the window has no beginning that is known. `anchor` as for `spanOf`. */
export function insideOf(
  window: Window,
  at: number,
  sight: Sight,
  feed: Feed,
  anchor: Feed | undefined,
): Inside | undefined {
  // What a tiled series has lost by age still counts for life.
  if (window.kind === 'lifetime' && feed.trail.series.shape.shape === 'tiles')
    return { events: feed.trail.ever(), whole: feed.completeFrom === -Infinity };
  const span = spanOf(window, at, sight, anchor);
  if (span === undefined) return undefined;
  return { events: feed.trail.between(span.after, span.through), whole: wholeFrom(feed) <= span.edge };
}
