/**
 * How far the clocks of a zone are from UTC. Intl is asked once per stretch of time and zone; where the answers at both ends
 * differ the change between them is found to the second, so that everything else is arithmetic.
 *
 *  1. Within one stretch clocks change at most once: no government has undone a change within a week.
 *  2. Before FIRST_MS every zone kept the local time of its place.
 */
import { INSTANT_MAX } from './duration.ts';

/** About six days. */
const STRETCH_MS = 2 ** 29;
/** Stretches remembered per zone: some seventy years. */
const STRETCHES_MAX = 4096;
/** 1 January 1800. */
const FIRST_MS = -5_364_662_400_000;
const SECOND_MS = 1000;

export interface ZoneOffsets {
  /** Local time less UTC, ms. */
  offsetAt(at: number): number;
  /** The first instant after `at` from which the offset may be another; Infinity when never. */
  changeAfter(at: number): number;
}

const FIXED: ZoneOffsets = { offsetAt: () => 0, changeAfter: () => Infinity };

/** Undefined for what is no zone. */
export function offsetsOf(zone: string): ZoneOffsets | undefined {
  if (zone === 'UTC') return FIXED;
  try {
    return new IntlOffsets(zone);
  } catch (error) {
    // Intl has no other way of telling whether it knows a zone.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

interface Stretch {
  readonly before: number;
  readonly after: number;
  /** From here on `after` counts; the end of the stretch where nothing changes. */
  readonly changesAt: number;
}

class IntlOffsets implements ZoneOffsets {
  readonly #format: Intl.DateTimeFormat;
  readonly #stretches = new Map<number, Stretch>();
  #last = NaN;
  #lastStretch: Stretch | undefined = undefined;

  constructor(timeZone: string) {
    const two = '2-digit';
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: two,
      day: two,
      hour: two,
      minute: two,
      second: two,
    });
  }

  offsetAt(at: number): number {
    const { before, after, changesAt } = this.#stretch(Math.floor(at / STRETCH_MS));
    return at < changesAt ? before : after;
  }

  changeAfter(at: number): number {
    const number = Math.floor(at / STRETCH_MS);
    const { changesAt } = this.#stretch(number);
    return at < changesAt ? changesAt : (number + 1) * STRETCH_MS;
  }

  #stretch(number: number): Stretch {
    if (this.#last === number) return this.#lastStretch!;
    let stretch = this.#stretches.get(number);
    if (stretch === undefined) {
      if (this.#stretches.size >= STRETCHES_MAX) this.#stretches.clear();
      stretch = this.#measure(number * STRETCH_MS, (number + 1) * STRETCH_MS);
      this.#stretches.set(number, stretch);
    }
    this.#last = number;
    this.#lastStretch = stretch;
    return stretch;
  }

  #measure(from: number, until: number): Stretch {
    const before = this.#ask(from);
    const after = this.#ask(until);
    if (before === after) return { before, after, changesAt: until };
    let low = Math.floor(from / SECOND_MS);
    let high = Math.ceil(until / SECOND_MS);
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#ask(middle * SECOND_MS) === before) low = middle;
      else high = middle;
    }
    return { before, after, changesAt: high * SECOND_MS };
  }

  #ask(at: number): number {
    const second = Math.floor(Math.min(Math.max(at, FIRST_MS), INSTANT_MAX) / SECOND_MS) * SECOND_MS;
    const shown = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
    for (const { type, value } of this.#format.formatToParts(second)) {
      if (type in shown) shown[type as keyof typeof shown] = Number(value);
    }
    const { year, month, day, hour, minute } = shown;
    return Date.UTC(year, month - 1, day, hour, minute, shown.second) - second;
  }
}
