/** count, sum, average, min and max over any window: views over tiles. What lies in `base` joins in for life. */
import type { Measure } from '../language/ast.ts';
import type { Tiles } from '../series/tiles.ts';
import type { View } from './operator.ts';
import type { Quantity } from './quantity.ts';
import { times, type Reading } from './reading.ts';
import { firstBeyond, Span, windowView } from './span.ts';
import { TileTotals } from './tile-totals.ts';

type InTiles = Extract<Measure, { kind: 'count' | 'sum' | 'average' | 'min' | 'max' }>;

export function inTiles(measure: InTiles, place: number): Quantity {
  const { kind, window } = measure;
  const scale = measure.kind === 'count' ? 1 : measure.of.scale;
  const view = windowView(window, place + 1);
  const span = new Span();
  const totals = new TileTotals(kind);
  const forLife = window.kind === 'lifetime';
  return {
    perUnit: kind === 'average' ? 1000 : scale,
    prepare: (customer) => totals.prepare(customer.series(place) as Tiles | undefined),
    read(customer, at, out) {
      if (!view.locate(customer, at, span)) {
        out.none();
        return;
      }
      const { tiles } = totals;
      totals.take(
        tiles === undefined ? 0 : firstBeyond(tiles.times, span.after),
        tiles === undefined ? 0 : firstBeyond(tiles.times, span.through),
        forLife,
      );
      const feed = customer.wholeFrom(place);
      const whole = (forLife ? feed : wholeFrom(feed, tiles)) <= span.edge;
      fill(out, totals, kind, whole, scale);
    },
    nextEdge: (customer, after) => edgeOfTiles(view, customer, place, after),
  };
}

/** What is dropped counts as not whole, but for what life as a whole says (S2). */
export function wholeFrom(feed: number, series: { readonly completeFrom: number } | undefined): number {
  return Math.max(feed, series?.completeFrom ?? -Infinity);
}

export function edgeOfTiles(view: ReturnType<typeof windowView>, customer: View, place: number, after: number): number {
  const tiles = customer.series(place) as Tiles | undefined;
  return view.nextEdge(customer, after, tiles?.times ?? [], wholeFrom(customer.wholeFrom(place), tiles));
}

function fill(out: Reading, totals: TileTotals, kind: InTiles['kind'], whole: boolean, scale: number): void {
  switch (kind) {
    case 'count':
      out.atLeast(totals.count, whole);
      return;
    case 'sum':
      // An amount that is not said may be any.
      if (whole) out.between(totals.sum, totals.known < totals.count ? Infinity : totals.sum, 1);
      else out.between(-Infinity, Infinity, 1);
      out.seen = Number(totals.sum);
      return;
    case 'average':
      if (whole && totals.known > 0) out.exactly(times(totals.sum, 1000), totals.known * scale);
      else out.none();
      return;
    case 'min':
    case 'max':
      if (totals.known === 0) out.none();
      else if (whole) out.exactly(totals[kind]);
      else if (kind === 'min') out.between(-Infinity, totals.min, 1);
      else out.between(totals.max, Infinity, 1);
  }
}
