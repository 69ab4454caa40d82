import { describe, expect, it } from 'vitest';
import { BOUNDS } from '../../../../services/core/domain/language/authored.ts';
import { pathInWords } from '../../../../services/core/domain/language/mistakes.ts';
import { parseDefinition } from '../../../../services/core/domain/language/parse.ts';

type Entry = Readonly<Record<string, unknown>>;

function segment(enter: unknown, rest: Entry = {}): Entry {
  return { key: 'a-segment', name: 'A segment', enter, ...rest };
}

/** Each mistake as `path: message`. */
function mistakesOf(input: unknown): readonly string[] {
  const parsed = parseDefinition(input, { zone: 'UTC' });
  return parsed.ok ? [] : parsed.mistakes.map(({ path, message }) => `${pathInWords(path)}: ${message}`);
}

const contacts = { event: 'interaction', where: { kind: 'contact' }, within: '30d' };
const count = (rest: Entry): Entry => ({ count: { ...contacts, ...rest }, atLeast: 1 });
const manyTests = (n: number): Entry =>
  Object.fromEntries(Array.from({ length: n }, (_, at) => [`properties.p${at}`, { known: true }]));
const nested = (depth: number): Entry => (depth === 0 ? { trait: 'plan', known: true } : { not: nested(depth - 1) });

describe('one mistake, named with its place', () => {
  const table: readonly (readonly [what: string, input: unknown, told: string])[] = [
    [
      'a form that is misspelt',
      segment({ counts: contacts, atLeast: 1 }),
      'enter: expected a condition; did you mean count?',
    ],
    [
      'a comparator that is misspelt',
      segment({ count: contacts, atleast: 1 }),
      'enter.atleast: unknown entry "atleast"; did you mean atLeast?',
    ],
    [
      'days of a whole life',
      segment({ daysActive: { event: 'interaction' }, atLeast: 3 }),
      'enter.daysActive: needs a window (within, calendar, since): days of a whole life are not kept apart',
    ],
    [
      'more tests of an issue than are kept of it',
      segment({ openIssues: { where: manyTests(14) } }),
      'enter.openIssues.where: has 14 tests, at most 13 are kept of an issue',
    ],
    [
      'a ratio of times that grow, against another side',
      segment({
        ratio: { of: { count: contacts }, to: { count: contacts } },
        moreThan: {
          measure: {
            ratio: { of: { timeSinceLast: { event: 'purchase' } }, to: { averageGap: { event: 'purchase' } } },
          },
        },
      }),
      'enter.moreThan.measure: a ratio of times that grow by themselves can be compared with a constant only',
    ],
    [
      'a field that is misspelt',
      segment(count({ where: { chanel: 'phone' } })),
      'enter.count.where.chanel: interaction has no field chanel; did you mean channel?',
    ],
    [
      'a field of another event',
      segment(count({ where: { amountMinor: { atLeast: 1 } } })),
      'enter.count.where.amountMinor: interaction has no field amountMinor',
    ],
    [
      'an event that is misspelt',
      segment(count({ event: 'survay', where: {} })),
      'enter.count.event: expected one of interaction, purchase, survey; did you mean survey?',
    ],
    [
      'a trait that is nearly one of the dictionary',
      segment({ trait: 'loyaltyStatuss', equals: 'gold' }),
      'enter.trait: loyaltyStatuss is not in the dictionary; did you mean loyaltyStatus?',
    ],
    [
      'two forms in one condition',
      segment({ count: contacts, trait: 'plan', atLeast: 1 }),
      'enter: one condition has one form, found count and trait; join them with all or any',
    ],
    [
      'two comparators',
      segment({ count: contacts, atLeast: 1, atMost: 3 }),
      'enter: has atLeast and atMost; join two conditions with all',
    ],
    [
      'no comparator',
      segment({ count: contacts }),
      'enter: needs one of atLeast, atMost, moreThan, lessThan, equals, notEquals',
    ],
    ['a broken number of events', segment({ count: contacts, atLeast: 1.5 }), 'enter.atLeast: expected a whole number'],
    [
      'an amount in major units',
      segment({ sum: { event: 'purchase', of: 'amountBaseMinor' }, atLeast: 19.99 }),
      'enter.atLeast: expected a whole number',
    ],
    [
      'more decimals than decide',
      segment({ averageLast: { event: 'survey', of: 'score', n: 3 }, atMost: 2.50001 }),
      'enter.atMost: expected a number with at most three decimals',
    ],
    [
      'a number no computer holds exactly',
      segment({ last: { event: 'survey', of: 'score' }, atMost: 1e300 }),
      'enter.atMost: expected a number with at most three decimals',
    ],
    [
      'a duration where a number belongs',
      segment({ count: contacts, atLeast: '30d' }),
      'enter.atLeast: expected a number',
    ],
    [
      'a number where a duration belongs',
      segment({ timeSinceLast: { event: 'purchase' }, atLeast: 30 }),
      'enter.atLeast: expected a duration such as 30d',
    ],
    [
      'a unit there is not',
      segment(count({ within: '30x' })),
      'enter.count.within: expected a duration such as 45min, 12h, 30d',
    ],
    [
      'a window of nothing',
      segment(count({ within: '0d' })),
      'enter.count.within: a window must be longer than nothing',
    ],
    [
      'a window beyond three years',
      segment(count({ within: '1097d' })),
      'enter.count.within: longer than 1096 days, the longest span that is kept exactly',
    ],
    [
      'a sum of texts',
      segment({ sum: { event: 'purchase', of: 'coupon' }, atLeast: 1 }),
      'enter.sum.of: coupon is no number',
    ],
    [
      'distinct values of a set',
      segment({ countDistinct: { event: 'purchase', of: 'productIds', within: '1d' }, atLeast: 1 }),
      'enter.countDistinct.of: productIds is a set; distinct values of a set are not counted',
    ],
    [
      'a text where a number is kept',
      segment(count({ where: { durationMs: 'long' } })),
      'enter.count.where.durationMs: expected a number',
    ],
    [
      'more answers wanted than looked at',
      segment({ averageLast: { event: 'survey', of: 'score', n: 2, atLeastValues: 3 }, atMost: 2 }),
      'enter.averageLast.atLeastValues: asks for 3 of the last 2 values',
    ],
    [
      'a test that tests nothing',
      segment(count({ where: { channel: {} } })),
      'enter.count.where.channel: tests nothing',
    ],
    ['a trait about which nothing is said', segment({ trait: 'plan' }), 'enter: says nothing about the trait'],
    [
      'a trait that identifies a person',
      segment({ trait: 'email', known: true }),
      'enter.trait: email identifies a person directly; no rule reads it',
    ],
    ['an empty list of conditions', segment({ all: [] }), 'enter.all: needs at least one entry'],
    ['a missing rule', { key: 'a', name: 'A' }, 'enter: is missing'],
    [
      'a key with capitals',
      { ...segment(count({})), key: 'Frequent' },
      'key: expected a key of lower-case letters, digits and hyphens, such as gone-quiet',
    ],
    ['a name too long', { ...segment(count({})), name: 'x'.repeat(121) }, 'name: is longer than 120 characters'],
    ['a policy there is not', segment(count({}), { unknown: 'maybe' }), 'unknown: expected one of out, in, hold'],
    ['no entries at all', 'a text', ': expected entries with names'],
  ];
  it.each(table)('%s', (_what, input, told) => {
    expect(mistakesOf(input)).toEqual([told]);
  });
});

describe('bounds', () => {
  it(`takes conditions nested ${BOUNDS.depth} deep and refuses one more`, () => {
    expect(mistakesOf(segment(nested(BOUNDS.depth - 1)))).toEqual([]);
    expect(mistakesOf(segment(nested(BOUNDS.depth)))).toEqual([
      `enter${'.not'.repeat(BOUNDS.depth)}: conditions are nested deeper than ${BOUNDS.depth}`,
    ]);
  });

  it(`takes ${BOUNDS.nodes} conditions and refuses one more`, () => {
    const any = (leaves: number): Entry => ({ any: Array.from({ length: leaves }, () => nested(0)) });
    expect(mistakesOf(segment(any(BOUNDS.nodes - 1)))).toEqual([]);
    expect(mistakesOf(segment(any(BOUNDS.nodes)))).toEqual([
      `enter: the rule has ${BOUNDS.nodes + 1} conditions, at most ${BOUNDS.nodes} are allowed`,
    ]);
  });

  it(`takes lists of ${BOUNDS.listValues} values and refuses one more`, () => {
    const values = (length: number): string[] => Array.from({ length }, (_, index) => `p-${index}`);
    expect(mistakesOf(segment({ trait: 'plan', in: values(BOUNDS.listValues) }))).toEqual([]);
    expect(mistakesOf(segment({ trait: 'plan', in: values(BOUNDS.listValues + 1) }))).toEqual([
      'enter.in: has more than 1000 entries',
    ]);
  });

  it.each([
    ['of a trait', (text: string) => segment({ trait: 'plan', equals: text }), 'enter.equals'],
    ['of a field', (text: string) => segment(count({ where: { productId: text } })), 'enter.count.where.productId'],
    [
      'of a set',
      (text: string) => segment({ count: { event: 'purchase', where: { productIds: { has: [text] } } }, atLeast: 1 }),
      'enter.count.where.productIds.has',
    ],
  ])(
    `takes texts %s of ${BOUNDS.stringBytes} bytes, counted in UTF-8, and refuses longer ones`,
    (_what, rule, path) => {
      expect(mistakesOf(rule('é'.repeat(BOUNDS.stringBytes / 2)))).toEqual([]);
      expect(mistakesOf(rule(`${'é'.repeat(BOUNDS.stringBytes / 2)}x`))).toEqual([
        `${path}: a text is longer than ${BOUNDS.stringBytes} bytes`,
      ]);
    },
  );

  it('refuses nesting that nothing could read, without reading it', () => {
    const deep = JSON.parse(`${'{"not":'.repeat(100_000)}{}${'}'.repeat(100_000)}`) as unknown;
    expect(mistakesOf(segment(deep))).toEqual([expect.stringMatching(/: nested deeper than 64 levels$/)]);
  });
});

describe('forbidden names', () => {
  it.each(['__proto__', 'constructor', 'prototype'])('refuses %s wherever it stands, and drops nothing', (name) => {
    const where = JSON.parse(`{"kind": "contact", "${name}": "x"}`) as Entry;
    expect(mistakesOf(segment(count({ where })))).toEqual([`enter.count.where.${name}: ${name} is never a name`]);
    const treatment = JSON.parse(`{"queue": "a", "${name}": {"x": 1}}`) as Entry;
    expect(mistakesOf(segment(count({}), { treatment }))).toEqual([`treatment.${name}: ${name} is never a name`]);
    expect(mistakesOf(segment(count({ where: { [`properties.${name}`]: 'x' } })))).toEqual([
      `enter.count.where.properties.${name}: properties.${name} is never a field name`,
    ]);
  });
});

describe('what comes later', () => {
  it.each(['account', 'hour', 'weekday'])('says "not yet" to the form %s', (name) => {
    expect(mistakesOf(segment({ [name]: {} }))).toEqual([`enter.${name}: "${name}" is not in the language yet`]);
  });

  it('says "not yet" to an entry of a segment', () => {
    expect(mistakesOf(segment(count({}), { shadow: true }))).toEqual(['shadow: "shadow" is not in the language yet']);
  });
});

describe('several mistakes', () => {
  it('reports all of them together', () => {
    const rule = {
      all: [
        { count: { event: 'interaction', where: { kind: 'contcat', chanel: 'phone' }, within: '2000d' }, atLeast: 1.5 },
        { not: { sum: { event: 'purchase', of: 'coupon' }, atLeast: 0 } },
      ],
    };
    expect(mistakesOf(segment(rule)).map((told) => told.split(':')[0])).toEqual([
      'enter.all[0].count.where.chanel',
      'enter.all[0].count.where.kind',
      'enter.all[0].count.within',
      'enter.all[0].atLeast',
      'enter.all[1].not.sum.of',
    ]);
  });

  it('reports all that is wrong with the structure together', () => {
    const rule = {
      any: [{ count: { event: 'contact' }, atLeast: true }, { none: { event: 'purchase' } }, { trait: '' }],
    };
    expect(mistakesOf({ key: 'A', enter: rule }).map((told) => told.split(':')[0])).toEqual([
      'key',
      'name',
      'enter.any[0].count.event',
      'enter.any[0].atLeast',
      'enter.any[1].none.within',
      'enter.any[2].trait',
    ]);
  });
});

describe('mistakes of form and of meaning', () => {
  it('are reported together, also within one condition', () => {
    const rule = {
      all: [
        { count: { event: 'interaction', where: { chanel: 'phone', kind: [] }, wihin: '30d' }, atLeast: 'many' },
        { sum: { event: 'purchase', of: 'coupon', within: '30 d' }, atLeast: 1 },
        { averageLast: { event: 'survey', n: 'three' }, lessThan: 0.12345 },
        { trait: 'email', atLeast: 'x' },
        { none: { event: 'purchase', where: { kind: 'ordr' } } },
        { not: { any: [{ timeSinceLast: { event: 'purchase' }, atLeast: 5 }, { coutn: {} }] } },
      ],
    };
    expect(
      mistakesOf(segment(rule))
        .map((told) => told.split(':')[0])
        .sort(),
    ).toEqual([
      'enter.all[0].atLeast',
      'enter.all[0].count.where.chanel',
      'enter.all[0].count.where.kind',
      'enter.all[0].count.wihin',
      'enter.all[1].sum.of',
      'enter.all[1].sum.within',
      'enter.all[2].averageLast.n',
      'enter.all[2].averageLast.of',
      'enter.all[2].lessThan',
      'enter.all[3].atLeast',
      'enter.all[3].trait',
      'enter.all[4].none.where.kind',
      'enter.all[4].none.within',
      'enter.all[5].not.any[0].atLeast',
      'enter.all[5].not.any[1]',
    ]);
  });

  it('are only those there are: what has no right form is no mistake of meaning as well', () => {
    const rules = [
      { count: { event: 'purchse', where: { anything: 1 } }, atLeast: 1 },
      { all: 'everything' },
      { sum: { event: 'purchase' }, atLeast: 1 },
      { trait: 'plan', equals: {} },
      { timeSinceLast: { event: 'purchase' }, atLeast: true },
      { segment: 5 },
      'gone',
    ];
    for (const rule of rules) expect([rule, mistakesOf(segment(rule)).length]).toEqual([rule, 1]);
  });
});

describe('the canonical form', () => {
  it('does not depend on how a rule is written down', () => {
    const one = {
      count: {
        event: ['purchase', 'interaction'],
        where: { channel: ['web', 'app'], kind: { in: ['order'] } },
        within: '14d',
      },
      atLeast: 2,
    };
    const other = {
      atLeast: 2,
      count: {
        within: '2w',
        where: { kind: 'order', channel: { in: ['app', 'web', 'app'] } },
        event: ['interaction', 'purchase'],
      },
    };
    const [a, b] = [one, other].map((rule) => parseDefinition(segment(rule), { zone: 'UTC' }));
    expect(a).toEqual(b);
    expect(a?.ok).toBe(true);
  });

  it('carries what is for people along untouched', () => {
    const about = { goal: 'keep them', treatment: { queue: 'a', priority: 1 }, reviewAfter: '2027-01-31' };
    const parsed = parseDefinition(segment(count({}), about), { zone: 'UTC' });
    expect(parsed.ok && parsed.definition.about).toEqual(about);
  });
});
