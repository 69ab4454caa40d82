/**
 * The naive form of the language: the truth of a condition at an instant, from the whole list of a customer's events.
 * Three-valued (Kleene). Every number is judged on its bounds [low, high]; no value is unknown to every comparison (E3).
 */
import { unreachable } from '../faults.ts';
import type {
  Comparator,
  Condition,
  Measure,
  NumberTest,
  Projection,
  Scalar,
  TraitTest,
  Truth,
} from '../domain/language/ast.ts';
import { windowStart, type Window } from '../domain/time/window.ts';
import type { Leaf } from './leaf.ts';
import { numberOf } from './matching.ts';
import type { Seen, Trail } from './trail.ts';

/** Everything a condition may look at. `memberOf` answers for segments evaluated before this one (E4). */
export interface Sight {
  trail(leaf: Leaf): Trail;
  /** Since when the feed of everything the leaf's filter may match is whole, ms UTC; −∞ = always, ∞ = not known to be. */
  completeFrom(leaf: Leaf): number;
  /** Since when the customer is known, ms UTC; ∞ = not yet. */
  readonly tenure: number;
  trait(name: string): unknown;
  memberOf(key: string): Truth;
}

export function truthOf(condition: Condition, at: number, sight: Sight, leafTruth = truthOfLeaf): Truth {
  switch (condition.kind) {
    case 'compare':
    case 'none':
      return leafTruth(condition, at, sight);
    case 'trait':
      return truthOfTrait(condition.test, sight.trait(condition.trait));
    case 'segment':
      return sight.memberOf(condition.key);
    case 'all': {
      const parts = condition.of.map((part) => truthOf(part, at, sight, leafTruth));
      return parts.includes('false') ? 'false' : parts.includes('unknown') ? 'unknown' : 'true';
    }
    case 'any': {
      const parts = condition.of.map((part) => truthOf(part, at, sight, leafTruth));
      return parts.includes('true') ? 'true' : parts.includes('unknown') ? 'unknown' : 'false';
    }
    case 'not':
      return negated(truthOf(condition.of, at, sight, leafTruth));
    default:
      return unreachable(condition);
  }
}

export function truthOfLeaf(leaf: Leaf, at: number, sight: Sight): Truth {
  const trail = sight.trail(leaf);
  const completeFrom = sight.completeFrom(leaf);
  if (leaf.kind === 'none') {
    if (trail.between(at - leaf.ms, at).length > 0) return 'false';
    // Absence needs the feed and the customer's own time (E3): nothing seen of someone unknown is no silence.
    return completeFrom <= at - leaf.ms && sight.tenure <= at - leaf.ms ? 'true' : 'unknown';
  }
  const { measure, test } = leaf;
  if (measure.kind === 'average') {
    return judgeMean(test, meanInWindow(measure.of, measure.window, trail, at, completeFrom));
  }
  if (measure.kind === 'averageLast') return judgeMean(test, meanOfLast(measure, trail, at, completeFrom));
  const bounds = boundsOf(measure, trail, at, completeFrom);
  return bounds === undefined ? 'unknown' : judge(test.op, bounds.low, bounds.high, test.value);
}

interface Mean {
  readonly total: bigint;
  /** What the total is divided by to get field units. */
  readonly divisor: bigint;
}

function meanInWindow(
  of: Projection,
  window: Window,
  trail: Trail,
  at: number,
  completeFrom: number,
): Mean | undefined {
  const inside = eventsIn(window, trail, at, completeFrom);
  return inside.whole ? meanOf(of, numbered(of, inside.events)) : undefined;
}

/** The events of a window, and whether they are all there were. */
function eventsIn(
  window: Window,
  trail: Trail,
  at: number,
  completeFrom: number,
): { readonly events: readonly Seen[]; readonly whole: boolean } {
  // What a tiled series has lost by age still counts for life.
  if (window.kind === 'lifetime' && trail.series.shape.shape === 'tiles') {
    return { events: trail.ever(at), whole: completeFrom === -Infinity };
  }
  const start = windowStart(window, at);
  return { events: trail.between(start, at), whole: Math.max(completeFrom, trail.goneFrom) <= start };
}

function meanOfLast(
  measure: Extract<Measure, { kind: 'averageLast' }>,
  trail: Trail,
  at: number,
  completeFrom: number,
): Mean | undefined {
  const used = numbered(measure.of, trail.between(-Infinity, at)).slice(-measure.n);
  if (used.length < measure.atLeastValues) return undefined;
  // Fewer than n: an older one may be missing anywhere, so only a feed that is whole for life will do.
  const whole =
    used.length === measure.n
      ? completeFrom <= used[0]!.instant
      : completeFrom === -Infinity && trail.goneFrom === -Infinity;
  return whole ? meanOf(measure.of, used) : undefined;
}

function numbered(of: Projection, entries: readonly Seen[]): readonly Seen[] {
  return entries.filter((entry) => numberOf(of, entry.fact) !== null);
}

function meanOf(of: Projection, used: readonly Seen[]): Mean | undefined {
  if (used.length === 0) return undefined;
  const total = used.reduce((sum, entry) => sum + BigInt(numberOf(of, entry.fact)!), 0n);
  return { total, divisor: BigInt(used.length) * BigInt(of.scale) };
}

interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** Between what the measure lies, given what may be missing; undefined = no value. */
function boundsOf(measure: Measure, trail: Trail, at: number, completeFrom: number): Bounds | undefined {
  switch (measure.kind) {
    case 'count':
    case 'countDistinct': {
      const { events, whole } = eventsIn(measure.window, trail, at, completeFrom);
      const seen = measure.kind === 'count' ? events.length : new Set(events.map((entry) => entry.text)).size;
      return { low: seen, high: whole ? seen : Infinity };
    }
    case 'sum': {
      const { events, whole } = eventsIn(measure.window, trail, at, completeFrom);
      if (!whole) return { low: -Infinity, high: Infinity };
      const numbers = events.map((entry) => numberOf(measure.of, entry.fact));
      const known = numbers.reduce<number>((sum, number) => sum + (number ?? 0), 0);
      return { low: known, high: numbers.includes(null) ? Infinity : known };
    }
    case 'min':
    case 'max': {
      const { events, whole } = eventsIn(measure.window, trail, at, completeFrom);
      const numbers = events.map((entry) => numberOf(measure.of, entry.fact)).filter((number) => number !== null);
      if (numbers.length === 0) return undefined;
      if (measure.kind === 'min') {
        const least = numbers.reduce((a, b) => (a < b ? a : b));
        return { low: whole ? least : -Infinity, high: least };
      }
      const most = numbers.reduce((a, b) => (a > b ? a : b));
      return { low: most, high: whole ? most : Infinity };
    }
    case 'last': {
      const newest = trail.between(-Infinity, at).at(-1);
      if (newest === undefined || newest.instant < completeFrom) return undefined;
      const number = numberOf(measure.of, newest.fact);
      return number === null ? undefined : { low: number, high: number };
    }
    case 'timeSinceLast': {
      const newest = trail.between(-Infinity, at).at(-1);
      if (newest === undefined) return undefined;
      const longest = at - newest.instant;
      // Something newer may be missing, but only from before the feed is whole.
      return { low: newest.instant < completeFrom ? Math.max(0, at - completeFrom) : longest, high: longest };
    }
    case 'average':
    case 'averageLast':
      return undefined;
    default:
      return unreachable(measure);
  }
}

function judgeMean(test: NumberTest, mean: Mean | undefined): Truth {
  if (mean === undefined) return 'unknown';
  // Σ ÷ (n · scale) ⋚ value ÷ 1000, multiplied out so that nothing is ever rounded (S3).
  const left = mean.total * 1000n;
  return judge(test.op, left, left, BigInt(test.value) * mean.divisor);
}

/** True (false) when the comparison is so for every number from low to high. */
function judge<N extends number | bigint>(op: Comparator, low: N, high: N, value: N): Truth {
  switch (op) {
    case 'atLeast':
      return low >= value ? 'true' : high < value ? 'false' : 'unknown';
    case 'moreThan':
      return low > value ? 'true' : high <= value ? 'false' : 'unknown';
    case 'atMost':
      return negated(judge('moreThan', low, high, value));
    case 'lessThan':
      return negated(judge('atLeast', low, high, value));
    case 'equals':
      return low === value && high === value ? 'true' : high < value || low > value ? 'false' : 'unknown';
    case 'notEquals':
      return negated(judge('equals', low, high, value));
    default:
      return unreachable(op);
  }
}

function truthOfTrait(test: TraitTest, value: unknown): Truth {
  const missing = value === null || value === undefined;
  if (test.op === 'known') return missing === test.expected ? 'false' : 'true';
  if (missing) return 'unknown';
  if (test.op === 'in') return test.values.includes(value as Scalar) ? 'true' : 'false';
  if (test.op === 'notIn') return test.values.includes(value as Scalar) ? 'false' : 'true';
  if (typeof value !== 'number') return 'unknown';
  return judge(test.op, value, value, test.value);
}

function negated(truth: Truth): Truth {
  return truth === 'unknown' ? 'unknown' : truth === 'true' ? 'false' : 'true';
}
