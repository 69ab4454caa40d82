/**
 * A customer as the task holds it, and the three things that can happen to it: an event, its timer, new definitions.
 * Rules T2, E1, E2, D3 of semantics.md live here and nowhere else.
 */
import { sourceOf, type Profile } from '../profile/profile.ts';
import { foldTraits } from '../profile/traits.ts';
import type { Profile as ProfileRecord } from '../events/profile.ts';
import {
  evaluate,
  restoreStanding,
  type Births,
  type Displaced,
  type Evaluation,
  type Toggle,
  type Touched,
} from './evaluate.ts';
import { addTo, addWrites, prune, type FoldedEvent } from './folding.ts';
import type { Plan, RulePlan } from './plan.ts';
import { Standing } from './standing.ts';

export type { FoldedEvent } from './folding.ts';

export interface Customer {
  readonly profile: Profile;
  /** Undefined until somebody looks. */
  standing: Standing | undefined;
  /** What `Standing.remember` wrote when the customer was last at rest; empty where nothing is remembered. */
  readonly memory: Uint8Array | undefined;
  /** Its one timer, ms UTC, as it rests; Infinity = none. */
  due: number;
}

/** A rule set as one task applies it. */
export interface AppliedRules {
  readonly offset: number;
  /** When it came into force; −Infinity for what was in force before a replay's first event (D2). */
  readonly effectiveFrom: number;
  readonly plan: Plan;
  readonly births: Births;
}

export type StepCause = 'event' | 'late' | 'timer' | 'definition' | 'backfill';

/** Told once per evaluation that changed something, while the customer stands exactly there. */
export type OnStep = (cause: StepCause, evaluation: Evaluation, rules: AppliedRules) => void;

/** What the journal says of an applied event (J1). */
export interface Applied {
  readonly cause: 'event' | 'late' | 'backfill';
  /** Numbers of the segments held just before it, after its due timers; ascending. */
  readonly before: readonly number[];
  /** Transitions told before it. */
  readonly seq: number;
  /** What it changed itself. */
  readonly toggles: Evaluation['toggles'];
}

/** The standing at these rules, computed again when it is not at hand. The profile must be at these rules. */
export function standingOf(customer: Customer, { plan, births }: AppliedRules): Standing {
  const { standing, profile, memory } = customer;
  if (standing?.plan === plan) return standing;
  let found = standing === undefined && memory !== undefined ? Standing.recall(plan, memory) : undefined;
  if (found === undefined) {
    found = Standing.blank(plan);
    if (profile.asOf !== -Infinity) restoreStanding(profile, found, births, nowOf(profile));
  }
  customer.standing = found;
  return found;
}

/** Through where everything is judged: asOf, or the last timer that left no trace. */
function nowOf(profile: Profile): number {
  return Math.max(profile.asOf, profile.firedThrough);
}

/**
 * Fires the customer's own timers due at or before an instant, each at its due instant, in order (T2, E2); at most `looks` of them.
 */
export function fireThrough(
  customer: Customer,
  rules: AppliedRules,
  through: number,
  onStep: OnStep,
  looks = Infinity,
): void {
  const { profile } = customer;
  if (profile.asOf === -Infinity) return;
  const standing = standingOf(customer, rules);
  let left = looks;
  for (let due = standing.nextFlip(); due <= through && left > 0; due = standing.nextFlip()) {
    left -= 1;
    const evaluation = evaluate(profile, standing, rules.births, due, dueIn(rules.plan, standing.flippingBy(due)));
    // A look at which no comparison flipped (operators/candidates.ts) is none: when there is one depends on where commits cut.
    if (evaluation.at === due) profile.firedThrough = due;
    if (evaluation.rootChanged) profile.asOf = due;
    if (evaluation.toggles.length > 0) onStep('timer', evaluation, rules);
  }
}

/** What flip groups stand for. */
function dueIn(plan: Plan, groups: readonly number[]): Touched {
  const slots: number[] = [];
  const comparisons: number[] = [];
  const units: number[] = [];
  for (const group of groups) {
    const comparison = plan.comparisonOf(group);
    const unit = plan.unitOf(group);
    if (group < plan.series.length) slots.push(group);
    else if (comparison !== undefined) comparisons.push(comparison);
    else if (unit !== undefined) units.push(unit);
  }
  return { slots, comparisons, units };
}

/**
 * Applies one event (T2): own timers first, then fold, then one evaluation at asOf. The profile must be at these rules.
 * Imported history (C2) is judged as of the task clock `historyAt`: it tells what holds now, not what would have held then.
 */
export function applyEvent(
  customer: Customer,
  rules: AppliedRules,
  event: FoldedEvent,
  options: { readonly latenessMs: number; readonly historyAt: number | undefined },
  onStep: OnStep,
): Applied {
  const { profile } = customer;
  const isFirst = profile.asOf === -Infinity;
  const reached = Math.max(profile.asOf, rules.effectiveFrom);
  const at = options.historyAt ?? event.instant;
  const late = at < reached;
  if (!late) fireThrough(customer, rules, at, onStep);
  profile.asOf = late ? reached : at;
  if (isFirst) customer.standing = Standing.blank(rules.plan);
  const standing = standingOf(customer, rules);
  const earlier = event.instant < profile.tenure;
  if (earlier) profile.tenure = event.instant;
  const before = profile.held.numbers;
  const { seq } = profile;
  const touched = fold(profile, rules, event, options.latenessMs);
  // A timer without trace may have been judged beyond asOf: everything is judged again from there.
  const all = isFirst || profile.firedThrough > profile.asOf;
  profile.firedThrough = profile.asOf;
  if (earlier && !all)
    for (const slot of rules.plan.absences) if (!touched.slots.includes(slot)) touched.slots.push(slot);
  const evaluation = evaluate(profile, standing, rules.births, profile.asOf, all ? 'all' : touched);
  const cause = options.historyAt !== undefined ? 'backfill' : late ? 'late' : 'event';
  if (evaluation.toggles.length > 0) onStep(cause, evaluation, rules);
  return { cause, before, seq, toggles: evaluation.toggles };
}

/**
 * Brings a customer to a later rule set (D3): timers due before it took effect fire under the old one, then everything is
 * judged under the new one.
 */
export function moveTo(
  customer: Customer,
  from: AppliedRules | undefined,
  to: AppliedRules,
  cause: 'definition' | 'backfill',
  onStep: OnStep,
): void {
  const { profile } = customer;
  profile.rulesOffset = to.offset;
  if (profile.asOf === -Infinity) {
    customer.standing = undefined;
    return;
  }
  if (from !== undefined) fireThrough(customer, from, to.effectiveFrom - 1, onStep);
  const at = Math.max(nowOf(profile), to.effectiveFrom);
  profile.asOf = at;
  profile.firedThrough = at;
  const standing = Standing.blank(to.plan);
  customer.standing = standing;
  const { left, displaced } = takeOut(profile, from?.plan, to.plan);
  const evaluation = evaluate(profile, standing, to.births, at, 'all', displaced);
  forgetSeries(profile, to);
  const toggles = [...evaluation.toggles, ...left].sort((a, b) => a.rule.number - b.rule.number);
  if (toggles.length > 0) onStep(cause, { ...evaluation, toggles }, to);
}

/** Series that no live segment needs are gone for good: needed again, they are born again (D4). */
export function forgetSeries(profile: Profile, rules: AppliedRules): void {
  const needed = new Set(rules.births.numbers);
  profile.stays.keep(needed);
  for (const { series } of profile.sources) {
    for (const birth of series.births) if (!needed.has(birth)) series.delete(birth);
  }
}

/** Takes out what the customer holds of rules that are no longer live: who was in a member of a live group moves, others leave. */
function takeOut(
  profile: Profile,
  from: Plan | undefined,
  to: Plan,
): { readonly left: readonly Toggle[]; readonly displaced: Displaced } {
  const left: Toggle[] = [];
  const displaced = new Map<string, { readonly rule: RulePlan; readonly enteredAt: number }>();
  for (const number of profile.held.numbers) {
    if (to.rule(number) !== undefined) continue;
    const rule = from?.rule(number);
    if (rule === undefined) continue;
    const enteredAt = profile.held.since(number)!;
    profile.held.leave(number);
    if (rule.group !== null && to.unit(rule.group) !== undefined) displaced.set(rule.group, { rule, enteredAt });
    else left.push({ kind: 'exited', rule, from: null, enteredAt, why: 'retired' });
  }
  return { left, displaced };
}

/** Puts the event into the series and traits it belongs to; returns what may see it. */
function fold(
  profile: Profile,
  rules: AppliedRules,
  event: FoldedEvent,
  latenessMs: number,
): { slots: number[]; comparisons: readonly number[]; units: readonly number[] } {
  const source = sourceOf(profile, event.sourceId);
  const { plan, births } = rules;
  const slots: number[] = [];
  if (event.name === 'profile') {
    const stamp = { at: event.instant, high: event.high, low: event.low };
    const names = foldTraits(source, event.record as unknown as ProfileRecord, stamp);
    addWrites(source, event, plan, births.numbers, slots);
    return {
      slots,
      comparisons: [...new Set(names.flatMap((name) => plan.traits.get(name) ?? []))],
      units: [...new Set(names.flatMap((name) => plan.unitTraits.get(name) ?? []))].sort((a, b) => a - b),
    };
  }
  const kind = event.record['kind'] as string;
  const candidates = plan.candidates(event.name, kind);
  for (let i = 0; i < candidates.length; i++) {
    const series = candidates[i]!;
    const folded = addTo(source, births.numbers[series.slot]!, series, event);
    if (folded === undefined) continue;
    prune(folded, series, profile.asOf - latenessMs);
    slots.push(series.slot);
  }
  return { slots, comparisons: NONE, units: NONE };
}

const NONE: readonly number[] = [];
