/**
 * What an oracle remembers of a customer for one series: every folded event that passes the filter, in order, for ever.
 * Nothing is pruned or aggregated: what is counted is counted again from the whole list each time it is asked for.
 *
 * One bound of the language is part of its meaning and so is repeated here (S2): a minute that has taken more than
 * `TILE_EVENTS` events of a tiled series is told apart no further; its events count at the instant of its newest.
 */
import type { Fact } from '../domain/events/fact.ts';
import { hash64 } from '../domain/events/event-id.ts';
import type { SeriesIdentity } from '../domain/language/series-identity.ts';
import { MINUTE_MS } from '../domain/time/duration.ts';
import { matches } from './matching.ts';

const TILE_EVENTS = 16;

export interface Seen {
  /** From when the event counts, ms UTC: its own instant, but for crowded minutes of tiled series. */
  at: number;
  readonly instant: number;
  /** Of the event id: breaks ties between equal instants (T7). */
  readonly hash: { readonly hi: number; readonly lo: number };
  readonly fact: Fact;
}

export class Trail {
  /** Ascending by (instant, hash). */
  readonly seen: Seen[] = [];
  /** Rises with each event, so that an answer drawn from the trail can be told to be old. */
  version = 0;
  private readonly series: SeriesIdentity;

  constructor(series: SeriesIdentity) {
    this.series = series;
  }

  fold(fact: Fact): void {
    if (!matches(this.series.filter, fact)) return;
    const entry: Seen = { at: fact.instant, instant: fact.instant, hash: hash64(fact.event.eventId), fact };
    let place = this.seen.length;
    while (place > 0 && comesBefore(entry, this.seen[place - 1]!)) place -= 1;
    this.seen.splice(place, 0, entry);
    if (this.series.shape.shape === 'tiles') this.crowd(Math.floor(fact.instant / MINUTE_MS));
    this.version += 1;
  }

  /** How many events count from the instant or earlier: also the index of the first one after it. */
  through(instant: number): number {
    let low = 0;
    let high = this.seen.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.seen[middle]!.at <= instant) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The events in (after, through], ascending. */
  between(after: number, through: number): readonly Seen[] {
    return this.seen.slice(this.through(after), this.through(through));
  }

  private crowd(minute: number): void {
    const inMinute = this.seen.filter((entry) => Math.floor(entry.instant / MINUTE_MS) === minute);
    if (inMinute.length <= TILE_EVENTS) return;
    const newest = inMinute.at(-1)!.instant;
    for (const entry of inMinute) entry.at = newest;
  }
}

function comesBefore(a: Seen, b: Seen): boolean {
  if (a.instant !== b.instant) return a.instant < b.instant;
  if (a.hash.hi !== b.hash.hi) return a.hash.hi < b.hash.hi;
  return a.hash.lo < b.hash.lo;
}
