/** The conditions that look at events, and the instants at which time alone could change them. */
import type { Condition, Measure } from '../domain/language/ast.ts';
import type { Reach } from './trail.ts';

export type Leaf = Extract<Condition, { kind: 'compare' | 'none' }>;

/** What names the series a leaf is a view over. */
export function sourceOf(leaf: Leaf): Measure | Extract<Condition, { kind: 'none' }> {
  return leaf.kind === 'none' ? leaf : leaf.measure;
}

/** Every leaf of a condition, in the order they are written. */
export function leavesOf(condition: Condition): readonly Leaf[] {
  switch (condition.kind) {
    case 'compare':
    case 'none':
      return [condition];
    case 'all':
    case 'any':
      return condition.of.flatMap((part) => leavesOf(part));
    case 'not':
      return leavesOf(condition.of);
    case 'trait':
    case 'segment':
      return [];
  }
}

/** The segments a condition refers to. */
export function referencesOf(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'segment':
      return [condition.key];
    case 'all':
    case 'any':
      return condition.of.flatMap((part) => referencesOf(part));
    case 'not':
      return referencesOf(condition.of);
    case 'compare':
    case 'none':
    case 'trait':
      return [];
  }
}

/**
 * How long after an event, after the start of the customer's tenure or after the instant the feed is whole from the leaf
 * may change by time alone. More than can really happen, never less.
 */
export function delaysOf(leaf: Leaf): readonly number[] {
  if (leaf.kind === 'none') return [leaf.ms];
  const { measure, test } = leaf;
  if (measure.kind === 'timeSinceLast') return [test.value, test.value + 1];
  if (measure.kind === 'last' || measure.kind === 'averageLast') return [];
  return measure.window.kind === 'sliding' ? [measure.window.ms] : [];
}

/** How much of its series a leaf looks at. */
export function reachOf(leaf: Leaf): Reach {
  if (leaf.kind === 'none') return { ms: 0, lifetime: false, newest: 1 };
  const { measure } = leaf;
  if (measure.kind === 'averageLast') return { ms: 0, lifetime: false, newest: measure.n };
  if (measure.kind === 'last' || measure.kind === 'timeSinceLast') return { ms: 0, lifetime: false, newest: 1 };
  const { window } = measure;
  return window.kind === 'sliding'
    ? { ms: window.ms, lifetime: false, newest: 1 }
    : { ms: 0, lifetime: true, newest: 1 };
}
