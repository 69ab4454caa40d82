/** Flips of leaves whose truth can change at a few instants only, which are all known beforehand. */
import type { TruthCode, Verdict, View } from './operator.ts';

/** Leaves the truth at the view's instant, and the first of the instants after it at which the truth is another (E2). */
export function judgeAtCandidates(
  view: View,
  verdict: Verdict,
  truthAt: (at: number) => TruthCode,
  instants: readonly number[],
): void {
  verdict.truth = truthAt(view.at);
  verdict.flip = Infinity;
  for (const instant of instants) {
    if (instant > view.at && instant < verdict.flip && truthAt(instant) !== verdict.truth) verdict.flip = instant;
  }
}

/** A truth that nothing but an event changes. */
export function settle(verdict: Verdict, truth: TruthCode): void {
  verdict.truth = truth;
  verdict.flip = Infinity;
}
