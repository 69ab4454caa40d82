import { describe, expect, it } from 'vitest';
import { pathInWords } from '../../../../services/core/domain/language/mistakes.ts';
import { parseDefinition } from '../../../../services/core/domain/language/parse.ts';

type Entry = Readonly<Record<string, unknown>>;

function mistakesOf(rest: Entry): readonly string[] {
  const parsed = parseDefinition({ key: 'a', name: 'A', ...rest }, { zone: 'UTC' });
  return parsed.ok ? [] : parsed.mistakes.map(({ path, message }) => `${pathInWords(path)}: ${message}`);
}

const count = { count: { event: 'purchase', within: '30d' } };
const score = { averageLast: { event: 'survey', of: 'score', n: 3 } };
const silent = { timeSinceLast: { event: 'purchase' } };
const share = { share: { event: 'purchase', within: '30d', matching: { channel: 'web' } } };
const plan = { trait: 'plan' };
const failed = { failedFirstContacts: { lastIssues: 3 } };

describe('a rule that is never true', () => {
  it.each<[Entry]>([
    [{ ...count, lessThan: 0 }],
    [{ ...count, equals: -1 }],
    [{ countDistinct: { event: 'purchase', of: 'channel', lastEvents: 3 }, atLeast: 5 }],
    [{ ...failed, moreThan: 3 }],
    [{ ...silent, lessThan: '0s' }],
    [{ ...share, moreThan: '100%' }],
    [
      {
        all: [
          { ...count, atLeast: 3 },
          { ...count, atMost: 1 },
        ],
      },
    ],
    [
      {
        all: [
          { ...count, moreThan: 2 },
          { ...count, lessThan: 3 },
        ],
      },
    ],
    [{ all: [{ ...score, atLeast: 3 }, { consent: 'x' }, { ...score, lessThan: 3 }] }],
    [
      {
        all: [
          { ...count, atLeast: 3 },
          {
            all: [
              { ...count, atMost: 3 },
              { ...count, notEquals: 3 },
            ],
          },
        ],
      },
    ],
    [
      {
        all: [
          { ...plan, in: ['a', 'b'] },
          { ...plan, in: ['c'] },
        ],
      },
    ],
    [
      {
        all: [
          { ...plan, equals: 'a' },
          { ...plan, notIn: ['a', 'b'] },
        ],
      },
    ],
    [{ all: [{ ...plan, equals: 'a' }, { not: { ...plan, equals: 'a' } }] }],
    [{ all: [{ ...count, atLeast: 3 }, { not: { ...count, atLeast: 3 } }] }],
    [{ all: [{ segment: 'x' }, { not: { segment: 'x' } }] }],
    [{ all: [{ segment: 'x' }, { none: [{ segment: 'x' }, { segment: 'y' }] }] }],
    [
      {
        all: [
          { tier: 'g', is: 'a' },
          { tier: 'g', is: 'b' },
        ],
      },
    ],
    [
      {
        all: [
          { trait: 'age', atLeast: 18 },
          { trait: 'age', lessThan: 18 },
        ],
      },
    ],
  ])('is refused: %j', (enter) => {
    expect(mistakesOf({ enter })).toEqual([expect.stringMatching(/^enter: is never true: /)]);
  });
});

describe('a rule that is always true', () => {
  it.each<[Entry]>([
    [{ ...count, atLeast: 0 }],
    [{ ...count, notEquals: -5 }],
    [{ ...failed, atMost: 3 }],
    [{ ...share, atMost: '100%' }],
    [
      {
        any: [
          { ...count, atLeast: 3 },
          { ...count, lessThan: 5 },
        ],
      },
    ],
    [{ any: [{ segment: 'x' }, { not: { segment: 'x' } }] }],
    [
      {
        any: [
          { ...plan, notEquals: 'a' },
          { ...plan, in: ['a', 'b'] },
        ],
      },
    ],
  ])('is refused: %j', (enter) => {
    expect(mistakesOf({ enter })).toEqual([expect.stringMatching(/^enter: is always true: /)]);
  });
});

describe('a rule that can be true and false', () => {
  it.each<[Entry]>([
    [
      {
        all: [
          { ...count, atLeast: 3 },
          { ...count, atMost: 3 },
        ],
      },
    ],
    [
      {
        all: [
          { ...score, moreThan: 2 },
          { ...score, lessThan: 3 },
        ],
      },
    ],
    [
      {
        all: [
          { ...count, atLeast: 3 },
          { count: { event: 'purchase', within: '7d' }, atMost: 1 },
        ],
      },
    ],
    [
      {
        any: [
          { ...count, atLeast: 5 },
          { ...count, lessThan: 5 },
        ].slice(0, 1),
      },
    ],
    [
      {
        all: [
          { ...plan, in: ['a', 'b'] },
          { ...plan, in: ['b', 'c'] },
        ],
      },
    ],
    [
      {
        all: [
          { ...count, atLeast: { trait: 'age' } },
          { ...count, lessThan: { trait: 'age' } },
        ],
      },
    ],
    [{ change: { count: count.count }, atMost: '-100%' }],
    [{ sum: { event: 'purchase', of: 'amountBaseMinor' }, lessThan: 0 }],
    [{ all: [{ not: { all: [{ segment: 'x' }, { segment: 'y' }] } }, { segment: 'x' }] }],
  ])('passes: %j', (enter) => {
    expect(mistakesOf({ enter })).toEqual([]);
  });

  it('is refused where the contradiction stands, once', () => {
    const nothing = {
      all: [
        { ...count, atLeast: 3 },
        { ...count, atMost: 1 },
      ],
    };
    expect(mistakesOf({ enter: { any: [{ segment: 'x' }, { all: [nothing, { segment: 'y' }] }] } })).toEqual([
      'enter.any[1].all[0]: is never true: at least 3 purchases in the last 30 days and at most 1 purchase in the last 30 days',
    ]);
  });
});

describe('stay', () => {
  const refused = 'stay: is no weaker than enter: whoever passes it passes enter too, so it keeps nobody in';

  it.each<[Entry, Entry]>([
    [
      { ...count, atLeast: 3 },
      { ...count, atLeast: 5 },
    ],
    [
      { ...count, atLeast: 3 },
      { ...count, atLeast: 3 },
    ],
    [
      { ...score, lessThan: 3 },
      { ...score, lessThan: 2.5 },
    ],
    [
      { ...plan, in: ['a', 'b'] },
      { ...plan, equals: 'a' },
    ],
    [{ segment: 'x' }, { all: [{ segment: 'x' }, { segment: 'y' }] }],
    [{ any: [{ segment: 'x' }, { segment: 'y' }] }, { segment: 'y' }],
  ])('that is stronger than enter is refused: %j, %j', (enter, stay) => {
    expect(mistakesOf({ enter, stay })).toEqual([refused]);
  });

  it.each<[Entry, Entry]>([
    [
      { ...count, atLeast: 3 },
      { ...count, atLeast: 1 },
    ],
    [
      { ...score, lessThan: 3 },
      { ...score, lessThan: 3.5 },
    ],
    [{ all: [{ segment: 'x' }, { segment: 'y' }] }, { segment: 'x' }],
    [{ segment: 'x' }, { openIssues: {} }],
  ])('that is weaker or of something else passes: %j, %j', (enter, stay) => {
    expect(mistakesOf({ enter, stay })).toEqual([]);
  });
});
