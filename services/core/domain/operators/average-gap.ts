/** averageGap: from the oldest to the newest event ÷ one less than how many; no value for fewer than two, or when something may be missing. */
import type { Measure } from '../language/ast.ts';
import type { Ends } from '../series/ends.ts';
import type { Tiles } from '../series/tiles.ts';
import { DAY_MS } from '../time/duration.ts';
import { edgeOfTiles, wholeFrom } from './in-tiles.ts';
import { never, type Quantity } from './quantity.ts';
import { firstBeyond, Span, windowView } from './span.ts';

export function averageGap({ window }: Extract<Measure, { kind: 'averageGap' }>, place: number): Quantity {
  if (window.kind === 'lifetime') return overLife(place);
  const view = windowView(window, place + 1);
  const span = new Span();
  return {
    perUnit: DAY_MS,
    read(customer, at, out) {
      out.none();
      const tiles = customer.series(place) as Tiles | undefined;
      if (tiles === undefined || !view.locate(customer, at, span)) return;
      if (wholeFrom(customer.wholeFrom(place), tiles) > span.edge) return;
      const first = firstBeyond(tiles.times, span.after);
      const end = firstBeyond(tiles.times, span.through);
      let count = 0;
      for (let i = first; i < end; i++) count += tiles.countAt(i);
      if (count >= 2) out.exactly(tiles.times[end - 1]! - tiles.times[first]!, count - 1);
    },
    nextEdge: (customer, after) => edgeOfTiles(view, customer, place, after),
  };
}

function overLife(place: number): Quantity {
  return {
    perUnit: DAY_MS,
    read(customer, _at, out) {
      const ends = customer.series(place) as Ends | undefined;
      if (ends === undefined || ends.count < 2 || customer.wholeFrom(place) > -Infinity) out.none();
      else out.exactly(ends.newest - ends.oldest, ends.count - 1);
    },
    nextEdge: never,
  };
}
