/** count: how many events lie in the window. Bounds [count, ∞) until the feed is whole over the window (E3). */
import type { NumberTest } from '../language/ast.ts';
import { windowStart, type PlainWindow } from '../time/window.ts';
import type { Tiles } from '../series/tiles.ts';
import { firstFlip, judgeBounds, neededFor, type Operator, type Series } from './operator.ts';

export function countOperator(window: PlainWindow, test: NumberTest): Operator {
  const threshold = test.value;
  const needed = neededFor(test);

  const countFrom = (tiles: Tiles, first: number): number => {
    if (tiles.counts.length === 0) return tiles.times.length - first;
    let count = 0;
    for (let i = first; i < tiles.times.length; i++) count += tiles.counts[i]!;
    return count;
  };

  return {
    judge(series, sight, verdict) {
      const tiles = series as Tiles | undefined;
      if (window.kind === 'lifetime') {
        const count = lifetimeCount(tiles);
        verdict.truth = judgeBounds(test.op, threshold, count, sight.wholeFrom === -Infinity ? count : Infinity);
        verdict.flip = Infinity;
        return;
      }
      const start = tiles === undefined ? 0 : tiles.firstAfter(sight.at - window.ms);
      const count = tiles === undefined ? 0 : countFrom(tiles, start);
      const wholeFrom = tiles === undefined ? sight.wholeFrom : Math.max(sight.wholeFrom, tiles.completeFrom);
      const whole = wholeFrom <= sight.at - window.ms;
      verdict.truth = judgeBounds(test.op, threshold, count, whole ? count : Infinity);
      if (whole && needed !== null && (tiles === undefined || tiles.counts.length === 0)) {
        const leaver = start + count - needed;
        verdict.flip = count >= needed && needed > 0 ? tiles!.times[leaver]! + window.ms : Infinity;
        return;
      }
      const known = wholeFrom === sight.wholeFrom ? sight : { ...sight, wholeFrom };
      verdict.flip = firstFlip(tiles?.times ?? [], start, window.ms, known, verdict.truth, (first, isWhole) => {
        const rest = tiles === undefined ? 0 : countFrom(tiles, first);
        return judgeBounds(test.op, threshold, rest, isWhole ? rest : Infinity);
      });
    },
    value(series: Series | undefined, sight) {
      const tiles = series as Tiles | undefined;
      if (tiles === undefined) return 0;
      return window.kind === 'lifetime'
        ? lifetimeCount(tiles)
        : countFrom(tiles, tiles.firstAfter(windowStart(window, sight.at)));
    },
  };

  function lifetimeCount(tiles: Tiles | undefined): number {
    return tiles === undefined ? 0 : countFrom(tiles, 0) + (tiles.base?.count ?? 0);
  }
}
