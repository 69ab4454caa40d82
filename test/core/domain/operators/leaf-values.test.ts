/** What every leaf means, by examples worked out by hand from the specification: its truth, and the value it tells. */
import { describe, expect, it } from 'vitest';
import { hash64 } from '../../../../services/core/domain/events/event-id.ts';
import type { LeafCondition, Measure, NumberTest, Projection } from '../../../../services/core/domain/language/ast.ts';
import { compileLeaf } from '../../../../services/core/domain/operators/leaf.ts';
import { FALSE, TRUE, UNKNOWN, type Stay, type Verdict } from '../../../../services/core/domain/operators/operator.ts';
import { DAY_MS } from '../../../../services/core/domain/time/duration.ts';
import type { Window } from '../../../../services/core/domain/time/window.ts';
import { ANY, viewOf, type Entry, type Person } from './views.ts';

const AMOUNT: Projection = { field: 'properties.amount', scale: 1 };
const SCORE: Projection = { field: 'score', scale: 1000 };
const UTC = { ofCustomer: false, name: 'UTC' };
const LIFE: Window = { kind: 'lifetime' };
const of = { filter: ANY };
const sliding = (ms: number, offsetMs = 0): Window => ({ kind: 'sliding', ms, offsetMs });

function judge(leaf: LeafCondition, person: Person): Verdict {
  const verdict: Verdict = { truth: UNKNOWN, flip: 0 };
  compileLeaf(leaf, (table) => (table === 'clv' ? 90_000 : null)).judge(viewOf(leaf, person), verdict);
  return verdict;
}

function valueOf(leaf: LeafCondition, person: Person): number | string | null {
  return compileLeaf(leaf, () => null).value(viewOf(leaf, person));
}

/** Finds out what a measure is by asking: what it equals is true, what it may be is unknown. */
function measured(measure: Measure, person: Person) {
  const ask = (op: NumberTest['op'], value: number) =>
    judge({ kind: 'compare', measure, test: { op, value } }, person).truth;
  return {
    is: (value: number): void => {
      expect(ask('equals', value)).toBe(TRUE);
      expect(ask('notEquals', value)).toBe(FALSE);
      expect(ask('moreThan', value)).toBe(FALSE);
      expect(ask('atMost', value)).toBe(TRUE);
    },
    isAtLeast: (value: number): void => {
      expect(ask('atLeast', value)).toBe(TRUE);
      expect(ask('atLeast', value + 1)).toBe(UNKNOWN);
      expect(ask('lessThan', value)).toBe(FALSE);
      expect(ask('equals', value)).toBe(UNKNOWN);
    },
    isNone: (): void => {
      for (const op of ['atLeast', 'atMost', 'equals', 'notEquals'] as const) expect(ask(op, 0)).toBe(UNKNOWN);
    },
  };
}

const amounts = (...pairs: readonly (readonly [at: number, value: number | string | null])[]): Entry[] =>
  pairs.map(([at, value]) => ({ at, value }));

describe('windows', () => {
  const count = (window: Window): Measure => ({ ...of, kind: 'count', window });
  const entries = [amounts([60, 1], [70, 1], [80, 1], [90, 1], [100, 1])];

  it('are half-open: an event counts from its instant on, and no more at its instant + W (T7)', () => {
    measured(count(sliding(20)), { at: 100, entries }).is(2);
    measured(count(sliding(20)), { at: 99, entries: [entries[0]!.slice(0, -1)] }).is(2);
  });

  it('with an offset end earlier: (at − offset − W, at − offset]', () => {
    measured(count(sliding(20, 10)), { at: 100, entries }).is(2);
    measured(count(sliding(10, 40)), { at: 100, entries }).is(1);
  });

  it('that are fixed hold [from, until)', () => {
    measured(count({ kind: 'fixed', from: 70, until: 90 }), { at: 100, entries }).is(2);
    measured(count({ kind: 'fixed', from: 70, until: 90 }), { at: 100, entries, wholeFrom: [70] }).is(2);
    measured(count({ kind: 'fixed', from: 70, until: 90 }), { at: 100, entries, wholeFrom: [71] }).isAtLeast(2);
  });

  it('that begin at an event hold what comes after its newest one, and nothing while there is none', () => {
    const since: Window = { kind: 'sinceEvent', filter: ANY };
    measured(count(since), { at: 100, entries: [entries[0]!, amounts([50, 1], [80, 1])] }).is(2);
    measured(count(since), { at: 100, entries: [entries[0]!, []] }).isNone();
    // A newer anchor may be missing.
    measured(count(since), { at: 100, entries: [entries[0]!, amounts([80, 1])], wholeFrom: [-Infinity, 81] }).isNone();
  });

  it('that begin at a trait hold what comes after it', () => {
    const since: Window = { kind: 'sinceTrait', trait: 'createdAt', zone: UTC };
    measured(count(since), { at: 100, entries, traits: { createdAt: 70 } }).is(3);
    measured(count(since), { at: 100, entries, traits: { createdAt: '1970-01-01' } }).is(5);
    measured(count(since), { at: 100, entries, traits: { createdAt: 'yesterday' } }).isNone();
    measured(count(since), { at: 100, entries }).isNone();
  });

  it('that are calendar units begin and end with them, in the zone of the customer', () => {
    const window = (back: number): Window => ({
      kind: 'calendar',
      unit: 'day',
      back,
      zone: { ofCustomer: true, name: 'Europe/Berlin' },
    });
    // In Berlin 29 March begins at 23:00 UTC and has 23 hours.
    const instants = [
      '2026-03-28T22:59:59.999Z',
      '2026-03-28T23:00:00Z',
      '2026-03-29T21:59:59.999Z',
      '2026-03-29T22:00:00Z',
    ];
    const given = [instants.map((iso) => ({ at: Date.parse(iso) }))];
    const at = Date.parse('2026-03-29T23:30:00Z');
    measured(count(window(0)), { at, entries: given }).is(1);
    measured(count(window(1)), { at, entries: given }).is(2);
    measured(count(window(2)), { at, entries: given }).is(1);
    // In Tokyo that is all one day, and it is over.
    measured(count(window(1)), { at, entries: given, traits: { timezone: 'Asia/Tokyo' } }).is(2);
    measured(count(window(1)), { at, entries: given, wholeFrom: [Date.parse('2026-03-28T23:00:00Z')] }).is(2);
    measured(count(window(1)), { at, entries: given, wholeFrom: [Date.parse('2026-03-28T23:00:00.001Z')] }).isAtLeast(
      2,
    );
  });
});

describe('measures of a window', () => {
  const entries = [amounts([60, 5], [80, -2], [90, null], [100, 4])];
  const over = (kind: 'sum' | 'average' | 'min' | 'max', window: Window): Measure => ({
    ...of,
    kind,
    of: AMOUNT,
    window,
  });

  it('take a sum with an unsaid amount as at least what is known, an average over what is known', () => {
    measured(over('sum', LIFE), { at: 100, entries }).isAtLeast(7);
    measured(over('average', LIFE), { at: 100, entries: [amounts([60, 5], [80, -2])] }).is(1500);
    measured(over('average', sliding(15)), { at: 100, entries }).is(4000);
    measured(over('average', sliding(5)), { at: 101, entries: [amounts([99, null])] }).isNone();
  });

  it('know the extremes from one side while the feed is not whole', () => {
    measured(over('max', sliding(50)), { at: 100, entries, wholeFrom: [55] }).isAtLeast(5);
    const least: LeafCondition = {
      kind: 'compare',
      measure: over('min', sliding(50)),
      test: { op: 'atMost', value: -2 },
    };
    expect(judge(least, { at: 100, entries, wholeFrom: [55] }).truth).toBe(TRUE);
    expect(judge({ ...least, test: { op: 'atMost', value: -3 } }, { at: 100, entries, wholeFrom: [55] }).truth).toBe(
      UNKNOWN,
    );
    measured(over('sum', sliding(50)), { at: 100, entries, wholeFrom: [55] }).isNone();
  });

  it('count the days of a zone that have an event', () => {
    const days: Measure = { ...of, kind: 'daysActive', window: LIFE, zone: { ofCustomer: true, name: 'UTC' } };
    const given = [[{ at: 0 }, { at: 1 }, { at: DAY_MS - 1 }, { at: 2 * DAY_MS }]];
    measured(days, { at: 3 * DAY_MS, entries: given }).is(2);
    measured(days, { at: 3 * DAY_MS, entries: given, traits: { timezone: 'Europe/Berlin' } }).is(3);
  });

  it('take the largest over the keys, and 0 without any', () => {
    const per = (kind: 'count' | 'countDistinct' | 'sum'): Measure => ({
      ...of,
      kind: 'largestPerKey',
      window: sliding(50),
      key: 'issueId',
      per: kind === 'count' ? { kind } : kind === 'sum' ? { kind, of: AMOUNT } : { kind, field: 'channel' },
    });
    const given = [
      [
        { at: 60, key: 'a', value: 3 },
        { at: 70, key: 'a', value: 3 },
        { at: 80, key: 'b', value: 4 },
        { at: 90, key: 'b', value: 5 },
        { at: 95, key: 'b', value: 4 },
      ],
    ];
    measured(per('count'), { at: 100, entries: given }).is(3);
    measured(per('countDistinct'), { at: 100, entries: given }).is(2);
    measured(per('sum'), { at: 100, entries: given }).is(13);
    measured(per('sum'), { at: 100, entries: [[...given[0]!, { at: 96, key: 'a', value: null }]] }).isAtLeast(13);
    measured(per('count'), { at: 100, entries: [] }).is(0);
    measured(per('count'), { at: 100, entries: given, wholeFrom: [51] }).isAtLeast(3);
  });

  it('tell the average gap of at least two events', () => {
    const gap = (window: Window): Measure => ({ ...of, kind: 'averageGap', window });
    for (const window of [LIFE, sliding(100)]) {
      measured(gap(window), { at: 100, entries: [amounts([10, 1], [30, 1], [40, 1])] }).is(15);
      measured(gap(window), { at: 100, entries: [amounts([10, 1])] }).isNone();
      measured(gap(window), { at: 100, entries: [amounts([10, 1], [30, 1])], wholeFrom: [5] }).isNone();
    }
  });
});

describe('measures of the newest and the oldest', () => {
  const entries = [amounts([10, 1000], [20, null], [30, 3000], [40, 5000], [50, 4000])];
  const by = { ...of, of: SCORE };

  it('are exact where what they look at lies in the whole part of the feed', () => {
    measured({ ...by, kind: 'last', withinMs: null }, { at: 60, entries }).is(4000);
    measured({ ...by, kind: 'last', withinMs: 10 }, { at: 59, entries }).is(4000);
    measured({ ...by, kind: 'last', withinMs: 10 }, { at: 60, entries }).isNone();
    measured({ ...by, kind: 'last', withinMs: null }, { at: 60, entries, wholeFrom: [50] }).is(4000);
    measured({ ...by, kind: 'last', withinMs: null }, { at: 60, entries, wholeFrom: [51] }).isNone();
    measured({ ...by, kind: 'nthLast', n: 3, withinMs: null }, { at: 60, entries }).is(3000);
    measured({ ...by, kind: 'nthLast', n: 4, withinMs: null }, { at: 60, entries }).isNone();
    measured({ ...by, kind: 'nthLast', n: 6, withinMs: null }, { at: 60, entries }).isNone();
    measured({ ...by, kind: 'first' }, { at: 60, entries }).is(1000);
    measured({ ...by, kind: 'first' }, { at: 60, entries, wholeFrom: [0] }).isNone();
  });

  it('take as many numbers as there are, if they are enough and all there ever were', () => {
    const newest = (kind: 'averageLast' | 'sumLast' | 'minLast' | 'maxLast', n: number, least = 1): Measure => ({
      ...by,
      kind,
      n,
      atLeastValues: least,
    });
    measured(newest('averageLast', 3), { at: 60, entries }).is(4000);
    measured(newest('averageLast', 9), { at: 60, entries }).is(3250);
    measured(newest('averageLast', 9, 5), { at: 60, entries }).isNone();
    measured(newest('averageLast', 9), { at: 60, entries, wholeFrom: [0] }).isNone();
    measured(newest('averageLast', 3), { at: 60, entries, wholeFrom: [30] }).is(4000);
    measured(newest('averageLast', 3), { at: 60, entries, wholeFrom: [31] }).isNone();
    measured(newest('sumLast', 2), { at: 60, entries }).is(9000);
    measured(newest('minLast', 3), { at: 60, entries }).is(3000);
    measured(newest('maxLast', 4), { at: 60, entries }).is(5000);
    measured({ ...by, kind: 'trendLast', n: 2 }, { at: 60, entries }).is(2500);
    measured({ ...by, kind: 'trendLast', n: 3 }, { at: 60, entries }).isNone();
  });

  it('count the distinct values among the newest that have one', () => {
    const distinct: Measure = { ...of, kind: 'countDistinctLast', field: 'channel', n: 3 };
    measured(distinct, { at: 60, entries: [amounts([10, 'x'], [20, 'a'], [30, 'b'], [40, null], [50, 'a'])] }).is(2);
    measured(distinct, { at: 60, entries: [] }).is(0);
    measured(distinct, { at: 60, entries: [], wholeFrom: [0] }).isNone();
  });
});

describe('recency', () => {
  it('lies between what is certain since the feed is whole and the newest event', () => {
    const since: Measure = { ...of, kind: 'timeSinceLast' };
    measured(since, { at: 100, entries: [amounts([30, 1])] }).is(70);
    measured(since, { at: 100, entries: [] }).isNone();
    const test = (op: NumberTest['op'], value: number) =>
      judge(
        { kind: 'compare', measure: since, test: { op, value } },
        { at: 100, entries: [amounts([30, 1])], wholeFrom: [80] },
      );
    expect(test('atLeast', 20)).toEqual({ truth: TRUE, flip: Infinity });
    expect(test('atLeast', 21)).toEqual({ truth: UNKNOWN, flip: 101 });
    expect(test('moreThan', 70)).toEqual({ truth: FALSE, flip: 101 });
  });

  it('since the first is at least what was seen', () => {
    const since: Measure = { ...of, kind: 'timeSinceFirst' };
    measured(since, { at: 100, entries: [amounts([30, 1], [50, 1])] }).is(70);
    measured(since, { at: 100, entries: [amounts([30, 1])], wholeFrom: [0] }).isAtLeast(70);
    measured(since, { at: 100, entries: [] }).isNone();
  });
});

describe('decay', () => {
  it('halves what an event weighs with each half-life', () => {
    const sum: Measure = { ...of, kind: 'decayedSum', of: AMOUNT, halfLifeMs: 64 };
    measured(sum, { at: 1064, entries: [amounts([1000, 8], [1064, 3])] }).is(7);
    measured(sum, { at: 1064, entries: [amounts([1000, 8], [1064, null])] }).isNone();
    measured(sum, { at: 5000, entries: [amounts([1000, 8])] }).is(0);
    measured(sum, { at: 5000, entries: [], wholeFrom: [5000 - 1280] }).is(0);
    measured(sum, { at: 5000, entries: [], wholeFrom: [5000 - 1279] }).isNone();
    const average: Measure = { ...of, kind: 'decayedAverage', of: AMOUNT, halfLifeMs: 64 };
    // (8 · ½ + 2 · 1) ÷ 1½
    measured(average, { at: 1064, entries: [amounts([1000, 8], [1064, 2], [1064, null])] }).is(4000);
    measured(average, { at: 1064, entries: [] }).isNone();
  });

  it('is exact beyond the numbers a double can hold', () => {
    const sum: Measure = { ...of, kind: 'decayedSum', of: AMOUNT, halfLifeMs: 64 };
    const huge = Number.MAX_SAFE_INTEGER;
    measured(sum, { at: 1000, entries: [amounts([1000, huge])] }).is(huge);
  });
});

describe('ratios', () => {
  const count = (window: Window): Measure => ({ ...of, kind: 'count', window });
  const ratio = (enough: number | null): Measure => ({
    kind: 'ratio',
    form: 'share',
    top: count(sliding(20)),
    bottom: count(sliding(50)),
    enough: enough === null ? null : { measure: count(sliding(50)), n: enough },
  });
  const events = amounts([60, 1], [70, 1], [90, 1]);

  it('divide what is exactly known by what is exactly known and positive', () => {
    const given = { at: 100, entries: [events, events, events] };
    const test = (op: NumberTest['op'], value: number): LeafCondition => ({
      kind: 'compare',
      measure: ratio(null),
      test: { op, value },
    });
    // A third is no number of thousandths.
    expect(judge(test('moreThan', 333), given).truth).toBe(TRUE);
    expect(judge(test('lessThan', 334), given).truth).toBe(TRUE);
    expect(valueOf(test('moreThan', 333), given)).toBeCloseTo(1 / 3, 12);
    measured(ratio(null), { at: 100, entries: [events, [], []] }).isNone();
    measured(ratio(null), { ...given, wholeFrom: [81, -Infinity, -Infinity] }).isNone();
    measured(ratio(4), given).isNone();
    measured(ratio(3), { ...given, entries: [amounts([90, 1], [91, 1], [92, 1]), events, events] }).is(1000);
  });

  it('of a duration and something else count days', () => {
    const perDay: Measure = {
      kind: 'ratio',
      form: 'ratio',
      top: { ...of, kind: 'timeSinceLast' },
      bottom: count(LIFE),
      enough: null,
    };
    measured(perDay, { at: 3 * DAY_MS, entries: [[{ at: 0 }], [{ at: 0 }, { at: 1 }]] }).is(1500);
  });
});

describe('sequences', () => {
  const sequence = (key: string | null, without = false): Measure => ({
    kind: 'sequence',
    first: ANY,
    then: ANY,
    without: without ? ANY : null,
    key,
    ms: 20,
    windowMs: 50,
  });
  const [FIRST, THEN, WITHOUT] = [1, 2, 4];

  it('count what is completed at least 1 ms and less than the distance after its beginning', () => {
    const at = (gap: number) => ({
      at: 100,
      entries: [
        [
          { at: 60, roles: FIRST },
          { at: 60 + gap, roles: THEN },
        ],
      ],
    });
    measured(sequence(null), at(0)).is(0);
    measured(sequence(null), at(1)).is(1);
    measured(sequence(null), at(19)).is(1);
    measured(sequence(null), at(20)).is(0);
  });

  it('count each completion, with a beginning of the same key', () => {
    const entries = [
      [
        { at: 60, roles: FIRST, key: 'a' },
        { at: 65, roles: THEN, key: 'b' },
        { at: 70, roles: THEN, key: 'a' },
        { at: 75, roles: THEN, key: 'a' },
      ],
    ];
    measured(sequence('issueId'), { at: 100, entries }).is(2);
    measured(sequence(null), { at: 100, entries }).is(3);
  });

  it('are spoilt by what lies strictly between', () => {
    const between = (spoiler: number) => ({
      at: 100,
      entries: [
        [
          { at: 60, roles: FIRST },
          { at: spoiler, roles: WITHOUT },
          { at: 70, roles: THEN },
        ],
      ],
    });
    measured(sequence(null, true), between(60)).is(1);
    measured(sequence(null, true), between(61)).is(0);
    measured(sequence(null, true), between(70)).is(1);
  });

  it('begin anew after what spoilt them', () => {
    const entries = [
      [
        { at: 60, roles: FIRST },
        { at: 62, roles: WITHOUT },
        { at: 64, roles: FIRST },
        { at: 70, roles: THEN },
      ],
    ];
    measured(sequence(null, true), { at: 100, entries }).is(1);
  });

  it('leave with the event that completed them', () => {
    const leaf: LeafCondition = { kind: 'compare', measure: sequence(null), test: { op: 'atLeast', value: 1 } };
    const entries = [
      [
        { at: 60, roles: FIRST },
        { at: 70, roles: THEN },
      ],
    ];
    expect(judge(leaf, { at: 100, entries })).toEqual({ truth: TRUE, flip: 120 });
  });
});

describe('what was not followed', () => {
  const unanswered = (orLater: boolean, key: string | null = null): Measure => ({
    kind: 'notFollowedBy',
    first: ANY,
    by: ANY,
    key,
    ms: 10,
    windowMs: 50,
    orLater,
  });
  const [FIRST, BY] = [1, 2];

  it('counts from the end of the distance on, until it is as old as the window', () => {
    const leaf: LeafCondition = { kind: 'compare', measure: unanswered(false), test: { op: 'atLeast', value: 1 } };
    const entries = [[{ at: 100, roles: FIRST }]];
    expect(judge(leaf, { at: 100, entries })).toEqual({ truth: FALSE, flip: 110 });
    expect(judge(leaf, { at: 110, entries })).toEqual({ truth: TRUE, flip: 150 });
  });

  it('does not count when something came strictly within it, or later where that is asked', () => {
    const after = (gap: number) => ({
      at: 120,
      entries: [
        [
          { at: 100, roles: FIRST },
          { at: 100 + gap, roles: BY },
        ],
      ],
    });
    measured(unanswered(false), after(0)).is(1);
    measured(unanswered(false), after(1)).is(0);
    measured(unanswered(false), after(9)).is(0);
    measured(unanswered(false), after(10)).is(1);
    measured(unanswered(true), after(10)).is(0);
    measured(unanswered(true), after(0)).is(1);
  });

  it('is answered by the same key alone', () => {
    const entries = [
      [
        { at: 100, roles: FIRST, key: 'a' },
        { at: 105, roles: BY, key: 'b' },
      ],
    ];
    measured(unanswered(false, 'issueId'), { at: 120, entries }).is(1);
    measured(unanswered(false), { at: 120, entries }).is(0);
  });
});

describe('issues', () => {
  const [CONTACT, OPENED, REOPENED, RESOLVED, ESCALATED, SAYS, PASSES] = [1, 2, 4, 8, 16, 32, 64];
  const entry = (at: number, roles: number, key = 'i1'): Entry => ({ at, roles, key });
  const open = (escalated: boolean | null = null, where = false): Measure => ({
    kind: 'openIssues',
    where: where ? [{ field: 'ticket.priority', test: { op: 'in', values: ['high'] } }] : [],
    escalated,
    windowMs: 100,
  });

  it('are open until they are resolved, and again when they are reopened', () => {
    measured(open(), { at: 100, entries: [[entry(10, OPENED)]] }).is(1);
    measured(open(), { at: 100, entries: [[entry(10, OPENED), entry(20, RESOLVED)]] }).is(0);
    measured(open(), { at: 100, entries: [[entry(10, OPENED), entry(20, RESOLVED), entry(30, CONTACT)]] }).is(1);
    measured(open(), { at: 100, entries: [[entry(20, RESOLVED)]] }).is(0);
    measured(open(), { at: 100, entries: [[entry(10, CONTACT), entry(20, CONTACT, 'i2')]] }).is(2);
    measured(open(), { at: 100, entries: [[entry(10, CONTACT)]], wholeFrom: [1] }).isAtLeast(1);
  });

  it('are asked for what was last said of them, and for an escalation', () => {
    const said = [entry(10, OPENED | SAYS | PASSES), entry(20, SAYS)];
    measured(open(null, true), { at: 100, entries: [said.slice(0, 1)] }).is(1);
    measured(open(null, true), { at: 100, entries: [said] }).is(0);
    measured(open(null, true), { at: 100, entries: [[entry(10, OPENED)]] }).is(0);
    measured(open(true), { at: 100, entries: [[entry(10, OPENED), entry(20, ESCALATED)]] }).is(1);
    measured(open(false), { at: 100, entries: [[entry(10, OPENED), entry(20, ESCALATED)]] }).is(0);
  });

  it('pass a field that was never said only where that is asked', () => {
    const unsaid: Measure = {
      kind: 'openIssues',
      where: [{ field: 'ticket.priority', test: { op: 'known', expected: false } }],
      escalated: null,
      windowMs: 100,
    };
    measured(unsaid, { at: 100, entries: [[entry(10, OPENED | PASSES)]] }).is(1);
    measured(unsaid, { at: 100, entries: [[entry(10, OPENED | SAYS), entry(20, PASSES)]] }).is(0);
  });

  it('are reopened by name, or by a contact after their newest resolution', () => {
    const reopened: Measure = { kind: 'reopenedIssues', windowMs: 100 };
    measured(reopened, {
      at: 100,
      entries: [[entry(10, CONTACT), entry(20, RESOLVED), entry(30, CONTACT), entry(40, CONTACT)]],
    }).is(1);
    measured(reopened, { at: 100, entries: [[entry(10, REOPENED), entry(20, CONTACT)]] }).is(1);
    measured(reopened, { at: 105, entries: [[entry(5, RESOLVED), entry(30, CONTACT)]] }).is(0);
  });

  it('failed at first contact when they came back', () => {
    const failed = (n: number): Measure => ({ kind: 'failedFirstContacts', n, windowMs: 30 * DAY_MS });
    const at = 30 * DAY_MS;
    const day = (number: number): number => number * DAY_MS;
    const entries = [
      [
        // Contacted again exactly seven days after the resolution.
        entry(day(1), CONTACT, 'a'),
        entry(day(2), RESOLVED, 'a'),
        entry(day(9), CONTACT, 'a'),
        // A millisecond later than that.
        entry(day(3), CONTACT, 'b'),
        entry(day(4), RESOLVED, 'b'),
        entry(day(11) + 1, CONTACT, 'b'),
        entry(day(5), OPENED, 'c'),
        entry(day(6), RESOLVED, 'c'),
        entry(day(20), REOPENED, 'c'),
        // Never resolved: no answer yet.
        entry(day(7), CONTACT, 'd'),
        entry(day(8), CONTACT, 'd'),
      ],
    ];
    measured(failed(3), { at, entries }).is(2);
    measured(failed(2), { at, entries }).is(1);
    measured(failed(1), { at, entries }).is(1);
    measured(failed(3), { at, entries, wholeFrom: [1] }).isNone();
  });
});

describe('other sides', () => {
  const sum: Measure = { ...of, kind: 'sum', of: AMOUNT, window: LIFE };
  const against = (test: Omit<NumberTest, 'value'>, measure: Measure = sum): LeafCondition => ({
    kind: 'compare',
    measure,
    test: { ...test, value: 0 },
  });

  it('are traits in their own units, rounded half up to thousandths', () => {
    const leaf = against({ op: 'equals', against: { kind: 'trait', trait: 'target', times: 2000 } });
    const entries = [amounts([10, 5])];
    expect(judge(leaf, { at: 100, entries, traits: { target: 2.5 } }).truth).toBe(TRUE);
    expect(judge(leaf, { at: 100, entries, traits: { target: 2.4995 } }).truth).toBe(TRUE);
    expect(judge(leaf, { at: 100, entries, traits: { target: 2.4994 } }).truth).toBe(FALSE);
    expect(judge(leaf, { at: 100, entries, traits: { target: 'much' } }).truth).toBe(UNKNOWN);
  });

  it('are cut-offs: of durations in days; unknown without a table', () => {
    const cut = (table: string, plus = 0) => ({ kind: 'cut' as const, table, percentile: 90, plus });
    const since: Measure = { ...of, kind: 'timeSinceLast' };
    const entries = [[{ at: 0 }]];
    const leaf = against({ op: 'lessThan', against: cut('clv', 1000) }, since);
    expect(judge(leaf, { at: 90 * DAY_MS, entries })).toEqual({ truth: TRUE, flip: 91 * DAY_MS });
    expect(judge(against({ op: 'lessThan', against: cut('gone') }, since), { at: 1, entries }).truth).toBe(UNKNOWN);
  });

  it('are measures, and both flip', () => {
    const twice: LeafCondition = against(
      {
        op: 'moreThan',
        against: { kind: 'measure', measure: { ...of, kind: 'averageGap', window: LIFE }, times: 2000 },
      },
      { ...of, kind: 'timeSinceLast' },
    );
    const events = amounts([10, 1], [30, 1], [40, 1]);
    expect(judge(twice, { at: 50, entries: [events, events] })).toEqual({ truth: FALSE, flip: 71 });
  });
});

describe('texts', () => {
  const text = (over: { windowMs: number } | { n: number }): LeafCondition => ({
    kind: 'text',
    measure: { ...of, kind: 'mostFrequent', field: 'channel', over },
    test: { op: 'in', values: ['phone'] },
  });
  const entries = [amounts([10, 'phone'], [20, 'phone'], [30, 'chat'], [40, 'chat'], [50, null])];

  it('are the most frequent, among equals the most recent', () => {
    expect(valueOf(text({ windowMs: 100 }), { at: 60, entries })).toBe('chat');
    expect(valueOf(text({ n: 3 }), { at: 60, entries })).toBe('chat');
    expect(valueOf(text({ windowMs: 100 }), { at: 60, entries: [entries[0]!.slice(0, 3)] })).toBe('phone');
    expect(valueOf(text({ windowMs: 100 }), { at: 60, entries, wholeFrom: [0] })).toBeNull();
    expect(judge(text({ windowMs: 25 }), { at: 34, entries: [entries[0]!.slice(0, 3)] })).toEqual({
      truth: TRUE,
      flip: 35,
    });
  });

  it('are those of the n-th newest event and of the oldest', () => {
    const last = (n: number, withinMs: number | null): LeafCondition => ({
      kind: 'text',
      measure: { ...of, kind: 'textLast', field: 'channel', n, withinMs },
      test: { op: 'contains', folding: 'folded', values: ['cha'] },
    });
    expect(judge(last(1, null), { at: 60, entries }).truth).toBe(UNKNOWN);
    expect(judge(last(2, 25), { at: 60, entries })).toEqual({ truth: TRUE, flip: 65 });
    expect(judge(last(4, null), { at: 60, entries }).truth).toBe(FALSE);
    const first: LeafCondition = {
      kind: 'text',
      measure: { ...of, kind: 'textFirst', field: 'channel' },
      test: { op: 'notIn', values: ['chat'] },
    };
    expect(judge(first, { at: 60, entries }).truth).toBe(TRUE);
    expect(judge(first, { at: 60, entries, wholeFrom: [0] }).truth).toBe(UNKNOWN);
  });
});

describe('absence', () => {
  it('needs the feed, and in a window tenure too (E3)', () => {
    const none: LeafCondition = { ...of, kind: 'none', ms: 50 };
    expect(judge(none, { at: 100, entries: [amounts([60, 1])] })).toEqual({ truth: FALSE, flip: 110 });
    expect(judge(none, { at: 100, tenure: 70 })).toEqual({ truth: UNKNOWN, flip: 120 });
    expect(judge(none, { at: 100, tenure: 50, wholeFrom: [50] })).toEqual({ truth: TRUE, flip: Infinity });
    const never: LeafCondition = { ...of, kind: 'never' };
    expect([judge(never, { at: 100 }).truth, judge(never, { at: 100, wholeFrom: [0] }).truth]).toEqual([TRUE, UNKNOWN]);
    expect(judge(never, { at: 100, entries: [amounts([1, 1])], wholeFrom: [50] }).truth).toBe(FALSE);
  });

  it('since an event begins after its millisecond', () => {
    const since: LeafCondition = { ...of, kind: 'noneSince', since: ANY };
    const truth = (person: Partial<Person>) => judge(since, { at: 100, ...person }).truth;
    expect(truth({ entries: [amounts([50, 1]), amounts([50, 1])] })).toBe(TRUE);
    expect(truth({ entries: [amounts([51, 1]), amounts([50, 1])] })).toBe(FALSE);
    expect(truth({ entries: [amounts([51, 1]), []] })).toBe(UNKNOWN);
    expect(truth({ entries: [[], amounts([50, 1])], wholeFrom: [51, 0] })).toBe(UNKNOWN);
    expect(truth({ entries: [[], amounts([50, 1])], wholeFrom: [0, 51] })).toBe(UNKNOWN);
  });
});

describe('how a trait came to be', () => {
  const changed: LeafCondition = { kind: 'traitChanged', trait: 'plan', ms: 50 };
  const held: LeafCondition = { kind: 'traitHeld', trait: 'plan', values: ['pro', 'team'], ms: 50 };
  const writes = (...pairs: readonly (readonly [number, string | null])[]) => [
    amounts(...pairs.map(([at, value]) => [at, value === null ? null : JSON.stringify(value)] as const)),
  ];

  it('is a change only from one value to another', () => {
    expect(judge(changed, { at: 100, entries: writes([60, 'free']) })).toEqual({ truth: FALSE, flip: Infinity });
    expect(judge(changed, { at: 100, entries: writes([20, 'free'], [60, 'pro']) })).toEqual({ truth: TRUE, flip: 110 });
    expect(judge(changed, { at: 100, entries: writes([20, 'pro'], [60, 'pro']) }).truth).toBe(FALSE);
    expect(judge(changed, { at: 100, entries: writes([20, 'pro'], [60, null]) }).truth).toBe(FALSE);
    expect(judge(changed, { at: 100, entries: writes([20, 'pro'], [60, null], [70, 'pro']) }).truth).toBe(FALSE);
    expect(judge(changed, { at: 100, entries: writes([20, 'pro'], [60, null], [70, 'team']) }).truth).toBe(TRUE);
  });

  it('is doubtful where an earlier value may have been forgotten', () => {
    expect(judge(changed, { at: 100, entries: writes([60, 'free']), wholeFrom: [30] })).toEqual({
      truth: UNKNOWN,
      flip: 110,
    });
    expect(judge(changed, { at: 100, wholeFrom: [70] })).toEqual({ truth: UNKNOWN, flip: 120 });
    expect(judge(changed, { at: 100, entries: writes([55, 'free'], [60, 'pro']), wholeFrom: [54] }).truth).toBe(TRUE);
  });

  it('has held since the first of the writes that say so, through all of them', () => {
    const traits = { plan: 'team' };
    expect(judge(held, { at: 100, entries: writes([20, 'free'], [60, 'pro'], [70, 'team']), traits })).toEqual({
      truth: FALSE,
      flip: 110,
    });
    expect(judge(held, { at: 110, entries: writes([20, 'free'], [60, 'pro'], [70, 'team']), traits }).truth).toBe(TRUE);
    expect(judge(held, { at: 110, entries: writes([60, 'pro'], [65, null], [70, 'team']), traits }).truth).toBe(FALSE);
    expect(judge(held, { at: 100, entries: writes([60, 'free']), traits: { plan: 'free' } }).truth).toBe(FALSE);
    expect(judge(held, { at: 100 }).truth).toBe(UNKNOWN);
    // It may have held for longer than is remembered, and it has held for as long.
    expect(judge(held, { at: 100, entries: writes([60, 'pro']), wholeFrom: [55], traits: { plan: 'pro' } })).toEqual({
      truth: UNKNOWN,
      flip: 110,
    });
    expect(judge(held, { at: 100, wholeFrom: [40], traits }).truth).toBe(TRUE);
  });
});

describe('dates', () => {
  const at = Date.parse('2026-03-01T12:00:00Z');
  const date = (test: Extract<LeafCondition, { kind: 'date' }>['test'], zone = UTC): LeafCondition => ({
    kind: 'date',
    source: { kind: 'trait', trait: 'birthday' },
    test,
    zone,
  });
  const on = (birthday: string | number) => ({ at, traits: { birthday } });

  it('are older from the beginning of their day in the zone', () => {
    const adult = date({ op: 'olderThan', n: 18, unit: 'year' }, { ofCustomer: false, name: 'America/New_York' });
    expect(judge(adult, on('2008-03-02'))).toEqual({ truth: FALSE, flip: Date.parse('2026-03-02T05:00:00Z') });
    expect(judge(adult, on('2008-02-29'))).toEqual({ truth: TRUE, flip: Infinity });
    expect(judge(adult, on('soon')).truth).toBe(UNKNOWN);
    expect(judge(date({ op: 'olderThan', n: 1096, unit: 'year' }), on('9999-01-01')).flip).toBeGreaterThan(at);
  });

  it('have their anniversary on 1 March when they are a leap day', () => {
    const today = date({ op: 'anniversary', days: 0 });
    expect(judge(today, on('2004-02-29'))).toEqual({ truth: TRUE, flip: Date.parse('2026-03-02') });
    expect(judge(today, on('2026-03-01')).truth).toBe(FALSE);
    expect(judge(today, on('2004-03-03'))).toEqual({ truth: FALSE, flip: Date.parse('2026-03-03') });
    const soon = date({ op: 'anniversary', days: 7 });
    expect(judge(soon, on('2004-03-08'))).toEqual({ truth: TRUE, flip: Date.parse('2026-03-09') });
    expect(judge(soon, on('2004-03-09'))).toEqual({ truth: FALSE, flip: Date.parse('2026-03-02') });
    expect(judge(date({ op: 'anniversary', days: 400 }), on('2004-03-09')).truth).toBe(TRUE);
  });

  it('lie within the last or the next while', () => {
    const last = date({ op: 'withinLast', ms: 1000 });
    expect(judge(last, on(at))).toEqual({ truth: TRUE, flip: at + 1000 });
    expect(judge(last, on(at - 1000)).truth).toBe(FALSE);
    const next = date({ op: 'withinNext', ms: 1000 });
    expect(judge(next, on(at)).truth).toBe(FALSE);
    expect(judge(next, on(at + 1000))).toEqual({ truth: TRUE, flip: at + 1000 });
    expect(judge(next, on(at + 1001))).toEqual({ truth: FALSE, flip: at + 1 });
  });
});

describe('scores, consents, samples', () => {
  const score = (maxAgeMs: number | null): LeafCondition => ({
    kind: 'score',
    model: 'clv',
    test: { op: 'atLeast', value: 700 },
    maxAgeMs,
  });
  const told = { 'score:clv': 0.6995, 'score:clv:computedAt': 50, 'score:clv:expiresAt': 200 };

  it('count while they are young enough and have not expired', () => {
    expect(judge(score(null), { at: 100, traits: told })).toEqual({ truth: TRUE, flip: 200 });
    expect(judge(score(60), { at: 110, traits: told })).toEqual({ truth: TRUE, flip: 111 });
    expect(judge(score(60), { at: 111, traits: told }).truth).toBe(UNKNOWN);
    expect(judge(score(null), { at: 100 }).truth).toBe(UNKNOWN);
    expect(valueOf(score(null), { at: 100, traits: told })).toBe(0.7);
  });

  it('ask for a consent that was granted and not withdrawn', () => {
    const consent: LeafCondition = { kind: 'consent', purpose: 'health' };
    const truth = (granted?: boolean) =>
      judge(consent, { at: 1, ...(granted === undefined ? {} : { traits: { 'consent:health': granted } }) }).truth;
    expect([truth(true), truth(false), truth()]).toEqual([TRUE, FALSE, UNKNOWN]);
  });

  it('put a customer into one of 10,000 places by seed and id', () => {
    const place = hash64('pilot\0c1').lo % 10_000;
    const bucket = (from: number, to: number): LeafCondition => ({ kind: 'bucket', seed: 'pilot', from, to });
    expect(judge(bucket(place, place + 1), { at: 1 }).truth).toBe(TRUE);
    expect(judge(bucket(0, place), { at: 1 }).truth).toBe(FALSE);
    expect(judge(bucket(place + 1, 10_000), { at: 1 }).truth).toBe(FALSE);
  });
});

describe('memberships', () => {
  const inside: Stay = { truth: TRUE, enteredAt: 60, lastEntered: 60, lastLeft: 20, order: [], member: null };
  const outside: Stay = { ...inside, truth: FALSE, enteredAt: null };
  const segment = (test: Extract<LeafCondition, { kind: 'segment' }>['test']): LeafCondition => ({
    kind: 'segment',
    key: 's',
    test,
  });
  const person = (s: Stay, wholeFrom = -Infinity): Person => ({ at: 100, stays: { s }, wholeFrom: [wholeFrom] });

  it('last since they were entered', () => {
    expect(judge(segment({ op: 'in' }), person(inside)).truth).toBe(TRUE);
    expect(judge(segment({ op: 'in' }), { at: 100 }).truth).toBe(UNKNOWN);
    expect(judge(segment({ op: 'inFor', ms: 40 }), person(inside)).truth).toBe(TRUE);
    expect(judge(segment({ op: 'inFor', ms: 41 }), person(inside))).toEqual({ truth: FALSE, flip: 101 });
    expect(judge(segment({ op: 'inFor', ms: 1 }), person(outside)).truth).toBe(FALSE);
    expect(judge(segment({ op: 'inFor', ms: 1 }), person({ ...outside, truth: UNKNOWN })).truth).toBe(UNKNOWN);
  });

  it('are remembered from an instant on', () => {
    expect(judge(segment({ op: 'enteredWithin', ms: 50 }), person(inside))).toEqual({ truth: TRUE, flip: 110 });
    expect(judge(segment({ op: 'leftWithin', ms: 50 }), person(inside)).truth).toBe(FALSE);
    expect(judge(segment({ op: 'leftWithin', ms: 50 }), person(inside, 70))).toEqual({ truth: UNKNOWN, flip: 120 });
  });

  it('of a group are told by the order of its members', () => {
    const tier = (test: Extract<LeafCondition, { kind: 'tier' }>['test']): LeafCondition => ({
      kind: 'tier',
      group: 's',
      test,
    });
    const gold: Stay = { ...inside, order: ['vip', 'gold', 'standard'], member: 'gold' };
    expect(judge(tier({ op: 'is', members: ['vip', 'gold'] }), person(gold)).truth).toBe(TRUE);
    expect(judge(tier({ op: 'is', members: ['vip'] }), person(gold)).truth).toBe(FALSE);
    expect(judge(tier({ op: 'atLeast', member: 'standard' }), person(gold)).truth).toBe(TRUE);
    expect(judge(tier({ op: 'atLeast', member: 'gold' }), person(gold)).truth).toBe(TRUE);
    expect(judge(tier({ op: 'atLeast', member: 'vip' }), person(gold)).truth).toBe(FALSE);
    expect(judge(tier({ op: 'is', members: ['vip'] }), person({ ...gold, member: null })).truth).toBe(UNKNOWN);
    expect(judge(tier({ op: 'movedUp', ms: 50 }), person(gold))).toEqual({ truth: TRUE, flip: 110 });
    expect(judge(tier({ op: 'movedDown', ms: 50 }), person(gold)).truth).toBe(FALSE);
  });
});

describe('tests of traits', () => {
  const truth = (
    test: Extract<LeafCondition, { kind: 'trait' }>['test'],
    value?: string | number | boolean | readonly string[],
  ) =>
    judge({ kind: 'trait', trait: 't', test }, { at: 1, ...(value === undefined ? {} : { traits: { t: value } }) })
      .truth;

  it('are unknown of a trait that is not known, but for the test of that', () => {
    expect(truth({ op: 'in', values: ['a'] })).toBe(UNKNOWN);
    expect(truth({ op: 'notIn', values: ['a'] })).toBe(UNKNOWN);
    expect(truth({ op: 'known', expected: false })).toBe(TRUE);
    expect(truth({ op: 'known', expected: false }, 'a')).toBe(FALSE);
  });

  it('of sets', () => {
    const set = ['a', 'b'];
    expect(truth({ op: 'has', values: ['b', 'c'] }, set)).toBe(TRUE);
    expect(truth({ op: 'hasAll', values: ['b', 'c'] }, set)).toBe(FALSE);
    expect(truth({ op: 'hasNone', values: ['c'] }, set)).toBe(TRUE);
    expect(truth({ op: 'size', low: 2, high: 2 }, set)).toBe(TRUE);
    expect(truth({ op: 'size', low: 3, high: 9 }, set)).toBe(FALSE);
    expect(truth({ op: 'has', values: ['a'] }, 'a')).toBe(UNKNOWN);
  });

  it('of texts and versions say nothing of what is none', () => {
    expect(truth({ op: 'contains', folding: 'folded', values: ['uri'] }, 'ZÜRICH')).toBe(TRUE);
    expect(truth({ op: 'contains', folding: 'exact', values: ['uri'] }, 7)).toBe(UNKNOWN);
    expect(truth({ op: 'version', comparator: 'lessThan', parts: [4, 10] }, '4.9')).toBe(TRUE);
    expect(truth({ op: 'version', comparator: 'lessThan', parts: [4, 10] }, 'newest')).toBe(UNKNOWN);
    expect(truth({ op: 'atLeast', value: 4 }, '5')).toBe(UNKNOWN);
  });
});
