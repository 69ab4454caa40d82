/**
 * What an oracle remembers of a customer for one series: every folded event that belongs to it, in order. Nothing is aggregated:
 * what is counted is counted again from the list each time it is asked for.
 *
 * The bounds of a series are part of what a rule means (S2), so they are repeated here:
 *  1. A minute that has taken more than `TILE_EVENTS` events of a tiled series is told apart no further: its events count at
 *     the instant of its newest.
 *  2. What lies beyond the longest reach and the lateness limit, beyond `ENTRIES_MAX`, `VALUES_MAX`, `LOG_MAX` or the longest tape
 *     is lost to every view but a lifetime one over tiles, and the series is whole only from after it (`goneFrom`).
 */
import type { Fact } from '../domain/events/fact.ts';
import { hash64, type Hash64 } from '../domain/events/event-id.ts';
import type { SeriesIdentity } from '../domain/language/series-identity.ts';
import { MINUTE_MS } from '../domain/time/duration.ts';
import { matches, numberOf, textOf } from './matching.ts';
import { isOlder, writesOf } from './traits.ts';

const TILE_EVENTS = 16;
const ENTRIES_MAX = 2048;
const VALUES_MAX = 512;
const LOG_MAX = 1024;
const WRITES_MAX = 32;

/** How much of a series the rules in force look at. */
export interface Reach {
  /** Longest reach of a view, ms; 0 = none. */
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
  readonly hash: Hash64;
  /** The value of a distinct count or of a tape of texts, the key of a log, what was written to a trait; undefined = none. */
  readonly text: string | undefined;
  readonly fact: Fact;
  crowded: boolean;
}

export class Trail {
  /** Ascending by (instant, hash). */
  readonly kept: Seen[] = [];
  /** What a lifetime view over tiles counts too; in no order. */
  readonly lost: Seen[] = [];
  /** Rises with each event, so that an answer drawn from the trail can be told to be old. */
  version = 0;
  /** Nothing at or after this instant is lost; −∞ while nothing is. */
  goneFrom = -Infinity;
  readonly series: SeriesIdentity;
  private newest = 0;
  private crowded = false;

  constructor(series: SeriesIdentity) {
    this.series = series;
  }

  /** `oldest`: asOf less the lateness limit, ms UTC. */
  fold(fact: Fact, reach: Reach, oldest: number): void {
    for (const text of this.textsFor(fact)) this.add(fact, text, reach, oldest);
  }

  /** How many kept events count from the instant or earlier: also the index of the first one after it. */
  through(instant: number): number {
    let low = 0;
    let high = this.kept.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.kept[middle]!.at <= instant) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The kept events in (after, through], ascending. */
  between(after: number, through: number): readonly Seen[] {
    return this.kept.slice(this.through(after), this.through(through));
  }

  /** Every event there was, in no order. */
  ever(): readonly Seen[] {
    return this.lost.length === 0 ? this.kept : [...this.lost, ...this.kept];
  }

  /** One entry for each text: none where the fact does not belong here. */
  private textsFor(fact: Fact): readonly (string | undefined)[] {
    const { filters, shape } = this.series;
    if (shape.shape === 'stays') return [];
    if (shape.shape === 'writes') return writesOf(fact, shape.trait).map((value) => JSON.stringify(value));
    if (!filters.some((filter) => matches(filter, fact))) return [];
    switch (shape.shape) {
      case 'tiles':
      case 'ends':
        return [undefined];
      case 'tape': {
        const { field, scale, numbered } = shape;
        if (!numbered || field === null) return [undefined];
        return numberOf({ field, scale: scale === 1000 ? 1000 : 1 }, fact) === null ? [] : [undefined];
      }
      case 'latest':
        return listed(textOf(fact, shape.field));
      case 'texts':
        return shape.present ? listed(textOf(fact, shape.field)) : [textOf(fact, shape.field)];
      case 'log':
        return shape.key === null ? [undefined] : listed(textOf(fact, shape.key));
    }
  }

  private add(fact: Fact, text: string | undefined, reach: Reach, oldest: number): void {
    const { kept } = this;
    const { shape } = this.series.shape;
    const hash = hash64(fact.event.eventId);
    const entry: Seen = { at: fact.instant, instant: fact.instant, hash, text, fact, crowded: false };
    this.version += 1;
    if ((shape === 'tiles' || shape === 'log') && fact.instant < this.goneFrom) {
      if (shape === 'tiles') this.lost.push(entry);
      return;
    }
    let place = kept.length;
    while (place > 0 && isOlder(entry, kept[place - 1]!)) place -= 1;
    kept.splice(place, 0, entry);
    switch (shape) {
      case 'tiles':
        this.crowd(Math.floor(fact.instant / MINUTE_MS));
        this.boundEntries();
        this.loseTiles(reach.ms === 0 ? Infinity : oldest - reach.ms);
        break;
      case 'latest':
        this.boundValues();
        if (!reach.lifetime) this.loseValues(oldest - reach.ms);
        break;
      case 'log':
        this.lose(kept.length - LOG_MAX);
        if (!reach.lifetime) this.loseLog(oldest - reach.ms);
        break;
      case 'writes':
        this.boundTape(entry, WRITES_MAX);
        break;
      case 'tape':
      case 'texts':
        this.newest = Math.max(this.newest, reach.newest);
        this.boundTape(entry, this.newest);
        break;
      case 'ends':
      case 'stays':
        break;
    }
  }

  /** Loses the oldest of what is kept. */
  private lose(count: number): void {
    if (count <= 0) return;
    const gone = this.kept.splice(0, count);
    this.goneFrom = Math.max(this.goneFrom, gone.at(-1)!.at + 1);
    if (this.series.shape.shape === 'tiles') for (const entry of gone) this.lost.push(entry);
  }

  private boundTape(added: Seen, newest: number): void {
    // A tape that was widened after it lost something cannot tell what lies between that and an older event.
    if (added.instant < this.goneFrom && this.kept.length <= newest) this.kept.splice(this.kept.indexOf(added), 1);
    this.lose(this.kept.length - newest);
  }

  private crowd(minute: number): void {
    const inMinute = this.kept.slice(this.through(minute * MINUTE_MS - 1), this.through((minute + 1) * MINUTE_MS - 1));
    if (inMinute.length <= TILE_EVENTS) return;
    this.crowded = true;
    const newest = inMinute.at(-1)!.instant;
    for (const entry of inMinute) {
      entry.at = newest;
      entry.crowded = true;
    }
  }

  private boundEntries(): void {
    if (this.kept.length <= ENTRIES_MAX) return;
    const entries = this.entries();
    if (entries.length > ENTRIES_MAX) this.lose(entries[entries.length - ENTRIES_MAX]!);
  }

  /** Whole minutes from before an instant are lost, but only once a quarter of what is kept lies there. */
  private loseTiles(before: number): void {
    const tileStart = Math.floor(before / MINUTE_MS) * MINUTE_MS;
    // The oldest entry tells nearly always that there is nothing to lose.
    if (this.kept[0] === undefined || this.kept[0].at >= tileStart) return;
    const entries = this.entries();
    if (this.kept[entries[entries.length >>> 2]!]!.at < tileStart) this.lose(this.through(tileStart - 1));
  }

  private loseLog(before: number): void {
    const quarter = this.kept[this.kept.length >>> 2];
    if (quarter !== undefined && quarter.at < before) this.lose(this.through(before - 1));
  }

  /** Where the entries of a tiled series begin: a crowded minute is one entry, every other event is one of its own. */
  private entries(): readonly number[] {
    const places = [...this.kept.keys()];
    if (!this.crowded) return places;
    return places.filter((place) => {
      const [entry, before] = [this.kept[place]!, this.kept[place - 1]];
      return !(entry.crowded && before?.crowded === true && before.at === entry.at);
    });
  }

  /** The newest instant of each value. */
  private latest(): Map<string, number> {
    return new Map(this.kept.map((entry) => [entry.text!, entry.instant]));
  }

  private loseValues(before: number): void {
    if (this.kept[0] === undefined || this.kept[0].instant >= before) return;
    for (const [value, instant] of this.latest()) if (instant < before) this.loseValue(value, instant);
  }

  private boundValues(): void {
    if (this.kept.length <= VALUES_MAX) return;
    const latest = this.latest();
    if (latest.size <= VALUES_MAX) return;
    const [[value, instant]] = [...latest].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)) as [[string, number]];
    this.loseValue(value, instant);
  }

  private loseValue(value: string, newest: number): void {
    const others = this.kept.filter((entry) => entry.text !== value);
    this.kept.splice(0, this.kept.length, ...others);
    this.goneFrom = Math.max(this.goneFrom, newest + 1);
  }
}

function listed(text: string | undefined): readonly string[] {
  return text === undefined ? [] : [text];
}
