/**
 * Half-open windows (T7): at an instant `at` a window covers (start, end]. An event at s counts in a sliding window from s on
 * and stops counting at exactly s + W. Edges that depend on a calendar or on the customer: calendar.ts, evaluation.
 */
import type { Window } from '../language/ast.ts';

export type { Window } from '../language/ast.ts';

/** Windows that are the same for every customer and end now. */
export type PlainWindow = Extract<Window, { kind: 'sliding' | 'lifetime' }>;

/** Whether a window ends now and needs nothing but the instant: what the closed forms of the operators are made for. */
export function isPlain(window: Window): window is PlainWindow {
  return window.kind === 'lifetime' || (window.kind === 'sliding' && window.offsetMs === 0);
}

/** The exclusive lower edge of a plain window at an instant; −Infinity for a lifetime. */
export function windowStart(window: PlainWindow, at: number): number {
  return window.kind === 'sliding' ? at - window.ms : -Infinity;
}
