/** Why: of a transition, from what flipped; of a standing, from every condition with its value; and what comes next. */
import type { Condition as ToldCondition, Truth } from '../events/change.ts';
import { conditionInWords } from '../language/sentence.ts';
import { valueSentence } from '../language/value-sentence.ts';
import { durationInWords } from '../time/duration.ts';
import type { ComparisonPlan } from './comparisons.ts';
import { standingOf, type AppliedRules, type Customer } from './customer.ts';
import { valueOf, type Evaluation, type Flip, type Toggle } from './evaluate.ts';
import { forceOf } from './lists.ts';
import { nextChanges } from './next-changes.ts';
import { pendingOf, type Pending } from './pending.ts';
import type { RulePlan, Unit } from './plan.ts';
import { either } from './stability.ts';

const TRUTHS: readonly Truth[] = ['false', 'true', 'unknown'];

export interface Explanation {
  readonly conditions: readonly ToldCondition[];
  /** One sentence for a person. */
  readonly reason: string;
}

/** Which conditions of the rule flipped, with the values compared; the reason names those that speak for the transition. */
export function explainTransition(
  customer: Customer,
  rules: AppliedRules,
  evaluation: Evaluation,
  toggle: Toggle,
): Explanation {
  const { rule, from } = toggle;
  // The rule of a segment that is no longer live belongs to an older plan: nothing of this evaluation flipped it.
  if (toggle.why === 'retired') return { conditions: [], reason: 'the segment was retired' };
  const flips = new Map(evaluation.flips.map((flip) => [flip.comparison.id, flip]));
  const conditions: ToldCondition[] = [];
  const reasons: { readonly text: string; readonly speaksFor: boolean }[] = [];
  const look = (one: RulePlan, gained: boolean): void => {
    for (const { id, path, negated } of one.leaves) {
      const flip = flips.get(id);
      if (flip === undefined) continue;
      const { profile } = customer;
      const value = valueOf(profile, standingOf(customer, rules), rules.births, evaluation.at, flip.comparison);
      const condition = told(flip, path, value);
      conditions.push(condition);
      const text = named(flip.comparison, rules, condition.was, condition.is);
      reasons.push({
        text: text ?? valueSentence(flip.comparison.condition, condition.is, value),
        speaksFor: (condition.is === (negated ? 'false' : 'true')) === gained,
      });
    }
  };
  look(rule, toggle.kind !== 'exited');
  if (from !== null && rules.plan.rule(from.number) === from) look(from, false);
  const speaking = reasons.filter(({ speaksFor }) => speaksFor);
  const unique = new Set((speaking.length === 0 ? reasons : speaking).map(({ text }) => text));
  const stability = stabilityInWords(toggle);
  const parts = [...unique, ...(stability === undefined ? [] : [stability])];
  return {
    conditions,
    reason: parts.length === 0 ? `the rule of version ${rule.version} took effect` : parts.join('; '),
  };
}

/** Being in another segment, by its name; undefined for any other comparison. */
function named({ condition }: ComparisonPlan, rules: AppliedRules, was: Truth, is: Truth): string | undefined {
  if (condition.kind !== 'segment' || condition.test.op !== 'in') return undefined;
  const unit = rules.plan.unit(condition.key);
  const name = `"${unit?.kind === 'segment' ? unit.rule.name : condition.key}"`;
  if (is === 'true') return was === is ? `in ${name}` : `now in ${name}`;
  if (is === 'false') return was === 'true' ? `no longer in ${name}` : `not in ${name}`;
  return was === is ? `not known whether in ${name}` : `not known any more whether in ${name}`;
}

function told(flip: Flip, path: string, value: number | string | null): ToldCondition {
  const { text, threshold } = flip.comparison;
  const number = typeof value === 'number' ? value : null;
  return { path, text, value: number, threshold, was: TRUTHS[flip.was]!, is: TRUTHS[flip.is]! };
}

/** What a waiting time or a list had to do with a transition. */
function stabilityInWords({ why, kind, rule, from }: Toggle): string | undefined {
  const { stability, consent } = (kind === 'moved' ? (from ?? rule) : rule).membership;
  switch (why) {
    case 'rule':
    case 'retired':
      return undefined;
    case 'confirmed':
      return `and has been so for ${durationInWords(stability.confirmMs)}`;
    case 'cooledDown':
      return `${durationInWords(stability.cooldownMs)} since the last stay are over`;
    case 'graceOver':
      return `has not been so for ${durationInWords(stability.graceMs)}`;
    case 'minStayOver':
      return `the shortest stay of ${durationInWords(stability.minStayMs)} is over`;
    case 'maxStayOver':
      return `the longest stay of ${durationInWords(stability.maxStayMs ?? 0)} is over`;
    case 'include':
      return 'put on the list of those who are in';
    case 'exclude':
      return 'put on the list of those who are out';
    case 'consent':
      return `there is no consent for ${consent ?? 'it'}`;
  }
}

export interface ConditionNow {
  readonly path: string;
  readonly sentence: string;
  readonly truth: Truth;
  readonly value: number | string | null;
  readonly threshold: string | null;
  /** The events it looks at are known only from here on, ms UTC, and its window reaches before; null = all are known. */
  readonly since: number | null;
}

/** A segment, or one member of a group, as it is for a customer. */
export interface SegmentNow {
  /** Of a member GROUP/MEMBER. */
  readonly key: string;
  readonly name: string;
  readonly group: string | null;
  readonly number: number;
  readonly version: number;
  readonly member: boolean;
  readonly enteredAt: number | null;
  /** Truth of the rule itself. */
  readonly rule: Truth;
  readonly inWords: string;
  readonly state: Pending;
  readonly conditions: readonly ConditionNow[];
  /** What happens next if nothing else does; null = nothing within the horizon. */
  readonly next: { readonly at: number; readonly entered: boolean } | null;
}

/**
 * Everything that can be said of a customer. Values are as of `now` (the task clock): every timer due by then has fired, so
 * no truth differs from what was decided. Does not change the customer.
 */
export function explainCustomer(customer: Customer, rules: AppliedRules, now = -Infinity): readonly SegmentNow[] {
  const { profile } = customer;
  const next = nextChanges(customer, rules);
  const at = Math.max(profile.asOf, profile.firedThrough, now);
  const rows = rules.plan.units.flatMap((unit) =>
    (unit.kind === 'segment' ? [unit.rule] : unit.rules).map((rule) => rowOf(customer, rules, unit, rule, at)),
  );
  return rows
    .map((row): SegmentNow => ({ ...row, next: next.get(row.number) ?? null }))
    .sort((a, b) => a.number - b.number);
}

function rowOf(
  customer: Customer,
  rules: AppliedRules,
  unit: Unit,
  rule: RulePlan,
  at: number,
): Omit<SegmentNow, 'next'> {
  const { profile } = customer;
  const standing = standingOf(customer, rules);
  const enteredAt = profile.held.since(rule.number);
  const enter = standing.root(rule.root);
  const truth = enteredAt !== null && rule.stay !== null ? either(enter, standing.root(rule.root + 1)) : enter;
  return {
    key: rule.key,
    name: rule.name,
    group: rule.group,
    number: rule.number,
    version: rule.version,
    member: enteredAt !== null,
    enteredAt,
    // The default is what is left: its rule is never asked.
    rule: unit.kind === 'group' && rule === unit.fallback ? 'true' : TRUTHS[truth]!,
    inWords: conditionInWords(rule.membership.enter),
    state: pendingOf(unit, rule, profile, rules.births, forceOf(rule.membership, profile, at), at),
    conditions: conditionsNow(customer, rules, rule, at),
  };
}

function conditionsNow(customer: Customer, rules: AppliedRules, rule: RulePlan, at: number): ConditionNow[] {
  const standing = standingOf(customer, rules);
  const conditions = rule.leaves.map(({ id, path }): ConditionNow => {
    const comparison = rules.plan.comparisons[id]!;
    const truth = TRUTHS[standing.truth(id)]!;
    const value = valueOf(customer.profile, standing, rules.births, at, comparison);
    return {
      path,
      sentence: named(comparison, rules, truth, truth) ?? valueSentence(comparison.condition, truth, value),
      truth,
      value,
      threshold: comparison.threshold,
      since: knownSince(rules, comparison, at),
    };
  });
  return conditions.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Completeness (E3) and the birth of the series, where the comparison reaches before them. */
function knownSince(rules: AppliedRules, comparison: ComparisonPlan, at: number): number | null {
  const slots = comparison.kind === 'series' ? [comparison.slot] : comparison.slots;
  let latest: number | null = null;
  for (const slot of slots) {
    const series = rules.plan.series[slot]!;
    const since = Math.max(series.wholeFrom, rules.births.bornAt[slot]!);
    if (since === -Infinity || (!series.lifetime && since <= at - series.reachMs)) continue;
    latest = latest === null ? since : Math.max(latest, since);
  }
  return latest;
}
