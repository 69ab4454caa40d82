/**
 * decayedSum and decayedAverage: what is older weighs less, on a grid of absolute time (time/decay.ts). No value while the feed is
 * not whole over twenty half-lives.
 */
import type { Measure } from '../language/ast.ts';
import type { Tiles } from '../series/tiles.ts';
import { decaySpanMs, decayStepMs, WEIGHT_ONE, weightlessFrom } from '../time/decay.ts';
import { wholeFrom } from './in-tiles.ts';
import type { Quantity } from './quantity.ts';
import { times, type Reading } from './reading.ts';
import { WeightedSums } from './weighted-sums.ts';

type Decayed = Extract<Measure, { kind: 'decayedSum' | 'decayedAverage' }>;

/**
 * `falling`: a sum of numbers that are not negative is told as something that grows (downwards), so that the instant at which it
 * passes a constant is found by bisection. Everything else is looked at from step to step.
 */
export function decayed(measure: Decayed, place: number, falling: boolean): Quantity {
  const { kind, of, halfLifeMs } = measure;
  const scale = of?.scale ?? 1;
  const step = decayStepMs(halfLifeMs);
  const spanMs = decaySpanMs(halfLifeMs);
  const sums = new WeightedSums(step, of !== null);
  let tiles: Tiles | undefined;
  let falls = false;
  return {
    perUnit: kind === 'decayedAverage' ? 1000 : scale,
    prepare(customer) {
      tiles = customer.series(place) as Tiles | undefined;
      sums.prepare(tiles);
      falls = falling && kind === 'decayedSum' && !sums.negative && !sums.unknown;
    },
    read(customer, at, out) {
      out.none();
      if (wholeFrom(customer.wholeFrom(place), tiles) > at - spanMs) return;
      sums.weigh(at);
      fill(out, sums, kind, scale);
      out.grows = falls;
    },
    nextEdge(customer, after) {
      const maturity = wholeFrom(customer.wholeFrom(place), tiles) + spanMs;
      const edge = maturity > after ? maturity : Infinity;
      const weightless =
        tiles === undefined || tiles.times.length === 0 ? -Infinity : weightlessFrom(tiles.times.at(-1)!, step);
      if (weightless <= after) return edge;
      return Math.min(edge, falls ? weightless : (Math.floor(after / step) + 1) * step);
    },
  };
}

function fill(out: Reading, { sum, weights, lacking }: WeightedSums, kind: Decayed['kind'], scale: number): void {
  if (kind === 'decayedSum') {
    if (!lacking) out.exactly(sum, WEIGHT_ONE);
  } else if (weights !== 0) {
    out.exactly(times(sum, 1000), times(weights, scale));
  }
}
