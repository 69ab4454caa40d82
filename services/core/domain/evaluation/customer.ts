/**
 * A customer as the task holds it, and the three things that can happen to it: an event, its timer, new definitions.
 * Rules T2, E1, E2, D3 of semantics.md live here and nowhere else.
 */
import type { EventName } from '../language/ast.ts';
import { Latest } from '../series/latest.ts';
import { Tape } from '../series/tape.ts';
import { Tiles } from '../series/tiles.ts';
import type { Series } from '../operators/operator.ts';
import { sourceOf, type Profile } from '../profile/profile.ts';
import type { Source } from '../profile/source.ts';
import { foldTraits } from '../profile/traits.ts';
import type { Profile as ProfileRecord } from '../events/profile.ts';
import { evaluate, restoreStanding, type Births, type Evaluation } from './evaluate.ts';
import type { EventRecord } from './filter.ts';
import type { Plan, SeriesPlan } from './plan.ts';
import { Standing } from './standing.ts';

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

/** Fires the customer's own timers due at or before an instant, each at its due instant, in order (T2, E2). */
export function fireThrough(customer: Customer, rules: AppliedRules, through: number, onStep: OnStep): void {
  const { profile } = customer;
  if (profile.asOf === -Infinity) return;
  const standing = standingOf(customer, rules);
  for (let due = standing.nextFlip(); due <= through; due = standing.nextFlip()) {
    const evaluation = evaluate(profile, standing, rules.births, due, {
      slots: standing.flippingBy(due),
      traits: NONE,
    });
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
  const before = customer.standing;
  const standing = Standing.blank(to.plan);
  customer.standing = standing;
  const evaluation = evaluate(profile, standing, to.births, at, 'all');
  const retired = leaveRetired(profile, to.plan, before);
  forgetSeries(profile, to);
  const toggles = [...evaluation.toggles, ...retired].sort((a, b) => a.segment.live.number - b.segment.live.number);
  if (toggles.length > 0) onStep(cause, { ...evaluation, toggles }, to);
}

/** Series that no live segment needs are gone for good: needed again, they are born again (D4). */
export function forgetSeries(profile: Profile, rules: AppliedRules): void {
  const needed = new Set(rules.births.numbers);
  for (const { series } of profile.sources) {
    for (const birth of series.births) if (!needed.has(birth)) series.delete(birth);
  }
}

/** Members of a segment that is no longer live leave it. */
function leaveRetired(profile: Profile, plan: Plan, before: Standing | undefined): Evaluation['toggles'] {
  if (profile.held.size === 0) return [];
  const live = new Set(plan.segments.map((segment) => segment.live.number));
  const toggles: Evaluation['toggles'][number][] = [];
  for (const number of profile.held.numbers) {
    if (live.has(number)) continue;
    const segment = before?.plan.segments.find((old) => old.live.number === number);
    if (segment === undefined) continue;
    toggles.push({ segment, entered: false, enteredAt: profile.held.since(number) });
    profile.held.leave(number);
  }
  return toggles;
}

/** Puts the event into the series and traits it belongs to; returns what may see it. */
function fold(
  profile: Profile,
  rules: AppliedRules,
  event: FoldedEvent,
  latenessMs: number,
): { slots: number[]; traits: readonly number[] } {
  const source = sourceOf(profile, event.sourceId);
  const slots: number[] = [];
  if (event.name === 'profile') {
    const stamp = { at: event.instant, high: event.high, low: event.low };
    const names = foldTraits(source, event.record as unknown as ProfileRecord, stamp);
    return { slots, traits: [...new Set(names.flatMap((name) => rules.plan.traits.get(name) ?? []))] };
  }
  for (const series of rules.plan.candidates(event.name, event.record['kind'] as string)) {
    if (!series.matches(event.record)) continue;
    const birth = rules.births.numbers[series.slot]!;
    const folded = addTo(source, birth, series, event);
    if (folded === undefined) continue;
    prune(folded, series, profile.asOf - latenessMs);
    slots.push(series.slot);
  }
  return { slots, traits: NONE };
}

const NONE: readonly number[] = [];

/** Adds the event to its series; undefined when it has nothing for it. */
function addTo(source: Source, birth: number, plan: SeriesPlan, event: FoldedEvent): Series | undefined {
  const { shape } = plan.identity;
  if (shape.shape === 'latest') {
    const value = plan.text(event.record);
    if (value === null) return undefined;
    const latest = (source.series.get(birth) ?? born(source, birth, new Latest())) as Latest;
    latest.add(event.instant, value);
    return latest;
  }
  const number = plan.number(event.record);
  if (shape.shape === 'tiles') {
    const tiles = (source.series.get(birth) ?? born(source, birth, new Tiles(shape.field !== null))) as Tiles;
    tiles.add(event.instant, number);
    return tiles;
  }
  if (shape.numbered && number === null) return undefined;
  const tape = (source.series.get(birth) ?? born(source, birth, new Tape(plan.keep))) as Tape;
  if (tape.keep < plan.keep) tape.keep = plan.keep;
  tape.add(event.instant, event.high, event.low, number);
  return tape;
}

function born(source: Source, birth: number, series: Series): Series {
  source.series.set(birth, series);
  return series;
}

/** S2: nothing that a view could still reach, late events included, is dropped. */
function prune(series: Series, plan: SeriesPlan, asOfLessLateness: number): void {
  if (series.shape === 'tiles') series.prune(plan.reachMs === 0 ? Infinity : asOfLessLateness - plan.reachMs);
  else if (series.shape === 'latest' && !plan.lifetime) series.prune(asOfLessLateness - plan.reachMs);
}
