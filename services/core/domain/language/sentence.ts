/** Conditions in words, for editors and explanations. What a condition comes to for a customer: value-sentence.ts. */
import type { Condition, LeafCondition } from './ast.ts';
import { isLeaf } from './series-identity.ts';
import { absenceInWords, neverInWords, noneSinceInWords } from './words/absence.ts';
import { comparisonInWords, scoreInWords } from './words/comparisons.ts';
import { bucketInWords, consentInWords, segmentInWords, tierInWords } from './words/references.ts';
import { textConditionInWords } from './words/texts.ts';
import { changedInWords, dateConditionInWords, heldInWords, traitInWords } from './words/traits.ts';

export function conditionInWords(condition: Condition): string {
  if (isLeaf(condition)) return leafInWords(condition);
  switch (condition.kind) {
    case 'all':
      return condition.of.length === 0 ? 'always' : condition.of.map(nested).join(' and ');
    case 'any':
      return condition.of.length === 0 ? 'never' : condition.of.map(nested).join(' or ');
    case 'atLeastOf':
      return `at least ${condition.n} of: ${condition.of.map(nested).join('; ')}`;
    case 'not':
      return denialInWords(condition.of);
  }
}

function nested(condition: Condition): string {
  const text = conditionInWords(condition);
  const many = condition.kind === 'all' || condition.kind === 'any' || condition.kind === 'atLeastOf';
  return many && condition.of.length > 1 ? `(${text})` : text;
}

function leafInWords(leaf: LeafCondition): string {
  switch (leaf.kind) {
    case 'compare':
      return comparisonInWords(leaf.measure, leaf.test);
    case 'text':
      return textConditionInWords(leaf);
    case 'none':
      return absenceInWords(leaf.filter, leaf.ms);
    case 'never':
      return neverInWords(leaf);
    case 'noneSince':
      return noneSinceInWords(leaf);
    case 'trait':
      return traitInWords(leaf.trait, leaf.test);
    case 'traitChanged':
      return changedInWords(leaf);
    case 'traitHeld':
      return heldInWords(leaf);
    case 'date':
      return dateConditionInWords(leaf);
    case 'score':
      return scoreInWords(leaf);
    case 'consent':
      return consentInWords(leaf.purpose);
    case 'segment':
      return segmentInWords(leaf.key, leaf.test);
    case 'tier':
      return tierInWords(leaf);
    case 'bucket':
      return bucketInWords(leaf);
  }
}

/** That something is not so: within its own sentence where it has a word for it. */
function denialInWords(condition: Condition): string {
  switch (condition.kind) {
    case 'text':
      return textConditionInWords(condition, true);
    case 'trait':
      return traitInWords(condition.trait, condition.test, true);
    case 'traitChanged':
      return changedInWords(condition, true);
    case 'traitHeld':
      return heldInWords(condition, true);
    case 'date':
      return dateConditionInWords(condition, true);
    case 'segment':
      return segmentInWords(condition.key, condition.test, true);
    case 'tier':
      return tierInWords(condition, true);
    case 'bucket':
      return bucketInWords(condition, true);
    case 'none':
    case 'never':
    case 'noneSince':
      // "No order" begins with the word that is denied.
      return leafInWords(condition).replace(/^no /, 'some ');
    case 'not':
      return conditionInWords(condition.of);
    case 'any':
      return condition.of.length > 1 ? `none of: ${condition.of.map(nested).join('; ')}` : `not ${nested(condition)}`;
    case 'all':
    case 'atLeastOf':
    case 'compare':
    case 'score':
    case 'consent':
      return `not ${nested(condition)}`;
  }
}
