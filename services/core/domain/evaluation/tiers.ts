/**
 * Exclusive groups (E6): in which member of a group a customer is. Pure, as stability.ts is for segments.
 *
 *  1. The first member in order whose rule holds, else the default: at every instant exactly one.
 *  2. Up at once. Down when the member's own rule has been false for its grace, not before its minimum stay, and then, if the
 *     group says so, at the next beginning of a calendar unit. From the default, which has no rule, at once either way.
 *  3. A list or a missing consent moves at once.
 */
import type { TruthCode } from '../operators/operator.ts';
import { zoneOf } from '../time/calendar.ts';
import type { Stays } from '../profile/stays.ts';
import type { GroupUnit, RulePlan } from './plan.ts';
import { either, resolved, type Force, type Why } from './stability.ts';

/** What each rule of the group comes to now, by place in the order. */
export interface Answers {
  readonly enter: readonly TruthCode[];
  readonly stay: readonly TruthCode[];
  readonly forces: readonly Force[];
}

export interface TierDecision {
  readonly rule: RulePlan;
  readonly deadline: number;
  readonly why: Why;
}

/** Decides at an instant and brings what is remembered up to date. `current`: null before the first full evaluation. */
export function decideTier(
  unit: GroupUnit,
  answers: Answers,
  stays: Stays,
  current: { readonly rule: RulePlan; readonly enteredAt: number } | null,
  timezone: unknown,
  at: number,
): TierDecision {
  const { rules, fallback } = unit;
  const place = current === null ? -1 : rules.indexOf(current.rule);
  let yes = rules.map((rule, index) => holds(rule, index, index === place, answers, stays));
  if (place >= 0 && yes[place] !== stays.holds) {
    stays.holds = yes[place]!;
    stays.since = at;
  }
  const first = yes.findIndex((one, index) => one && rules[index] !== fallback);
  const candidate = first < 0 ? fallback : rules[first]!;
  const due = current === null ? at : dueOf(unit, answers, stays, place, current.enteredAt, candidate, timezone);
  const next = current === null || (candidate !== current.rule && due <= at) ? candidate : current.rule;
  const why = current === null ? 'rule' : whyOf(unit, answers, place, candidate);
  if (next !== current?.rule) {
    const to = rules.indexOf(next);
    if (current !== null && place >= 0) {
      if (to < place) stays.entered = at;
      else stays.left = at;
    }
    // Stay counts only for the member the customer is in.
    stays.yes = heldOn(unit, yes);
    yes = rules.map((rule, index) => holds(rule, index, index === to, answers, stays));
    stays.holds = yes[to]!;
    stays.since = at;
  }
  stays.yes = heldOn(unit, yes);
  const waits = next !== candidate && due > at ? due : Infinity;
  return { rule: next, deadline: Math.min(waits, ...answers.forces.map(({ until }) => until)), why };
}

/** Numbers of the members whose rule holds: what an unknown one that holds on goes back to. */
function heldOn({ rules, fallback }: GroupUnit, yes: readonly boolean[]): readonly number[] {
  return rules.flatMap((rule, index) => (yes[index]! && rule !== fallback ? [rule.number] : []));
}

function holds(
  rule: RulePlan,
  index: number,
  isCurrent: boolean,
  { enter, stay, forces }: Answers,
  stays: Stays,
): boolean {
  const forced = forces[index]!.member;
  if (forced !== undefined) return forced;
  const truth = isCurrent ? either(enter[index]!, stay[index]!) : enter[index]!;
  return resolved(truth, rule.membership, stays.yes.includes(rule.number));
}

/** When the move to the candidate may happen. */
function dueOf(
  { rules, fallback, live }: GroupUnit,
  { forces }: Answers,
  stays: Stays,
  place: number,
  enteredAt: number,
  candidate: RulePlan,
  timezone: unknown,
): number {
  // A removed member, the default, a way up and a list wait for nothing.
  if (place < 0 || rules[place] === fallback || rules.indexOf(candidate) < place) return -Infinity;
  if (stays.holds) return Infinity;
  if (forces[place]!.member === false) return -Infinity;
  const { graceMs, minStayMs } = rules[place]!.membership.stability;
  const due = Math.max(stays.since + graceMs, enteredAt + minStayMs);
  const { demoteAt } = live.definition;
  return demoteAt === null ? due : firstStart(due, demoteAt, timezone);
}

/** The beginning of a unit at or after an instant. */
function firstStart(
  due: number,
  demoteAt: NonNullable<GroupUnit['live']['definition']['demoteAt']>,
  timezone: unknown,
): number {
  const { unit, zone } = demoteAt;
  return zoneOf(zone, timezone).nextStart(due - 1, unit);
}

function whyOf({ rules }: GroupUnit, { forces }: Answers, place: number, candidate: RulePlan): Why {
  if (place >= 0 && forces[place]!.member === false) return forces[place]!.why!;
  const to = rules.indexOf(candidate);
  if (forces[to]!.member === true) return 'include';
  const stability = place < 0 ? undefined : rules[place]!.membership.stability;
  return to > place && stability !== undefined && stability.graceMs > 0 ? 'graceOver' : 'rule';
}
