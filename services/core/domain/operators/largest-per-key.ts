/**
 * count, countDistinct and sum with `sameKey`: the largest over the values of a key (two contacts about the same issue).
 *
 * A window that ends now only ever holds the newest entries: the largest over each of those tails is made in one walk from the
 * newest on. That cannot be done where numbers fall below zero, or where the window ends earlier.
 */
import type { Measure } from '../language/ast.ts';
import type { EventLog } from '../series/event-log.ts';
import { wholeFrom } from './in-tiles.ts';
import type { Quantity } from './quantity.ts';
import { plus, type Whole } from './reading.ts';
import { firstBeyond, Span, windowView } from './span.ts';

type LargestPerKey = Extract<Measure, { kind: 'largestPerKey' }>;

/** What the events of one key amount to. Events are added from the newest on. */
interface Tally {
  size: Whole;
  readonly values: Set<unknown> | undefined;
}

export function largestPerKey({ window, per }: LargestPerKey, place: number): Quantity {
  const view = windowView(window, place + 1);
  const span = new Span();
  const tails = new Tails(per.kind);
  let log: EventLog | undefined;
  return {
    perUnit: per.kind === 'sum' ? per.of.scale : 1,
    prepare(customer) {
      log = customer.series(place) as EventLog | undefined;
      tails.make(log);
    },
    read(customer, at, out) {
      if (!view.locate(customer, at, span)) {
        out.none();
        return;
      }
      const whole = wholeFrom(customer.wholeFrom(place), log) <= span.edge;
      const largest = tails.largestIn(span);
      if (per.kind !== 'sum') {
        out.atLeast(largest, whole);
        return;
      }
      // A number that is not said may be any, so the sum of its key is at least what is known.
      if (whole) out.between(largest, tails.unsaidIn(span) ? Infinity : largest, 1);
      else out.between(-Infinity, Infinity, 1);
      out.seen = Number(largest);
    },
    nextEdge: (customer, after) =>
      view.nextEdge(customer, after, log?.times ?? NONE, wholeFrom(customer.wholeFrom(place), log)),
  };
}

const NONE: readonly number[] = [];

class Tails {
  readonly #kind: LargestPerKey['per']['kind'];
  #log: EventLog | undefined = undefined;
  /** By index: the largest over the entries from there on; unused where it cannot be made so. */
  readonly #largest: Whole[] = [];
  #usable = false;

  constructor(kind: LargestPerKey['per']['kind']) {
    this.#kind = kind;
  }

  make(log: EventLog | undefined): void {
    this.#log = log;
    this.#usable = false;
    if (log === undefined) return;
    const { length } = log.times;
    this.#largest.length = length;
    this.#usable = this.#kind !== 'sum' || log.values.every((value) => value === null || (value as number) >= 0);
    if (this.#usable) this.#walk(log, 0, length, (i, largest) => (this.#largest[i] = largest));
  }

  /** 0 without any event. */
  largestIn({ after, through }: Span): Whole {
    const log = this.#log;
    if (log === undefined) return 0;
    const first = firstBeyond(log.times, after);
    const end = firstBeyond(log.times, through);
    if (first >= end) return 0;
    return this.#usable && end === log.times.length ? this.#largest[first]! : this.#walk(log, first, end);
  }

  unsaidIn({ after, through }: Span): boolean {
    const log = this.#log;
    if (log === undefined) return false;
    const end = firstBeyond(log.times, through);
    for (let i = firstBeyond(log.times, after); i < end; i++) if ((log.values[i] ?? null) === null) return true;
    return false;
  }

  /** The largest of the keys over [first, end), from the newest on. */
  #walk({ keys, values }: EventLog, first: number, end: number, tell?: (i: number, largest: Whole) => void): Whole {
    const tallies = new Map<string | null, Tally>();
    let largest: Whole | undefined;
    for (let i = end - 1; i >= first; i--) {
      const key = keys[i]!;
      let tally = tallies.get(key);
      if (tally === undefined) {
        tally = { size: 0, values: this.#kind === 'countDistinct' ? new Set() : undefined };
        tallies.set(key, tally);
      }
      this.#add(tally, values[i] ?? null);
      if (largest === undefined || tally.size > largest) largest = tally.size;
      tell?.(i, largest);
    }
    // Sums may have fallen since they were the largest.
    if (this.#kind === 'sum' && !this.#usable) {
      largest = undefined;
      for (const { size } of tallies.values()) if (largest === undefined || size > largest) largest = size;
    }
    return largest ?? 0;
  }

  #add(tally: Tally, value: EventLog['values'][number]): void {
    if (tally.values === undefined) {
      tally.size = plus(tally.size, this.#kind === 'count' ? 1 : ((value ?? 0) as number));
    } else if (value !== null) {
      tally.values.add(value);
      tally.size = tally.values.size;
    }
  }
}
