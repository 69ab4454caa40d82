/**
 * Rules that say nothing: never true or always true whatever happens, and a `stay` that is no weaker than `enter`. Only what is
 * certain from the rule alone is refused; what cannot be decided passes. "Always" sets aside that something may be unknown.
 */
import type { Condition, LeafCondition } from '../ast.ts';
import { isLeaf } from '../series-identity.ts';
import { conditionInWords } from '../sentence.ts';
import { claimOf, domainOf, type Claim } from './facts.ts';
import { both, isEmpty, isWithin, type Range } from './ranges.ts';

/** What is wrong with this condition itself, its parts set aside; undefined when nothing is. */
export function contradictionIn(condition: Condition): string | undefined {
  if (isLeaf(condition)) return emptyLeaf(condition);
  if (condition.kind === 'all') return clash(condition.of, true, 'never true');
  return condition.kind === 'any' ? clash(condition.of, false, 'always true') : undefined;
}

function emptyLeaf(leaf: LeafCondition): string | undefined {
  const domain = domainOf(leaf);
  const yes = claimOf(leaf);
  const no = claimOf(leaf, false);
  if (yes.kind === 'number' && isEmpty(both(domain, yes.range))) return `is never true: ${conditionInWords(leaf)}`;
  if (no.kind === 'number' && isEmpty(both(domain, no.range))) return `is always true: ${conditionInWords(leaf)}`;
  return undefined;
}

/** Two parts that cannot both hold (`holds`), or cannot both fail. */
function clash(parts: readonly Condition[], holds: boolean, what: string): string | undefined {
  const claims = parts.flatMap((part) => claimsOf(part, holds));
  for (const [index, { claim, from }] of claims.entries()) {
    const other = claims.slice(0, index).find((before) => before.from !== from && exclude(before.claim, claim));
    if (other !== undefined)
      return `is ${what}: ${conditionInWords(other.from)} ${holds ? 'and' : 'or'} ${conditionInWords(from)}`;
  }
  return clashOfMany(claims, what);
}

interface Claimed {
  readonly claim: Claim;
  readonly from: Condition;
}

/** What follows from a part that holds (fails): of conditions joined the same way, of each of them. */
function claimsOf(part: Condition, holds: boolean): readonly Claimed[] {
  if (isLeaf(part)) return [{ claim: claimOf(part, holds), from: part }];
  if (part.kind === 'not') return claimsOf(part.of, !holds).map(({ claim }) => ({ claim, from: part }));
  const each = part.of.length === 1 || (part.kind === 'all' && holds) || (part.kind === 'any' && !holds);
  return each && part.kind !== 'atLeastOf' ? part.of.flatMap((inner) => claimsOf(inner, holds)) : [];
}

function exclude(a: Claim, b: Claim): boolean {
  if (a.of !== b.of) return false;
  if (a.kind === 'number' && b.kind === 'number') return isEmpty(both(a.range, b.range));
  if (a.kind === 'itself' && b.kind === 'itself') return a.holds !== b.holds;
  if (a.kind !== 'value' || b.kind !== 'value') return false;
  if (a.in && b.in) return ![...a.values].some((value) => b.values.has(value));
  if (a.in === b.in) return false;
  const [within, without] = a.in ? [a, b] : [b, a];
  return [...within.values].every((value) => without.values.has(value));
}

/** Ranges that exclude each other only together: at least 3, at most 3, and not 3. */
function clashOfMany(claims: readonly Claimed[], what: string): string | undefined {
  const ranges = new Map<string, Range>();
  for (const { claim } of claims) {
    if (claim.kind !== 'number') continue;
    const known = ranges.get(claim.of);
    const range = known === undefined ? claim.range : both(known, claim.range);
    if (isEmpty(range)) return `is ${what}: its comparisons of one number leave none`;
    ranges.set(claim.of, range);
  }
  return undefined;
}

/** Whether whoever passes `a` passes `b`, where that is certain. */
export function implies(a: Condition, b: Condition): boolean {
  if (JSON.stringify(a) === JSON.stringify(b)) return true;
  if (a.kind === 'any') return a.of.length > 0 && a.of.every((part) => implies(part, b));
  if (b.kind === 'all') return b.of.length > 0 && b.of.every((part) => implies(a, part));
  if (a.kind === 'all') return a.of.some((part) => implies(part, b));
  if (b.kind === 'any') return b.of.some((part) => implies(a, part));
  if (!isLeaf(a) || !isLeaf(b)) return false;
  const [from, to] = [claimOf(a), claimOf(b)];
  if (from.of !== to.of) return false;
  if (from.kind === 'number' && to.kind === 'number') return isWithin(both(domainOf(a), from.range), to.range);
  if (from.kind !== 'value' || to.kind !== 'value') return false;
  if (from.in && to.in) return [...from.values].every((value) => to.values.has(value));
  if (from.in && !to.in) return ![...from.values].some((value) => to.values.has(value));
  return !from.in && !to.in && [...to.values].every((value) => from.values.has(value));
}
