/**
 * One evaluation of a customer at an instant: comparisons → roots → memberships → transitions, in one topological pass (E1).
 *
 *  1. Only the series and traits asked for are judged; only segments that rest on a comparison whose truth changed are looked at.
 *  2. Evaluating twice at one instant changes nothing (E5).
 *  3. Transitions come in ascending segment number and share the final set (S5).
 */
import { FALSE, TRUE, UNKNOWN, type Sight, type TruthCode, type Verdict } from '../operators/operator.ts';
import { seriesView, traitView, type Profile } from '../profile/profile.ts';
import type { ComparisonPlan, SegmentPlan, SeriesComparison, TraitComparison } from './plan.ts';
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

/** What an evaluation looks at: series by slot, comparisons on traits by id. */
export interface Touched {
  readonly slots: readonly number[];
  readonly traits: readonly number[];
}

/** Judges what was touched, or everything, and settles what follows. Mutates standing and `profile.held`. */
export function evaluate(
  profile: Profile,
  standing: Standing,
  births: Births,
  at: number,
  touched: Touched | 'all',
): Evaluation {
  const { plan } = standing;
  const flips: Flip[] = [];
  if (touched === 'all') {
    for (let slot = 0; slot < plan.series.length; slot++) judgeSeries(profile, standing, births, at, slot, flips);
    for (const ids of plan.traits.values()) for (const id of ids) judgeTrait(profile, standing, id, flips);
    return settle(profile, standing, at, flips, everySegment(standing));
  }
  const { slots, traits } = touched;
  for (let i = 0; i < slots.length; i++) judgeSeries(profile, standing, births, at, slots[i]!, flips);
  for (let i = 0; i < traits.length; i++) judgeTrait(profile, standing, traits[i]!, flips);
  return flips.length === 0 ? NOTHING : settle(profile, standing, at, flips, segmentsOf(flips));
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
    if (root !== standing.root(index)) {
      standing.setRoot(index, root);
      rootChanged = true;
    }
    const inside = profile.held.has(segment.live.number);
    const next = resolve(segment, root, inside);
    if (next !== inside) {
      const one = toggle(profile, segment, next, at);
      if (toggles === NO_TOGGLES) toggles = [one];
      else toggles.push(one);
    }
    const was = standing.reference(index);
    if (!standing.refreshReference(index, profile.held) || segment.referrers.length === 0) continue;
    const flip = { segment, was, is: standing.reference(index) };
    if (references === NO_REFERENCES) references = [flip];
    else references.push(flip);
    for (const referrer of segment.referrers) insert(indices, referrer);
  }
  if (toggles.length > 1) toggles.sort((a, b) => a.segment.live.number - b.segment.live.number);
  return { at, flips, references, toggles, rootChanged };
}

const NO_TOGGLES: Toggle[] = [];
const NO_REFERENCES: ReferenceFlip[] = [];

function toggle(profile: Profile, segment: SegmentPlan, entered: boolean, at: number): Toggle {
  const { number } = segment.live;
  const enteredAt = entered ? null : profile.held.since(number);
  if (entered) profile.held.enter(number, at);
  else profile.held.leave(number);
  return { segment, entered, enteredAt };
}

/** Computes a standing again from what rests in the profile, at the instant it was last evaluated; tells nothing. */
export function restoreStanding(profile: Profile, standing: Standing, births: Births, at: number): void {
  const { plan } = standing;
  const untold: Flip[] = [];
  for (let slot = 0; slot < plan.series.length; slot++) judgeSeries(profile, standing, births, at, slot, untold);
  for (const ids of plan.traits.values()) for (const id of ids) judgeTrait(profile, standing, id, untold);
  for (const segment of plan.segments) {
    standing.setRoot(segment.index, segment.root(standing));
    standing.refreshReference(segment.index, profile.held);
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

/** Judges all comparisons over a series; what changed joins `flips`. */
function judgeSeries(
  profile: Profile,
  standing: Standing,
  births: Births,
  at: number,
  slot: number,
  flips: Flip[],
): void {
  const { series, comparisons } = standing.plan;
  const ids = series[slot]!.comparisons;
  const view = seriesView(profile, births.numbers[slot]!);
  look(profile, standing, births, at, slot);
  let first = Infinity;
  for (let i = 0; i < ids.length; i++) {
    const comparison = comparisons[ids[i]!] as SeriesComparison;
    comparison.operator.judge(view, sight, verdict);
    if (verdict.flip < first) first = verdict.flip;
    note(standing, comparison, verdict.truth, flips);
  }
  standing.setFlip(slot, first);
}

function judgeTrait(profile: Profile, standing: Standing, id: number, flips: Flip[]): void {
  const comparison = standing.plan.comparisons[id] as TraitComparison;
  note(standing, comparison, comparison.judge(traitView(profile, comparison.trait)), flips);
}

function note(standing: Standing, comparison: ComparisonPlan, is: TruthCode, flips: Flip[]): void {
  const was = standing.truth(comparison.id);
  if (is === was) return;
  standing.setTruth(comparison.id, is);
  flips.push({ comparison, was, is });
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
