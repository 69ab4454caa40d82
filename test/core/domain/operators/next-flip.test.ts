/**
 * `nextFlip` (E2), for every operator over random series: until the instant it names the truth stays as it is, at that instant
 * it is another, and where it names none the truth stays for ever. All it may rest on is that nothing else happens.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Comparator, NumberTest, Projection } from '../../../../services/core/domain/language/ast.ts';
import { countDistinctOperator } from '../../../../services/core/domain/operators/count-distinct.ts';
import { countOperator } from '../../../../services/core/domain/operators/count.ts';
import { numberInWindowOperator } from '../../../../services/core/domain/operators/number-in-window.ts';
import {
  averageLastOperator,
  lastOperator,
  noneOperator,
  timeSinceLastOperator,
} from '../../../../services/core/domain/operators/on-tape.ts';
import {
  judgeBounds,
  UNKNOWN,
  type Operator,
  type Series,
  type TruthCode,
  type Verdict,
} from '../../../../services/core/domain/operators/operator.ts';
import { Latest } from '../../../../services/core/domain/series/latest.ts';
import { Tape } from '../../../../services/core/domain/series/tape.ts';
import { Tiles } from '../../../../services/core/domain/series/tiles.ts';
import type { PlainWindow } from '../../../../services/core/domain/time/window.ts';

const MINUTE = 60_000;
const AT = 1_000 * MINUTE;
const COMPARATORS: readonly Comparator[] = ['atLeast', 'atMost', 'moreThan', 'lessThan', 'equals', 'notEquals'];
const AMOUNT: Projection = { field: 'amountBaseMinor', scale: 1 };
const SCORE: Projection = { field: 'score', scale: 1000 };

interface Event {
  readonly at: number;
  readonly value: number | null;
  readonly text: string;
}

/** Few distinct windows and instants, so that edges meet; now and then a crowded minute that becomes one tile. */
const windowMs = fc.constantFrom(10 * MINUTE, 60 * MINUTE, 100 * MINUTE, 1);
const instant = fc.oneof(
  fc.integer({ min: -300, max: 0 }).map((minutes) => AT + minutes * MINUTE),
  fc.integer({ min: -200_000, max: 0 }).map((ms) => AT + ms),
  fc.constantFrom(AT, AT - 10 * MINUTE, AT - 10 * MINUTE + 1, AT - 60 * MINUTE),
);
const event: fc.Arbitrary<Event> = fc.record({
  at: instant,
  value: fc.option(fc.integer({ min: -5, max: 5 }), { freq: 6 }),
  text: fc.constantFrom('a', 'b', 'c', 'd'),
});
const events = fc.array(event, { maxLength: 60 });
const since = fc.oneof(
  fc.constantFrom(-Infinity, -Infinity, Infinity, AT, AT - 10 * MINUTE),
  fc.integer({ min: -150, max: 30 }).map((minutes) => AT + minutes * MINUTE),
);
const sight = fc.record({ at: fc.constant(AT), wholeFrom: since, tenure: since });
const window: fc.Arbitrary<PlainWindow> = fc.oneof(
  { arbitrary: windowMs.map((ms): PlainWindow => ({ kind: 'sliding', ms, offsetMs: 0 })), weight: 5 },
  fc.constant<PlainWindow>({ kind: 'lifetime' }),
);
const numberTest = (values: fc.Arbitrary<number>): fc.Arbitrary<NumberTest> =>
  fc.record({ op: fc.constantFrom(...COMPARATORS), value: values });

function tilesOf(list: readonly Event[], numbered: boolean, pruneBefore: number | null): Tiles {
  const tiles = new Tiles(numbered);
  for (const { at, value } of list) tiles.add(at, numbered ? value : null);
  if (pruneBefore !== null) tiles.prune(pruneBefore);
  return tiles;
}

function tapeOf(list: readonly Event[], keep: number, numbered: boolean): Tape {
  const tape = new Tape(keep);
  list.forEach(({ at, value }, index) => {
    if (!numbered || value !== null) tape.add(at, 0, index, value);
  });
  return tape;
}

function latestOf(list: readonly Event[]): Latest {
  const latest = new Latest();
  for (const { at, text } of list) latest.add(at, text);
  return latest;
}

interface Case {
  readonly operator: Operator;
  readonly series: Series | undefined;
  /** Every distance after an event, or after what is known, at which something could happen. */
  readonly reach: number;
}

const pruned = fc.option(fc.constantFrom(AT - 200 * MINUTE, AT - 20 * MINUTE), { freq: 3 });
const small = fc.integer({ min: -3, max: 6 });
const reachOf = (given: PlainWindow): number => (given.kind === 'sliding' ? given.ms : 0);

const CASES: Readonly<Record<string, fc.Arbitrary<Case>>> = {
  count: fc.tuple(events, window, numberTest(small), pruned).map(([list, given, test, before]) => ({
    operator: countOperator(given, test),
    series: list.length === 0 ? undefined : tilesOf(list, false, before),
    reach: reachOf(given),
  })),
  'count of a crowded minute': fc
    .tuple(windowMs, numberTest(fc.integer({ min: 0, max: 25 })), fc.array(instant, { maxLength: 4 }))
    .map(([ms, test, others]) => {
      const crowd = Array.from({ length: 20 }, (_, index) => ({
        at: AT - 5 * MINUTE + index * 1000,
        value: 1,
        text: 'a',
      }));
      const list = [...crowd, ...others.map((at) => ({ at, value: 1, text: 'b' }))];
      return {
        operator: countOperator({ kind: 'sliding', ms, offsetMs: 0 }, test),
        series: tilesOf(list, false, null),
        reach: ms,
      };
    }),
  'count distinct': fc.tuple(events, window, numberTest(small)).map(([list, given, test]) => ({
    operator: countDistinctOperator(given, test),
    series: list.length === 0 ? undefined : latestOf(list),
    reach: reachOf(given),
  })),
  ...Object.fromEntries(
    (['sum', 'average', 'min', 'max'] as const).map((kind) => [
      kind,
      fc
        .tuple(events, window, numberTest(kind === 'average' ? fc.integer({ min: -4_000, max: 4_000 }) : small), pruned)
        .map(([list, given, test, before]): Case => ({
          operator: numberInWindowOperator(kind, AMOUNT, given, test),
          series: list.length === 0 ? undefined : tilesOf(list, true, before),
          reach: reachOf(given),
        })),
    ]),
  ),
  last: fc.tuple(events, numberTest(small)).map(([list, test]) => ({
    operator: lastOperator(SCORE, test),
    series: list.length === 0 ? undefined : tapeOf(list, 1, false),
    reach: 0,
  })),
  'average of the last': fc
    .tuple(
      events,
      numberTest(fc.integer({ min: -3, max: 3 })),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
    )
    .map(([list, test, n, least]) => ({
      operator: averageLastOperator(SCORE, n, Math.min(n, least), test),
      series: list.length === 0 ? undefined : tapeOf(list, n, true),
      reach: 0,
    })),
  'time since last': fc.tuple(events, numberTest(windowMs)).map(([list, test]) => ({
    operator: timeSinceLastOperator(test),
    series: list.length === 0 ? undefined : tapeOf(list, 1, false),
    reach: test.value,
  })),
  none: fc.tuple(events, windowMs).map(([list, ms]) => ({
    operator: noneOperator(ms),
    series: list.length === 0 ? undefined : tapeOf(list, 1, false),
    reach: ms,
  })),
};

function instantsOf(series: Series | undefined): readonly number[] {
  if (series === undefined) return [];
  return series.shape === 'latest' ? [...series.instants.values()] : series.times;
}

describe.each(Object.entries(CASES))('%s', (_name, cases) => {
  it('keeps its truth until the flip it names, and has another one then (E2)', () => {
    fc.assert(
      fc.property(cases, sight, ({ operator, series, reach }, given) => {
        const truthAt = (at: number): TruthCode => {
          const verdict: Verdict = { truth: UNKNOWN, flip: 0 };
          operator.judge(series, { ...given, at }, verdict);
          return verdict.truth;
        };
        const now: Verdict = { truth: UNKNOWN, flip: 0 };
        operator.judge(series, given, now);
        expect(now.flip).toBeGreaterThan(AT);
        if (now.flip < Infinity) expect(truthAt(now.flip)).not.toBe(now.truth);
        const starts = [...instantsOf(series), given.wholeFrom, given.tenure, series?.completeFrom ?? -Infinity];
        const edges = starts.flatMap((start) => [-1, 0, 1].map((step) => start + reach + step));
        for (const at of [AT + 1, now.flip - 1, ...edges, AT + 500 * MINUTE]) {
          if (at > AT && at < now.flip && at < Infinity) expect(truthAt(at), `at ${at - AT}`).toBe(now.truth);
        }
      }),
      { numRuns: 1500 },
    );
  });
});

describe('a comparison over bounds', () => {
  it('is true when it is so for every number in them, false when for none, else unknown', () => {
    const holds: Readonly<Record<Comparator, (value: number, threshold: number) => boolean>> = {
      atLeast: (value, threshold) => value >= threshold,
      atMost: (value, threshold) => value <= threshold,
      moreThan: (value, threshold) => value > threshold,
      lessThan: (value, threshold) => value < threshold,
      equals: (value, threshold) => value === threshold,
      notEquals: (value, threshold) => value !== threshold,
    };
    const bound = fc.integer({ min: -4, max: 4 });
    fc.assert(
      fc.property(
        fc.constantFrom(...COMPARATORS),
        bound,
        bound,
        fc.option(fc.nat({ max: 6 })),
        (op, threshold, low, width) => {
          // Beyond the numbers that matter every further one behaves like the last.
          const high = width === null ? Infinity : low + width;
          const answers = Array.from({ length: (width ?? 20) + 1 }, (_, step) => holds[op](low + step, threshold));
          const expected = answers.every(Boolean) ? 1 : answers.some(Boolean) ? 2 : 0;
          expect(judgeBounds(op, threshold, low, high)).toBe(expected);
        },
      ),
    );
  });
});
