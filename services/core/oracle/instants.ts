/**
 * The instants at which time alone could change a leaf: more than can really happen, never fewer. Nothing is known here of how a
 * truth flips, only of what moves: edges of windows, days and units, what is counted in steps, ages that grow.
 */
import type { Condition, Measure, NumberTest, Operand, Zone, CalendarUnit } from '../domain/language/ast.ts';
import { needsOf, needsOfMeasure, type SeriesNeed } from '../domain/language/series-identity.ts';
import type { Window } from '../domain/time/window.ts';
import { dayOf, movedOn, startOfDay, unitStart } from './calendar.ts';
import { spanOfDecay, stepOf } from './decay.ts';
import { momentIn, operandRange, type OwnLeaf } from './leaf.ts';
import { rangeOf, unitOf } from './measures.ts';
import { scaled, type Fraction, type Range } from './numbers.ts';
import { momentOf, wholeFrom, zoneName, type Feed, type Sight } from './sight.ts';

/** What of a leaf moves with time. */
interface Motion {
  /** So long after an event of the series, after the series is whole, or after the customer became known; ms. */
  readonly delays: readonly (readonly [need: SeriesNeed, delayMs: number])[];
  readonly units: readonly { readonly unit: CalendarUnit; readonly zone: Zone }[];
  readonly decays: readonly (readonly [need: SeriesNeed, halfLifeMs: number])[];
  /** Fixed instants. */
  readonly instants: readonly number[];
  readonly traits: readonly { readonly trait: string; readonly zone: Zone }[];
}

const NO_MOTION: Motion = { delays: [], units: [], decays: [], instants: [], traits: [] };
const motions = new WeakMap<OwnLeaf, Motion>();

/** The first instant after `after` at which time alone could change the leaf; Infinity = none. */
export function nextInstant(leaf: OwnLeaf, after: number, sight: Sight): number {
  let motion = motions.get(leaf);
  if (motion === undefined) motions.set(leaf, (motion = motionOf(leaf)));
  let next = Infinity;
  const take = (at: number): void => {
    if (at > after && at < next) next = at;
  };
  for (const [need, delay] of motion.delays) {
    const feed = sight.feed(need);
    const starts = [firstAfter(feed, after - delay), wholeFrom(feed), feed.completeFrom, sight.tenure];
    for (const start of starts) take(start + delay);
  }
  for (const { unit, zone } of motion.units) take(unitStart(unit, after, -1, zoneName(zone, sight)));
  for (const [need, halfLifeMs] of motion.decays) {
    const seen = firstAfter(sight.feed(need), after - spanOfDecay(halfLifeMs) - stepOf(halfLifeMs));
    if (seen < Infinity) take((Math.floor(after / stepOf(halfLifeMs)) + 1) * stepOf(halfLifeMs));
  }
  motion.instants.forEach(take);
  for (const { trait, zone } of motion.traits) {
    const moment = momentOf(sight.trait(trait), zoneName(zone, sight));
    if (moment !== undefined) take(moment.instant);
  }
  if (leaf.kind === 'date') datesOf(leaf, after, sight).forEach(take);
  if (leaf.kind === 'score') {
    const score = sight.score(leaf.model);
    if (score?.expiresAt !== null && score !== undefined) take(score.expiresAt);
    if (score !== undefined && leaf.maxAgeMs !== null) take(score.computedAt + leaf.maxAgeMs + 1);
  }
  if (leaf.kind === 'compare') crossings(leaf.measure, leaf.test, after, sight).forEach(take);
  return next;
}

function firstAfter({ trail }: Feed, instant: number): number {
  return trail.kept[trail.through(instant)]?.at ?? Infinity;
}

function motionOf(leaf: OwnLeaf): Motion {
  switch (leaf.kind) {
    case 'compare':
      return joined([motionOfMeasure(leaf.measure), motionOfOperand(leaf.test.against)]);
    case 'text': {
      const { measure } = leaf;
      const withinMs =
        measure.kind === 'textLast'
          ? measure.withinMs
          : measure.kind === 'mostFrequent' && 'windowMs' in measure.over
            ? measure.over.windowMs
            : null;
      return withinMs === null ? NO_MOTION : after(needsOf(leaf), [withinMs]);
    }
    case 'none':
    case 'traitChanged':
    case 'traitHeld':
      return after(needsOf(leaf), [leaf.ms]);
    case 'never':
    case 'noneSince':
    case 'trait':
    case 'date':
    case 'score':
    case 'consent':
    case 'bucket':
      return NO_MOTION;
  }
}

function joined(parts: readonly Motion[]): Motion {
  return {
    delays: parts.flatMap(({ delays }) => delays),
    units: parts.flatMap(({ units }) => units),
    decays: parts.flatMap(({ decays }) => decays),
    instants: parts.flatMap(({ instants }) => instants),
    traits: parts.flatMap(({ traits }) => traits),
  };
}

function after(needs: readonly SeriesNeed[], delays: readonly number[]): Motion {
  return { ...NO_MOTION, delays: delays.map((delay) => [needs[0]!, delay] as const) };
}

function motionOfOperand(operand: Operand | undefined): Motion {
  return operand?.kind === 'measure' ? motionOfMeasure(operand.measure) : NO_MOTION;
}

function motionOfMeasure(measure: Measure): Motion {
  if (measure.kind === 'ratio') {
    const enough = measure.enough === null ? [] : [measure.enough.measure];
    return joined([measure.top, measure.bottom, ...enough].map(motionOfMeasure));
  }
  const needs = needsOfMeasure(measure);
  switch (measure.kind) {
    case 'count':
    case 'countDistinct':
    case 'daysActive':
    case 'sum':
    case 'average':
    case 'min':
    case 'max':
    case 'largestPerKey':
    case 'averageGap':
      return motionOfWindow(measure.window, needs);
    case 'last':
    case 'nthLast':
      return measure.withinMs === null ? NO_MOTION : after(needs, [measure.withinMs]);
    case 'timeSinceLast':
    case 'timeSinceFirst':
      // One millisecond later it is more than nothing, which matters to a ratio.
      return after(needs, [0, 1]);
    case 'decayedSum':
    case 'decayedAverage': {
      const span = after(needs, [spanOfDecay(measure.halfLifeMs)]);
      return { ...span, decays: [[needs[0]!, measure.halfLifeMs]] };
    }
    case 'sequence':
      return after(needs, [measure.windowMs, measure.windowMs + measure.ms]);
    case 'notFollowedBy':
      return after(needs, [measure.ms, measure.windowMs]);
    case 'openIssues':
    case 'reopenedIssues':
    case 'failedFirstContacts':
      return after(needs, [measure.windowMs]);
    case 'first':
    case 'averageLast':
    case 'sumLast':
    case 'minLast':
    case 'maxLast':
    case 'countDistinctLast':
    case 'trendLast':
      return NO_MOTION;
  }
}

function motionOfWindow(window: Window, needs: readonly SeriesNeed[]): Motion {
  switch (window.kind) {
    case 'sliding':
      return after(needs, [window.offsetMs, window.offsetMs + window.ms]);
    case 'calendar':
      return { ...NO_MOTION, units: [window] };
    case 'fixed':
      return { ...NO_MOTION, instants: [window.from, window.until] };
    case 'sinceTrait':
      return { ...NO_MOTION, traits: [window] };
    case 'sinceEvent':
    case 'lifetime':
      return NO_MOTION;
  }
}

function datesOf(leaf: Extract<Condition, { kind: 'date' }>, at: number, sight: Sight): readonly number[] {
  const moment = momentIn(leaf, at, sight);
  if (moment === undefined) return [];
  const { test } = leaf;
  const zone = zoneName(leaf.zone, sight);
  switch (test.op) {
    case 'withinLast':
      return [moment.instant, moment.instant + test.ms];
    case 'withinNext':
      return [moment.instant - test.ms, moment.instant];
    case 'olderThan':
      return [startOfDay(movedOn(moment.day ?? dayOf(moment.instant, zone), test.n, test.unit), zone)];
    case 'anniversary':
      return [unitStart('day', at, -1, zone)];
  }
}

/** A number that moves with time: (top + δ · topPerMs) ÷ (bottom + δ · bottomPerMs), δ ms from now. */
interface Line {
  readonly top: number;
  readonly topPerMs: number;
  readonly bottom: number;
  readonly bottomPerMs: number;
}

const PER_DAY = 1 / 86_400_000;

/**
 * When an age meets what it is compared with. Only ages grow by themselves; where none is there, nothing is said. In floating
 * point: a millisecond or two to either side are taken too, and judged exactly.
 */
function crossings(measure: Measure, test: NumberTest, at: number, sight: Sight): readonly number[] {
  const own = linesOf(measure, at, sight);
  const other = otherLines(measure, test, at, sight);
  const ages = [...agesIn(measure), ...(test.against?.kind === 'measure' ? agesIn(test.against.measure) : [])];
  // What may be missing makes an age as short as nothing until its feed is whole; from then on the shortest grows, too.
  const starts = ages.map((age) => sight.feed(needsOfMeasure(age)[0]!).completeFrom).filter(Number.isFinite);
  if (![...own, ...other].some((line) => line.topPerMs !== 0 || line.bottomPerMs !== 0)) return starts;
  const found = own
    .flatMap((line) => other.flatMap((against) => meetings(line, against)))
    .filter((delta) => delta > -2)
    .flatMap((delta) => [-1, 0, 1, 2].map((beside) => at + Math.floor(delta) + beside));
  return [...starts, ...found];
}

/** The measures in it that grow with time. */
function agesIn(measure: Measure): readonly Measure[] {
  if (measure.kind === 'ratio') return [...agesIn(measure.top), ...agesIn(measure.bottom)];
  return measure.kind === 'timeSinceLast' || measure.kind === 'timeSinceFirst' ? [measure] : [];
}

function otherLines(measure: Measure, { against, value }: NumberTest, at: number, sight: Sight): readonly Line[] {
  if (against?.kind === 'measure') {
    const by = against.times / 1000;
    return linesOf(against.measure, at, sight).map((line) => ({
      ...line,
      top: line.top * by,
      topPerMs: line.topPerMs * by,
    }));
  }
  if (against !== undefined) return still(operandRange(against, at, sight));
  return [constant(value * toNumber(unitOf(measure)))];
}

function linesOf(measure: Measure, at: number, sight: Sight): readonly Line[] {
  if (measure.kind === 'ratio') {
    const tops = linesOf(measure.top, at, sight);
    return tops.flatMap((top) =>
      linesOf(measure.bottom, at, sight).map((bottom) => ({
        top: top.top,
        topPerMs: top.topPerMs,
        bottom: bottom.top,
        bottomPerMs: bottom.topPerMs,
      })),
    );
  }
  const range = rangeOf(measure, at, sight);
  if (range === undefined) return [];
  const lines = still(scaled(range, unitOf(measure)));
  if (agesIn(measure).length === 0) return lines;
  // The shortest the time since the last may be stays nothing until the feed is whole.
  const isStill = measure.kind === 'timeSinceLast' && sight.feed(needsOfMeasure(measure)[0]!).completeFrom > at;
  const [low, high] = lines;
  const grown = lines.map((line) => ({ ...line, topPerMs: PER_DAY }));
  return isStill && low!.top !== high!.top ? [low!, grown[1]!] : grown;
}

function still(range: Range | undefined): readonly Line[] {
  if (range === undefined) return [];
  return [range.low, range.high].filter(({ d }) => d !== 0n).map((end) => constant(toNumber(end)));
}

function constant(value: number): Line {
  return { top: value, topPerMs: 0, bottom: 1, bottomPerMs: 0 };
}

function toNumber({ n, d }: Fraction): number {
  return Number(n) / Number(d);
}

/** Where two such numbers are equal: of a quadratic equation in δ, nearly always of a linear one. */
function meetings(a: Line, b: Line): readonly number[] {
  const square = a.topPerMs * b.bottomPerMs - b.topPerMs * a.bottomPerMs;
  const linear = a.top * b.bottomPerMs + a.topPerMs * b.bottom - b.top * a.bottomPerMs - b.topPerMs * a.bottom;
  const fixed = a.top * b.bottom - b.top * a.bottom;
  if (square === 0) return linear === 0 ? [] : [-fixed / linear];
  const discriminant = linear * linear - 4 * square * fixed;
  if (discriminant < 0) return [];
  const root = Math.sqrt(discriminant);
  return [(-linear - root) / (2 * square), (-linear + root) / (2 * square)];
}
