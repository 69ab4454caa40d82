/** Why: of a transition, from what flipped; of a standing, from every condition with its value; and what comes next. */
import type { Condition as ToldCondition, Truth } from '../events/change.ts';
import { conditionInWords } from '../language/sentence.ts';
import { valueSentence } from '../language/value-sentence.ts';
import { FALSE, TRUE } from '../operators/operator.ts';
import { decodeProfile, encodeProfile, type Pages } from '../profile/codec.ts';
import { fireThrough, standingOf, type AppliedRules, type Customer } from './customer.ts';
import { valueOf, type Evaluation, type Flip, type ReferenceFlip, type Toggle } from './evaluate.ts';
import type { ComparisonPlan, SegmentPlan } from './plan.ts';

const TRUTHS: readonly Truth[] = ['false', 'true', 'unknown'];

export interface Explanation {
  readonly conditions: readonly ToldCondition[];
  /** One sentence for a person. */
  readonly reason: string;
}

/** Which conditions of the segment flipped, with the values compared; the reason names those that speak for the transition. */
export function explainTransition(
  customer: Customer,
  rules: AppliedRules,
  evaluation: Evaluation,
  toggle: Toggle,
): Explanation {
  const { segment } = toggle;
  // The rule of a segment that is no longer live belongs to an older plan: nothing of this evaluation flipped it.
  if (rules.plan.segments[segment.index] !== segment) return { conditions: [], reason: 'the segment was retired' };
  const flips = new Map(evaluation.flips.map((flip) => [flip.comparison.id, flip]));
  const moves = new Map(evaluation.references.map((flip) => [flip.segment.index, flip]));
  const conditions: ToldCondition[] = [];
  const reasons: { readonly text: string; readonly speaksFor: boolean }[] = [];
  const add = (condition: ToldCondition, negated: boolean, text: string): void => {
    conditions.push(condition);
    reasons.push({ text, speaksFor: (condition.is === (negated ? 'false' : 'true')) === toggle.entered });
  };
  for (const { id, path, negated } of segment.leaves) {
    const flip = flips.get(id);
    if (flip === undefined) continue;
    const value = valueOf(customer.profile, standingOf(customer, rules), rules.births, evaluation.at, flip.comparison);
    add(told(flip, path, value), negated, valueSentence(flip.comparison.condition, TRUTHS[flip.is]!, value));
  }
  for (const { index, path, negated } of segment.references) {
    const move = moves.get(index);
    if (move !== undefined) add(toldReference(move, path), negated, moveInWords(move));
  }
  const speaking = reasons.filter(({ speaksFor }) => speaksFor);
  const unique = new Set((speaking.length === 0 ? reasons : speaking).map(({ text }) => text));
  return {
    conditions,
    reason: unique.size === 0 ? `the rule of version ${segment.live.version} took effect` : [...unique].join('; '),
  };
}

function toldReference({ segment, was, is }: ReferenceFlip, path: string): ToldCondition {
  const text = `in segment ${segment.live.definition.key}`;
  return { path, text, value: null, threshold: null, was: TRUTHS[was]!, is: TRUTHS[is]! };
}

function moveInWords({ segment, was, is }: ReferenceFlip): string {
  const { name } = segment.live.definition;
  if (is === TRUE) return `now in "${name}"`;
  if (is === FALSE) return was === TRUE ? `no longer in "${name}"` : `not in "${name}"`;
  return `not known any more whether in "${name}"`;
}

function told(flip: Flip, path: string, value: number | null): ToldCondition {
  const { text, threshold } = flip.comparison;
  return { path, text, value, threshold, was: TRUTHS[flip.was]!, is: TRUTHS[flip.is]! };
}

export interface ConditionNow {
  readonly path: string;
  readonly sentence: string;
  readonly truth: Truth;
  readonly value: number | null;
  readonly threshold: string | null;
  /** The events it looks at are known only from here on, ms UTC, and its window reaches before; null = all are known. */
  readonly since: number | null;
}

export interface SegmentNow {
  readonly key: string;
  readonly name: string;
  readonly number: number;
  readonly version: number;
  readonly member: boolean;
  readonly enteredAt: number | null;
  /** Truth of the rule itself. */
  readonly rule: Truth;
  readonly inWords: string;
  readonly conditions: readonly ConditionNow[];
  /** What happens next if nothing else does; null = nothing within the horizon. */
  readonly next: { readonly at: number; readonly entered: boolean } | null;
}

/** How far ahead `next` looks, ms: the longest window of the language. */
const HORIZON_MS = 1096 * 86_400_000;

/**
 * Everything that can be said of a customer. Values are as of `now` (the task clock): every timer due by then has fired, so
 * no truth differs from what was decided. Does not change the customer.
 */
export function explainCustomer(customer: Customer, rules: AppliedRules, now = -Infinity): readonly SegmentNow[] {
  const next = nextChanges(customer, rules);
  const standing = standingOf(customer, rules);
  const at = Math.max(customer.profile.asOf, customer.profile.firedThrough, now);
  return rules.plan.byNumber.map((index): SegmentNow => {
    const segment = rules.plan.segments[index]!;
    const { key, name, enter } = segment.live.definition;
    return {
      key,
      name,
      number: segment.live.number,
      version: segment.live.version,
      member: customer.profile.held.has(segment.live.number),
      enteredAt: customer.profile.held.since(segment.live.number),
      rule: TRUTHS[standing.root(index)]!,
      inWords: conditionInWords(enter),
      conditions: conditionsNow(customer, rules, segment, at),
      next: next.get(segment.live.number) ?? null,
    };
  });
}

function conditionsNow(customer: Customer, rules: AppliedRules, segment: SegmentPlan, at: number): ConditionNow[] {
  const standing = standingOf(customer, rules);
  const own = segment.leaves.map(({ id, path }): ConditionNow => {
    const comparison = rules.plan.comparisons[id]!;
    const truth = standing.truth(id);
    const value = valueOf(customer.profile, standing, rules.births, at, comparison);
    return {
      path,
      sentence: valueSentence(comparison.condition, TRUTHS[truth]!, value),
      truth: TRUTHS[truth]!,
      value,
      threshold: comparison.threshold,
      since: knownSince(rules, comparison, at),
    };
  });
  const referred = segment.references.map(({ index, path }): ConditionNow => {
    const { name } = rules.plan.segments[index]!.live.definition;
    const truth = standing.reference(index);
    const text =
      truth === TRUE ? `in "${name}"` : truth === FALSE ? `not in "${name}"` : `not known whether in "${name}"`;
    return { path, sentence: text, truth: TRUTHS[truth]!, value: null, threshold: null, since: null };
  });
  return [...own, ...referred].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Completeness (E3) and the birth of the series, where the comparison reaches before them. */
function knownSince(rules: AppliedRules, comparison: ComparisonPlan, at: number): number | null {
  if (comparison.kind === 'trait') return null;
  const series = rules.plan.series[comparison.slot]!;
  const since = Math.max(series.wholeFrom, rules.births.bornAt[comparison.slot]!);
  return since === -Infinity || (!series.lifetime && since <= at - series.reachMs) ? null : since;
}

/** The first change of each segment by time alone, found by letting the time of a copy run. */
function nextChanges(customer: Customer, rules: AppliedRules): Map<number, { at: number; entered: boolean }> {
  const { profile } = customer;
  const copy: Customer = {
    profile: decodeProfile(profile.key, copyOf(encodeProfile(profile, Infinity))),
    standing: undefined,
    memory: undefined,
    due: Infinity,
  };
  const found = new Map<number, { at: number; entered: boolean }>();
  fireThrough(copy, rules, Math.max(profile.asOf, profile.firedThrough) + HORIZON_MS, (_cause, evaluation) => {
    for (const { segment, entered } of evaluation.toggles) {
      if (!found.has(segment.live.number)) found.set(segment.live.number, { at: evaluation.at, entered });
    }
  });
  return found;
}

function copyOf(pages: Pages): Pages {
  return pages.map((page) => page?.slice());
}
