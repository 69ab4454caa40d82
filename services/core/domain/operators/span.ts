/** Where a window lies for a customer at an instant, and when its edges pass over events. */
import type { Zone } from '../language/ast.ts';
import { zoneOf, type Calendar } from '../time/calendar.ts';
import { parseDate } from '../time/instants.ts';
import type { Window } from '../time/window.ts';
import type { Tape } from '../series/tape.ts';
import type { View } from './operator.ts';

/** The instants after `after` through `through`. One object is filled again and again. */
export class Span {
  after = -Infinity;
  through = Infinity;
  /** A feed that is whole from here on is whole over the window. */
  edge = -Infinity;

  set(after: number, through: number, edge: number): true {
    this.after = after;
    this.through = through;
    this.edge = edge;
    return true;
  }
}

export interface WindowView {
  /** False where the window has no beginning that is known. */
  locate(view: View, at: number, out: Span): boolean;
  /** The first instant after `after` at which an event at one of the ascending `times` comes or goes, or the feed becomes whole. */
  nextEdge(view: View, after: number, times: readonly number[], wholeFrom: number): number;
}

/** `anchor`: place of the series whose newest event a window begins at. */
export function windowView(window: Window, anchor: number): WindowView {
  switch (window.kind) {
    case 'lifetime':
      return { locate: (_view, at, out) => out.set(-Infinity, at, -Infinity), nextEdge: () => Infinity };
    case 'sliding':
      return slidingView(window.ms, window.offsetMs);
    case 'calendar':
      return calendarView(window);
    case 'sinceEvent':
      return {
        locate: (view, at, out) => {
          const newest = (view.series(anchor) as Tape | undefined)?.times.at(-1);
          if (newest === undefined || newest < view.wholeFrom(anchor)) return false;
          return out.set(newest, at, newest);
        },
        nextEdge: () => Infinity,
      };
    case 'sinceTrait':
      return {
        locate: (view, at, out) => {
          const start = parseDate(view.trait(window.trait), calendarFor(view, window.zone));
          return start === undefined ? false : out.set(start, at, start);
        },
        nextEdge: () => Infinity,
      };
    case 'fixed': {
      const { from, until } = window;
      return {
        locate: (_view, at, out) => out.set(from - 1, Math.min(at, until - 1), from),
        nextEdge: () => Infinity,
      };
    }
  }
}

function slidingView(ms: number, offsetMs: number): WindowView {
  const reach = ms + offsetMs;
  return {
    locate: (_view, at, out) => out.set(at - reach, at - offsetMs, at - reach),
    nextEdge: (_view, after, times, wholeFrom) => {
      let edge = wholeFrom + reach > after ? wholeFrom + reach : Infinity;
      const leaver = times[firstBeyond(times, after - reach)];
      if (leaver !== undefined) edge = Math.min(edge, leaver + reach);
      if (offsetMs === 0) return edge;
      const comer = times[firstBeyond(times, after - offsetMs)];
      return comer === undefined ? edge : Math.min(edge, comer + offsetMs);
    },
  };
}

function calendarView({ unit, back, zone }: Extract<Window, { kind: 'calendar' }>): WindowView {
  return {
    locate: (view, at, out) => {
      const calendar = calendarFor(view, zone);
      const start = calendar.startOfUnit(at, unit, back);
      return out.set(start - 1, back === 0 ? at : calendar.startOfUnit(at, unit, back - 1) - 1, start);
    },
    nextEdge: (view, after, times, wholeFrom) => {
      const calendar = calendarFor(view, zone);
      const start = calendar.startOfUnit(after, unit, back);
      // Once it is whole and everything lies behind it, no unit that begins changes anything.
      const settled = wholeFrom <= start || wholeFrom === Infinity;
      if (settled && firstBeyond(times, start - 1) === times.length) return Infinity;
      return calendar.nextStart(after, unit);
    },
  };
}

/** The calendar a rule's zone means for a customer. */
export function calendarFor(view: View, zone: Zone): Calendar {
  return zoneOf(zone, zone.ofCustomer ? view.trait('timezone') : undefined);
}

/** Index of the first of ascending instants that lies after one. */
export function firstBeyond(times: readonly number[], instant: number): number {
  let low = 0;
  let high = times.length;
  if (high === 0 || times[0]! > instant) return 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! > instant) high = middle;
    else low = middle + 1;
  }
  return low;
}
