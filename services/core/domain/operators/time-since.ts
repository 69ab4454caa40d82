/** timeSinceLast and timeSinceFirst: they grow with time, and flip at the exact instant. */
import type { Ends } from '../series/ends.ts';
import type { Tape } from '../series/tape.ts';
import { DAY_MS } from '../time/duration.ts';
import { never, type Quantity } from './quantity.ts';

/** Between what is certain since the feed is whole and the newest event seen; no value without one. */
export function timeSinceLast(place: number): Quantity {
  return {
    perUnit: DAY_MS,
    read(customer, at, out) {
      const newest = (customer.series(place) as Tape | undefined)?.times.at(-1);
      if (newest === undefined) {
        out.none();
        return;
      }
      const feed = customer.wholeFrom(place);
      out.between(feed <= newest ? at - newest : Math.max(0, at - feed), at - newest, 1);
      out.grows = true;
      out.seen = at - newest;
    },
    nextEdge(customer, after) {
      // Until then something newer may have happened just now.
      const feed = customer.wholeFrom(place);
      return feed > after ? feed : Infinity;
    },
  };
}

/** At least what the oldest event seen says; exactly that when the feed is whole for life. */
export function timeSinceFirst(place: number): Quantity {
  return {
    perUnit: DAY_MS,
    read(customer, at, out) {
      const ends = customer.series(place) as Ends | undefined;
      if (ends === undefined || ends.count === 0) {
        out.none();
        return;
      }
      out.atLeast(at - ends.oldest, customer.wholeFrom(place) === -Infinity);
      out.grows = true;
    },
    nextEdge: never,
  };
}
