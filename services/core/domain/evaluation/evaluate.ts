/**
 * One evaluation of a customer at an instant: comparisons → roots → memberships → transitions, in one topological pass (E1).
 *
 *  1. Only what is asked for is judged; only units that rest on a comparison whose truth changed are looked at.
 *  2. Evaluating twice at one instant changes nothing (E5).
 *  3. Transitions come in ascending segment number and share the final set (S5).
 */
import { UNKNOWN, FALSE, type TruthCode, type Verdict } from '../operators/operator.ts';
import { seriesView, traitView, type Profile } from '../profile/profile.ts';
import type { ComparisonPlan, GeneralComparison, SeriesComparison } from './comparisons.ts';
import type { Births } from './births.ts';
import { sightFor, viewFor } from './customer-view.ts';
import { forceOf } from './lists.ts';
import { heldRule, keepStays, staysOf } from './memberships.ts';
import type { GroupUnit, RulePlan, SegmentUnit } from './plan.ts';
import { decide, either, resolved, type Why } from './stability.ts';
import type { Standing } from './standing.ts';
import { decideTier } from './tiers.ts';

export type { Births } from './births.ts';

/** A comparison whose truth changed in this evaluation. */
export interface Flip {
  readonly comparison: ComparisonPlan;
  readonly was: TruthCode;
  readonly is: TruthCode;
}

export interface Toggle {
  readonly kind: 'entered' | 'exited' | 'moved';
  /** What was entered, left, or moved to. */
  readonly rule: RulePlan;
  /** What was moved from; null at first, and for segments. */
  readonly from: RulePlan | null;
  /** When the membership that ends began; null where none ends. */
  readonly enteredAt: number | null;
  readonly why: Why;
}

export interface Evaluation {
  readonly at: number;
  readonly flips: readonly Flip[];
  /** By ascending segment number. */
  readonly toggles: readonly Toggle[];
  /** A root changed its truth, or what follows from it did, membership or not: time leaves a trace (T2). */
  readonly rootChanged: boolean;
}

/** What an evaluation looks at: series by slot, comparisons by id, units by index. */
export interface Touched {
  readonly slots: readonly number[];
  readonly comparisons: readonly number[];
  readonly units: readonly number[];
}

/** A member of a group that is not in its newest version: whoever was in it moves. */
export type Displaced = ReadonlyMap<string, { readonly rule: RulePlan; readonly enteredAt: number }>;

const verdict: Verdict = { truth: UNKNOWN, flip: Infinity };
const NOTHING: Evaluation = { at: -Infinity, flips: [], toggles: [], rootChanged: false };

/** Judges what was touched, or everything, and settles what follows. Mutates standing, `profile.held` and `profile.stays`. */
export function evaluate(
  profile: Profile,
  standing: Standing,
  births: Births,
  at: number,
  touched: Touched | 'all',
  displaced?: Displaced,
): Evaluation {
  const pass = new Pass(profile, standing, births, at);
  if (touched === 'all') return pass.all(displaced);
  return pass.some(touched);
}

/** Computes a standing again from what rests in the profile, at the instant it was last evaluated; tells nothing. */
export function restoreStanding(profile: Profile, standing: Standing, births: Births, at: number): void {
  new Pass(profile, standing, births, at).restore();
}

class Pass {
  readonly #profile: Profile;
  readonly #standing: Standing;
  readonly #births: Births;
  readonly #at: number;
  readonly #flips: Flip[] = [];
  #toggles: Toggle[] = NO_TOGGLES;
  #rootChanged = false;

  constructor(profile: Profile, standing: Standing, births: Births, at: number) {
    this.#profile = profile;
    this.#standing = standing;
    this.#births = births;
    this.#at = at;
  }

  all(displaced: Displaced | undefined): Evaluation {
    const { plan } = this.#standing;
    for (let slot = 0; slot < plan.series.length; slot++) this.#judgeSeries(slot);
    for (const id of plan.general) this.#judgeGeneral(id);
    return this.#settle(
      plan.units.map(({ index }) => index),
      displaced,
    );
  }

  some({ slots, comparisons, units }: Touched): Evaluation {
    const { plan } = this.#standing;
    for (let i = 0; i < slots.length; i++) {
      this.#judgeSeries(slots[i]!);
      const { general } = plan.series[slots[i]!]!;
      for (let j = 0; j < general.length; j++) this.#judgeGeneral(general[j]!);
    }
    const indices = units.slice();
    for (let i = 0; i < comparisons.length; i++) {
      const one = plan.comparisons[comparisons[i]!]!;
      const watched = one.kind === 'general' && one.watches !== null ? plan.unit(one.watches) : undefined;
      // A comparison on a membership is judged when that is settled.
      if (watched !== undefined) insert(indices, watched.index);
      else this.#judgeGeneral(one.id);
    }
    if (this.#flips.length === 0 && indices.length === 0) return NOTHING;
    for (const { comparison } of this.#flips) for (const index of comparison.units) insert(indices, index);
    return this.#settle(indices, undefined);
  }

  restore(): void {
    const { plan } = this.#standing;
    for (let slot = 0; slot < plan.series.length; slot++) this.#judgeSeries(slot);
    for (const id of plan.general) this.#judgeGeneral(id);
    for (const unit of plan.units) {
      for (const rule of unit.kind === 'segment' ? [unit.rule] : unit.rules) this.#judgeRoots(rule);
      // Nothing is decided again at an instant at which it was (E5): what this finds is the deadline.
      if (unit.kind === 'group') this.#settleGroup(unit, undefined);
      else if (unit.stays >= 0) this.#settleSegment(unit);
      for (const id of unit.watchers) this.#judgeGeneral(id);
    }
  }

  /** Indices ascending (topological); the list grows as memberships change what others rest on. */
  #settle(indices: number[], displaced: Displaced | undefined): Evaluation {
    const { plan } = this.#standing;
    for (let i = 0; i < indices.length; i++) {
      const unit = plan.units[indices[i]!]!;
      if (unit.kind === 'segment') this.#settleSegment(unit);
      else this.#settleGroup(unit, displaced);
      for (const id of unit.watchers) {
        const before = this.#flips.length;
        this.#judgeGeneral(id);
        if (this.#flips.length > before) for (const index of plan.comparisons[id]!.units) insert(indices, index);
      }
    }
    const toggles = this.#toggles;
    if (toggles.length > 1) toggles.sort((a, b) => a.rule.number - b.rule.number);
    return { at: this.#at, flips: this.#flips, toggles, rootChanged: this.#rootChanged || toggles.length > 0 };
  }

  #settleSegment(unit: SegmentUnit): void {
    const { rule } = unit;
    const { membership, number } = rule;
    this.#judgeRoots(rule);
    const enteredAt = this.#profile.held.size === 0 ? null : this.#profile.held.since(number);
    const enter = this.#standing.root(rule.root);
    const stay = this.#standing.root(rule.root + 1);
    if (unit.stays < 0) {
      const next = resolved(enteredAt === null ? enter : either(enter, stay), membership, enteredAt !== null);
      if (next !== (enteredAt !== null)) this.#toggle(rule, next, enteredAt, 'rule');
      return;
    }
    const stays = staysOf(unit, this.#profile, this.#births);
    const force = forceOf(membership, this.#profile, this.#at);
    const decision = decide(membership, enter, stay, stays, enteredAt, force, this.#at);
    if (decision.member !== (enteredAt !== null)) this.#toggle(rule, decision.member, enteredAt, decision.why);
    keepStays(unit, this.#profile, stays);
    this.#standing.setFlip(unit.flipGroup, decision.deadline);
  }

  #settleGroup(unit: GroupUnit, displaced: Displaced | undefined): void {
    const { rules, key } = unit;
    const profile = this.#profile;
    for (const rule of rules) this.#judgeRoots(rule);
    const held = heldRule(unit, profile);
    const gone = displaced?.get(key);
    const current = held === undefined ? gone : { rule: held, enteredAt: profile.held.since(held.number)! };
    const stays = staysOf(unit, profile, this.#births);
    const before = stays.holds;
    const decision = decideTier(
      unit,
      {
        enter: rules.map(({ root }) => this.#standing.root(root)),
        stay: rules.map(({ root }) => this.#standing.root(root + 1)),
        forces: rules.map(({ membership }) => forceOf(membership, profile, this.#at)),
      },
      stays,
      current ?? null,
      traitView(profile, 'timezone'),
      this.#at,
    );
    if (stays.holds !== before) this.#rootChanged = true;
    if (decision.rule !== current?.rule) {
      if (held !== undefined) profile.held.leave(held.number);
      profile.held.enter(decision.rule.number, this.#at);
      const from = current?.rule ?? null;
      const enteredAt = current?.enteredAt ?? null;
      this.#add({ kind: 'moved', rule: decision.rule, from, enteredAt, why: decision.why });
    }
    keepStays(unit, profile, stays);
    this.#standing.setFlip(unit.flipGroup, decision.deadline);
  }

  #judgeRoots(rule: RulePlan): void {
    const standing = this.#standing;
    const enter = rule.enter(standing);
    const stay = rule.stay === null ? FALSE : rule.stay(standing);
    if (enter === standing.root(rule.root) && stay === standing.root(rule.root + 1)) return;
    standing.setRoot(rule.root, enter);
    standing.setRoot(rule.root + 1, stay);
    this.#rootChanged = true;
  }

  #toggle(rule: RulePlan, next: boolean, enteredAt: number | null, why: Why): void {
    if (next) this.#profile.held.enter(rule.number, this.#at);
    else this.#profile.held.leave(rule.number);
    this.#add({ kind: next ? 'entered' : 'exited', rule, from: null, enteredAt: next ? null : enteredAt, why });
  }

  #add(toggle: Toggle): void {
    if (this.#toggles === NO_TOGGLES) this.#toggles = [toggle];
    else this.#toggles.push(toggle);
  }

  /** Judges all plain comparisons over a series. */
  #judgeSeries(slot: number): void {
    const { plan } = this.#standing;
    const ids = plan.series[slot]!.comparisons;
    if (ids.length === 0) return;
    const series = seriesView(this.#profile, this.#births.numbers[slot]!);
    const sight = sightFor(this.#profile, plan, this.#births, this.#at, slot);
    let first = Infinity;
    for (let i = 0; i < ids.length; i++) {
      const comparison = plan.comparisons[ids[i]!] as SeriesComparison;
      comparison.operator.judge(series as Parameters<typeof comparison.operator.judge>[0], sight, verdict);
      if (verdict.flip < first) first = verdict.flip;
      this.#note(comparison, verdict.truth);
    }
    this.#standing.setFlip(slot, first);
  }

  #judgeGeneral(id: number): void {
    const comparison = this.#standing.plan.comparisons[id] as GeneralComparison;
    comparison.operator.judge(viewFor(this.#profile, this.#standing, this.#births, this.#at, comparison), verdict);
    this.#standing.setFlip(comparison.flipGroup, verdict.flip);
    this.#note(comparison, verdict.truth);
  }

  #note(comparison: ComparisonPlan, is: TruthCode): void {
    const was = this.#standing.truth(comparison.id);
    if (is === was) return;
    this.#standing.setTruth(comparison.id, is);
    this.#flips.push({ comparison, was, is });
  }
}

const NO_TOGGLES: Toggle[] = [];

/** Keeps the list ascending and each index once. */
function insert(indices: number[], index: number): void {
  let at = indices.length;
  while (at > 0 && indices[at - 1]! > index) at -= 1;
  if (at > 0 && indices[at - 1] === index) return;
  if (at === indices.length) indices.push(index);
  else indices.splice(at, 0, index);
}

/** The value a comparison was judged on, in the units of its threshold; null when there is none. */
export function valueOf(
  profile: Profile,
  standing: Standing,
  births: Births,
  at: number,
  comparison: ComparisonPlan,
): number | string | null {
  if (comparison.kind === 'general')
    return comparison.operator.value(viewFor(profile, standing, births, at, comparison));
  const series = seriesView(profile, births.numbers[comparison.slot]!);
  const sight = sightFor(profile, standing.plan, births, at, comparison.slot);
  return comparison.operator.value(series as Parameters<typeof comparison.operator.value>[0], sight);
}
