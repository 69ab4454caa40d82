import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inOrder } from '../../../services/cli/segments/apply-plan.ts';
import { readDefinitionFiles } from '../../../services/cli/segments/definition-files.ts';
import { readTests, type TestCase } from '../../../services/cli/segments/test-form.ts';
import { recordOf, TestBench, type Outcome } from '../../../services/cli/segments/test-run.ts';
import { DefinitionDirectory } from './directory.ts';

const DEFINITIONS = `key: caller
name: Caller
enter: { count: { event: interaction, where: { kind: contact }, within: 30d }, atLeast: 2 }
---
key: quiet
name: Quiet
enter: { none: { event: interaction, within: 30d } }
---
key: watched
name: Watched
enter: { trait: plan, equals: free }
include: [{ customer: '17850', author: ada, reason: pilot }]
---
group: tier
name: Tier
order: [gold, plain]
default: plain
members:
  gold: { name: Gold, enter: { sum: { event: purchase, of: amountBaseMinor, within: 365d }, atLeast: 10000 } }
  plain: { name: Everybody else }
`;
const CALL = { kind: 'contact', direction: 'inbound', channel: 'phone' };
const DAY = 86_400_000;
const at = (day: number, plusMs = 0): string => new Date(Date.UTC(2026, 2, 1) + (day - 1) * DAY + plusMs).toISOString();

describe('tests of definitions', () => {
  let directory: DefinitionDirectory;
  let bench: TestBench;
  beforeEach(() => {
    directory = new DefinitionDirectory();
    directory.write('all.yaml', DEFINITIONS);
    const files = inOrder(readDefinitionFiles(directory.path, { zone: 'UTC' }));
    bench = new TestBench(
      files.map(({ key, body }) => recordOf('segment', key, body)),
      { zone: 'UTC', latenessMs: 90 * DAY },
    );
  });
  afterEach(() => directory.remove());

  const read = (key: string, test: object): TestCase => {
    const { tests, mistakes } = readTests(key, [{ name: 'a case', ...test }], { currency: 'USD' });
    expect(mistakes).toEqual([]);
    return tests[0]!;
  };
  const run = (key: string, test: object): Outcome => bench.run(key, read(key, test));
  const passes = { misses: [], transitions: null };

  it('finds entries by events and exits by time alone, to the millisecond', () => {
    const outcome = run('caller', {
      given: [
        { at: at(1), interaction: CALL },
        { at: at(3), interaction: CALL },
      ],
      expect: [
        { at: at(3, -1), member: false },
        { at: at(3), member: true },
        { at: at(31, -1), member: true },
        { at: at(31), member: false },
      ],
      transitions: [
        { at: at(3), entered: true, cause: 'event' },
        { at: at(31), exited: true, cause: 'timer' },
      ],
    });
    expect(outcome).toEqual(passes);
  });

  it('tells what was expected, what was found, and why', () => {
    const { misses } = run('caller', {
      given: [{ at: at(1), interaction: CALL }],
      expect: [{ at: at(2), member: true }],
    });
    expect(misses).toHaveLength(1);
    expect(misses[0]).toMatchObject({ key: 'caller', expected: true, found: false });
    expect(misses[0]!.why[0]!.conditions.map(({ truth, value }) => [truth, value])).toEqual([['false', 1]]);
  });

  it('applies events in the order written: one with an earlier instant comes late', () => {
    const outcome = run('caller', {
      given: [
        { at: at(5), interaction: CALL },
        { at: at(2), interaction: CALL },
      ],
      expect: [
        { at: at(4), member: false },
        { at: at(5), member: true },
      ],
      transitions: [{ at: at(5), entered: true, cause: 'late' }],
    });
    expect(outcome.misses.map(({ expectation }) => expectation.at)).toEqual([]);
    expect(outcome.transitions).toBeNull();
  });

  it('knows unknown from out: the feed of the test may be whole only since an instant', () => {
    const given = [{ at: at(1), profile: { traits: { plan: 'pro' } } }];
    const known = run('quiet', { given, expect: [{ at: at(31), member: true }] });
    expect(known).toEqual(passes);
    const later = run('quiet', {
      coverage: at(10),
      given,
      expect: [
        { at: at(31), member: 'unknown' },
        { at: at(40, -1), member: 'unknown' },
        { at: at(40), member: true },
      ],
    });
    expect(later).toEqual(passes);
  });

  it('asks a group for its member, and other definitions beside it', () => {
    const outcome = run('tier', {
      given: [
        { at: at(1), interaction: CALL },
        { at: at(2), purchase: { kind: 'order', orderId: 'o-1', amountMinor: 12_000, currency: 'EUR' } },
        { at: at(3), interaction: CALL },
      ],
      expect: [
        { at: at(1), member: 'plain' },
        { at: at(3), member: 'gold', in: { caller: true, quiet: false } },
      ],
      transitions: [
        { at: at(1), to: 'plain', cause: 'event' },
        { at: at(2), from: 'plain', to: 'gold', cause: 'event' },
        { at: at(367), from: 'gold', to: 'plain', cause: 'timer' },
      ],
    });
    // The last one lies behind every expectation: a test looks no further than it says.
    expect(outcome.misses).toEqual([]);
    expect(outcome.transitions?.found).toHaveLength(2);
  });

  it('goes by the id an event names, for lists', () => {
    const event = (customerId: string) => [{ at: at(1), profile: { customerId, traits: { plan: 'pro' } } }];
    expect(run('watched', { given: event('17850'), expect: [{ at: at(1), member: true }] })).toEqual(passes);
    expect(run('watched', { given: event('17851'), expect: [{ at: at(1), member: false }] })).toEqual(passes);
  });

  it('counts a repeated event id once', () => {
    const given = [1, 2].map((day) => ({ at: at(day), interaction: { ...CALL, eventId: 'same' } }));
    expect(run('caller', { given, expect: [{ at: at(2), member: false }] })).toEqual(passes);
  });

  it('tells all mistakes of a test with their paths', () => {
    const { mistakes } = readTests(
      'caller',
      [
        {
          name: 'wrong',
          given: [
            { at: at(1), interaction: { kind: 'contact', chanel: 'phone' } },
            { at: at(2), interaction: { kind: 'contct' } },
            { at: at(3), interaction: CALL, purchase: {} },
            { at: at(4) },
          ],
          expect: [{ at: at(1) }],
          transitions: [{ at: at(1), cause: 'event' }],
        },
      ],
      { currency: 'USD' },
    );
    expect(mistakes.map(({ path, message }) => [path.slice(2).join('.'), message])).toEqual([
      ['given.0.interaction.chanel', 'is no field; did you mean channel?'],
      ['given.1.interaction.kind', 'has no such value; did you mean contact?'],
      ['given.2', 'expected one of interaction, purchase, survey, profile, found interaction and purchase'],
      ['given.3', 'expected one of interaction, purchase, survey, profile'],
      ['expect.0', 'says nothing; expected member or in'],
      ['transitions.0', 'expected one of entered: true, exited: true, or from and to'],
    ]);
  });
});
