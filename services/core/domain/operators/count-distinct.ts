/** countDistinct: how many different values of a field the window holds. Bounds [count, ∞) until the feed is whole over it. */
import type { NumberTest } from '../language/ast.ts';
import type { Latest } from '../series/latest.ts';
import { windowStart, type Window } from '../time/window.ts';
import { firstFlip, judgeBounds, type Operator, type TruthCode } from './operator.ts';

export function countDistinctOperator(window: Window, test: NumberTest): Operator {
  const distinctAfter = (latest: Latest | undefined, start: number): number => {
    let count = 0;
    if (latest !== undefined) for (const instant of latest.instants.values()) if (instant > start) count += 1;
    return count;
  };
  return {
    judge(series, sight, verdict) {
      const latest = series as Latest | undefined;
      const wholeFrom = Math.max(sight.wholeFrom, latest?.completeFrom ?? -Infinity);
      const start = windowStart(window, sight.at);
      const count = distinctAfter(latest, start);
      const whole = wholeFrom <= start;
      verdict.truth = judgeBounds(test.op, test.value, count, whole ? count : Infinity);
      verdict.flip = Infinity;
      if (window.kind === 'lifetime') return;
      if (count === 0 && whole) return;
      // A value leaves when its newest event does.
      const leaving =
        latest === undefined
          ? []
          : [...latest.instants.values()].filter((instant) => instant > start).sort((a, b) => a - b);
      const judge = (first: number, isWhole: boolean): TruthCode => {
        const rest = leaving.length - first;
        return judgeBounds(test.op, test.value, rest, isWhole ? rest : Infinity);
      };
      verdict.flip = firstFlip(leaving, 0, window.ms, { ...sight, wholeFrom }, verdict.truth, judge);
    },
    value: (series, sight) => distinctAfter(series as Latest | undefined, windowStart(window, sight.at)),
  };
}
