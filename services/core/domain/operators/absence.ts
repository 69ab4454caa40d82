/** none, never and noneSince: what did not happen. Only `none` needs tenure (E3), only it changes by time alone. */
import type { LeafCondition } from '../language/ast.ts';
import type { Tape } from '../series/tape.ts';
import { settle } from './candidates.ts';
import { noneOperator } from './on-tape.ts';
import { FALSE, TRUE, UNKNOWN, type LeafOperator, type Sight, type View } from './operator.ts';

type Of<K extends LeafCondition['kind']> = Extract<LeafCondition, { kind: K }>;

export function noneLeaf({ ms }: Of<'none'>): LeafOperator {
  const operator = noneOperator(ms);
  const sight: Sight = { at: 0, wholeFrom: 0, tenure: 0 };
  const look = (view: View): Sight => {
    sight.at = view.at;
    sight.wholeFrom = view.wholeFrom(0);
    sight.tenure = view.tenure;
    return sight;
  };
  return {
    judge: (view, verdict) => operator.judge(tapeOf(view, 0), look(view), verdict),
    value: (view) => operator.value(tapeOf(view, 0), look(view)),
  };
}

export function neverLeaf(): LeafOperator {
  return {
    judge(view, verdict) {
      const happened = newestOf(view, 0) !== undefined;
      settle(verdict, happened ? FALSE : view.wholeFrom(0) === -Infinity ? TRUE : UNKNOWN);
    },
    value: (view) => newestOf(view, 0) ?? null,
  };
}

/** An event at the very millisecond of the newest `since` does not count. */
export function noneSinceLeaf(): LeafOperator {
  return {
    judge(view, verdict) {
      const since = newestOf(view, 1);
      if (since === undefined) {
        settle(verdict, UNKNOWN);
        return;
      }
      const newest = newestOf(view, 0);
      const whole = Math.max(view.wholeFrom(0), view.wholeFrom(1)) <= since;
      settle(verdict, newest !== undefined && newest > since ? FALSE : whole ? TRUE : UNKNOWN);
    },
    value: (view) => newestOf(view, 0) ?? null,
  };
}

function tapeOf(view: View, place: number): Tape | undefined {
  return view.series(place) as Tape | undefined;
}

function newestOf(view: View, place: number): number | undefined {
  return tapeOf(view, place)?.times.at(-1);
}
