/** countDistinct: how many different values of a field the window holds. Bounds [count, ∞) until the feed is whole over it. */
import type { NumberTest } from '../language/ast.ts';
import type { Latest } from '../series/latest.ts';
import { windowStart, type PlainWindow } from '../time/window.ts';
import { firstFlip, judgeBounds, neededFor, type Operator } from './operator.ts';

export function countDistinctOperator(window: PlainWindow, test: NumberTest): Operator {
  const needed = neededFor(test);
  return {
    judge(series, sight, verdict) {
      const latest = series as Latest | undefined;
      const wholeFrom = Math.max(sight.wholeFrom, latest?.completeFrom ?? -Infinity);
      const start = windowStart(window, sight.at);
      const instants = latest?.ascending() ?? NONE;
      const first = firstBeyond(instants, start);
      const count = instants.length - first;
      const whole = wholeFrom <= start;
      verdict.truth = judgeBounds(test.op, test.value, count, whole ? count : Infinity);
      verdict.flip = Infinity;
      if (window.kind === 'lifetime') return;
      if (whole && needed !== null) {
        // A value leaves when its newest event does.
        if (count >= needed && needed > 0) verdict.flip = instants[first + count - needed]! + window.ms;
        return;
      }
      const known = wholeFrom === sight.wholeFrom ? sight : { ...sight, wholeFrom };
      verdict.flip = firstFlip(instants, first, window.ms, known, verdict.truth, (from, isWhole) => {
        const rest = instants.length - from;
        return judgeBounds(test.op, test.value, rest, isWhole ? rest : Infinity);
      });
    },
    value(series, sight) {
      const instants = (series as Latest | undefined)?.ascending() ?? NONE;
      return instants.length - firstBeyond(instants, windowStart(window, sight.at));
    },
  };
}

const NONE: readonly number[] = [];

function firstBeyond(instants: readonly number[], start: number): number {
  let first = instants.length;
  while (first > 0 && instants[first - 1]! > start) first -= 1;
  return first;
}
