/**
 * What a condition claims of one thing, where that can be told from the rule alone: that a number lies in a range, or that a trait is
 * one of some values. Claims of the same thing can contradict each other, and one can follow from another.
 */
import type { Comparator, LeafCondition, Measure, MeasureKind, Scalar } from '../ast.ts';
import { isDuration } from '../measure-units.ts';
import { EVERYTHING, opposite, passing, type Range } from './ranges.ts';

export type Claim =
  | { readonly kind: 'number'; readonly of: string; readonly range: Range }
  | { readonly kind: 'value'; readonly of: string; readonly in: boolean; readonly values: ReadonlySet<Scalar> }
  | { readonly kind: 'itself'; readonly of: string; readonly holds: boolean };

/** What must be so for the leaf to hold, or (`holds` false) not to hold. */
export function claimOf(leaf: LeafCondition, holds = true): Claim {
  const asked = (op: Comparator): Comparator => (holds ? op : opposite(op));
  if (leaf.kind === 'compare' && leaf.test.against === undefined)
    return numberClaim(JSON.stringify(leaf.measure), asked(leaf.test.op), leaf.test.value, isWhole(leaf.measure));
  if (leaf.kind === 'score' && leaf.test.against === undefined)
    return numberClaim(`score ${leaf.model} ${leaf.maxAgeMs}`, asked(leaf.test.op), leaf.test.value, true);
  if (leaf.kind === 'tier' && leaf.test.op === 'is')
    return { kind: 'value', of: `tier ${leaf.group}`, in: holds, values: new Set(leaf.test.members) };
  if (leaf.kind === 'trait') {
    const { trait, test } = leaf;
    if (test.op === 'in' || test.op === 'notIn')
      return { kind: 'value', of: `trait ${trait}`, in: (test.op === 'in') === holds, values: new Set(test.values) };
    if ('value' in test) return numberClaim(`trait ${trait}`, asked(test.op), test.value, false);
  }
  return { kind: 'itself', of: JSON.stringify(leaf), holds };
}

function numberClaim(of: string, op: Parameters<typeof passing>[0], value: number, whole: boolean): Claim {
  return { kind: 'number', of, range: passing(op, value, whole) };
}

/** Measures that are means or parts of something: any number can come of them. */
const BROKEN: ReadonlySet<MeasureKind> = new Set<MeasureKind>([
  ...(['average', 'averageLast', 'trendLast', 'decayedAverage', 'decayedSum', 'averageGap', 'ratio'] as const),
]);

function isWhole({ kind }: Measure): boolean {
  return !BROKEN.has(kind);
}

/** Measures that count something. */
const COUNTS: ReadonlySet<MeasureKind> = new Set<MeasureKind>([
  ...(['count', 'countDistinct', 'daysActive', 'sequence', 'notFollowedBy', 'openIssues', 'reopenedIssues'] as const),
]);

/** Numbers a leaf can meet at all, in the integers it is compared in. */
export function domainOf(leaf: LeafCondition): Range {
  if (leaf.kind !== 'compare') return EVERYTHING;
  const { measure } = leaf;
  const some: Range = { ...EVERYTHING, low: 0 };
  if (isDuration(measure) || COUNTS.has(measure.kind)) return some;
  if (measure.kind === 'countDistinctLast' || measure.kind === 'failedFirstContacts')
    return { ...some, high: measure.n };
  if (measure.kind === 'largestPerKey' && measure.per.kind !== 'sum') return some;
  if (measure.kind !== 'ratio' || !COUNTS.has(measure.top.kind) || !COUNTS.has(measure.bottom.kind)) return EVERYTHING;
  return measure.form === 'share' ? { ...some, high: 1000 } : some;
}
