import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Condition, Truth } from '../../../../services/core/domain/language/ast.ts';
import { parseSegment } from '../../../../services/core/domain/language/parse.ts';
import { conditionInWords } from '../../../../services/core/domain/language/sentence.ts';
import { valueSentence, type Comparison } from '../../../../services/core/domain/language/value-sentence.ts';
import { packagePath } from '../../../../services/platform/config/package-root.ts';
import { Chance } from '../../../model/chance.ts';
import { segment } from '../../../model/rules.ts';

type Entry = Readonly<Record<string, unknown>>;

function conditionOf(enter: Entry): Condition {
  const parsed = parseSegment({ key: 'a', name: 'A', enter });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.mistakes));
  return parsed.definition.enter;
}

function leavesOf(condition: Condition): readonly Comparison[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap(leavesOf);
    case 'not':
      return leavesOf(condition.of);
    case 'segment':
      return [];
    case 'compare':
    case 'none':
    case 'trait':
      return [condition];
  }
}

const DAY_MS = 86_400_000;
const calls = {
  event: 'interaction',
  where: { kind: 'contact', direction: 'inbound', channel: 'phone' },
  within: '30d',
};
const money = {
  event: 'purchase',
  where: { kind: ['order', 'refund'] },
  of: 'amountBaseMinor',
  within: '90d',
};
const csat = { event: 'survey', where: { kind: 'csat' }, of: 'score' };
const quiet = {
  event: ['interaction', 'purchase'],
  where: { kind: ['contact', 'order', 'feature_use', 'session_end'] },
};

describe('what a condition comes to for a customer', () => {
  const table: readonly (readonly [enter: Entry, truth: Truth, value: number | null, told: string])[] = [
    [{ count: calls, atLeast: 3 }, 'false', 2, '2 inbound contacts by phone in the last 30 days (needs at least 3)'],
    [{ count: calls, atLeast: 3 }, 'false', 1, '1 inbound contact by phone in the last 30 days (needs at least 3)'],
    [{ count: calls, atLeast: 3 }, 'false', 0, 'no inbound contacts by phone in the last 30 days (needs at least 3)'],
    [{ count: calls, atLeast: 3 }, 'true', 3, '3 inbound contacts by phone in the last 30 days (at least 3)'],
    [
      { count: calls, atLeast: 3 },
      'unknown',
      1,
      '1 inbound contact by phone in the last 30 days so far, earlier ones may be missing (needs at least 3)',
    ],
    [
      { count: { event: 'purchase', where: { kind: 'order' }, within: '365d' }, atLeast: 5 },
      'true',
      5,
      '5 orders in the last 365 days (at least 5)',
    ],
    [{ count: { event: 'purchase' }, equals: 0 }, 'true', 0, 'no purchases ever'],
    [{ count: { event: 'purchase' }, equals: 0 }, 'false', 2, '2 purchases ever (needs none)'],
    [
      {
        countDistinct: { event: 'interaction', where: { kind: 'feature_use' }, of: 'featureId', within: '30d' },
        atLeast: 10,
      },
      'false',
      4,
      '4 different features in feature uses in the last 30 days (needs at least 10)',
    ],
    [
      { sum: money, atLeast: 200_000 },
      'false',
      120_000,
      '1,200.00 in orders or refunds over the last 90 days (needs at least 2,000.00)',
    ],
    [
      { sum: money, atLeast: 200_000 },
      'false',
      -5,
      '-0.05 in orders or refunds over the last 90 days (needs at least 2,000.00)',
    ],
    [
      { sum: { ...calls, of: 'contact.handleMs' }, moreThan: 3_600_000 },
      'false',
      90_000,
      '1 minute 30 seconds handling time in inbound contacts by phone over the last 30 days (needs more than 1 hour)',
    ],
    [
      { average: money, lessThan: 100 },
      'true',
      99.5,
      'average amount of orders or refunds over the last 90 days is 1.00 (less than 1.00)',
    ],
    [
      { max: money, atLeast: 100 },
      'true',
      123_456_700,
      'largest amount of orders or refunds over the last 90 days is 1,234,567.00 (at least 1.00)',
    ],
    [{ last: csat, atMost: 2 }, 'true', 2, 'last CSAT score is 2 (at most 2)'],
    [{ last: csat, atMost: 2 }, 'unknown', null, 'last CSAT score is not known (needs at most 2)'],
    [
      { averageLast: { ...csat, n: 3 }, lessThan: 3 },
      'true',
      2.3333333,
      'average of the last 3 CSAT scores is 2.333 (less than 3)',
    ],
    [
      { none: { ...quiet, within: '30d' } },
      'true',
      null,
      'no contact, feature use, order or session end in the last 30 days',
    ],
    [
      { none: { ...quiet, within: '30d' } },
      'false',
      7_200_000,
      'last contact, feature use, order or session end 2 hours ago (needs 30 days without)',
    ],
    [
      { timeSinceLast: { event: 'purchase' }, atLeast: '30d' },
      'false',
      DAY_MS,
      'last purchase 1 day ago (needs 30 days without)',
    ],
    [
      { timeSinceLast: { event: 'purchase' }, atLeast: '30d' },
      'true',
      40 * DAY_MS,
      'last purchase 40 days ago (at least 30 days)',
    ],
    [{ timeSinceLast: { event: 'purchase' }, atMost: '30d' }, 'unknown', null, 'no purchase yet'],
    [{ trait: 'plan', in: ['team', 'pro'] }, 'false', null, 'plan is not pro or team'],
    [{ trait: 'plan', known: true }, 'false', null, 'plan is not known'],
    [
      { trait: 'accountBalanceBaseMinor', atLeast: 25_000_000 },
      'false',
      100,
      'account balance is 1.00 (needs at least 250,000.00)',
    ],
    [{ trait: 'vulnerable', equals: true }, 'true', null, 'vulnerable: yes'],
    [{ trait: 'seats', atLeast: 3 }, 'unknown', null, 'seats is not known'],
  ];
  it.each(table)('%j %s %s', (enter, truth, value, told) => {
    expect(valueSentence(leavesOf(conditionOf(enter))[0]!, truth, value)).toBe(told);
  });
});

describe('a rule in words', () => {
  it('names numbers, events and windows as a person would', () => {
    const enter = {
      any: [
        { count: calls, atLeast: 3 },
        { all: [{ last: csat, atMost: 2 }, { not: { segment: 'vip' } }] },
        { none: { ...quiet, within: '2w' } },
        { timeSinceLast: { event: 'purchase' }, moreThan: '12h' },
      ],
    };
    expect(conditionInWords(conditionOf(enter))).toBe(
      'at least 3 inbound contacts by phone in the last 30 days or (last CSAT score at most 2 and not in segment vip) or ' +
        'no contact, feature use, order or session end in the last 14 days or more than 12 hours since the last purchase',
    );
  });

  it('has words for every field test', () => {
    const where = {
      kind: 'contact',
      channel: { notIn: ['web', 'app'] },
      'contact.queue': { notIn: ['general'] },
      'contact.treatments': { has: ['call-back'] },
      'contact.waitMs': { moreThan: 60_000, atMost: 120_000 },
      'contact.outsideBusinessHours': true,
      'properties.plan': { known: true },
    };
    expect(conditionInWords(conditionOf({ count: { event: 'interaction', where, within: '1h' }, atLeast: 1 }))).toBe(
      'at least 1 contact not in the app or on the web outside business hours with queue other than general, ' +
        'treatments applied including call-back, waiting time more than 1 minute and at most 2 minutes and plan known ' +
        'in the last hour',
    );
  });
});

describe('whatever the rule, the truth and the value', () => {
  const conditions = [
    ...Array.from({ length: 400 }, (_, seed) => {
      const { enter } = segment(new Chance(seed), 's1', ['s0']);
      return conditionOf(enter as Entry);
    }),
    ...readdirSync(packagePath('schemas', 'segments')).map((file) => {
      const { enter } = parse(readFileSync(packagePath('schemas', 'segments', file), 'utf8')) as { enter: Entry };
      return conditionOf(enter);
    }),
  ];

  it('no sentence shows what only a program understands', () => {
    for (const condition of conditions) {
      const told = leavesOf(condition).flatMap((leaf) =>
        (['true', 'false', 'unknown'] as const).flatMap((truth) =>
          [null, 0, 1, -1, 2.5, 1e9].map((value) => valueSentence(leaf, truth, value)),
        ),
      );
      for (const text of [conditionInWords(condition), ...told]) {
        expect(text).not.toMatch(/undefined|NaN|Infinity|\[object|null|_| {2}|^ | $|\(\)/);
        expect(text.split('(').length, text).toBe(text.split(')').length);
      }
    }
  });
});
