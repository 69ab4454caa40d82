import { describe, expect, it } from 'vitest';
import { pathInWords } from '../../../../services/core/domain/language/mistakes.ts';
import { parseDefinition, parseTable } from '../../../../services/core/domain/language/parse.ts';

type Entry = Readonly<Record<string, unknown>>;

const DAY = 86_400_000;
const zone = { zone: 'Europe/Vienna' };

function mistakesOf(input: unknown): readonly string[] {
  const isTable = typeof input === 'object' && input !== null && 'table' in input;
  const parsed = isTable ? parseTable(input) : parseDefinition(input, zone);
  return parsed.ok ? [] : parsed.mistakes.map(({ path, message }) => `${pathInWords(path)}: ${message}`);
}

const enter = { trait: 'plan', equals: 'pro' };
const segment = (rest: Entry): Entry => ({ key: 'a', name: 'A', enter, ...rest });

describe('a segment', () => {
  it('says how sure and how long', () => {
    const authored = segment({
      confirm: '10min',
      grace: '1d',
      minStay: '2d',
      maxStay: '60d',
      cooldown: '3d',
      unknown: 'hold',
    });
    expect(parseDefinition(authored, zone)).toMatchObject({
      ok: true,
      definition: {
        stability: { confirmMs: 600_000, graceMs: DAY, minStayMs: 2 * DAY, maxStayMs: 60 * DAY, cooldownMs: 3 * DAY },
        unknown: 'hold',
        about: {},
      },
    });
  });

  it('is plain when it says nothing of that', () => {
    expect(parseDefinition(segment({}), zone)).toEqual({
      ok: true,
      definition: {
        kind: 'segment',
        key: 'a',
        name: 'A',
        enter: { kind: 'trait', trait: 'plan', test: { op: 'in', values: ['pro'] } },
        stay: null,
        stability: { confirmMs: 0, graceMs: 0, minStayMs: 0, maxStayMs: null, cooldownMs: 0 },
        unknown: 'out',
        include: [],
        exclude: [],
        consent: null,
        about: {},
      },
    });
  });

  it('lists people until the beginning of a day where the workspace is, or until an instant', () => {
    const person = { author: 'anna', reason: 'asked' };
    const include = [
      { customer: '1', ...person, expires: '2027-01-01' },
      { customer: '2', ...person, expires: '2027-01-01T00:00:00Z' },
      { customer: '3', ...person },
    ];
    const parsed = parseDefinition(segment({ include }), zone);
    expect(
      parsed.ok && parsed.definition.kind === 'segment' && parsed.definition.include.map(({ expiresAt }) => expiresAt),
    ).toEqual([Date.UTC(2026, 11, 31, 23), Date.UTC(2027, 0, 1), null]);
  });

  it('does not carry its tests along', () => {
    const tests = [{ name: 'x', given: [], expect: [{ at: '2026-03-01T10:00:00Z', member: false }] }];
    const parsed = parseDefinition(segment({ tests, goal: 'x' }), zone);
    expect(parsed.ok && parsed.definition.about).toEqual({ goal: 'x' });
  });

  it.each<[Entry, string]>([
    [{ maxStay: '0s' }, 'maxStay: must be longer than nothing'],
    [{ minStay: '3d', maxStay: '2d' }, 'minStay: is longer than maxStay'],
    [{ grace: '1097d' }, 'grace: longer than 1096 days'],
    [{ include: [{ customer: '1', author: 'a' }] }, 'include[0].reason: is missing'],
    [
      { exclude: ['1', '1'].map((customer) => ({ customer, author: 'a', reason: 'b' })) },
      'exclude[1].customer: 1 is listed twice',
    ],
    [
      { include: [{ customer: '1', author: 'a', reason: 'b', expires: '2026-02-31' }] },
      'include[0].expires: there is no 2026-02-31 in the calendar',
    ],
    [
      { stay: { count: { event: 'purchase' } } },
      'stay: needs one of atLeast, atMost, moreThan, lessThan, equals, notEquals',
    ],
    [
      { tests: [{ name: 'x', given: [], expect: [{ at: 'today' }] }] },
      'tests[0].expect[0].at: expected an instant such as 2027-06-30T12:00:00Z',
    ],
  ])('refuses %j', (rest, told) => {
    expect(mistakesOf(segment(rest))).toEqual([told]);
  });
});

describe('a group', () => {
  const group = (rest: Entry): Entry => ({
    group: 'care',
    name: 'Care',
    order: ['vip', 'high-value', 'standard'],
    default: 'standard',
    members: {
      vip: { enter },
      'high-value': { name: 'High', enter: { trait: 'age', atLeast: 60 }, grace: '14d', minStay: '30d' },
    },
    ...rest,
  });

  it('has its members in order, the default without a rule of its own', () => {
    const parsed = parseDefinition(group({ demoteAt: 'month' }), zone);
    const plain = { confirmMs: 0, graceMs: 0, minStayMs: 0, maxStayMs: null, cooldownMs: 0 };
    expect(parsed).toMatchObject({
      ok: true,
      definition: {
        kind: 'group',
        key: 'care',
        default: 'standard',
        demoteAt: { unit: 'month', zone: { ofCustomer: true, name: 'Europe/Vienna' } },
        members: [
          { key: 'vip', name: 'Vip', stability: plain },
          { key: 'high-value', name: 'High', stability: { ...plain, graceMs: 14 * DAY, minStayMs: 30 * DAY } },
          { key: 'standard', name: 'Standard', enter: { kind: 'all', of: [] }, stability: plain },
        ],
      },
    });
  });

  it.each<[Entry, readonly string[]]>([
    [
      { default: 'standart' },
      ['default: is not in order; did you mean standard?', 'members.standard: needs a rule: enter'],
    ],
    [{ order: ['vip', 'vip', 'high-value', 'standard'] }, ['order: names a member twice']],
    [{ members: { vip: { enter } } }, ['members.high-value: needs a rule: enter']],
    [
      { members: { vip: { enter }, 'high-value': { enter }, standard: { enter } } },
      ['members.standard.enter: the default member has none: it is for all others'],
    ],
    [{ members: { vip: { enter }, 'high-value': { enter }, hihg: { enter } } }, ['members.hihg: is not in order']],
    [{ zone: 'Europe/Berlin' }, ['zone: says nothing without demoteAt']],
    [{ demoteAt: 'fortnight' }, ['demoteAt: expected one of day, week, month, quarter, year']],
    [
      { members: { vip: { enter: { trait: 'email', known: true } }, 'high-value': { enter, confirm: '3d' } } },
      [
        'members.high-value.confirm: "confirm" belongs somewhere else',
        'members.vip.enter.trait: email identifies a person directly; no rule reads it',
      ],
    ],
  ])('refuses %j', (rest, told) => {
    expect(mistakesOf(group(rest))).toEqual(told);
  });
});

describe('a table', () => {
  const table = (cuts: Entry): Entry => ({ table: 'clv', name: 'Value', measure: 'cents', cuts });

  it('keeps thousandths by percentile, ascending', () => {
    const parsed = parseTable(table({ '90': 12_000.5, '50': 1200, '99.5': 12_000.5 }));
    expect(parsed.ok && [...parsed.table.cuts]).toEqual([
      [50, 1_200_000],
      [90, 12_000_500],
      [99.5, 12_000_500],
    ]);
  });

  it.each<[Entry, string]>([
    [{}, 'cuts: needs at least one entry'],
    [{ median: 5 }, 'cuts.median: expected a percentile from 0 to 100'],
    [{ '101': 5 }, 'cuts.101: expected a percentile from 0 to 100'],
    [{ '50': 5, '90': 4 }, 'cuts.90: is less than the value at 50; cut-offs ascend'],
    [{ '50': 5, '50.0': 6 }, 'cuts.50: is named twice'],
    [{ '50': 0.0001 }, 'cuts.50: expected a number with at most three decimals'],
    [{ '50': 'much' }, 'cuts.50: expected a number'],
  ])('refuses %j', (cuts, told) => {
    expect(mistakesOf(table(cuts))).toEqual([told]);
  });
});

describe('service levels', () => {
  const treatment = { queue: 'fast' };

  it('must not rest on protected traits alone', () => {
    expect(mistakesOf(segment({ enter: { trait: 'birthday', olderThan: '65y' }, treatment }))).toEqual([
      'treatment: changes a service level (queue) by birthday alone, which is protected; add what makes it needed',
    ]);
  });

  it.each<[string, Entry]>([
    ['with something else beside', { enter: { any: [{ trait: 'age', atLeast: 65 }, { segment: 'x' }] }, treatment }],
    ['of somebody who needs care', { enter: { trait: 'vulnerable', equals: true }, treatment }],
    ['without a change of service', { enter: { trait: 'age', atLeast: 65 }, treatment: { tone: 'formal' } }],
  ])('may be changed %s', (_what, rest) => {
    expect(mistakesOf(segment(rest))).toEqual([]);
  });
});
