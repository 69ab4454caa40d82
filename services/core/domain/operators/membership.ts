/** References to segments and groups, after their own stability (E4). */
import type { LeafCondition } from '../language/ast.ts';
import { judgeAtCandidates, settle } from './candidates.ts';
import { FALSE, TRUE, UNKNOWN, type LeafOperator, type TruthCode, type Verdict, type View } from './operator.ts';

type Of<K extends LeafCondition['kind']> = Extract<LeafCondition, { kind: K }>;

export function segmentOperator({ key, test }: Of<'segment'>): LeafOperator {
  return {
    judge(view, verdict) {
      const stay = view.stay(key);
      switch (test.op) {
        case 'in':
          settle(verdict, stay?.truth ?? UNKNOWN);
          return;
        case 'inFor': {
          const enteredAt = stay?.enteredAt ?? null;
          if (stay?.truth !== TRUE || enteredAt === null) settle(verdict, stay?.truth === FALSE ? FALSE : UNKNOWN);
          else
            judgeAtCandidates(view, verdict, (at) => (at - enteredAt >= test.ms ? TRUE : FALSE), [enteredAt + test.ms]);
          return;
        }
        case 'enteredWithin':
          judgeWithin(stay?.lastEntered ?? -Infinity, test.ms, view, verdict);
          return;
        case 'leftWithin':
          judgeWithin(stay?.lastLeft ?? -Infinity, test.ms, view, verdict);
      }
    },
    value(view) {
      const stay = view.stay(key);
      if (test.op === 'enteredWithin') return instantOf(stay?.lastEntered);
      if (test.op === 'leftWithin') return instantOf(stay?.lastLeft);
      return stay?.enteredAt ?? null;
    },
  };
}

export function tierOperator({ group, test }: Of<'tier'>): LeafOperator {
  return {
    judge(view, verdict) {
      const stay = view.stay(group);
      switch (test.op) {
        case 'is': {
          const member = stay?.member ?? null;
          settle(verdict, member === null ? UNKNOWN : test.members.includes(member) ? TRUE : FALSE);
          return;
        }
        case 'atLeast': {
          const member = stay?.member ?? null;
          if (stay === undefined || member === null) settle(verdict, UNKNOWN);
          else settle(verdict, stay.order.indexOf(member) <= stay.order.indexOf(test.member) ? TRUE : FALSE);
          return;
        }
        case 'movedUp':
          judgeWithin(stay?.lastEntered ?? -Infinity, test.ms, view, verdict);
          return;
        case 'movedDown':
          judgeWithin(stay?.lastLeft ?? -Infinity, test.ms, view, verdict);
      }
    },
    value(view) {
      const stay = view.stay(group);
      if (test.op === 'movedUp') return instantOf(stay?.lastEntered);
      if (test.op === 'movedDown') return instantOf(stay?.lastLeft);
      return stay?.member ?? null;
    },
  };
}

/** Whether something that is remembered since a while happened in (at − ms, at]. */
function judgeWithin(instant: number, ms: number, view: View, verdict: Verdict): void {
  const remembered = view.wholeFrom(0);
  const truthAt = (at: number): TruthCode => {
    if (instant > at - ms && instant <= at) return TRUE;
    return remembered <= at - ms ? FALSE : UNKNOWN;
  };
  judgeAtCandidates(view, verdict, truthAt, [instant + ms, remembered + ms]);
}

function instantOf(instant: number | undefined): number | null {
  return instant === undefined || instant === -Infinity ? null : instant;
}
