/** What traits, models and comparisons are called. */
import { TRAITS } from '../../events/traits.ts';
import type { Comparator } from '../ast.ts';

export function traitLabel(trait: string): string {
  const own = Object.hasOwn(TRAITS, trait) ? TRAITS[trait]?.label : undefined;
  return own ?? spaced(trait.replace(/^account\./, 'company '));
}

/** `churnRisk` and `churn_risk` are read as words. */
export function spaced(name: string): string {
  return name
    .replaceAll(/[_-]+/g, ' ')
    .replaceAll(/([a-z0-9])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
}

const MODELS: Readonly<Record<string, string>> = {
  clv12m: 'predicted value of the next twelve months',
  pAlive: 'probability of still being a customer',
};

export function modelLabel(model: string): string {
  return Object.hasOwn(MODELS, model) ? MODELS[model]! : `score ${spaced(model)}`;
}

export const COMPARISON: Readonly<Record<Comparator, string>> = {
  atLeast: 'at least',
  atMost: 'at most',
  moreThan: 'more than',
  lessThan: 'less than',
  equals: 'exactly',
  notEquals: 'other than',
};

/** `needs ` where a condition does not hold. */
export function needs(truth: 'true' | 'false' | 'unknown'): string {
  return truth === 'true' ? '' : 'needs ';
}
