import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Condition, Definition, LeafCondition, Truth } from '../../../../services/core/domain/language/ast.ts';
import { parseDefinition } from '../../../../services/core/domain/language/parse.ts';
import { conditionInWords } from '../../../../services/core/domain/language/sentence.ts';
import { leavesIn } from '../../../../services/core/domain/language/series-identity.ts';
import { valueSentence } from '../../../../services/core/domain/language/value-sentence.ts';
import { packagePath } from '../../../../services/platform/config/package-root.ts';
import { Chance } from '../../../model/chance.ts';
import { group, segment } from '../../../model/rules/definition.ts';

type Entry = Readonly<Record<string, unknown>>;

function conditionOf(enter: unknown): Condition {
  const parsed = parseDefinition({ key: 'a', name: 'A', enter }, { zone: 'UTC' });
  if (!parsed.ok || parsed.definition.kind !== 'segment') throw new Error(JSON.stringify(parsed));
  return parsed.definition.enter;
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
  const table: readonly (readonly [enter: Entry, truth: Truth, value: number | string | null, told: string])[] = [
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
    [
      { share: { ...calls, matching: { 'contact.queue': 'billing' }, atLeastEvents: 3 }, atLeast: '60%' },
      'false',
      0.25,
      'share of inbound contacts by phone with queue billing among inbound contacts by phone in the last 30 days (of at least 3) is 25% (needs at least 60%)',
    ],
    [
      { change: { count: calls }, atMost: '-50%' },
      'true',
      0.4,
      'change of the number of inbound contacts by phone in the last 30 days against the 30 days before is -60% (at most -50%)',
    ],
    [
      { timeSinceLast: { event: 'purchase' }, moreThan: { measure: { averageGap: { event: 'purchase' } }, times: 2 } },
      'false',
      DAY_MS,
      'last purchase 1 day ago (needs more than 2 times the average time between purchases ever)',
    ],
    [{ score: 'pAlive', lessThan: 0.4 }, 'true', 0.25, 'probability of still being a customer is 0.25 (less than 0.4)'],
    [
      { score: 'churn', atLeast: { cut: 'churn-risk', p: 90 } },
      'unknown',
      null,
      'score churn is not known or too old (needs at least the 90th percentile of churn risk)',
    ],
    [
      { last: { ...calls, of: 'channel' }, equals: 'phone' },
      'false',
      'chat',
      'channel of the last inbound contact by phone in the last 30 days is chat (needs phone)',
    ],
    [
      { trait: 'birthday', olderThan: '18y' },
      'false',
      Date.UTC(2012, 4, 1),
      'birthday is 2012-05-01 (needs at least 18 years ago)',
    ],
    [
      { tier: 'care-tier', atLeast: 'high-value' },
      'false',
      'standard',
      'care tier is standard (needs high value or better)',
    ],
    [{ tier: 'care-tier', is: 'vip' }, 'true', 'vip', 'care tier is vip'],
    [{ segment: 'vip', for: '30d' }, 'false', null, 'not in segment vip for at least 30 days'],
    [{ consent: 'health' }, 'unknown', null, 'consent for health is not known'],
    [{ never: { event: 'purchase' } }, 'false', DAY_MS, 'last purchase 1 day ago (needs none ever)'],
    [
      { openIssues: { where: { 'ticket.priority': ['high', 'urgent'] } } },
      'true',
      1,
      '1 open issue with priority high or urgent in the last 365 days (at least 1)',
    ],
    [
      { trait: 'plan', in: ['pro'], for: '30d' },
      'unknown',
      null,
      'whether plan has been pro for at least 30 days is not known',
    ],
  ];
  it.each(table)('%j %s %s', (enter, truth, value, told) => {
    expect(valueSentence(leavesIn(conditionOf(enter))[0]!, truth, value)).toBe(told);
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
  const members = { key: 'g1', members: ['vip', 'high', 'plain'], default: 'plain' };
  const random = Array.from({ length: 400 }, (_, seed) => {
    const chance = new Chance(seed);
    const tables = ['money', 'unit', 'days', 'orders'];
    const draft = {
      chance,
      anchorMs: Date.UTC(2026, 2, 1),
      customers: ['c1'],
      segments: ['s0'],
      groups: [members],
      tables,
    };
    return seed % 5 === 0 ? group(draft, members) : segment(draft, 's1');
  });
  const shipped = readdirSync(packagePath('schemas', 'segments'))
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => {
      const documents = parseAllDocuments(readFileSync(packagePath('schemas', 'segments', file), 'utf8'));
      return documents.map((document) => document.toJS() as Entry).filter((entry) => !('table' in entry));
    });
  const definitions = [...random, ...shipped].flatMap((authored): readonly Definition[] => {
    const parsed = parseDefinition(authored, { zone: 'UTC' });
    // Some random rules say nothing, and are refused.
    return parsed.ok ? [parsed.definition] : [];
  });
  const conditions = definitions.flatMap((one) =>
    (one.kind === 'segment' ? [one] : one.members).flatMap(({ enter, stay }) =>
      stay === null ? [enter] : [enter, stay],
    ),
  );

  it('has definitions to look at', () => {
    expect(definitions.length).toBeGreaterThan(420);
  });

  it('no sentence shows what only a program understands', () => {
    expect(conditions.flatMap(sentencesOf).filter(isFlawed)).toEqual([]);
  });
});

const VALUES: readonly (number | string | null)[] = [null, 0, 1, -1, 2.5, 1e9, 'phone'];

function sentencesOf(condition: Condition): readonly string[] {
  const told = leavesIn(condition).flatMap((leaf: LeafCondition) =>
    (['true', 'false', 'unknown'] as const).flatMap((truth) =>
      VALUES.map((value) => valueSentence(leaf, truth, value)),
    ),
  );
  return [conditionInWords(condition), ...told];
}

function isFlawed(text: string): boolean {
  const flawed = /undefined|NaN|Infinity|\[object|null|_| {2}|^ | $|\(\)/.test(text);
  return flawed || text.split('(').length !== text.split(')').length;
}
