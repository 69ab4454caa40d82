/**
 * What a condition comes to for a customer, in one sentence for a person: the value, and in brackets what is asked for. "needs"
 * stands there when it is not so: "2 inbound contacts by phone in the last 30 days (needs at least 3)".
 */
import type { LeafCondition, Truth } from './ast.ts';
import { absenceValue, neverValue, noneSinceValue } from './words/absence.ts';
import { comparisonValue, scoreValue } from './words/comparisons.ts';
import { bucketInWords, consentValue, segmentValue, tierValue } from './words/references.ts';
import { textValue } from './words/texts.ts';
import { changedValue, dateValue, heldValue, traitValue } from './words/traits.ts';

/**
 * `value` as the condition's operator gives it, in the units its threshold is written in: ratios as fractions, durations in ms,
 * instants in ms UTC, texts as they are, of a tier the member; null when there is none.
 */
export function valueSentence(leaf: LeafCondition, truth: Truth, value: number | string | null): string {
  const number = typeof value === 'number' ? value : null;
  switch (leaf.kind) {
    case 'compare':
      return comparisonValue(leaf, truth, number);
    case 'score':
      return scoreValue(leaf, truth, number);
    case 'text':
      return textValue(leaf, truth, value);
    case 'none':
      return absenceValue(leaf, truth, number);
    case 'never':
      return neverValue(leaf, truth, number);
    case 'noneSince':
      return noneSinceValue(leaf, truth, number);
    case 'trait':
      return traitValue(leaf, truth, value);
    case 'traitChanged':
      return changedValue(leaf, truth);
    case 'traitHeld':
      return heldValue(leaf, truth);
    case 'date':
      return dateValue(leaf, truth, value);
    case 'consent':
      return consentValue(leaf, truth);
    case 'segment':
      return segmentValue(leaf, truth);
    case 'tier':
      return tierValue(leaf, truth, value);
    case 'bucket':
      return bucketInWords(leaf, truth !== 'true');
  }
}
