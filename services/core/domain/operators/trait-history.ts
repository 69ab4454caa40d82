/**
 * traitChanged and traitHeld: how a trait came to be what it is, over the remembered writes to it (JSON text; null where it was
 * unset). What was forgotten, or was written before the memory began, makes the answer unknown unless the rest decides it.
 */
import type { TraitValue } from '../events/profile.ts';
import type { LeafCondition, Scalar } from '../language/ast.ts';
import type { Tape, TapeValue } from '../series/tape.ts';
import { judgeAtCandidates, settle } from './candidates.ts';
import { wholeFrom } from './in-tiles.ts';
import { FALSE, TRUE, UNKNOWN, type LeafOperator, type TruthCode } from './operator.ts';
import { traitInWords } from './trait.ts';

type Of<K extends LeafCondition['kind']> = Extract<LeafCondition, { kind: K }>;

export function traitChangedOperator({ ms }: Of<'traitChanged'>): LeafOperator {
  return {
    judge(view, verdict) {
      const tape = view.series(0) as Tape | undefined;
      const from = wholeFrom(view.wholeFrom(0), tape);
      const { changes, doubts } = changesIn(tape, from);
      const truthAt = (at: number): TruthCode => {
        const start = at - ms;
        if (changes.some((instant) => instant > start && instant <= at)) return TRUE;
        return from <= start && !doubts.some((instant) => instant > start && instant <= at) ? FALSE : UNKNOWN;
      };
      const edges = [...changes, ...doubts, from].map((instant) => instant + ms);
      judgeAtCandidates(view, verdict, truthAt, edges);
    },
    value: (view) => changesIn(view.series(0) as Tape | undefined, -Infinity).changes.at(-1) ?? null,
  };
}

/** Instants at which the value became another, and of writes of which that is not certain; ascending. */
function changesIn(tape: Tape | undefined, from: number): { changes: readonly number[]; doubts: readonly number[] } {
  const changes: number[] = [];
  const doubts: number[] = [];
  let before = -1;
  for (let i = 0; i < (tape?.times.length ?? 0); i++) {
    const { times, values } = tape!;
    if (isUnset(values[i] ?? null)) continue;
    // What came before is certain only where nothing in between can be missing.
    const certain = from === -Infinity || (before >= 0 && times[before]! >= from);
    if (!certain) doubts.push(times[i]!);
    else if (before >= 0 && values[before] !== values[i]) changes.push(times[i]!);
    before = i;
  }
  return { changes, doubts };
}

/** JSON's own null is one too. */
function isUnset(value: TapeValue): boolean {
  return value === null || value === 'null';
}

export function traitHeldOperator({ trait, values, ms }: Of<'traitHeld'>): LeafOperator {
  const wanted = new Set<unknown>(values);
  const written = new Set<unknown>(values.map((value: Scalar) => JSON.stringify(value)));
  return {
    judge(view, verdict) {
      const value: TraitValue | undefined = view.trait(trait);
      if (value === undefined || value === null) {
        settle(verdict, UNKNOWN);
        return;
      }
      if (!wanted.has(value)) {
        settle(verdict, FALSE);
        return;
      }
      const tape = view.series(0) as Tape | undefined;
      const from = wholeFrom(view.wholeFrom(0), tape);
      const { since, wasOther } = runOf(tape, from, written);
      const tooShort = wasOther || from === -Infinity ? FALSE : UNKNOWN;
      judgeAtCandidates(view, verdict, (at) => (since <= at - ms ? TRUE : tooShort), [since + ms]);
    },
    value: (view) => traitInWords(view.trait(trait)),
  };
}

/**
 * Since when the newest writes all are one of the values, and whether another lies before them. Without a write since the memory
 * begins the value was there when it began.
 */
function runOf(
  tape: Tape | undefined,
  from: number,
  written: ReadonlySet<unknown>,
): { since: number; wasOther: boolean } {
  let since = from;
  const { times, values } = tape ?? { times: [], values: [] };
  for (let i = times.length - 1; i >= 0 && times[i]! >= from; i--) {
    if (!written.has(values[i])) return { since, wasOther: true };
    since = times[i]!;
  }
  return { since, wasOther: false };
}
