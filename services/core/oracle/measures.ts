/**
 * The naive form of measures: between what a number lies, from the customer's whole list of events and what may be missing of
 * it (E3). Undefined = it has no value.
 *
 * Ranges are in the integers of the test: counts, numbers × scale, milliseconds; of averages, trends and ratios thousandths.
 */
import { unreachable } from '../faults.ts';
import type { Measure, Projection } from '../domain/language/ast.ts';
import { DAY_MS } from '../domain/time/duration.ts';
import { dayOf } from './calendar.ts';
import { spanOfDecay, weightOf, WEIGHT_ONE } from './decay.ts';
import { failedFirstContacts, openIssues, reopenings } from './issues.ts';
import { numberOf, textOf } from './matching.ts';
import {
  ABOVE_ALL,
  ANYTHING,
  BELOW_ALL,
  compare,
  exactly,
  fraction,
  isExact,
  scaled,
  type Fraction,
  type Range,
} from './numbers.ts';
import { followed, unfollowed } from './sequences.ts';
import { feedsOf, insideOf, wholeFrom, zoneName, type Feed, type Inside, type Sight } from './sight.ts';
import type { Seen } from './trail.ts';

type Of<K extends Measure['kind']> = Extract<Measure, { kind: K }>;

/** What one of the integers a measure is tested in is worth in the units a person writes it in; of durations in days. */
export function unitOf(measure: Measure): Fraction {
  switch (measure.kind) {
    case 'sum':
    case 'min':
    case 'max':
    case 'last':
    case 'nthLast':
    case 'first':
    case 'sumLast':
    case 'minLast':
    case 'maxLast':
      return fraction(1, measure.of.scale);
    case 'largestPerKey':
      return fraction(1, measure.per.kind === 'sum' ? measure.per.of.scale : 1);
    case 'decayedSum':
      return fraction(1, measure.of?.scale ?? 1);
    case 'average':
    case 'averageLast':
    case 'trendLast':
    case 'decayedAverage':
    case 'ratio':
      return fraction(1, 1000);
    case 'timeSinceLast':
    case 'timeSinceFirst':
    case 'averageGap':
      return fraction(1, DAY_MS);
    case 'count':
    case 'countDistinct':
    case 'daysActive':
    case 'countDistinctLast':
    case 'sequence':
    case 'notFollowedBy':
    case 'openIssues':
    case 'reopenedIssues':
    case 'failedFirstContacts':
      return fraction(1);
    default:
      return unreachable(measure);
  }
}

export function rangeOf(measure: Measure, at: number, sight: Sight): Range | undefined {
  if (measure.kind === 'ratio') return ratio(measure, at, sight);
  const [feed, anchor] = feedsOf(measure, sight) as [Feed, Feed | undefined];
  switch (measure.kind) {
    case 'count':
    case 'countDistinct':
    case 'daysActive':
    case 'sum':
    case 'average':
    case 'min':
    case 'max':
    case 'largestPerKey':
    case 'averageGap': {
      const inside = insideOf(measure.window, at, sight, feed, anchor);
      return inside === undefined ? undefined : inWindow(measure, inside, sight);
    }
    case 'last':
    case 'nthLast': {
      const { of, withinMs } = measure;
      const entry = nthNewest(feed, measure.kind === 'last' ? 1 : measure.n, withinMs, at);
      const number = entry === undefined ? null : numberOf(of, entry.fact);
      return number === null ? undefined : exactly(number);
    }
    case 'first': {
      const oldest = feed.trail.kept[0];
      if (oldest === undefined || feed.completeFrom > -Infinity) return undefined;
      const number = numberOf(measure.of, oldest.fact);
      return number === null ? undefined : exactly(number);
    }
    case 'averageLast':
    case 'sumLast':
    case 'minLast':
    case 'maxLast':
      return ofNewest(measure, feed, at);
    case 'countDistinctLast': {
      const used = newest(feed, measure.n, at);
      return used === undefined ? undefined : exactly(new Set(used.map(({ text }) => text)).size);
    }
    case 'trendLast':
      return trend(measure, feed, at);
    case 'timeSinceLast': {
      const entry = feed.trail.between(-Infinity, at).at(-1);
      if (entry === undefined) return undefined;
      const longest = at - entry.instant;
      // Something newer may be missing, but only from before the feed is whole.
      const shortest = entry.instant < feed.completeFrom ? Math.max(0, at - feed.completeFrom) : longest;
      return { low: fraction(shortest), high: fraction(longest) };
    }
    case 'timeSinceFirst': {
      const oldest = feed.trail.kept[0];
      if (oldest === undefined) return undefined;
      const low = fraction(at - oldest.instant);
      return { low, high: feed.completeFrom === -Infinity ? low : ABOVE_ALL };
    }
    case 'decayedSum':
    case 'decayedAverage':
      return decayed(measure, feed, at);
    case 'sequence':
      return atLeast(followed(measure, feed, at), wholeFrom(feed) <= at - measure.windowMs - measure.ms);
    case 'notFollowedBy':
      return atLeast(unfollowed(measure, feed, at), wholeFrom(feed) <= at - measure.windowMs);
    case 'openIssues':
      return atLeast(openIssues(measure, feed, at), wholeFrom(feed) <= at - measure.windowMs);
    case 'reopenedIssues':
      return atLeast(reopenings(measure, feed, at), wholeFrom(feed) <= at - measure.windowMs);
    case 'failedFirstContacts':
      return wholeFrom(feed) <= at - measure.windowMs ? exactly(failedFirstContacts(measure, feed, at)) : undefined;
    default:
      return unreachable(measure);
  }
}

/** So many were seen; more there can be only where something may be missing. */
function atLeast(seen: number, whole: boolean): Range {
  const low = fraction(seen);
  return { low, high: whole ? low : ABOVE_ALL };
}

function inWindow(
  measure: Of<
    'count' | 'countDistinct' | 'daysActive' | 'sum' | 'average' | 'min' | 'max' | 'largestPerKey' | 'averageGap'
  >,
  { events, whole }: Inside,
  sight: Sight,
): Range | undefined {
  switch (measure.kind) {
    case 'count':
      return atLeast(events.length, whole);
    case 'countDistinct':
      return atLeast(distinct(events, measure.field), whole);
    case 'daysActive': {
      const zone = zoneName(measure.zone, sight);
      return atLeast(new Set(events.map(({ at }) => dayOf(at, zone))).size, whole);
    }
    case 'sum':
      return whole ? sumOf(measure.of, events) : ANYTHING;
    case 'average':
      return whole ? meanOf(measure.of, events) : undefined;
    case 'min':
    case 'max': {
      const numbers = numbersOf(measure.of, events);
      if (numbers.length === 0) return undefined;
      const extreme = fraction(numbers.reduce((a, b) => (measure.kind === 'min' ? Math.min(a, b) : Math.max(a, b))));
      if (whole) return { low: extreme, high: extreme };
      return measure.kind === 'min' ? { low: BELOW_ALL, high: extreme } : { low: extreme, high: ABOVE_ALL };
    }
    case 'largestPerKey':
      return largest(measure, { events, whole });
    case 'averageGap': {
      if (!whole || events.length < 2) return undefined;
      const instants = events.map(({ at }) => at);
      const [least, most] = [instants.reduce((a, b) => Math.min(a, b)), instants.reduce((a, b) => Math.max(a, b))];
      return exactly(most - least, events.length - 1);
    }
    default:
      return unreachable(measure);
  }
}

function distinct(events: readonly Seen[], field: string): number {
  const texts = new Set(events.map(({ fact }) => textOf(fact, field)));
  texts.delete(undefined);
  return texts.size;
}

function numbersOf(of: Projection, events: readonly Seen[]): readonly number[] {
  return events.map(({ fact }) => numberOf(of, fact)).filter((number) => number !== null);
}

/** The window is whole; a number that is not said may be any. */
function sumOf(of: Projection, events: readonly Seen[]): Range {
  const numbers = numbersOf(of, events);
  const known = fraction(total(numbers));
  return { low: known, high: numbers.length < events.length ? ABOVE_ALL : known };
}

function total(numbers: readonly number[]): bigint {
  return numbers.reduce((sum, number) => sum + BigInt(number), 0n);
}

function meanOf(of: Projection, events: readonly Seen[]): Range | undefined {
  const numbers = numbersOf(of, events);
  return numbers.length === 0 ? undefined : exactly(total(numbers) * 1000n, numbers.length * of.scale);
}

function largest({ per }: Of<'largestPerKey'>, { events, whole }: Inside): Range {
  if (per.kind === 'sum' && !whole) return ANYTHING;
  const byKey = new Map<string, Seen[]>();
  for (const entry of events) byKey.set(entry.text!, [...(byKey.get(entry.text!) ?? []), entry]);
  const ranges = [...byKey.values()].map((own): Range => {
    if (per.kind === 'sum') return sumOf(per.of, own);
    return atLeast(per.kind === 'count' ? own.length : distinct(own, per.field), whole);
  });
  if (ranges.length === 0) return atLeast(0, whole);
  return ranges.reduce((a, b) => ({ low: greater(a.low, b.low), high: greater(a.high, b.high) }));
}

function greater(a: Fraction, b: Fraction): Fraction {
  return compare(a, b) >= 0 ? a : b;
}

/** The n-th newest event in the window, if it is certain to be that. */
export function nthNewest(feed: Feed, n: number, withinMs: number | null, at: number): Seen | undefined {
  const entry = feed.trail.between(withinMs === null ? -Infinity : at - withinMs, at).at(-n);
  return entry === undefined || entry.instant < feed.completeFrom ? undefined : entry;
}

/** The newest n of a tape, or all of them where there are fewer; undefined where others may belong to them. */
export function newest(feed: Feed, n: number, at: number): readonly Seen[] | undefined {
  const used = feed.trail.between(-Infinity, at).slice(-n);
  // Fewer than n: an older one may be missing anywhere, so only a feed that is whole for life will do.
  const whole = used.length === n ? feed.completeFrom <= used[0]!.instant : wholeFrom(feed) === -Infinity;
  return whole ? used : undefined;
}

function ofNewest(
  measure: Of<'averageLast' | 'sumLast' | 'minLast' | 'maxLast'>,
  feed: Feed,
  at: number,
): Range | undefined {
  const { of, n, atLeastValues } = measure;
  const used = newest(feed, n, at);
  if (used === undefined || used.length < Math.max(1, atLeastValues)) return undefined;
  if (measure.kind === 'averageLast') return meanOf(of, used);
  const numbers = numbersOf(of, used);
  if (measure.kind === 'sumLast') return exactly(total(numbers));
  return exactly(numbers.reduce((a, b) => (measure.kind === 'minLast' ? Math.min(a, b) : Math.max(a, b))));
}

function trend({ of, n }: Of<'trendLast'>, feed: Feed, at: number): Range | undefined {
  const used = newest(feed, 2 * n, at);
  if (used?.length !== 2 * n) return undefined;
  const numbers = numbersOf(of, used);
  const difference = total(numbers.slice(n)) - total(numbers.slice(0, n));
  return exactly(difference * 1000n, n * of.scale);
}

function decayed(measure: Of<'decayedSum' | 'decayedAverage'>, feed: Feed, at: number): Range | undefined {
  const { of, halfLifeMs } = measure;
  const start = at - spanOfDecay(halfLifeMs);
  if (wholeFrom(feed) > start) return undefined;
  let [sum, weights] = [0n, 0n];
  for (const { at: instant, fact } of feed.trail.between(start, at)) {
    const number = of === null ? 1 : numberOf(of, fact);
    const weight = weightOf(instant, at, halfLifeMs);
    if (weight === 0n) continue;
    if (number === null) {
      if (measure.kind === 'decayedSum') return undefined;
      continue;
    }
    sum += BigInt(number) * weight;
    weights += weight;
  }
  if (measure.kind === 'decayedSum') return exactly(sum, WEIGHT_ONE);
  return weights === 0n ? undefined : exactly(sum * 1000n, weights * BigInt(of?.scale ?? 1));
}

function ratio({ top, bottom, enough }: Of<'ratio'>, at: number, sight: Sight): Range | undefined {
  if (enough !== null) {
    const counted = rangeOf(enough.measure, at, sight);
    if (counted === undefined || !isExact(counted) || compare(counted.low, fraction(enough.n)) < 0) return undefined;
  }
  const [above, below] = [valueOf(top, at, sight), valueOf(bottom, at, sight)];
  if (above === undefined || below === undefined || below.n <= 0n) return undefined;
  return exactly(above.n * below.d * 1000n, above.d * below.n);
}

/** A measure that is exactly known, in the units a person writes it in. */
export function valueOf(measure: Measure, at: number, sight: Sight): Fraction | undefined {
  const range = rangeOf(measure, at, sight);
  return range === undefined || !isExact(range) ? undefined : scaled(range, unitOf(measure)).low;
}
