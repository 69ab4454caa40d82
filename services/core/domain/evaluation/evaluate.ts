/**
 * One evaluation of a customer at an instant: comparisons → roots → memberships → transitions, in one topological pass (E1).
 *
 *  1. Only the comparisons asked for are judged; only segments that rest on one whose truth changed are looked at.
 *  2. Evaluating twice at one instant changes nothing (E5).
 *  3. Transitions come in ascending segment number and share the final set (S5).
 */
import { FALSE, TRUE, UNKNOWN, type Sight, type TruthCode, type Verdict } from '../operators/operator.ts';
import { seriesView, traitView, type Profile } from '../profile/profile.ts';
import type { ComparisonPlan, SegmentPlan } from './plan.ts';
import type { Standing } from './standing.ts';

/** What a task knows of the births of series: by slot of the plan, the birth's number and since when it is complete (D4). */
export interface Births {
  readonly numbers: readonly number[];
  readonly bornAt: readonly number[];
}

/** A comparison whose truth changed in this evaluation. */
export interface Flip {
  readonly comparison: ComparisonPlan;
  readonly was: TruthCode;
  readonly is: TruthCode;
}

/** What references to a segment read, where that changed (E4); with or without a transition of the segment. */
export interface ReferenceFlip {
  readonly segment: SegmentPlan;
  readonly was: TruthCode;
  readonly is: TruthCode;
}

export interface Toggle {
  readonly segment: SegmentPlan;
  readonly entered: boolean;
  /** When it was entered, for exits. */
  readonly enteredAt: number | null;
}

export interface Evaluation {
  readonly at: number;
  readonly flips: readonly Flip[];
  readonly references: readonly ReferenceFlip[];
  /** By ascending segment number. */
  readonly toggles: readonly Toggle[];
  /** A root changed its truth, membership or not: time leaves a trace (T2). */
  readonly rootChanged: boolean;
}

const verdict: Verdict = { truth: UNKNOWN, flip: Infinity };
const sight: Sight = { at: 0, wholeFrom: 0, tenure: 0 };

const NOTHING: Evaluation = { at: -Infinity, flips: [], references: [], toggles: [], rootChanged: false };

/** Judges comparisons (all of them when `ids` is undefined) and settles what follows. Mutates standing and `profile.held`. */
export function evaluate(
  profile: Profile,
  standing: Standing,
  births: Births,
  at: number,
  ids: readonly number[] | undefined,
): Evaluation {
  const { comparisons } = standing.plan;
  let flips: Flip[] | undefined;
  const count = ids === undefined ? comparisons.length : ids.length;
  for (let i = 0; i < count; i++) {
    const comparison = comparisons[ids === undefined ? i : ids[i]!]!;
    const was = standing.truth[comparison.id] as TruthCode;
    judgeOne(profile, standing, births, at, comparison);
    const is = standing.truth[comparison.id] as TruthCode;
    if (is !== was) (flips ??= []).push({ comparison, was, is });
  }
  if (ids === undefined) return settle(profile, standing, at, flips ?? [], everySegment(standing));
  return flips === undefined ? NOTHING : settle(profile, standing, at, flips, segmentsOf(flips));
}

/** Indices of the segments to look at, ascending (topological); grows as references change. */
function segmentsOf(flips: readonly Flip[]): number[] {
  const indices: number[] = [];
  for (const { comparison } of flips) for (const index of comparison.segments) insert(indices, index);
  return indices;
}

function everySegment(standing: Standing): number[] {
  return standing.plan.segments.map((segment) => segment.index);
}

/** Keeps the list ascending and each index once. */
function insert(indices: number[], index: number): void {
  let at = indices.length;
  while (at > 0 && indices[at - 1]! > index) at -= 1;
  if (at > 0 && indices[at - 1] === index) return;
  if (at === indices.length) indices.push(index);
  else indices.splice(at, 0, index);
}

function settle(
  profile: Profile,
  standing: Standing,
  at: number,
  flips: readonly Flip[],
  indices: number[],
): Evaluation {
  const { segments } = standing.plan;
  let toggles: Toggle[] = NO_TOGGLES;
  let references: ReferenceFlip[] = NO_REFERENCES;
  let rootChanged = false;
  for (let i = 0; i < indices.length; i++) {
    const segment = segments[indices[i]!]!;
    const { index } = segment;
    const root = segment.root(standing);
    if (root !== standing.root[index]) {
      standing.root[index] = root;
      rootChanged = true;
    }
    const inside = standing.held[index] === 1;
    const next = resolve(segment, root, inside);
    if (next !== inside) {
      if (toggles === NO_TOGGLES) toggles = [];
      toggles.push(toggle(profile, standing, segment, next, at));
    }
    const was = standing.reference[index] as TruthCode;
    if (!standing.refreshReference(index) || segment.referrers.length === 0) continue;
    if (references === NO_REFERENCES) references = [];
    references.push({ segment, was, is: standing.reference[index] as TruthCode });
    for (const referrer of segment.referrers) insert(indices, referrer);
  }
  if (toggles.length > 1) toggles.sort((a, b) => a.segment.live.number - b.segment.live.number);
  if (toggles.length > 0) standing.refreshNumbers();
  return { at, flips, references, toggles, rootChanged };
}

const NO_TOGGLES: Toggle[] = [];
const NO_REFERENCES: ReferenceFlip[] = [];

function toggle(profile: Profile, standing: Standing, segment: SegmentPlan, entered: boolean, at: number): Toggle {
  const { number } = segment.live;
  const enteredAt = entered ? null : (profile.held.get(number) ?? null);
  standing.held[segment.index] = entered ? 1 : 0;
  if (entered) profile.held.set(number, at);
  else profile.held.delete(number);
  return { segment, entered, enteredAt };
}

/** Computes a standing again from what rests in the profile, at the instant it was last evaluated; tells nothing. */
export function restoreStanding(profile: Profile, standing: Standing, births: Births, at: number): void {
  for (const comparison of standing.plan.comparisons) judgeOne(profile, standing, births, at, comparison);
  for (const segment of standing.plan.segments) {
    standing.root[segment.index] = segment.root(standing);
    standing.refreshReference(segment.index);
  }
}

/** The value a comparison was judged on, in the units of its threshold; null when there is none or it is no number. */
export function valueOf(
  profile: Profile,
  standing: Standing,
  births: Births,
  at: number,
  comparison: ComparisonPlan,
): number | null {
  if (comparison.kind === 'trait') {
    const value = traitView(profile, comparison.trait);
    return typeof value === 'number' ? value : null;
  }
  look(profile, standing, births, at, comparison.slot);
  return comparison.operator.value(seriesView(profile, births.numbers[comparison.slot]!), sight);
}

function judgeOne(profile: Profile, standing: Standing, births: Births, at: number, comparison: ComparisonPlan): void {
  if (comparison.kind === 'trait') {
    standing.truth[comparison.id] = comparison.judge(traitView(profile, comparison.trait));
    return;
  }
  look(profile, standing, births, at, comparison.slot);
  comparison.operator.judge(seriesView(profile, births.numbers[comparison.slot]!), sight, verdict);
  standing.truth[comparison.id] = verdict.truth;
  standing.setFlip(comparison.id, verdict.flip);
}

function look(profile: Profile, standing: Standing, births: Births, at: number, slot: number): void {
  sight.at = at;
  sight.wholeFrom = Math.max(standing.plan.series[slot]!.wholeFrom, births.bornAt[slot]!);
  sight.tenure = profile.tenure;
}

function resolve(segment: SegmentPlan, root: TruthCode, inside: boolean): boolean {
  if (root === TRUE) return true;
  if (root === FALSE) return false;
  switch (segment.live.definition.unknown) {
    case 'out':
      return false;
    case 'in':
      return true;
    case 'hold':
      return inside;
  }
}
