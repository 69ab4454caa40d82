/** Conditions that hold others: three-valued (Kleene). What they hold at last is asked of the caller. */
import type { Condition, LeafCondition, Truth } from '../domain/language/ast.ts';
import { negated } from './numbers.ts';

export function truthOf(condition: Condition, leafTruth: (leaf: LeafCondition) => Truth): Truth {
  switch (condition.kind) {
    case 'all': {
      const parts = condition.of.map((part) => truthOf(part, leafTruth));
      return parts.includes('false') ? 'false' : parts.includes('unknown') ? 'unknown' : 'true';
    }
    case 'any': {
      const parts = condition.of.map((part) => truthOf(part, leafTruth));
      return parts.includes('true') ? 'true' : parts.includes('unknown') ? 'unknown' : 'false';
    }
    case 'atLeastOf': {
      const parts = condition.of.map((part) => truthOf(part, leafTruth));
      const certain = parts.filter((part) => part === 'true').length;
      const possible = parts.filter((part) => part !== 'false').length;
      return certain >= condition.n ? 'true' : possible < condition.n ? 'false' : 'unknown';
    }
    case 'not':
      return negated(truthOf(condition.of, leafTruth));
    case 'compare':
    case 'text':
    case 'none':
    case 'never':
    case 'noneSince':
    case 'trait':
    case 'traitChanged':
    case 'traitHeld':
    case 'date':
    case 'score':
    case 'consent':
    case 'segment':
    case 'tier':
    case 'bucket':
      return leafTruth(condition);
  }
}
