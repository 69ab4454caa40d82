/**
 * `nextFlip` (E2) of what depends on a calendar, over nights on which clocks change: looked at where days and units begin, and
 * where events lie, a millisecond before, then, and after.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  CalendarUnit,
  Comparator,
  LeafCondition,
  Measure,
} from '../../../../services/core/domain/language/ast.ts';
import { compileLeaf } from '../../../../services/core/domain/operators/leaf.ts';
import { UNKNOWN, type TruthCode, type Verdict } from '../../../../services/core/domain/operators/operator.ts';
import { calendarOf } from '../../../../services/core/domain/time/calendar.ts';
import { DAY_MS } from '../../../../services/core/domain/time/duration.ts';
import { ANY, viewOf, type Entry } from './views.ts';

const HOUR = DAY_MS / 24;
const COMPARATORS: readonly Comparator[] = ['atLeast', 'atMost', 'moreThan', 'lessThan', 'equals', 'notEquals'];
/** Each with an instant near a night of its own. */
const NIGHTS = [
  ['Europe/Berlin', '2026-03-29T01:00:00Z'],
  ['Europe/Berlin', '2026-10-25T01:00:00Z'],
  ['America/St_Johns', '2006-10-29T02:31:00Z'],
  ['America/Sao_Paulo', '2018-11-04T03:00:00Z'],
  ['Pacific/Apia', '2011-12-30T10:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-05T00:00:00Z'],
  ['UTC', '2024-02-29T12:00:00Z'],
] as const;
const UNITS: readonly CalendarUnit[] = ['day', 'week', 'month', 'quarter', 'year'];

const night = fc.constantFrom(...NIGHTS);
const comparator = fc.constantFrom(...COMPARATORS);
const near = fc.oneof(
  fc.integer({ min: -60, max: 60 }).map((hours) => hours * HOUR),
  fc.integer({ min: -400, max: 400 }).map((days) => days * DAY_MS),
  fc.constantFrom(0, 1, -1),
);

interface Case {
  readonly leaf: LeafCondition;
  readonly zone: string;
  readonly at: number;
  readonly entries: readonly Entry[];
  readonly wholeFrom: number;
  readonly when: number | string;
}

const measure = fc
  .tuple(
    fc.constantFrom(...UNITS),
    fc.nat({ max: 2 }),
    fc.constantFrom('count', 'countDistinct', 'daysActive', 'change'),
    fc.integer({ min: 1, max: 9 }),
  )
  .map(([unit, back, kind, days]): Measure => {
    const zone = { ofCustomer: true, name: 'UTC' };
    const window = { kind: 'calendar' as const, unit, back, zone };
    if (kind === 'count') return { kind, filter: ANY, window };
    if (kind === 'countDistinct') return { kind, filter: ANY, window, field: 'channel' };
    if (kind === 'daysActive')
      return { kind, filter: ANY, window: { kind: 'sliding', ms: days * DAY_MS + HOUR, offsetMs: 0 }, zone };
    const count = (units: number): Measure => ({ kind: 'count', filter: ANY, window: { ...window, back: units } });
    return { kind: 'ratio', form: 'ratio', top: count(0), bottom: count(1), enough: null };
  });

const counted: fc.Arbitrary<LeafCondition> = fc
  .tuple(measure, comparator, fc.integer({ min: 0, max: 4 }))
  .map(([one, op, value]) => ({
    kind: 'compare',
    measure: one,
    test: { op, value: one.kind === 'ratio' ? value * 500 : value },
  }));

const dated: fc.Arbitrary<LeafCondition> = fc
  .oneof(
    fc.record({ op: fc.constant('anniversary' as const), days: fc.constantFrom(0, 1, 7, 400) }),
    fc.record({
      op: fc.constant('olderThan' as const),
      n: fc.integer({ min: 1, max: 12 }),
      unit: fc.constantFrom('day' as const, 'week' as const, 'month' as const, 'year' as const),
    }),
  )
  .map((test): LeafCondition => {
    return { kind: 'date', source: { kind: 'trait', trait: 'when' }, test, zone: { ofCustomer: true, name: 'UTC' } };
  });

const cases: fc.Arbitrary<Case> = night.chain(([zone, iso]) => {
  const center = Date.parse(iso);
  const instant = near.map((distance) => center + distance);
  return fc.record({ leaf: fc.oneof(counted, dated), at: instant }).chain(({ leaf, at }) =>
    fc.record({
      leaf: fc.constant(leaf),
      zone: fc.constant(zone),
      at: fc.constant(at),
      entries: fc
        .array(fc.record({ at: instant, value: fc.constantFrom('phone', 'chat') }), { maxLength: 10 })
        .map((all) => all.filter((entry) => entry.at <= at)),
      wholeFrom: fc.oneof(fc.constant(-Infinity), instant, fc.constant(Infinity)),
      when: fc.oneof(
        instant,
        fc.constantFrom('2024-02-29', '2003-12-31', '2011-12-30', '1980-03-29', '1990-10-25', '2005-11-30'),
      ),
    }),
  );
});

/** Beginnings of the days around: of units too, and of whatever a date is moved on to. */
function beginnings(zone: string, around: number, days: number): number[] {
  const calendar = calendarOf(zone)!;
  const day = calendar.localDay(around);
  return Array.from({ length: 2 * days }, (_, index) => calendar.startOfDay(day - days + index));
}

describe('what depends on a calendar', () => {
  it('keeps its truth until the flip it names, and has another one then (E2)', () => {
    let flips = 0;
    fc.assert(
      fc.property(cases, ({ leaf, zone, at, entries, wholeFrom, when }) => {
        const operator = compileLeaf(leaf, () => null);
        const view = viewOf(leaf, {
          at,
          entries: [entries, entries],
          wholeFrom: [wholeFrom, wholeFrom],
          traits: { timezone: zone, when },
        });
        const judgeAt = (instant: number): Verdict => {
          const verdict: Verdict = { truth: UNKNOWN, flip: 0 };
          operator.judge({ ...view, at: instant }, verdict);
          return verdict;
        };
        const truthAt = (instant: number): TruthCode => judgeAt(instant).truth;
        const now = judgeAt(at);
        expect(now.flip).toBeGreaterThan(at);
        if (now.flip < at + 700 * DAY_MS) {
          flips += 1;
          // A feed that becomes whole after so many beginnings of units is looked at again before that.
          if (wholeFrom <= at) expect(truthAt(now.flip)).not.toBe(now.truth);
        }
        const sliding = entries.flatMap((entry) =>
          Array.from({ length: 10 }, (_, days) => entry.at + days * DAY_MS + HOUR),
        );
        for (const edge of [...beginnings(zone, at, 420), ...sliding]) {
          for (const instant of [edge - 1, edge, edge + 1])
            if (instant > at && instant < now.flip)
              expect(truthAt(instant), new Date(instant).toISOString()).toBe(now.truth);
        }
      }),
      { numRuns: 150 },
    );
    expect(flips).toBeGreaterThan(20);
  });
});
