import { describe, expect, it } from 'vitest';
import type { Definition } from '../../../../services/core/domain/language/ast.ts';
import { parseDefinition } from '../../../../services/core/domain/language/parse.ts';
import { reportOf } from '../../../../services/core/domain/language/report.ts';

type Entry = Readonly<Record<string, unknown>>;

function definition(key: string, enter: Entry, rest: Entry = {}): Definition {
  const parsed = parseDefinition({ key, name: key, enter, ...rest }, { zone: 'UTC' });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.mistakes));
  return parsed.definition;
}

const calls = { event: 'interaction', where: { kind: 'contact', channel: 'phone' } };
const frequent = definition('frequent', { count: { ...calls, within: '30d' }, atLeast: 3 });
const often = definition('often', { count: { ...calls, within: '7d' }, atLeast: 2 });
const silent = definition('silent', { timeSinceLast: calls, atLeast: '30d' });
const pro = definition('pro', { trait: 'plan', equals: 'pro' });

describe('the report on a definition', () => {
  it('says what it keeps, with whom it shares it, and what touches it', () => {
    const report = reportOf(frequent, [frequent, often, silent]);
    expect(report).toMatchObject({ key: 'frequent', timers: 1, cost: 'moderate' });
    expect(report.series).toHaveLength(1);
    expect(report.series[0]).toMatchObject({ words: 'contacts by phone: how many, by time', sharedWith: ['often'] });
    expect(report.touchedBy).toEqual([{ input: 'interaction', kinds: ['contact'] }]);
    expect(report.precision[0]).toBe('exact to the millisecond');
    expect(report.precision[1]).toMatch(/more than 16 events/);
    expect(report.stateBytes.typical).toBeLessThan(report.stateBytes.bound);
  });

  it('keeps nothing of events for a rule about a trait', () => {
    expect(reportOf(pro, [])).toEqual({
      key: 'pro',
      stateBytes: { typical: 0, bound: 0 },
      timers: 0,
      precision: ['exact to the millisecond'],
      cost: 'cheap',
      touchedBy: [{ input: 'profile', kinds: null }],
      series: [],
    });
  });

  it.each<[string, Entry, string]>([
    ['newest entries', { last: { ...calls, of: 'sentiment' }, atMost: 0 }, 'cheap'],
    ['distinct values', { countDistinct: { ...calls, of: 'featureId', within: '1d' }, atLeast: 2 }, 'moderate'],
    ['a key', { count: { ...calls, within: '1d', sameKey: 'issueId' }, atLeast: 2 }, 'heavy'],
    ['decay', { decayedSum: { ...calls, halfLife: '1d' }, atLeast: 2 }, 'heavy'],
    ['issues', { openIssues: {} }, 'heavy'],
  ])('tells the cost of %s', (_what, enter, cost) => {
    expect(reportOf(definition('x', enter), []).cost).toBe(cost);
  });

  it('counts what can change by time alone', () => {
    const enter = {
      all: [{ trait: 'birthday', olderThan: '18y' }, { score: 'pAlive', lessThan: 0.4 }, { segment: 'x' }],
    };
    expect(reportOf(definition('x', enter), []).timers).toBe(2);
    const include = [{ customer: '1', author: 'a', reason: 'b', expires: '2027-01-01' }];
    expect(reportOf(definition('x', enter, { grace: '1d', include }), []).timers).toBe(4);
  });

  it('names every kind where a rule names none', () => {
    const enter = { any: [{ count: { event: 'purchase' }, atLeast: 1 }, { never: { ...calls } }] };
    expect(reportOf(definition('x', enter), []).touchedBy).toEqual([
      { input: 'interaction', kinds: ['contact'] },
      { input: 'purchase', kinds: null },
    ]);
  });
});
