import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../../services/core/domain/language/ast.ts';
import { pathInWords } from '../../../../services/core/domain/language/mistakes.ts';
import { parseDefinition } from '../../../../services/core/domain/language/parse.ts';

type Entry = Readonly<Record<string, unknown>>;

const DAY = 86_400_000;
const HOUR = 3_600_000;

function parse(enter: unknown) {
  return parseDefinition({ key: 'a', name: 'A', enter }, { zone: 'Europe/Vienna' });
}

function treeOf(enter: unknown): Condition {
  const parsed = parse(enter);
  if (!parsed.ok || parsed.definition.kind !== 'segment') throw new Error(JSON.stringify(parsed));
  return parsed.definition.enter;
}

function mistakesOf(enter: unknown): readonly string[] {
  const parsed = parse(enter);
  return parsed.ok ? [] : parsed.mistakes.map(({ path, message }) => `${pathInWords(path)}: ${message}`);
}

const contacts = { event: 'interaction', where: { kind: 'contact' } };
const orders = { event: 'purchase', where: { kind: 'order' } };
const CONTACTS = { events: ['interaction'], where: [{ field: 'kind', test: { op: 'in', values: ['contact'] } }] };
const ORDERS = { events: ['purchase'], where: [{ field: 'kind', test: { op: 'in', values: ['order'] } }] };
const VIENNA = { ofCustomer: true, name: 'Europe/Vienna' };
const sliding = (days: number, offset = 0) => ({ kind: 'sliding', ms: days * DAY, offsetMs: offset * DAY });

/** The measure of a comparison. */
function measureOf(entry: Entry): unknown {
  const tree = treeOf(entry);
  return tree.kind === 'compare' ? tree.measure : tree;
}

describe('windows', () => {
  const window = (body: Entry): unknown =>
    Reflect.get(measureOf({ count: { ...contacts, ...body }, atLeast: 1 })!, 'window');

  it.each([
    [{}, { kind: 'lifetime' }],
    [{ within: '60d' }, sliding(60)],
    [{ within: '60d', offset: '30d' }, sliding(60, 30)],
    [{ calendar: 'month' }, { kind: 'calendar', unit: 'month', back: 0, zone: VIENNA }],
    [
      { calendar: 'week', offset: 1, zone: 'America/New_York' },
      { kind: 'calendar', unit: 'week', back: 1, zone: { ofCustomer: false, name: 'America/New_York' } },
    ],
    [{ since: orders }, { kind: 'sinceEvent', filter: ORDERS }],
    [{ since: { trait: 'createdAt' } }, { kind: 'sinceTrait', trait: 'createdAt', zone: VIENNA }],
    // Midnight in Vienna is an hour before that of UTC in winter, two hours in summer.
    [
      { from: '2026-01-01', until: '2026-07-01' },
      { kind: 'fixed', from: Date.UTC(2025, 11, 31, 23), until: Date.UTC(2026, 5, 30, 22) },
    ],
    [
      { from: '2026-01-01T10:00:00Z', until: '2026-01-01T12:00:00+01:00' },
      { kind: 'fixed', from: Date.UTC(2026, 0, 1, 10), until: Date.UTC(2026, 0, 1, 11) },
    ],
  ])('%j', (body, window_) => {
    expect(window(body)).toEqual(window_);
  });

  it.each([
    [{ within: '30d', calendar: 'month' }, ': has within and calendar; a measure looks at one window'],
    [{ offset: '30d' }, '.offset: needs within or calendar, which it moves back'],
    [{ within: '30d', offset: 1 }, '.offset: expected a duration such as 30d'],
    [{ within: '1000d', offset: '97d' }, '.offset: reaches back longer than 1096 days'],
    [{ calendar: 'month', offset: '1d' }, '.offset: expected how many months back, a whole number'],
    [{ calendar: 'year', offset: 2 }, '.offset: reaches back longer than 1096 days'],
    [{ calendar: 'month', zone: 'Vienna' }, '.zone: Vienna is no time zone; expected a name such as Europe/Berlin'],
    [{ from: '2026-02-01', until: '2026-01-01' }, '.until: lies before from'],
    [{ from: '2026-02-30', until: '2026-03-01' }, '.from: there is no 2026-02-30 in the calendar'],
    [{ from: '2026-02-01' }, ': from needs until'],
    [{ since: { trait: 'plan' } }, '.since.trait: plan is no date'],
  ])('refuses %j', (body, told) => {
    expect(mistakesOf({ count: { ...contacts, ...body }, atLeast: 1 })).toEqual([`enter.count${told}`]);
  });
});

describe('measures', () => {
  const amount = { field: 'amountBaseMinor', scale: 1 };
  it.each<[Entry, unknown]>([
    [
      { count: { ...contacts, within: '14d', sameKey: 'issueId' }, atLeast: 2 },
      { kind: 'largestPerKey', filter: CONTACTS, window: sliding(14), key: 'issueId', per: { kind: 'count' } },
    ],
    [
      { countDistinct: { ...contacts, of: 'channel', within: '14d', sameKey: 'issueId' }, atLeast: 2 },
      {
        kind: 'largestPerKey',
        filter: CONTACTS,
        window: sliding(14),
        key: 'issueId',
        per: { kind: 'countDistinct', field: 'channel' },
      },
    ],
    [
      { countDistinct: { ...contacts, of: 'channel', lastEvents: 5 }, atLeast: 2 },
      { kind: 'countDistinctLast', filter: CONTACTS, field: 'channel', n: 5 },
    ],
    [
      { daysActive: { ...contacts, within: '28d' }, atLeast: 2 },
      { kind: 'daysActive', filter: CONTACTS, window: sliding(28), zone: VIENNA },
    ],
    [
      { max: { ...orders, of: 'amountBaseMinor', lastEvents: 3, atLeastValues: 2 }, atLeast: 2 },
      { kind: 'maxLast', filter: ORDERS, of: amount, n: 3, atLeastValues: 2 },
    ],
    [
      { sum: { ...orders, of: 'amountBaseMinor', lastEvents: 3 }, atLeast: 2 },
      { kind: 'sumLast', filter: ORDERS, of: amount, n: 3, atLeastValues: 1 },
    ],
    [
      { first: { ...orders, of: 'amountBaseMinor' }, atLeast: 2 },
      { kind: 'first', filter: ORDERS, of: amount },
    ],
    [
      { nthLast: { ...orders, of: 'amountBaseMinor', n: 2, within: '30d' }, atLeast: 2 },
      { kind: 'nthLast', filter: ORDERS, of: amount, n: 2, withinMs: 30 * DAY },
    ],
    [
      { trendLast: { ...contacts, of: 'sentiment', n: 3 }, atMost: -0.3 },
      { kind: 'trendLast', filter: CONTACTS, of: { field: 'sentiment', scale: 1000 }, n: 3 },
    ],
    [
      { timeSinceFirst: orders, atLeast: '1d' },
      { kind: 'timeSinceFirst', filter: ORDERS },
    ],
    [
      { averageGap: { ...orders, within: '365d' }, atLeast: '1d' },
      { kind: 'averageGap', filter: ORDERS, window: sliding(365) },
    ],
    [
      { decayedSum: { ...contacts, halfLife: '14d' }, atLeast: 2 },
      { kind: 'decayedSum', filter: CONTACTS, of: null, halfLifeMs: 14 * DAY },
    ],
    [
      { sequence: { first: contacts, then: orders, within: '45min', sameKey: 'conversationId', during: '30d' } },
      {
        kind: 'sequence',
        first: CONTACTS,
        then: ORDERS,
        without: null,
        key: 'conversationId',
        ms: 45 * 60_000,
        windowMs: 30 * DAY,
      },
    ],
    [
      { notFollowedBy: { ...contacts, by: orders, within: '1h', during: '3d', orLater: true } },
      {
        kind: 'notFollowedBy',
        first: CONTACTS,
        by: ORDERS,
        key: null,
        ms: HOUR,
        windowMs: 3 * DAY,
        orLater: true,
      },
    ],
    [{ openIssues: {} }, { kind: 'openIssues', where: [], escalated: null, windowMs: 365 * DAY }],
    [{ reopenedIssues: { within: '14d' } }, { kind: 'reopenedIssues', windowMs: 14 * DAY }],
    [
      { failedFirstContacts: { lastIssues: 3 }, atLeast: 2 },
      { kind: 'failedFirstContacts', n: 3, windowMs: 180 * DAY },
    ],
  ])('%j', (entry, measure) => {
    expect(measureOf(entry)).toEqual(measure);
  });

  it('counts what is counted by itself at least once', () => {
    expect(treeOf({ reopenedIssues: { within: '14d' } })).toMatchObject({ test: { op: 'atLeast', value: 1 } });
    expect(mistakesOf({ count: contacts })).toHaveLength(1);
  });

  it('makes a share of a part and a whole, and asks for enough of it', () => {
    const share = {
      share: { ...contacts, within: '90d', matching: { channel: 'phone' }, atLeastEvents: 5 },
      atLeast: '60%',
    };
    const whole = { kind: 'count', filter: CONTACTS, window: sliding(90) };
    expect(treeOf(share)).toEqual({
      kind: 'compare',
      measure: {
        kind: 'ratio',
        form: 'share',
        top: {
          kind: 'count',
          window: sliding(90),
          filter: {
            events: ['interaction'],
            where: [{ field: 'channel', test: { op: 'in', values: ['phone'] } }, ...CONTACTS.where],
          },
        },
        bottom: whole,
        enough: { measure: whole, n: 5 },
      },
      test: { op: 'atLeast', value: 600 },
    });
  });

  it('compares a change with one and the change', () => {
    const change = { change: { daysActive: { ...contacts, within: '28d' } }, atMost: '-50%' };
    const days = (offset: number) => ({
      kind: 'daysActive',
      filter: CONTACTS,
      window: sliding(28, offset),
      zone: VIENNA,
    });
    expect(treeOf(change)).toEqual({
      kind: 'compare',
      measure: { kind: 'ratio', form: 'change', top: days(0), bottom: days(28), enough: null },
      test: { op: 'atMost', value: 500 },
    });
  });

  it.each([
    [
      { change: { count: contacts }, atMost: -0.5 },
      'enter.change: a change needs a measure with a sliding window: within, without offset',
    ],
    [
      {
        ratio: { of: { ratio: { of: { count: contacts }, to: { count: orders } } }, to: { count: orders } },
        atLeast: 1,
      },
      'enter.ratio.of: a ratio of ratios is not in the language',
    ],
    [
      { count: { ...contacts, sameKey: 'issueId' }, atLeast: 2 },
      'enter.count: sameKey needs a window, for example within: 365d',
    ],
    [
      { decayedSum: { ...contacts, halfLife: '55d' }, atLeast: 2 },
      'enter.decayedSum.halfLife: longer than 54 days; twenty half-lives are kept',
    ],
    [{ share: { ...contacts, matching: {} }, atLeast: 0.5 }, 'enter.share.matching: tests nothing'],
    [
      { sum: { ...orders, of: 'amountBaseMinor', atLeastValues: 2 }, atLeast: 1 },
      'enter.sum.atLeastValues: needs lastEvents',
    ],
    [
      { notFollowedBy: { ...contacts, by: orders, within: '3d', during: '3d' } },
      'enter.notFollowedBy.during: must be longer than within, else nothing is ever looked at',
    ],
    [
      { sequence: { first: contacts, then: orders, within: '1h', during: '1d', sameKey: 'sessionId' } },
      'enter.sequence.sameKey: purchase has no field sessionId',
    ],
  ])('refuses %j', (entry, told) => {
    expect(mistakesOf(entry)).toEqual([told]);
  });
});

describe('comparisons', () => {
  const test = (entry: Entry): unknown => Reflect.get(treeOf(entry), 'test');
  const count = { count: { ...contacts, within: '30d' } };
  const silence = { timeSinceLast: orders };

  it.each<[Entry, unknown]>([
    [
      { ...count, moreThan: 2 },
      { op: 'moreThan', value: 2 },
    ],
    [
      { ...silence, moreThan: '2w' },
      { op: 'moreThan', value: 14 * DAY },
    ],
    [
      { last: { ...contacts, of: 'contact.waitMs' }, moreThan: '10min' },
      { op: 'moreThan', value: 600_000 },
    ],
    [
      { average: { ...orders, of: 'amountBaseMinor' }, lessThan: 12.5 },
      { op: 'lessThan', value: 12_500 },
    ],
    [
      { score: 'pAlive', lessThan: '40%' },
      { op: 'lessThan', value: 400 },
    ],
    [
      { ...silence, moreThan: { measure: { averageGap: orders }, times: 2 } },
      {
        op: 'moreThan',
        value: 0,
        against: {
          kind: 'measure',
          times: 2000,
          measure: { kind: 'averageGap', filter: ORDERS, window: { kind: 'lifetime' } },
        },
      },
    ],
    [
      { ...count, atLeast: { trait: 'age', times: 0.5 } },
      { op: 'atLeast', value: 0, against: { kind: 'trait', trait: 'age', times: 500 } },
    ],
    [
      { score: 'clv12m', atLeast: { cut: 'clv', p: 90 } },
      { op: 'atLeast', value: 0, against: { kind: 'cut', table: 'clv', percentile: 90, plus: 0 } },
    ],
  ])('%j', (entry, told) => {
    expect(test(entry)).toEqual(told);
  });

  it('writes several comparisons out', () => {
    const compare = (op: string, value: number): unknown => ({
      ...treeOf({ ...count, atLeast: 1 }),
      test: { op, value },
    });
    expect(treeOf({ ...count, between: [2, 5] })).toEqual({
      kind: 'all',
      of: [compare('atLeast', 2), compare('atMost', 5)],
    });
    expect(treeOf({ ...count, in: [2, 5] })).toEqual({ kind: 'any', of: [compare('equals', 2), compare('equals', 5)] });
    expect(treeOf({ ...count, notIn: [2, 5] })).toEqual({
      kind: 'all',
      of: [compare('notEquals', 2), compare('notEquals', 5)],
    });
    expect(treeOf({ ...count, in: [2] })).toEqual(compare('equals', 2));
  });

  it.each([
    [{ ...count, between: [5, 2] }, 'enter.between: nothing lies between 5 and 2'],
    [
      { ...silence, moreThan: { trait: 'age' } },
      'enter.moreThan.trait: a duration is compared with a duration, a measure or a cut-off',
    ],
    [{ ...silence, moreThan: { measure: { count: orders } } }, 'enter.moreThan.measure: expected a measure of time'],
    [
      { ...count, moreThan: { measure: { averageGap: orders } } },
      'enter.moreThan.measure: a time is compared with a time only',
    ],
    [{ ...count, moreThan: { trait: 'plan' } }, 'enter.moreThan.trait: plan is no number'],
    [{ ...count, atLeast: '50%' }, 'enter.atLeast: expected a number'],
    [{ score: 'pAlive', lessThan: '0.45%' }, 'enter.lessThan: expected a number with at most one decimal'],
  ])('refuses %j', (entry, told) => {
    expect(mistakesOf(entry)).toEqual([told]);
  });
});

describe('texts', () => {
  const last = { last: { ...contacts, of: 'channel' } };

  it.each<[Entry, unknown]>([
    [
      { ...last, equals: 'phone' },
      { kind: 'textLast', op: 'in', values: ['phone'] },
    ],
    [
      { nthLast: { ...contacts, of: 'category', n: 2 }, startsWith: 'bill' },
      { kind: 'textLast', op: 'startsWith', values: ['bill'] },
    ],
    [
      { first: { ...contacts, of: 'category' }, in: ['Élan'], fold: true },
      { kind: 'textFirst', op: 'sameText', values: ['elan'] },
    ],
    [
      { mostFrequent: { ...contacts, of: 'channel', within: '90d' }, notIn: ['phone'] },
      { kind: 'mostFrequent', op: 'notIn', values: ['phone'] },
    ],
    [
      { last: { ...contacts, of: 'ticket.slaMet' }, equals: false },
      { kind: 'textLast', op: 'in', values: ['false'] },
    ],
    [
      { last: { ...contacts, of: 'properties.plan' }, equals: 'pro' },
      { kind: 'textLast', op: 'in', values: ['pro'] },
    ],
  ])('%j', (entry, expected) => {
    const { kind, ...test } = expected as Readonly<Record<string, unknown>>;
    expect(treeOf(entry)).toMatchObject({ kind: 'text', measure: { kind }, test });
  });

  it('takes a custom field for a number when it is compared as one', () => {
    expect(treeOf({ last: { ...contacts, of: 'properties.seats' }, atLeast: 2 })).toMatchObject({ kind: 'compare' });
  });

  it.each([
    [{ ...last, equals: 'phon' }, /^enter.equals: phon is none of .*did you mean phone\?$/],
    [{ ...last, atLeast: 3 }, /^enter.atLeast: channel is no number$/],
    [
      { mostFrequent: { ...contacts, of: 'channel' }, equals: 'phone' },
      /^enter.mostFrequent: needs within or lastEvents/,
    ],
    [{ last: { ...contacts, of: 'contact.treatments' }, equals: 'x' }, /^enter.last.of: contact.treatments is a set$/],
    [
      { last: { event: 'survey', of: 'offeredAt' }, equals: 'x' },
      /^enter.last.of: offeredAt is an instant; ask with date$/,
    ],
  ])('refuses %j', (entry, told) => {
    expect(mistakesOf(entry)).toEqual([expect.stringMatching(told)]);
  });
});

describe('tests of fields', () => {
  const where = (test: unknown, field = 'category'): unknown =>
    Reflect.get(
      Reflect.get(measureOf({ count: { event: 'interaction', where: { [field]: test } }, atLeast: 1 })!, 'filter'),
      'where',
    );

  it.each<[unknown, string, unknown]>([
    [{ contains: 'Bíll', fold: true }, 'category', [{ op: 'contains', folding: 'folded', values: ['bill'] }]],
    [{ endsWith: ['b', 'a'] }, 'category', [{ op: 'endsWith', folding: 'exact', values: ['a', 'b'] }]],
    [{ hasAll: ['b', 'a'] }, 'contact.treatments', [{ op: 'hasAll', values: ['a', 'b'] }]],
    [{ size: { atLeast: 2 } }, 'contact.treatments', [{ op: 'size', low: 2, high: Number.MAX_SAFE_INTEGER }]],
    [{ lessThan: '4.10' }, 'device.appVersion', [{ op: 'version', comparator: 'lessThan', parts: [4, 10] }]],
    [{ between: [1, 5] }, 'digital.rating', [{ op: 'between', low: 1, high: 5, lowOpen: false, highOpen: false }]],
    [
      { notIn: ['x'], known: true },
      'category',
      [
        { op: 'notIn', values: ['x'] },
        { op: 'known', expected: true },
      ],
    ],
  ])('%j of %s', (test, field, tests) => {
    expect(where(test, field)).toEqual((tests as unknown[]).map((one) => ({ field, test: one })));
  });

  it.each([
    ['category', { hasAny: ['x'] }, 'hasAny: category is no set; use in'],
    ['digital.rating', { contains: 'x' }, 'contains: digital.rating is no text'],
    ['digital.rating', { atLeast: '4.10' }, 'atLeast: expected a number'],
    ['device.appVersion', { atLeast: 'new' }, 'atLeast: new is no version; expected one such as 4.10'],
    ['digital.rating', { atLeast: 5, atMost: 1 }, ': no number lies in this range'],
  ])('refuses %s %j', (field, test, told) => {
    const path = told.startsWith(':') ? '' : '.';
    expect(mistakesOf({ count: { event: 'interaction', where: { [field]: test } }, atLeast: 1 })).toEqual([
      `enter.count.where.${field}${path}${told}`,
    ]);
  });
});

describe('traits and dates', () => {
  it.each<[Entry, unknown]>([
    [
      { trait: 'interests', hasAny: ['golf'] },
      { kind: 'trait', trait: 'interests', test: { op: 'has', values: ['golf'] } },
    ],
    [
      { trait: 'appVersion', lessThan: '4.10' },
      { kind: 'trait', trait: 'appVersion', test: { op: 'version', comparator: 'lessThan', parts: [4, 10] } },
    ],
    [
      { trait: 'profession', changedWithin: '90d' },
      { kind: 'traitChanged', trait: 'profession', ms: 90 * DAY },
    ],
    [
      { trait: 'plan', in: ['team', 'pro'], for: '30d' },
      { kind: 'traitHeld', trait: 'plan', values: ['pro', 'team'], ms: 30 * DAY },
    ],
    [
      { trait: 'birthday', olderThan: '18y' },
      {
        kind: 'date',
        source: { kind: 'trait', trait: 'birthday' },
        test: { op: 'olderThan', n: 18, unit: 'year' },
        zone: VIENNA,
      },
    ],
    [
      { trait: 'birthday', anniversary: { withinNextDays: 7 }, zone: 'Asia/Tokyo' },
      {
        kind: 'date',
        source: { kind: 'trait', trait: 'birthday' },
        test: { op: 'anniversary', days: 7 },
        zone: { ofCustomer: false, name: 'Asia/Tokyo' },
      },
    ],
    [
      { date: { last: { ...orders, of: 'subscription.currentPeriodEndsAt' } }, withinNext: '30d' },
      {
        kind: 'date',
        source: { kind: 'field', filter: ORDERS, field: 'subscription.currentPeriodEndsAt' },
        test: { op: 'withinNext', ms: 30 * DAY },
        zone: VIENNA,
      },
    ],
  ])('%j', (entry, tree) => {
    expect(treeOf(entry)).toEqual(tree);
  });

  it.each([
    [{ trait: 'plan', olderThan: '18y' }, 'enter.trait: plan is no date'],
    [{ trait: 'plan', equals: 'pro', olderThan: '18y' }, 'enter.trait: plan is no date'],
    [{ trait: 'plan', notEquals: 'pro', for: '3d' }, 'enter.for: goes with equals or in'],
    [{ trait: 'plan', known: true, fold: true }, 'enter.fold: says nothing beside known'],
    [{ trait: 'plan', equals: 'pro', zone: 'UTC' }, 'enter.zone: says nothing beside equals'],
    [{ trait: 'interests', equals: 'golf' }, 'enter.equals: interests is a set; use hasAny'],
    [{ trait: 'email', withinLast: '1d' }, 'enter.trait: email identifies a person directly; no rule reads it'],
    [{ date: { last: { ...orders, of: 'coupon' } }, withinNext: '30d' }, 'enter.date.last.of: coupon is no instant'],
    [
      { date: { last: { ...orders, of: 'subscription.trialEndsAt' } } },
      'enter: needs one of withinLast, withinNext, olderThan, anniversary',
    ],
  ])('refuses %j', (entry, told) => {
    expect(mistakesOf(entry)).toContain(told);
  });
});

describe('references, lists and logic', () => {
  it.each<[Entry, unknown]>([
    [
      { segment: 'vip', for: '30d' },
      { kind: 'segment', key: 'vip', test: { op: 'inFor', ms: 30 * DAY } },
    ],
    [
      { segment: 'vip', leftWithin: '7d' },
      { kind: 'segment', key: 'vip', test: { op: 'leftWithin', ms: 7 * DAY } },
    ],
    [
      { tier: 'care', isNot: 'vip' },
      { kind: 'not', of: { kind: 'tier', group: 'care', test: { op: 'is', members: ['vip'] } } },
    ],
    [
      { tier: 'care', movedUpWithin: '7d' },
      { kind: 'tier', group: 'care', test: { op: 'movedUp', ms: 7 * DAY } },
    ],
    [{ bucket: { seed: 'x', from: 0, to: 12.5 } }, { kind: 'bucket', seed: 'x', from: 0, to: 1250 }],
    [
      { none: [{ consent: 'a' }, { consent: 'b' }] },
      {
        kind: 'not',
        of: {
          kind: 'any',
          of: [
            { kind: 'consent', purpose: 'a' },
            { kind: 'consent', purpose: 'b' },
          ],
        },
      },
    ],
    [
      { atLeastOf: { n: 1, of: [{ consent: 'a' }] } },
      { kind: 'atLeastOf', n: 1, of: [{ kind: 'consent', purpose: 'a' }] },
    ],
    [{ noneSince: { ...orders, since: contacts } }, { kind: 'noneSince', filter: ORDERS, since: CONTACTS }],
  ])('%j', (entry, tree) => {
    expect(treeOf(entry)).toEqual(tree);
  });

  it.each([
    [{ segment: 'care/vip' }, 'enter.segment: a member of a group is asked for with tier: care, is: vip'],
    [{ tier: 'care' }, 'enter: needs one of is, isNot, atLeast, movedUpWithin, movedDownWithin'],
    [{ bucket: { seed: 'x', from: 10, to: 10 } }, 'enter.bucket: nobody is between 10 and 10 percent'],
    [{ bucket: { seed: 'x', from: 0, to: 0.001 } }, 'enter.bucket.to: has more than two decimals'],
    [{ atLeastOf: { n: 2, of: [{ consent: 'a' }] } }, 'enter.atLeastOf.n: asks for 2 of 1 conditions'],
    [{ segment: 'vip', for: '1d', leftWithin: '1d' }, 'enter: has for and leftWithin; join two conditions with all'],
  ])('refuses %j', (entry, told) => {
    expect(mistakesOf(entry)).toContain(told);
  });
});
