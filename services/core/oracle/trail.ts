/**
 * What an oracle remembers of a customer for one series: every folded event that passes the filter, in order, for ever.
 * Nothing is aggregated: what is counted is counted again from the whole list each time it is asked for.
 *
 * The bounds of a series are part of what a rule means (S2), so they are repeated here, by marking events instead of
 * dropping them:
 *  1. A minute that has taken more than `TILE_EVENTS` events of a tiled series is told apart no further: its events count at
 *     the instant of its newest.
 *  2. What lies beyond the longest reach and the lateness limit, beyond `ENTRIES_MAX`, `VALUES_MAX` or the longest tape is
 *     `gone` to every view but a lifetime one over tiles, and the series is whole only from after it (`goneFrom`).
 */
import type { Fact } from '../domain/events/fact.ts';
import { hash64 } from '../domain/events/event-id.ts';
import type { SeriesIdentity } from '../domain/language/series-identity.ts';
import { MINUTE_MS } from '../domain/time/duration.ts';
import { fieldOf, matches, numberOf } from './matching.ts';

const TILE_EVENTS = 16;
const ENTRIES_MAX = 2048;
const VALUES_MAX = 512;

/** How much of a series the rules in force look at. */
export interface Reach {
  /** Longest sliding window, ms; 0 = none. */
  readonly ms: number;
  readonly lifetime: boolean;
  /** Newest entries that the longest view over a tape needs. */
  readonly newest: number;
}

export interface Seen {
  /** From when the event counts, ms UTC: its own instant, but for crowded minutes of tiled series. */
  at: number;
  readonly instant: number;
  /** Of the event id: breaks ties between equal instants (T7). */
  readonly hash: { readonly hi: number; readonly lo: number };
  /** What a distinct count counts; undefined where it counts nothing. */
  readonly text: string | undefined;
  readonly fact: Fact;
  gone: boolean;
  crowded: boolean;
}

export class Trail {
  /** Ascending by (instant, hash). */
  readonly seen: Seen[] = [];
  /** Rises with each event, so that an answer drawn from the trail can be told to be old. */
  version = 0;
  /** Nothing at or after this instant is gone; −∞ while nothing is. */
  goneFrom = -Infinity;
  readonly series: SeriesIdentity;
  private newest = 0;

  constructor(series: SeriesIdentity) {
    this.series = series;
  }

  /** `oldest`: asOf less the lateness limit, ms UTC. */
  fold(fact: Fact, reach: Reach, oldest: number): void {
    if (!matches(this.series.filter, fact)) return;
    const { shape } = this.series;
    if (shape.shape === 'tape' && shape.numbered && this.numberOf(fact) === null) return;
    const text = shape.shape === 'latest' ? textOf(fieldOf(fact, shape.field)) : undefined;
    if (shape.shape === 'latest' && text === undefined) return;
    const hash = hash64(fact.event.eventId);
    const gone = shape.shape === 'tiles' && fact.instant < this.goneFrom;
    const entry: Seen = { at: fact.instant, instant: fact.instant, hash, text, fact, gone, crowded: false };
    let place = this.seen.length;
    while (place > 0 && comesBefore(entry, this.seen[place - 1]!)) place -= 1;
    this.seen.splice(place, 0, entry);
    this.version += 1;
    switch (shape.shape) {
      case 'tiles':
        if (!gone) this.crowd(Math.floor(fact.instant / MINUTE_MS));
        this.boundEntries();
        this.loseTiles(reach.ms === 0 ? Infinity : oldest - reach.ms);
        break;
      case 'latest':
        this.boundValues();
        if (!reach.lifetime) this.loseValues(oldest - reach.ms);
        break;
      case 'tape':
        this.newest = Math.max(this.newest, reach.newest);
        // A tape that was widened after it lost something cannot tell what lies between that and an older event.
        if (entry.instant < this.goneFrom && this.live().length <= this.newest) entry.gone = true;
        this.lose(this.live().slice(0, -this.newest));
        break;
    }
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

  /** The events in (after, through] that are not gone, ascending. */
  between(after: number, through: number): readonly Seen[] {
    const inside = this.seen.slice(this.through(after), this.through(through));
    return this.goneFrom === -Infinity ? inside : inside.filter((entry) => !entry.gone);
  }

  /** All events through an instant, gone ones included: what a lifetime view over tiles counts. */
  ever(through: number): readonly Seen[] {
    return this.seen.slice(0, this.through(through));
  }

  private numberOf(fact: Fact): number | null {
    const { shape } = this.series;
    if (shape.shape !== 'tape' || shape.field === null) return null;
    return numberOf({ field: shape.field, scale: shape.scale === 1000 ? 1000 : 1 }, fact);
  }

  private live(): readonly Seen[] {
    return this.seen.filter((entry) => !entry.gone);
  }

  private lose(entries: readonly Seen[]): void {
    for (const entry of entries) {
      entry.gone = true;
      this.goneFrom = Math.max(this.goneFrom, entry.at + 1);
    }
  }

  private crowd(minute: number): void {
    const inMinute = this.seen.filter((entry) => !entry.gone && Math.floor(entry.instant / MINUTE_MS) === minute);
    if (inMinute.length <= TILE_EVENTS) return;
    const newest = inMinute.at(-1)!.instant;
    for (const entry of inMinute) {
      entry.at = newest;
      entry.crowded = true;
    }
  }

  private boundEntries(): void {
    if (this.seen.length <= ENTRIES_MAX) return;
    const entries = this.entries();
    for (const entry of entries.slice(0, Math.max(0, entries.length - ENTRIES_MAX))) this.lose(entry);
  }

  /** Whole minutes from before an instant are lost, but only once a quarter of what is kept lies there. */
  private loseTiles(before: number): void {
    const tileStart = Math.floor(before / MINUTE_MS) * MINUTE_MS;
    const entries = this.entries();
    const quarter = entries[entries.length >>> 2]?.[0]!.at ?? Infinity;
    if (quarter < tileStart) this.lose(this.live().filter((entry) => entry.at < tileStart));
  }

  /** What a tiled series keeps: a crowded minute is one entry, every other event is one of its own. */
  private entries(): readonly (readonly Seen[])[] {
    const entries: Seen[][] = [];
    for (const event of this.live()) {
      const last = entries.at(-1);
      if (event.crowded && last?.[0]!.at === event.at) last.push(event);
      else entries.push([event]);
    }
    return entries;
  }

  /** The newest instant of each value that is not gone. */
  private latest(): Map<string, number> {
    return new Map(this.live().map((entry) => [entry.text!, entry.instant]));
  }

  private loseValues(before: number): void {
    for (const [value, instant] of this.latest()) if (instant < before) this.loseValue(value, instant);
  }

  private boundValues(): void {
    const latest = this.latest();
    if (latest.size <= VALUES_MAX) return;
    const [[value, instant]] = [...latest].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)) as [[string, number]];
    this.loseValue(value, instant);
  }

  private loseValue(value: string, newest: number): void {
    for (const entry of this.seen) if (entry.text === value) entry.gone = true;
    this.goneFrom = Math.max(this.goneFrom, newest + 1);
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

function comesBefore(a: Seen, b: Seen): boolean {
  if (a.instant !== b.instant) return a.instant < b.instant;
  if (a.hash.hi !== b.hash.hi) return a.hash.hi < b.hash.hi;
  return a.hash.lo < b.hash.lo;
}
