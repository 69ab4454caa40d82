import { describe, expect, it } from 'vitest';
import type { DefinitionRecord } from '../../../../services/core/domain/events/definition-record.ts';
import { PlanSource, TaskRules, type RulesMeta } from '../../../../services/core/domain/evaluation/applied-rules.ts';
import { Catalogue } from '../../../../services/core/domain/language/catalogue.ts';

const GRID = 5000;

function record(key: string, effectiveFrom: number, basedOn: number | null, atLeast: number): DefinitionRecord {
  const enter = { count: { event: 'interaction', within: '1d' }, atLeast };
  return {
    kind: 'segment',
    key,
    basedOn,
    author: null,
    reason: null,
    publishedAt: effectiveFrom,
    effectiveFrom,
    body: JSON.stringify({ key, name: key, enter }),
  };
}

function coverage(effectiveFrom: number): DefinitionRecord {
  const body = JSON.stringify({ input: 'interactions', kinds: '*', since: 'always' });
  return { ...record('coverage', effectiveFrom, null, 1), kind: 'coverage', body };
}

function rulesOf(records: readonly DefinitionRecord[]): {
  rules: TaskRules;
  restarted: (meta: RulesMeta) => TaskRules;
} {
  const catalogue = new Catalogue();
  records.forEach((one, offset) => expect(catalogue.fold(offset, one)).toBeUndefined());
  const owned = (meta: RulesMeta | undefined): TaskRules => new TaskRules(catalogue, new PlanSource(), meta);
  return { rules: owned(undefined), restarted: owned };
}

describe('the sets a customer has to be brought through', () => {
  it('are those the task applied, records of one instant as one (D2)', () => {
    const { rules } = rulesOf([
      record('a', 0, null, 1),
      record('a', GRID, 0, 2),
      record('b', GRID, null, 3),
      record('a', 2 * GRID, 1, 4),
    ]);
    rules.apply(0, 0, false);
    rules.saw(1);
    rules.apply(2, GRID, false);
    rules.apply(3, 2 * GRID, false);
    expect(rules.after(0).map(({ offset }) => offset)).toEqual([2, 3]);
    expect(rules.after(2).map(({ offset }) => offset)).toEqual([3]);
    expect(rules.after(3)).toEqual([]);
  });

  it('are the same for whoever was not looked at while another of that instant was published', () => {
    const { rules, restarted } = rulesOf([record('a', 0, null, 1), record('a', GRID, 0, 2), record('a', GRID, 1, 3)]);
    rules.apply(0, 0, false);
    rules.saw(1);
    rules.apply(1, GRID, false);
    rules.apply(2, GRID + 9, false);
    expect(rules.after(0).map(({ offset }) => offset)).toEqual([1, 2]);
    const again = restarted(JSON.parse(JSON.stringify(rules.meta)) as RulesMeta);
    expect(again.after(0).map(({ offset }) => offset)).toEqual([1, 2]);
  });

  it('are none but the last before the first event: there was nobody to be changed', () => {
    const { rules } = rulesOf([record('a', 0, null, 1), record('a', GRID, 0, 2), record('a', 2 * GRID, 1, 3)]);
    for (const offset of [0, 1, 2]) rules.apply(offset, offset * GRID, false);
    expect(rules.after(-1).map(({ offset }) => offset)).toEqual([2]);
  });

  it('change only coverage when none of their records does more', () => {
    const { rules } = rulesOf([
      record('a', 0, null, 1),
      coverage(GRID),
      record('b', 2 * GRID, null, 1),
      coverage(2 * GRID),
    ]);
    rules.apply(0, 0, false);
    rules.saw(1);
    rules.apply(1, GRID, false);
    rules.apply(3, 2 * GRID, false);
    expect(rules.isCoverageOnly(rules.at(0), rules.at(1))).toBe(true);
    // The last record is about coverage; a segment came with it all the same.
    expect(rules.isCoverageOnly(rules.at(1), rules.at(3))).toBe(false);
  });
});
