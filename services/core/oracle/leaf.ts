/**
 * The naive form of what a condition rests on: the truth of a leaf at an instant, from the customer's whole list of events, traits,
 * scores and consents. References to segments and groups are in references.ts.
 */
import { unreachable } from '../faults.ts';
import { hash64 } from '../domain/events/event-id.ts';
import type {
  Condition,
  DateSource,
  LeafCondition,
  NumberTest,
  Operand,
  Scalar,
  TextComparison,
  TextMeasure,
  TraitTest,
  Truth,
} from '../domain/language/ast.ts';
import { needsOf } from '../domain/language/series-identity.ts';
import { civilOf, dayOf, movedOn, startOfDay, type CivilDay } from './calendar.ts';
import { fieldOf, textOf } from './matching.ts';
import { newest, nthNewest, rangeOf, unitOf } from './measures.ts';
import { exactly, fraction, judge, negated, scaled, truthFrom, type Range } from './numbers.ts';
import { momentOf, wholeFrom, zoneName, type Feed, type Moment, type Sight } from './sight.ts';
import { passesSet, passesText, passesVersion } from './texts.ts';
import { hasHeld, hasChanged } from './writes.ts';

type Of<K extends Condition['kind']> = Extract<Condition, { kind: K }>;
/** Leaves that look at the customer alone, and not at what was decided of it. */
export type OwnLeaf = Exclude<LeafCondition, { kind: 'segment' | 'tier' }>;

export function truthOfLeaf(leaf: OwnLeaf, at: number, sight: Sight): Truth {
  switch (leaf.kind) {
    case 'compare':
      return compared(leaf, at, sight);
    case 'text':
      return truthOfText(leaf.test, textIn(leaf, at, sight));
    case 'none': {
      const feed = onlyFeed(leaf, sight);
      const start = at - leaf.ms;
      if (feed.trail.between(start, at).length > 0) return 'false';
      // Absence needs the feed and the customer's own time (E3): nothing seen of someone unknown is no silence.
      return feed.completeFrom <= start && sight.tenure <= start ? 'true' : 'unknown';
    }
    case 'never': {
      const feed = onlyFeed(leaf, sight);
      if (feed.trail.kept.length > 0) return 'false';
      return feed.completeFrom === -Infinity ? 'true' : 'unknown';
    }
    case 'noneSince': {
      const [feed, since] = feedsOfLeaf(leaf, sight) as [Feed, Feed];
      const anchor = since.trail.kept.at(-1);
      if (anchor === undefined) return 'unknown';
      if (feed.trail.between(anchor.instant, at).length > 0) return 'false';
      return Math.max(feed.completeFrom, since.completeFrom) <= anchor.instant ? 'true' : 'unknown';
    }
    case 'trait':
      return truthOfTrait(leaf.test, sight.trait(leaf.trait));
    case 'traitChanged':
      return hasChanged(onlyFeed(leaf, sight), leaf.ms, at);
    case 'traitHeld':
      return hasHeld(onlyFeed(leaf, sight), sight.trait(leaf.trait), leaf.values, leaf.ms, at);
    case 'date':
      return truthOfDate(leaf, at, sight);
    case 'score': {
      const range = scoreRange(leaf, at, sight);
      return range === undefined ? 'unknown' : againstOf(leaf.test, range, fraction(1, 1000), at, sight);
    }
    case 'consent': {
      const granted = sight.consent(leaf.purpose);
      return granted === undefined ? 'unknown' : truthFrom(granted);
    }
    case 'bucket': {
      const place = hash64(`${leaf.seed}\0${sight.customer}`).lo % 10_000;
      return truthFrom(place >= leaf.from && place < leaf.to);
    }
    default:
      return unreachable(leaf);
  }
}

function feedsOfLeaf(leaf: OwnLeaf, sight: Sight): readonly Feed[] {
  return needsOf(leaf).map((need) => sight.feed(need));
}

function onlyFeed(leaf: OwnLeaf, sight: Sight): Feed {
  return feedsOfLeaf(leaf, sight)[0]!;
}

function compared({ measure, test }: Of<'compare'>, at: number, sight: Sight): Truth {
  const range = rangeOf(measure, at, sight);
  return range === undefined ? 'unknown' : againstOf(test, range, unitOf(measure), at, sight);
}

/** `unit`: what one of the range's integers is worth in the units of the other side. */
function againstOf(test: NumberTest, range: Range, unit: ReturnType<typeof fraction>, at: number, sight: Sight): Truth {
  if (test.against === undefined) return judge(test.op, range, exactly(test.value));
  const other = operandRange(test.against, at, sight);
  return other === undefined ? 'unknown' : judge(test.op, scaled(range, unit), other);
}

/** In the units a person writes; undefined = it has no value. */
export function operandRange(operand: Operand, at: number, sight: Sight): Range | undefined {
  switch (operand.kind) {
    case 'measure': {
      const range = rangeOf(operand.measure, at, sight);
      if (range === undefined) return undefined;
      return scaled(scaled(range, unitOf(operand.measure)), fraction(operand.times, 1000));
    }
    case 'trait': {
      const value = sight.trait(operand.trait);
      if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
      return exactly(BigInt(halfUp(value)) * BigInt(operand.times), 1_000_000n);
    }
    case 'cut': {
      const value = sight.cut(operand.table, operand.percentile);
      return value === undefined ? undefined : exactly(value + operand.plus, 1000);
    }
    default:
      return unreachable(operand);
  }
}

/** In whole thousandths. */
function halfUp(value: number): number {
  return Math.floor(value * 1000 + 0.5);
}

function scoreRange({ model, maxAgeMs }: Of<'score'>, at: number, sight: Sight): Range | undefined {
  const score = sight.score(model);
  if (score === undefined || !Number.isFinite(score.value)) return undefined;
  if (score.expiresAt !== null && at >= score.expiresAt) return undefined;
  if (maxAgeMs !== null && at - score.computedAt > maxAgeMs) return undefined;
  return exactly(halfUp(score.value));
}

function textIn(leaf: Of<'text'>, at: number, sight: Sight): string | undefined {
  const { measure } = leaf;
  const feed = onlyFeed(leaf, sight);
  switch (measure.kind) {
    case 'textLast': {
      const entry = nthNewest(feed, measure.n, measure.withinMs, at);
      return entry === undefined ? undefined : textOf(entry.fact, measure.field);
    }
    case 'textFirst': {
      const oldest = feed.trail.kept[0];
      return oldest === undefined || feed.completeFrom > -Infinity ? undefined : textOf(oldest.fact, measure.field);
    }
    case 'mostFrequent':
      return mostFrequent(measure, feed, at);
    default:
      return unreachable(measure);
  }
}

function mostFrequent(
  { over, field }: Extract<TextMeasure, { kind: 'mostFrequent' }>,
  feed: Feed,
  at: number,
): string | undefined {
  const inWindow = (windowMs: number) =>
    wholeFrom(feed) <= at - windowMs ? feed.trail.between(at - windowMs, at) : undefined;
  const used = 'n' in over ? newest(feed, over.n, at) : inWindow(over.windowMs);
  const counts = new Map<string, number>();
  // From the newest on, so that of equals the most recent comes first.
  for (const { fact } of [...(used ?? [])].reverse()) {
    const text = textOf(fact, field);
    if (text !== undefined) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function truthOfText(test: TextComparison, value: string | undefined): Truth {
  if (value === undefined) return 'unknown';
  if ('folding' in test) return truthFrom(passesText(test, value));
  return truthFrom(test.values.includes(value) === (test.op === 'in'));
}

/** What is asked of a number, a text or a set says nothing of a trait that is none. */
function truthOfTrait(test: TraitTest, value: unknown): Truth {
  const missing = value === null || value === undefined;
  if (test.op === 'known') return truthFrom(missing !== test.expected);
  if (missing) return 'unknown';
  switch (test.op) {
    case 'in':
      return truthFrom(test.values.includes(value as Scalar));
    case 'notIn':
      return truthFrom(!test.values.includes(value as Scalar));
    case 'has':
    case 'hasAll':
    case 'hasNone':
      return Array.isArray(value) ? truthFrom(passesSet(test.op, test.values, value)) : 'unknown';
    case 'size':
      return Array.isArray(value) ? truthFrom(value.length >= test.low && value.length <= test.high) : 'unknown';
    case 'contains':
    case 'startsWith':
    case 'endsWith':
    case 'sameText':
    case 'notSameText':
      return typeof value === 'string' ? truthFrom(passesText(test, value)) : 'unknown';
    case 'version': {
      const passed = typeof value === 'string' ? passesVersion(test, value) : undefined;
      return passed === undefined ? 'unknown' : truthFrom(passed);
    }
    case 'atLeast':
      return typeof value === 'number' && !Number.isNaN(value) ? truthFrom(value >= test.value) : 'unknown';
    case 'lessThan':
      return negated(truthOfTrait({ op: 'atLeast', value: test.value }, value));
    case 'moreThan':
      return typeof value === 'number' && !Number.isNaN(value) ? truthFrom(value > test.value) : 'unknown';
    case 'atMost':
      return negated(truthOfTrait({ op: 'moreThan', value: test.value }, value));
    default:
      return unreachable(test);
  }
}

export function momentIn(leaf: Of<'date'>, at: number, sight: Sight): Moment | undefined {
  const { source } = leaf;
  const zone = zoneName(leaf.zone, sight);
  return momentOf(source.kind === 'trait' ? sight.trait(source.trait) : fieldAt(leaf, source, at, sight), zone);
}

function fieldAt(leaf: Of<'date'>, source: Extract<DateSource, { kind: 'field' }>, at: number, sight: Sight): unknown {
  const entry = nthNewest(onlyFeed(leaf, sight), 1, null, at);
  const value = entry === undefined ? undefined : fieldOf(entry.fact, source.field);
  return typeof value === 'number' ? value : undefined;
}

function truthOfDate(leaf: Of<'date'>, at: number, sight: Sight): Truth {
  const moment = momentIn(leaf, at, sight);
  if (moment === undefined) return 'unknown';
  const { test } = leaf;
  const { instant } = moment;
  const zone = zoneName(leaf.zone, sight);
  switch (test.op) {
    case 'withinLast':
      return truthFrom(instant > at - test.ms && instant <= at);
    case 'withinNext':
      return truthFrom(instant > at && instant <= at + test.ms);
    case 'olderThan':
      return truthFrom(startOfDay(movedOn(moment.day ?? dayOf(instant, zone), test.n, test.unit), zone) <= at);
    case 'anniversary': {
      const origin = civilOf(moment.day ?? dayOf(instant, zone));
      const today = dayOf(at, zone);
      const days = Array.from({ length: test.days + 1 }, (_, ahead) => civilOf(today + ahead));
      return truthFrom(days.some((day) => day.year > origin.year && isSameDay(day, origin)));
    }
    default:
      return unreachable(test);
  }
}

/** 29 February counts as 1 March in years without it. */
function isSameDay(day: CivilDay, origin: CivilDay): boolean {
  if (day.month === origin.month && day.day === origin.day) return true;
  const hasLeapDay = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return origin.month === 2 && origin.day === 29 && day.month === 3 && day.day === 1 && !hasLeapDay(day.year);
}
