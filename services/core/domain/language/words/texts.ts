/** Texts of events: what is asked, and what it comes to for a customer. */
import type { LeafCondition, TextComparison, TextMeasure, Truth } from '../ast.ts';
import { eventPhrase, fieldLabel } from '../event-phrase.ts';
import { needs } from './labels.ts';
import { lastOf, notOlder, oneOf, withoutKnown } from './measures.ts';
import { listed, textInWords, worded } from './values.ts';
import { nthLast, span } from './windows.ts';

type Text = Extract<LeafCondition, { kind: 'text' }>;

function subject(measure: TextMeasure): string {
  switch (measure.kind) {
    case 'textLast':
      return `${oneOf(measure.filter, measure.field, nthLast(measure.n))}${notOlder(measure.withinMs)}`;
    case 'textFirst':
      return oneOf(measure.filter, measure.field, 'first');
    case 'mostFrequent': {
      const filter = withoutKnown(measure.filter, measure.field);
      const label = fieldLabel(measure.field, filter);
      const { over } = measure;
      if ('n' in over) return `most frequent ${label} of ${lastOf(over.n, filter)}`;
      return `most frequent ${label} of ${eventPhrase(filter, 'many')} in the last ${span(over.windowMs)}`;
    }
  }
}

function asked(test: TextComparison, not = false): string {
  if ('folding' in test) return textInWords(test, 'is', not);
  return `is ${(test.op === 'notIn') !== not ? 'not ' : ''}${listed(test.values.map(textInYesOrNo))}`;
}

/** A boolean is kept as a text. */
function textInYesOrNo(value: string): string {
  return value === 'true' ? 'yes' : value === 'false' ? 'no' : worded(value);
}

export function textConditionInWords({ measure, test }: Text, not = false): string {
  return `${subject(measure)} ${asked(test, not)}`;
}

export function textValue(leaf: Text, truth: Truth, value: number | string | null): string {
  const what = subject(leaf.measure);
  if (value === null)
    return truth === 'unknown' ? `${what} is not known` : textConditionInWords(leaf, truth === 'false');
  const sofar = truth === 'unknown' ? ' as far as is known' : '';
  const { test } = leaf;
  const threshold = asked(test).replace(/^is /, '');
  if (truth === 'true' && test.op === 'in' && test.values.length === 1)
    return `${what} is ${textInYesOrNo(String(value))}`;
  return `${what} is ${textInYesOrNo(String(value))}${sofar} (${needs(truth)}${threshold})`;
}
