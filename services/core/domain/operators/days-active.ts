/** daysActive: how many calendar days of a zone have an event in the window. Bounds [days, ∞) until the feed is whole over it. */
import type { Measure } from '../language/ast.ts';
import type { Tiles } from '../series/tiles.ts';
import { edgeOfTiles, wholeFrom } from './in-tiles.ts';
import type { Quantity } from './quantity.ts';
import { calendarFor, firstBeyond, Span, windowView } from './span.ts';

export function daysActive(measure: Extract<Measure, { kind: 'daysActive' }>, place: number): Quantity {
  const { window, zone } = measure;
  const view = windowView(window, place + 1);
  const span = new Span();
  /** By index: how many days the entries through it lie on. */
  const days: number[] = [];
  let tiles: Tiles | undefined;
  return {
    perUnit: 1,
    prepare(customer) {
      tiles = customer.series(place) as Tiles | undefined;
      const calendar = calendarFor(customer, zone);
      let [count, dayEnds] = [0, -Infinity];
      for (let i = 0; i < (tiles?.times.length ?? 0); i++) {
        const at = tiles!.times[i]!;
        if (at >= dayEnds) {
          count += 1;
          dayEnds = calendar.startOfDay(calendar.localDay(at) + 1);
        }
        days[i] = count;
      }
    },
    read(customer, at, out) {
      if (!view.locate(customer, at, span)) {
        out.none();
        return;
      }
      const times = tiles?.times ?? NONE;
      const first = firstBeyond(times, span.after);
      const end = firstBeyond(times, span.through);
      // The days of what has no instant any more are lost, for life too.
      const whole = wholeFrom(customer.wholeFrom(place), tiles) <= span.edge;
      out.atLeast(first < end ? days[end - 1]! - days[first]! + 1 : 0, whole);
    },
    nextEdge: (customer, after) => edgeOfTiles(view, customer, place, after),
  };
}

const NONE: readonly number[] = [];
