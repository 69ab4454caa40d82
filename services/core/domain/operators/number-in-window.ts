/**
 * sum, average, min and max of a number over the window.
 *
 * Bounds: an event without the number makes a sum at least what is known (catalogue §0, money without a rate); a window that is
 * not whole makes a sum and an average unknown, a min at most and a max at least what was seen. No number, no value: unknown.
 */
import type { NumberTest, Projection } from '../language/ast.ts';
import type { Tiles } from '../series/tiles.ts';
import { windowStart, type PlainWindow } from '../time/window.ts';
import { FALSE, firstFlip, judgeBounds, TRUE, UNKNOWN, type Operator, type TruthCode } from './operator.ts';

type Kind = 'sum' | 'average' | 'min' | 'max';

/** What the entries from some index on amount to; `base` joins in for lifetime windows. */
interface Totals {
  count: number;
  known: number;
  sum: number;
  min: number;
  max: number;
}

export function numberInWindowOperator(kind: Kind, of: Projection, window: PlainWindow, test: NumberTest): Operator {
  const judge = (totals: Totals, whole: boolean): TruthCode => {
    switch (kind) {
      case 'sum':
        if (!whole) return UNKNOWN;
        return judgeBounds(test.op, test.value, totals.sum, totals.known < totals.count ? Infinity : totals.sum);
      case 'average': {
        if (!whole || totals.known === 0) return UNKNOWN;
        // Σ ÷ n ⋚ threshold ÷ 1000 in field units, Σ in units of 1 ÷ scale: cross-multiplied, so exact.
        const left = totals.sum * 1000;
        return judgeBounds(test.op, test.value * totals.known * of.scale, left, left);
      }
      case 'min':
        if (totals.known === 0) return UNKNOWN;
        return judgeBounds(test.op, test.value, whole ? totals.min : -Infinity, totals.min);
      case 'max':
        if (totals.known === 0) return UNKNOWN;
        return judgeBounds(test.op, test.value, totals.max, whole ? totals.max : Infinity);
    }
  };

  return {
    judge(series, sight, verdict) {
      const tiles = series as Tiles | undefined;
      verdict.flip = Infinity;
      if (window.kind === 'lifetime') {
        verdict.truth = judge(lifetime(tiles), sight.wholeFrom === -Infinity);
        return;
      }
      const wholeFrom = Math.max(sight.wholeFrom, tiles?.completeFrom ?? -Infinity);
      const whole = wholeFrom <= sight.at - window.ms;
      const start = tiles === undefined ? 0 : tiles.firstAfter(sight.at - window.ms);
      const totals = from(tiles, start);
      verdict.truth = judge(totals, whole);
      if (totals.count === 0 && whole) return;
      if (
        kind === 'sum' &&
        whole &&
        totals.known === totals.count &&
        settled(test, totals, tiles!, start, verdict.truth)
      )
        return;
      const suffixes = kind === 'min' || kind === 'max' ? suffixTotals(tiles, start) : undefined;
      let walked = start;
      verdict.flip = firstFlip(
        tiles?.times ?? [],
        start,
        window.ms,
        { ...sight, wholeFrom },
        verdict.truth,
        (first, isWhole) => {
          if (suffixes !== undefined) return judge(suffixes[first - start]!, isWhole);
          for (; walked < first; walked++) leave(totals, tiles!, walked);
          return judge(totals, isWhole);
        },
      );
    },
    value(series, sight) {
      const tiles = series as Tiles | undefined;
      const totals =
        window.kind === 'lifetime'
          ? lifetime(tiles)
          : from(tiles, tiles === undefined ? 0 : tiles.firstAfter(windowStart(window, sight.at)));
      if (kind === 'sum') return totals.sum / of.scale;
      if (totals.known === 0) return null;
      return kind === 'average' ? totals.sum / totals.known / of.scale : totals[kind] / of.scale;
    },
  };
}

/** A sum of amounts that are all positive only falls by time: "at least" that is false stays false. */
function settled(test: NumberTest, totals: Totals, tiles: Tiles, start: number, truth: TruthCode): boolean {
  if (truth === UNKNOWN) return false;
  const growing =
    test.op === 'atLeast' || test.op === 'moreThan'
      ? truth === FALSE
      : (test.op === 'atMost' || test.op === 'lessThan') && truth === TRUE;
  if (!growing || totals.min < 0) return false;
  for (let i = start; i < tiles.times.length; i++) if (tiles.mins[i]! < 0) return false;
  return test.value > 0;
}

function from(tiles: Tiles | undefined, start: number): Totals {
  const totals: Totals = { count: 0, known: 0, sum: 0, min: Infinity, max: -Infinity };
  if (tiles === undefined) return totals;
  for (let i = start; i < tiles.times.length; i++) add(totals, tiles, i);
  return totals;
}

function add(totals: Totals, tiles: Tiles, index: number): void {
  totals.count += tiles.countAt(index);
  totals.known += tiles.known[index]!;
  totals.sum += tiles.sums[index]!;
  totals.min = Math.min(totals.min, tiles.mins[index]!);
  totals.max = Math.max(totals.max, tiles.maxs[index]!);
}

function leave(totals: Totals, tiles: Tiles, index: number): void {
  totals.count -= tiles.countAt(index);
  totals.known -= tiles.known[index]!;
  totals.sum -= tiles.sums[index]!;
}

/** Totals of the entries from start, start + 1, … on; the last of them is empty. */
function suffixTotals(tiles: Tiles | undefined, start: number): Totals[] {
  const suffixes: Totals[] = [];
  let totals: Totals = { count: 0, known: 0, sum: 0, min: Infinity, max: -Infinity };
  suffixes.push(totals);
  for (let i = (tiles?.times.length ?? 0) - 1; i >= start; i--) {
    totals = { ...totals };
    add(totals, tiles!, i);
    suffixes.push(totals);
  }
  return suffixes.reverse();
}

function lifetime(tiles: Tiles | undefined): Totals {
  const totals = from(tiles, 0);
  const base = tiles?.base;
  if (base === undefined) return totals;
  totals.count += base.count;
  totals.known += base.known;
  totals.sum += base.sum;
  totals.min = Math.min(totals.min, base.min);
  totals.max = Math.max(totals.max, base.max);
  return totals;
}
