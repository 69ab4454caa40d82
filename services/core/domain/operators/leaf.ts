/** Every leaf of the language as an operator: a view over series, traits and memberships with the instant it flips (E2). */
import { hash64 } from '../events/event-id.ts';
import type { LeafCondition } from '../language/ast.ts';
import { neverLeaf, noneLeaf, noneSinceLeaf } from './absence.ts';
import { settle } from './candidates.ts';
import { compareOperator, scoreOperator, type Cuts } from './compare.ts';
import { dateOperator } from './date.ts';
import { segmentOperator, tierOperator } from './membership.ts';
import { FALSE, TRUE, UNKNOWN, type LeafOperator } from './operator.ts';
import { textOperator } from './text.ts';
import { traitOperator } from './trait.ts';
import { traitChangedOperator, traitHeldOperator } from './trait-history.ts';

/**
 * `cuts` are those of the rule set the operator is compiled for. Of a view, the operator asks for the series in the order of
 * `needsOf`, and judges at the view's instant.
 */
export function compileLeaf(leaf: LeafCondition, cuts: Cuts): LeafOperator {
  switch (leaf.kind) {
    case 'compare':
      return compareOperator(leaf, cuts);
    case 'text':
      return textOperator(leaf);
    case 'none':
      return noneLeaf(leaf);
    case 'never':
      return neverLeaf();
    case 'noneSince':
      return noneSinceLeaf();
    case 'trait':
      return traitOperator(leaf);
    case 'traitChanged':
      return traitChangedOperator(leaf);
    case 'traitHeld':
      return traitHeldOperator(leaf);
    case 'date':
      return dateOperator(leaf);
    case 'score':
      return scoreOperator(leaf, cuts);
    case 'consent':
      return consentOperator(leaf.purpose);
    case 'segment':
      return segmentOperator(leaf);
    case 'tier':
      return tierOperator(leaf);
    case 'bucket':
      return bucketOperator(leaf);
  }
}

function consentOperator(purpose: string): LeafOperator {
  const name = `consent:${purpose}`;
  return {
    judge(view, verdict) {
      const granted = view.trait(name);
      settle(verdict, typeof granted !== 'boolean' ? UNKNOWN : granted ? TRUE : FALSE);
    },
    value(view) {
      const granted = view.trait(name);
      return typeof granted !== 'boolean' ? null : granted ? 'granted' : 'withdrawn';
    },
  };
}

/** Hundredths of a percent, by the hash of the seed and the customer's id. */
const BUCKETS = 10_000;

function bucketOperator({ seed, from, to }: Extract<LeafCondition, { kind: 'bucket' }>): LeafOperator {
  const bucketOf = (customer: string): number => hash64(`${seed}\0${customer}`).lo % BUCKETS;
  return {
    judge(view, verdict) {
      const bucket = bucketOf(view.customer);
      settle(verdict, bucket >= from && bucket < to ? TRUE : FALSE);
    },
    value: (view) => bucketOf(view.customer),
  };
}
