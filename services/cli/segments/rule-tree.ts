/** A rule as a tree of lines, condition by condition; with what each comes to for a customer where that is known. */
import type { ConditionNow } from '../../core/domain/evaluation/explain.ts';
import type { Condition, LeafCondition, Truth } from '../../core/domain/language/ast.ts';
import { conditionInWords } from '../../core/domain/language/sentence.ts';

export type RuleNode =
  | {
      readonly kind: 'all' | 'any' | 'atLeastOf' | 'not';
      readonly path: string;
      readonly words: string;
      /** Null without a customer. */
      readonly truth: Truth | null;
      /** Of atLeastOf. */
      readonly n: number | null;
      readonly of: readonly RuleNode[];
    }
  | {
      readonly kind: 'condition';
      readonly path: string;
      readonly words: string;
      readonly truth: Truth | null;
      /** What it comes to. */
      readonly now: ConditionNow | null;
      readonly of: readonly [];
    };

/** `path`: of the condition, as plans write it (plan.ts). `now`: conditions of a customer by path. */
export function ruleTree(
  condition: Condition,
  path: string,
  now: ReadonlyMap<string, ConditionNow> | undefined,
): RuleNode {
  if (!('of' in condition)) return leaf(condition, path, now);
  if (condition.kind === 'not') {
    const of = ruleTree(condition.of, `${path}.not`, now);
    return { kind: 'not', path, words: 'not', truth: opposite(of.truth), n: null, of: [of] };
  }
  const { kind } = condition;
  const of = condition.of.map((part, at) => ruleTree(part, `${path}.${kind}[${at}]`, now));
  const n = condition.kind === 'atLeastOf' ? condition.n : null;
  const least = n ?? (kind === 'all' ? of.length : 1);
  const words = kind === 'all' ? 'all of' : kind === 'any' ? 'any of' : `at least ${least} of`;
  return { kind, path, words, truth: truthOf(of, least), n, of };
}

function leaf(condition: LeafCondition, path: string, now: ReadonlyMap<string, ConditionNow> | undefined): RuleNode {
  const found = now?.get(path) ?? null;
  return {
    kind: 'condition',
    path,
    words: conditionInWords(condition),
    truth: found?.truth ?? null,
    now: found,
    of: [],
  };
}

/** Kleene: at least so many of them. */
function truthOf(of: readonly RuleNode[], least: number): Truth | null {
  if (of.some(({ truth }) => truth === null)) return null;
  const certain = of.filter(({ truth }) => truth === 'true').length;
  const possible = of.filter(({ truth }) => truth === 'unknown').length;
  return certain >= least ? 'true' : certain + possible < least ? 'false' : 'unknown';
}

function opposite(truth: Truth | null): Truth | null {
  return truth === 'true' ? 'false' : truth === 'false' ? 'true' : truth;
}

/** What is missing for a rule that is not true: each entry has to become so; empty for one that is. */
export function missingFor(node: RuleNode): readonly string[] {
  if (node.truth === 'true' || node.truth === null) return [];
  switch (node.kind) {
    case 'condition':
      return [node.words];
    case 'all':
      return node.of.flatMap(missingFor);
    case 'not':
      return [`no longer: ${node.of.map(({ words }) => words).join(', ')}`];
    case 'any':
    case 'atLeastOf': {
      const open = node.of.filter(({ truth }) => truth !== 'true').map((part) => missingFor(part).join(' and '));
      const more = (node.n ?? 1) - (node.of.length - open.length);
      if (open.length === more) return open;
      return [`${more === 1 ? 'one' : more} of: ${open.join('; ')}`];
    }
  }
}

/** A line of the tree: what leads to it, and the node. */
export interface TreeLine {
  readonly indent: string;
  readonly node: RuleNode;
}

export function treeLines(node: RuleNode, indent = '', ahead = ''): readonly TreeLine[] {
  const below = node.of.flatMap((part, at) => {
    const last = at === node.of.length - 1;
    return treeLines(part, `${ahead}${last ? '└ ' : '├ '}`, `${ahead}${last ? '  ' : '│ '}`);
  });
  return [{ indent, node }, ...below];
}
