/** What a person reads of states that wait: on the way in and out, by hand, and in groups. */
import { describe, expect, it } from 'vitest';
import { sayCustomer } from '../../../services/cli/customers/say-customer.ts';
import type { StoredCustomer } from '../../../services/cli/customers/stored-customer.ts';
import { readTests } from '../../../services/cli/segments/test-form.ts';
import { CustomerRun, recordOf, TestBench } from '../../../services/cli/segments/test-run.ts';
import type { Output } from '../../../services/cli/output.ts';

const DAY = 86_400_000;
const SPEND = { sum: { event: 'purchase', of: 'amountBaseMinor', within: '10d' } };
const DEFINITIONS: readonly Readonly<Record<string, unknown>>[] = [
  { key: 'sure', name: 'Sure', enter: { trait: 'plan', equals: 'pro' }, confirm: '7d' },
  { key: 'slow', name: 'Slow to leave', enter: { ...SPEND, atLeast: 1000 }, grace: '3d' },
  { key: 'short', name: 'Not for long', enter: { trait: 'plan', known: true }, maxStay: '20d', cooldown: '30d' },
  {
    key: 'listed',
    name: 'Listed',
    enter: { trait: 'plan', equals: 'free' },
    include: [{ customer: 'ann', author: 'bob', reason: 'pilot', expires: '2026-06-01' }],
  },
  {
    key: 'barred',
    name: 'Barred',
    enter: { trait: 'plan', equals: 'pro' },
    exclude: [{ customer: 'ann', author: 'bob', reason: 'complaint' }],
  },
  { key: 'asked', name: 'Asked first', enter: { trait: 'plan', equals: 'pro' }, consent: 'health' },
];
const GROUP = {
  group: 'tier',
  name: 'Tier',
  order: ['gold', 'silver', 'none'],
  default: 'none',
  members: {
    gold: { name: 'Gold', enter: { ...SPEND, atLeast: 2000 } },
    silver: { name: 'Silver', enter: { ...SPEND, atLeast: 500 } },
    none: { name: 'Nobody yet' },
  },
};
const GIVEN = [
  { at: '2026-03-01T00:00:00Z', profile: { customerId: 'ann', traits: { plan: 'pro' } } },
  { at: '2026-03-01T00:00:00Z', purchase: { kind: 'order', amountMinor: 2500 } },
];

/** What is said of the customer at an instant; `all`: of what they are not in as well. */
function saidAt(instant: string, all = false): string {
  const records = [...DEFINITIONS, GROUP].map((body) =>
    recordOf('segment', String('key' in body ? body['key'] : body.group), JSON.stringify(body)),
  );
  const bench = new TestBench(records, { zone: 'UTC', latenessMs: 90 * DAY });
  const { tests, mistakes } = readTests(
    'sure',
    [{ name: 'one', given: GIVEN, expect: [{ at: instant, member: true }] }],
    { currency: 'USD' },
  );
  expect(mistakes).toEqual([]);
  const rules = bench.rulesFor(-Infinity);
  const run = new CustomerRun('ann', rules, 90 * DAY, () => undefined);
  for (const event of tests[0]!.given) run.take(event);
  const clock = Date.parse(instant);
  run.reach(clock);
  const stored: StoredCustomer = { customer: run.customer, rules, partition: 0, clock };
  const lines: string[] = [];
  const plain = (words: string): string => words;
  const paint = { bold: plain, dim: plain, green: plain, yellow: plain } as Output['paint'];
  const output = { paint, words: (words = '') => lines.push(words) } as unknown as Output;
  const segments = run.explain(clock);
  const chosen = all ? segments : segments.filter(({ member, state }) => member || state.kind === 'confirming');
  sayCustomer(output, stored, segments, chosen, () => undefined);
  return lines.join('\n');
}

describe('what is said of a customer', () => {
  it('says what is on its way in, and when', () => {
    expect(saidAt('2026-03-02T00:00:00Z')).toMatch(
      /out {2}Sure .*\n {4}\+ plan is pro\n {4}confirming, enters 2026-03-08 00:00:00Z if it stays so\n {4}enters at 2026-03-08 00:00:00Z/,
    );
    expect(saidAt('2026-03-08T00:00:00Z')).toMatch(/in {2}Sure .* since 2026-03-08 00:00:00Z\n {4}\+ plan is pro\n/);
  });

  it('says what is on its way out, and until when it stays', () => {
    expect(saidAt('2026-03-12T00:00:00Z')).toMatch(
      /in {2}Slow to leave .*\n {4}- .*\n {4}in grace until 2026-03-14 00:00:00Z\n {4}leaves at 2026-03-14 00:00:00Z/,
    );
    expect(saidAt('2026-03-12T00:00:00Z')).toContain('stays at most until 2026-03-21 00:00:00Z');
    expect(saidAt('2026-03-22T00:00:00Z', true)).toMatch(
      /out {2}Not for long .*\n.*\n {4}has had its longest stay; enters again only after the rule was false once/,
    );
  });

  it('says who put the customer on a list, why and until when', () => {
    const said = saidAt('2026-03-02T00:00:00Z', true);
    expect(said).toMatch(/in {2}Listed .*\n {4}- .*\n {4}listed as in by bob \(pilot\), until 2026-06-01 00:00:00Z\n/);
    expect(said).toMatch(/out {2}Barred .*\n {4}\+ .*\n {4}listed as out by bob \(complaint\)\n/);
    expect(said).toMatch(/out {2}Asked first .*\n {4}\+ .*\n {4}out: there is no consent for health\n/);
  });

  it('says where a move in a group leads, and which member comes first', () => {
    const said = saidAt('2026-03-02T00:00:00Z', true);
    expect(said).toMatch(/in {2}Tier: Gold \(tier\/gold.*\n.*\n {4}moves to Nobody yet at 2026-03-11 00:00:00Z/);
    expect(said).toMatch(/out {2}Tier: Silver .*\n.*\n {4}its rule holds, but Gold comes first for now/);
    expect(said).toMatch(/out {2}Tier: Nobody yet .*\n {4}whoever is in none of the others/);
  });
});
