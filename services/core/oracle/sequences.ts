/** What follows what: over the log of a customer's events, pair by pair. */
import type { EventFilter, Measure } from '../domain/language/ast.ts';
import { matches } from './matching.ts';
import type { Feed } from './sight.ts';
import type { Seen } from './trail.ts';

type Of<K extends Measure['kind']> = Extract<Measure, { kind: K }>;

function within(feed: Feed, filter: EventFilter, reachMs: number, at: number): readonly Seen[] {
  return feed.trail.between(at - reachMs, at).filter(({ fact }) => matches(filter, fact));
}

/** How many completing events of the window have their beginning less than `ms` before them, and nothing between that spoils it. */
export function followed({ first, then, without, ms, windowMs }: Of<'sequence'>, feed: Feed, at: number): number {
  const reachMs = windowMs + ms;
  const beginnings = within(feed, first, reachMs, at);
  const spoilers = without === null ? [] : within(feed, without, reachMs, at);
  const isCompleted = (end: Seen): boolean =>
    beginnings.some(
      (beginning) =>
        beginning.text === end.text &&
        end.instant - beginning.instant >= 1 &&
        end.instant - beginning.instant < ms &&
        !spoilers.some(
          (spoiler) =>
            spoiler.text === end.text && beginning.instant < spoiler.instant && spoiler.instant < end.instant,
        ),
    );
  return within(feed, then, windowMs, at).filter(isCompleted).length;
}

/** How many events have waited at least `ms`, and nothing came after them in that time (or, `orLater`, until now). */
export function unfollowed(measure: Of<'notFollowedBy'>, feed: Feed, at: number): number {
  const { first, by, ms, windowMs, orLater } = measure;
  const answers = within(feed, by, windowMs, at);
  const isAnswered = (event: Seen): boolean =>
    answers.some(
      (answer) =>
        answer.text === event.text &&
        answer.instant > event.instant &&
        (orLater || answer.instant < event.instant + ms),
    );
  return within(feed, first, windowMs, at).filter((event) => event.instant <= at - ms && !isAnswered(event)).length;
}
