/**
 * `nextFlip` (E2) of every leaf: judged at every millisecond of a small world, the truth stays as it is until the instant that was
 * named, and is another one then. Windows and distances are a few milliseconds, so that nothing has to be guessed.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  Comparator,
  LeafCondition,
  Measure,
  NumberTest,
  Operand,
  Projection,
  TextMeasure,
} from '../../../../services/core/domain/language/ast.ts';
import { needsOf } from '../../../../services/core/domain/language/series-identity.ts';
import { compileLeaf } from '../../../../services/core/domain/operators/leaf.ts';
import { UNKNOWN, type TruthCode, type Verdict } from '../../../../services/core/domain/operators/operator.ts';
import type { Window } from '../../../../services/core/domain/time/window.ts';
import { ANY, entriesUntil, sinceAround, viewOf } from './views.ts';

const AT = 100_000;
/** Nothing in the small world happens later than this after its events. */
const HORIZON = 200;
const EDGES_MAX = 64;
const AMOUNT: Projection = { field: 'properties.amount', scale: 1 };
const COMPARATORS: readonly Comparator[] = ['atLeast', 'atMost', 'moreThan', 'lessThan', 'equals', 'notEquals'];
const UTC = { ofCustomer: false, name: 'UTC' };

const ms = fc.integer({ min: 1, max: 40 });
const n = fc.integer({ min: 1, max: 4 });
const window: fc.Arbitrary<Window> = fc.oneof(
  fc.record({ kind: fc.constant('sliding' as const), ms, offsetMs: fc.constantFrom(0, 0, 5, 20) }),
  fc.constant<Window>({ kind: 'lifetime' }),
  fc.constant<Window>({ kind: 'sinceEvent', filter: ANY }),
  fc.constant<Window>({ kind: 'sinceTrait', trait: 'since', zone: UTC }),
  fc.record({
    kind: fc.constant('fixed' as const),
    from: fc.integer({ min: AT - 50, max: AT - 20 }),
    until: fc.integer({ min: AT - 19, max: AT + 20 }),
  }),
);
const small = fc.integer({ min: -1, max: 5 });
const base = { filter: ANY };
const numbers = { filter: ANY, of: AMOUNT };

type Measures = Readonly<Record<string, { measure: fc.Arbitrary<Measure>; value: fc.Arbitrary<number> }>>;
const thousandths = fc.integer({ min: -2000, max: 5000 }).map((value) => Math.round(value / 250) * 250);

const perKey = fc.constantFrom<Extract<Measure, { kind: 'largestPerKey' }>['per']>(
  { kind: 'count' },
  { kind: 'countDistinct', field: 'properties.amount' },
  { kind: 'sum', of: AMOUNT },
);

const MEASURES: Measures = {
  count: { measure: window.map((w): Measure => ({ ...base, kind: 'count', window: w })), value: small },
  countDistinct: {
    measure: window.map((w): Measure => ({ ...base, kind: 'countDistinct', window: w, field: 'channel' })),
    value: small,
  },
  daysActive: {
    measure: window.map((w): Measure => ({ ...base, kind: 'daysActive', window: w, zone: UTC })),
    value: fc.integer({ min: 0, max: 2 }),
  },
  ...Object.fromEntries(
    (['sum', 'average', 'min', 'max'] as const).map((kind) => [
      kind,
      {
        measure: window.map((w): Measure => ({ ...numbers, kind, window: w })),
        value: kind === 'average' ? thousandths : small,
      },
    ]),
  ),
  largestPerKey: {
    measure: fc
      .tuple(window, perKey)
      .map(([w, per]): Measure => ({ ...base, kind: 'largestPerKey', window: w, key: 'issueId', per })),
    value: small,
  },
  last: {
    measure: fc.option(ms).map((withinMs): Measure => ({ ...numbers, kind: 'last', withinMs })),
    value: small,
  },
  nthLast: {
    measure: fc
      .tuple(n, fc.option(ms))
      .map(([nth, withinMs]): Measure => ({ ...numbers, kind: 'nthLast', n: nth, withinMs })),
    value: small,
  },
  first: { measure: fc.constant<Measure>({ ...numbers, kind: 'first' }), value: small },
  ...Object.fromEntries(
    (['averageLast', 'sumLast', 'minLast', 'maxLast'] as const).map((kind) => [
      kind,
      {
        measure: n.map((most): Measure => ({ ...numbers, kind, n: most, atLeastValues: Math.min(2, most) })),
        value: kind === 'averageLast' ? thousandths : small,
      },
    ]),
  ),
  countDistinctLast: {
    measure: n.map((most): Measure => ({ ...base, kind: 'countDistinctLast', field: 'channel', n: most })),
    value: small,
  },
  trendLast: { measure: n.map((most): Measure => ({ ...numbers, kind: 'trendLast', n: most })), value: thousandths },
  timeSinceLast: { measure: fc.constant<Measure>({ ...base, kind: 'timeSinceLast' }), value: ms },
  timeSinceFirst: { measure: fc.constant<Measure>({ ...base, kind: 'timeSinceFirst' }), value: ms },
  averageGap: { measure: window.map((w): Measure => ({ ...base, kind: 'averageGap', window: w })), value: ms },
  decayedSum: {
    measure: fc
      .tuple(fc.constantFrom(1, 3), fc.constantFrom(AMOUNT, null))
      .map(([halfLifeMs, of]): Measure => ({ filter: ANY, kind: 'decayedSum', of, halfLifeMs })),
    value: small,
  },
  decayedAverage: {
    measure: fc.constantFrom(1, 3).map((halfLifeMs): Measure => ({ ...numbers, kind: 'decayedAverage', halfLifeMs })),
    value: thousandths,
  },
  share: {
    measure: fc.tuple(ms, fc.boolean()).map(([wide, needs]): Measure => {
      const count: Measure = { ...base, kind: 'count', window: { kind: 'sliding', ms: wide, offsetMs: 0 } };
      return {
        kind: 'ratio',
        form: 'share',
        top: count,
        bottom: count,
        enough: needs ? { measure: count, n: 3 } : null,
      };
    }),
    value: thousandths,
  },
  change: {
    measure: ms.map((wide): Measure => {
      const count = (offsetMs: number): Measure => ({
        ...base,
        kind: 'count',
        window: { kind: 'sliding', ms: wide, offsetMs },
      });
      return { kind: 'ratio', form: 'change', top: count(0), bottom: count(wide), enough: null };
    }),
    value: thousandths,
  },
  sequence: {
    measure: fc
      .tuple(ms, ms, fc.boolean(), fc.constantFrom('issueId', null))
      .map(([within, during, without, key]): Measure => ({
        kind: 'sequence',
        first: ANY,
        then: ANY,
        without: without ? ANY : null,
        key,
        ms: within,
        windowMs: during,
      })),
    value: small,
  },
  notFollowedBy: {
    measure: fc
      .tuple(ms, ms, fc.boolean(), fc.constantFrom('issueId', null))
      .map(([within, more, orLater, key]): Measure => ({
        kind: 'notFollowedBy',
        first: ANY,
        by: ANY,
        key,
        ms: within,
        windowMs: within + more,
        orLater,
      })),
    value: small,
  },
  openIssues: {
    measure: fc
      .tuple(ms, fc.constantFrom(null, true, false), fc.boolean())
      .map(([windowMs, escalated, expected]): Measure => ({
        kind: 'openIssues',
        where: [{ field: 'ticket.priority', test: { op: 'known', expected } }],
        escalated,
        windowMs,
      })),
    value: small,
  },
  reopenedIssues: { measure: ms.map((windowMs): Measure => ({ kind: 'reopenedIssues', windowMs })), value: small },
  failedFirstContacts: {
    measure: fc.tuple(ms, n).map(([windowMs, most]): Measure => ({ kind: 'failedFirstContacts', n: most, windowMs })),
    value: small,
  },
};

/** What grows as a ratio is compared with what does not. */
const GROWING: Measures = {
  'a ratio that grows': {
    measure: fc.constant<Measure>({
      kind: 'ratio',
      form: 'ratio',
      top: { ...base, kind: 'timeSinceLast' },
      bottom: { ...base, kind: 'averageGap', window: { kind: 'sliding', ms: 50, offsetMs: 0 } },
      enough: null,
    }),
    value: thousandths,
  },
};

const operand: fc.Arbitrary<Operand> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...Object.keys(MEASURES)), fc.constantFrom(500, 1000, 2000))
    .chain(([name, times]) => MEASURES[name]!.measure.map((measure): Operand => ({ kind: 'measure', measure, times }))),
  fc.constant<Operand>({ kind: 'trait', trait: 'wanted', times: 1500 }),
  fc.constantFrom<Operand>(
    { kind: 'cut', table: 'clv', percentile: 80, plus: 1000 },
    { kind: 'cut', table: 'gone', percentile: 80, plus: 0 },
  ),
);

const textMeasures: Readonly<Record<string, fc.Arbitrary<TextMeasure>>> = {
  textLast: fc
    .tuple(n, fc.option(ms))
    .map(([nth, withinMs]) => ({ ...base, kind: 'textLast', field: 'channel', n: nth, withinMs })),
  textFirst: fc.constant({ ...base, kind: 'textFirst', field: 'channel' }),
  mostFrequent: fc
    .oneof(
      ms.map((windowMs) => ({ windowMs })),
      n.map((most) => ({ n: most })),
    )
    .map((over) => ({ ...base, kind: 'mostFrequent', field: 'channel', over })),
};

function comparison(measure: fc.Arbitrary<Measure>, test: fc.Arbitrary<NumberTest>): fc.Arbitrary<LeafCondition> {
  return fc.record({ kind: fc.constant('compare' as const), measure, test });
}

function named(
  measures: Measures,
  how: string,
  make: (one: Measures[string]) => fc.Arbitrary<LeafCondition>,
): Readonly<Record<string, fc.Arbitrary<LeafCondition>>> {
  return Object.fromEntries(Object.entries(measures).map(([name, one]) => [`${name} ${how}`, make(one)]));
}

const LEAVES: Readonly<Record<string, fc.Arbitrary<LeafCondition>>> = {
  ...named({ ...MEASURES, ...GROWING }, 'against a constant', ({ measure, value }) =>
    comparison(measure, fc.record({ op: fc.constantFrom(...COMPARATORS), value })),
  ),
  ...named(MEASURES, 'against another side', ({ measure }) =>
    comparison(measure, fc.record({ op: fc.constantFrom(...COMPARATORS), value: fc.constant(0), against: operand })),
  ),
  ...Object.fromEntries(
    Object.entries(textMeasures).map(([name, measure]) => [
      name,
      measure.map((one): LeafCondition => ({
        kind: 'text',
        measure: one,
        test: { op: 'in', values: ['1', '2', '5'] },
      })),
    ]),
  ),
  none: ms.map((distance): LeafCondition => ({ ...base, kind: 'none', ms: distance })),
  never: fc.constant({ ...base, kind: 'never' }),
  noneSince: fc.constant({ ...base, kind: 'noneSince', since: ANY }),
  traitChanged: ms.map((distance): LeafCondition => ({ kind: 'traitChanged', trait: 'plan', ms: distance })),
  traitHeld: ms.map((distance): LeafCondition => ({ kind: 'traitHeld', trait: 'plan', values: [1, 2], ms: distance })),
  'date within': fc
    .tuple(fc.constantFrom('withinLast' as const, 'withinNext' as const), ms, fc.boolean())
    .map(([op, distance, ofEvent]): LeafCondition => ({
      kind: 'date',
      source: ofEvent
        ? { kind: 'field', filter: ANY, field: 'subscription.currentPeriodEndsAt' }
        : { kind: 'trait', trait: 'when' },
      test: { op, ms: distance },
      zone: UTC,
    })),
  score: fc
    .tuple(fc.constantFrom(...COMPARATORS), fc.constantFrom(1000, 2000, 2500), fc.option(ms))
    .map(([op, value, maxAgeMs]): LeafCondition => ({ kind: 'score', model: 'clv', test: { op, value }, maxAgeMs })),
  segment: fc
    .tuple(fc.constantFrom('in' as const, 'inFor' as const, 'enteredWithin' as const, 'leftWithin' as const), ms)
    .map(([op, distance]): LeafCondition => ({
      kind: 'segment',
      key: 's',
      test: op === 'in' ? { op } : { op, ms: distance },
    })),
  tier: fc
    .tuple(fc.constantFrom('movedUp' as const, 'movedDown' as const), ms)
    .map(([op, distance]): LeafCondition => ({ kind: 'tier', group: 's', test: { op, ms: distance } })),
};

const near = fc.integer({ min: -50, max: 50 }).map((ago) => AT + ago);
const past = fc.oneof(
  fc.constant(-Infinity),
  fc.integer({ min: -50, max: 0 }).map((ago) => AT + ago),
);
const person = (leaf: LeafCondition) => {
  const places = needsOf(leaf).length;
  return fc.record({
    at: fc.constant(AT),
    tenure: sinceAround(AT, 1),
    entries: fc.array(entriesUntil(AT, 1, 511), { minLength: places, maxLength: places }),
    wholeFrom: fc.array(sinceAround(AT, 1), { minLength: places, maxLength: places }),
    traits: fc.record({
      since: near,
      when: near,
      plan: fc.constantFrom(1, 2, 3),
      wanted: fc.constantFrom(0.001, 1, 2.5, 0.0000005),
      'score:clv': fc.constantFrom(1, 2, 2.4996, 3),
      'score:clv:computedAt': near,
      'score:clv:expiresAt': fc.oneof(near, fc.constant(null)),
    }),
    stays: fc.record({
      s: fc.record({
        truth: fc.constantFrom<TruthCode>(0, 1, 2),
        enteredAt: fc.integer({ min: -50, max: 0 }).map((ago) => AT + ago),
        lastEntered: past,
        lastLeft: past,
        order: fc.constant<readonly string[]>([]),
        member: fc.constant(null),
      }),
    }),
  });
};

const cuts = (table: string): number | null => (table === 'clv' ? 1500 : null);

describe.each(Object.entries(LEAVES))('%s', (_name, leaves) => {
  const cases = leaves.chain((leaf) => fc.record({ leaf: fc.constant(leaf), person: person(leaf) }));

  it('keeps its truth until the flip it names, and has another one then (E2)', () => {
    fc.assert(
      fc.property(cases, ({ leaf, person: given }) => {
        const operator = compileLeaf(leaf, cuts);
        const view = viewOf(leaf, given);
        const judgeAt = (at: number): Verdict => {
          const verdict: Verdict = { truth: UNKNOWN, flip: 0 };
          operator.judge({ ...view, at }, verdict);
          return verdict;
        };
        const now = judgeAt(AT);
        // Decay has an edge at each of its steps, here each millisecond: after that many of them comes a look that finds nothing.
        const looksAgain = JSON.stringify(leaf).includes('decayed');
        expect(now.flip).toBeGreaterThan(AT);
        for (let at = AT + 1; at < AT + HORIZON; at++) {
          const { truth } = judgeAt(at);
          if (at === now.flip) {
            if (!(looksAgain && at >= AT + EDGES_MAX)) expect(truth).not.toBe(now.truth);
            return;
          }
          expect(truth, `${at - AT} ms later, named ${now.flip - AT}`).toBe(now.truth);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('tells a value a person can read, or none', () => {
    fc.assert(
      fc.property(cases, ({ leaf, person: given }) => {
        const value = compileLeaf(leaf, cuts).value(viewOf(leaf, given));
        if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
