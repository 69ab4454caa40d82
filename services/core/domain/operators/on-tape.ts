/** last, averageLast, timeSinceLast and none: views over the newest entries. */
import type { NumberTest, Projection } from '../language/ast.ts';
import type { Tape } from '../series/tape.ts';
import {
  FALSE,
  judgeBounds,
  TRUE,
  UNKNOWN,
  type Operator,
  type Sight,
  type TruthCode,
  type Verdict,
} from './operator.ts';

/** The number of the newest event. No value when it has none, or when something newer may be missing from the feed. */
export function lastOperator(of: Projection, test: NumberTest): Operator {
  const newest = (tape: Tape | undefined, sight: Sight): number | null => {
    const index = (tape?.times.length ?? 0) - 1;
    return index < 0 || tape!.times[index]! < sight.wholeFrom ? null : ((tape!.values[index] ?? null) as number | null);
  };
  return {
    judge(series, sight, verdict) {
      const value = newest(series as Tape | undefined, sight);
      verdict.truth = value === null ? UNKNOWN : judgeBounds(test.op, test.value, value, value);
      verdict.flip = Infinity;
    },
    value(series, sight) {
      const value = newest(series as Tape | undefined, sight);
      return value === null ? null : value / of.scale;
    },
  };
}

/** Σ ÷ k over the newest n numbers, k = min(n, all); cross-multiplied, so exact. */
export function averageLastOperator(of: Projection, n: number, atLeastValues: number, test: NumberTest): Operator {
  const newest = (tape: Tape | undefined, sight: Sight): { sum: number; count: number } | null => {
    const size = tape?.times.length ?? 0;
    const count = Math.min(n, size);
    if (tape === undefined || count < atLeastValues) return null;
    // Fewer than n are all there ever were only if nothing was missed or dropped; n of them must be the newest.
    const whole =
      count < n
        ? sight.wholeFrom === -Infinity && tape.completeFrom === -Infinity
        : tape.times[size - count]! >= sight.wholeFrom;
    if (!whole) return null;
    let sum = 0;
    for (let i = size - count; i < size; i++) sum += tape.values[i] as number;
    return { sum, count };
  };
  return {
    judge(series, sight, verdict) {
      const found = newest(series as Tape | undefined, sight);
      verdict.flip = Infinity;
      verdict.truth =
        found === null
          ? UNKNOWN
          : judgeBounds(test.op, test.value * found.count * of.scale, found.sum * 1000, found.sum * 1000);
    },
    value(series, sight) {
      const found = newest(series as Tape | undefined, sight);
      return found === null ? null : found.sum / found.count / of.scale;
    },
  };
}

/** How long ago the newest event was; unknown while there is none. Flips by time alone, at the exact instant. */
export function timeSinceLastOperator(test: NumberTest): Operator {
  const truthAt = (newest: number, wholeFrom: number, at: number): TruthCode => {
    const high = at - newest;
    // Something newer may be missing up to the instant the feed is whole from.
    const low = wholeFrom <= newest ? high : Math.max(0, at - wholeFrom);
    return judgeBounds(test.op, test.value, low, high);
  };
  const consider = (flip: number, wholeFrom: number, newest: number, sight: Sight, verdict: Verdict): void => {
    if (flip > sight.at && flip < verdict.flip && truthAt(newest, wholeFrom, flip) !== verdict.truth)
      verdict.flip = flip;
  };
  return {
    judge(series, sight, verdict) {
      const tape = series as Tape | undefined;
      const newest = tape?.times.at(-1);
      verdict.flip = Infinity;
      if (newest === undefined) {
        verdict.truth = UNKNOWN;
        return;
      }
      verdict.truth = truthAt(newest, sight.wholeFrom, sight.at);
      const { wholeFrom } = sight;
      // The distance reaches the value, then passes it; so does the least it can be while the feed is not whole.
      consider(newest + test.value, wholeFrom, newest, sight, verdict);
      consider(newest + test.value + 1, wholeFrom, newest, sight, verdict);
      if (wholeFrom <= newest) return;
      consider(wholeFrom + test.value, wholeFrom, newest, sight, verdict);
      consider(wholeFrom + test.value + 1, wholeFrom, newest, sight, verdict);
    },
    value(series, sight) {
      const newest = (series as Tape | undefined)?.times.at(-1);
      return newest === undefined ? null : sight.at - newest;
    },
  };
}

/** Absence: needs the feed whole over the window and the customer known since before it (E3). */
export function noneOperator(windowMs: number): Operator {
  const truthAt = (newest: number | undefined, sight: Sight, at: number): TruthCode => {
    if (newest !== undefined && newest > at - windowMs) return FALSE;
    return sight.wholeFrom <= at - windowMs && sight.tenure <= at - windowMs ? TRUE : UNKNOWN;
  };
  return {
    judge(series, sight, verdict) {
      const newest = (series as Tape | undefined)?.times.at(-1);
      verdict.truth = truthAt(newest, sight, sight.at);
      verdict.flip = Infinity;
      if (verdict.truth === TRUE) return;
      firstOf(
        [(newest ?? -Infinity) + windowMs, sight.wholeFrom + windowMs, sight.tenure + windowMs],
        sight,
        verdict,
        (at) => truthAt(newest, sight, at),
      );
    },
    value(series, sight) {
      const newest = (series as Tape | undefined)?.times.at(-1);
      return newest === undefined ? null : sight.at - newest;
    },
  };
}

function firstOf(
  candidates: readonly number[],
  sight: Sight,
  verdict: Verdict,
  truthAt: (at: number) => TruthCode,
): void {
  for (const at of candidates) {
    if (at > sight.at && at < verdict.flip && truthAt(at) !== verdict.truth) verdict.flip = at;
  }
}
