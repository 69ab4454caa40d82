/**
 * A customer as the task holds it, and the three things that can happen to it: an event, its timer, new definitions.
 * Rules T2, E1, E2, D3 of semantics.md live here and nowhere else.
 */
import type { EventName } from '../language/ast.ts';
import { Latest } from '../series/latest.ts';
import { Tape } from '../series/tape.ts';
import { Tiles } from '../series/tiles.ts';
import type { Series } from '../operators/operator.ts';
import { sourceOf, type Profile, type Source } from '../profile/profile.ts';
import { foldTraits } from '../profile/traits.ts';
import type { Profile as ProfileRecord } from '../events/profile.ts';
import { evaluate, restoreStanding, type Births, type Evaluation } from './evaluate.ts';
import type { EventRecord } from './filter.ts';
import type { Plan, SeriesPlan } from './plan.ts';
import { Standing } from './standing.ts';

export interface Customer {
  readonly profile: Profile;
  /** Undefined until somebody looks; then kept as long as the customer is hot. */
  standing: Standing | undefined;
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

/** An event ready to be folded. */
export interface FoldedEvent {
  readonly name: EventName | 'profile';
  readonly record: EventRecord;
  readonly sourceId: string;
  readonly instant: number;
  readonly high: number;
  readonly low: number;
}

/** The standing at these rules, computed again when it is not at hand. The profile must be at these rules. */
export function standingOf(customer: Customer, rules: AppliedRules): Standing {
  const { standing } = customer;
  if (standing?.plan === rules.plan) return standing;
  const fresh = new Standing(rules.plan, customer.profile);
  customer.standing = fresh;
  if (customer.profile.asOf !== -Infinity)
    restoreStanding(customer.profile, fresh, rules.births, nowOf(customer.profile));
  return fresh;
}

/** For a customer nothing is known of yet: everything is still to be judged. */
function blankStanding(customer: Customer, rules: AppliedRules): Standing {
  customer.standing = new Standing(rules.plan, customer.profile);
  return customer.standing;
}

/** Through where everything is judged: asOf, or the last timer that left no trace. */
function nowOf(profile: Profile): number {
  return Math.max(profile.asOf, profile.firedThrough);
}

/** Fires the customer's own timers due at or before an instant, each at its due instant, in order (T2, E2). */
export function fireThrough(customer: Customer, rules: AppliedRules, through: number, onStep: OnStep): void {
  const { profile } = customer;
  if (profile.asOf === -Infinity) return;
  const standing = standingOf(customer, rules);
  for (let due = standing.nextFlip(); due <= through; due = standing.nextFlip()) {
    const ids: number[] = [];
    for (let id = 0; id < standing.flip.length; id++) if (standing.flip[id]! <= due) ids.push(id);
    const evaluation = evaluate(profile, standing, rules.births, due, ids);
    profile.firedThrough = due;
    if (evaluation.rootChanged) profile.asOf = due;
    if (evaluation.toggles.length > 0) onStep('timer', evaluation, rules);
  }
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
  const standing = isFirst ? blankStanding(customer, rules) : standingOf(customer, rules);
  const earlier = event.instant < profile.tenure;
  if (earlier) profile.tenure = event.instant;
  const before = standing.numbers;
  const { seq } = profile;
  const touched = fold(profile, rules, event, options.latenessMs);
  // A timer without trace may have been judged beyond asOf: everything is judged again from there.
  const all = isFirst || profile.firedThrough > profile.asOf;
  profile.firedThrough = profile.asOf;
  if (earlier && !all) for (const id of rules.plan.absences) if (!touched.includes(id)) touched.push(id);
  const evaluation = evaluate(profile, standing, rules.births, profile.asOf, all ? undefined : touched);
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
  const before = customer.standing;
  const standing = new Standing(to.plan, profile);
  customer.standing = standing;
  const evaluation = evaluate(profile, standing, to.births, at, undefined);
  const retired = leaveRetired(profile, to.plan, before);
  forgetSeries(profile, to);
  const toggles = [...evaluation.toggles, ...retired].sort((a, b) => a.segment.live.number - b.segment.live.number);
  if (toggles.length > 0) onStep(cause, { ...evaluation, toggles }, to);
}

/** Series that no live segment needs are gone for good: needed again, they are born again (D4). */
export function forgetSeries(profile: Profile, rules: AppliedRules): void {
  const needed = new Set(rules.births.numbers);
  for (const { series } of profile.sources) {
    for (const birth of series.keys()) {
      if (needed.has(birth)) continue;
      series.delete(birth);
      profile.kept = undefined;
    }
  }
}

/** Members of a segment that is no longer live leave it. */
function leaveRetired(profile: Profile, plan: Plan, before: Standing | undefined): Evaluation['toggles'] {
  if (profile.held.size === 0) return [];
  const live = new Set(plan.segments.map((segment) => segment.live.number));
  const toggles: Evaluation['toggles'][number][] = [];
  for (const [number, enteredAt] of profile.held) {
    if (live.has(number)) continue;
    const segment = before?.plan.segments.find((old) => old.live.number === number);
    if (segment === undefined) continue;
    toggles.push({ segment, entered: false, enteredAt });
    profile.held.delete(number);
  }
  return toggles;
}

/** Puts the event into the series and traits it belongs to; returns the comparisons that may see it. */
function fold(profile: Profile, rules: AppliedRules, event: FoldedEvent, latenessMs: number): number[] {
  const source = sourceOf(profile, event.sourceId);
  if (event.name === 'profile') {
    const stamp = { at: event.instant, high: event.high, low: event.low };
    const names = foldTraits(source, event.record as unknown as ProfileRecord, stamp);
    return [...new Set(names.flatMap((name) => rules.plan.traits.get(name) ?? []))];
  }
  const touched: number[] = [];
  for (const series of rules.plan.candidates(event.name, event.record['kind'] as string)) {
    if (!series.matches(event.record)) continue;
    const birth = rules.births.numbers[series.slot]!;
    if (!addTo(source, birth, series, event)) continue;
    prune(source.series.get(birth)!, series, profile.asOf - latenessMs);
    for (const id of series.comparisons) touched.push(id);
  }
  return touched;
}

function addTo(source: Source, birth: number, plan: SeriesPlan, event: FoldedEvent): boolean {
  const { shape } = plan.identity;
  let series = source.series.get(birth);
  if (shape.shape === 'latest') {
    const value = plan.text(event.record);
    if (value === null) return false;
    source.series.set(birth, (series ??= new Latest()));
    (series as Latest).add(event.instant, value);
    return true;
  }
  const number = plan.number(event.record);
  if (shape.shape === 'tiles') {
    source.series.set(birth, (series ??= new Tiles(shape.field !== null)));
    (series as Tiles).add(event.instant, number);
    return true;
  }
  if (shape.numbered && number === null) return false;
  source.series.set(birth, (series ??= new Tape(plan.keep)));
  const tape = series as Tape;
  if (tape.keep < plan.keep) tape.keep = plan.keep;
  tape.add(event.instant, event.high, event.low, number);
  return true;
}

/** S2: nothing that a view could still reach, late events included, is dropped. */
function prune(series: Series, plan: SeriesPlan, asOfLessLateness: number): void {
  if (series.shape === 'tiles') series.prune(plan.reachMs === 0 ? Infinity : asOfLessLateness - plan.reachMs);
  else if (series.shape === 'latest' && !plan.lifetime) series.prune(asOfLessLateness - plan.reachMs);
}
