import { describe, expect, it } from 'vitest';
import { missingFor, ruleTree, treeLines } from '../../../services/cli/segments/rule-tree.ts';
import type { ConditionNow } from '../../../services/core/domain/evaluation/explain.ts';
import type { Condition, Truth } from '../../../services/core/domain/language/ast.ts';

const plan = (value: string): Condition => ({ kind: 'trait', trait: 'plan', test: { op: 'in', values: [value] } });
const RULE: Condition = {
  kind: 'all',
  of: [plan('pro'), { kind: 'any', of: [plan('a'), plan('b'), { kind: 'not', of: plan('c') }] }],
};
const now = (truths: Readonly<Record<string, Truth>>): ReadonlyMap<string, ConditionNow> =>
  new Map(
    Object.entries(truths).map(([path, truth]) => [
      path,
      { path, sentence: path, truth, value: null, threshold: null, since: null },
    ]),
  );
const PATHS = ['enter.all[0]', 'enter.all[1].any[0]', 'enter.all[1].any[1]', 'enter.all[1].any[2].not'];

describe('a rule as a tree', () => {
  it('has a line for every part, drawn below what it belongs to', () => {
    const lines = treeLines(ruleTree(RULE, 'enter', undefined));
    expect(lines.map(({ indent, node }) => indent + node.kind)).toEqual([
      'all',
      '├ condition',
      '└ any',
      '  ├ condition',
      '  ├ condition',
      '  └ not',
      '    └ condition',
    ]);
    expect(lines.every(({ node }) => node.truth === null)).toBe(true);
  });

  it('comes to what its conditions come to', () => {
    const truthOf = (...truths: readonly Truth[]) =>
      ruleTree(RULE, 'enter', now(Object.fromEntries(PATHS.map((path, at) => [path, truths[at]!])))).truth;
    expect(truthOf('true', 'false', 'false', 'false')).toBe('true');
    expect(truthOf('true', 'false', 'false', 'true')).toBe('false');
    expect(truthOf('true', 'unknown', 'false', 'true')).toBe('unknown');
    expect(truthOf('false', 'unknown', 'false', 'true')).toBe('false');
  });

  it('says what is missing: everything of all, one of any', () => {
    const truths = Object.fromEntries(PATHS.map((path) => [path, path.endsWith('not') ? 'true' : 'false'] as const));
    const missing = missingFor(ruleTree(RULE, 'enter', now(truths)));
    expect(missing).toHaveLength(2);
    expect(missing[1]).toMatch(/^one of: .*; .*; no longer: /);
    expect(missingFor(ruleTree(plan('pro'), 'enter', now({ enter: 'true' })))).toEqual([]);
  });
});
