/** Conditions on traits and dates: what is asked, and what it comes to for a customer. */
import { durationInWords } from '../../time/duration.ts';
import type { DateSource, DateTest, LeafCondition, TraitTest, Truth, Zone } from '../ast.ts';
import { formOfField, numberInForm } from '../numbers-in-words.ts';
import { COMPARISON, needs, traitLabel } from './labels.ts';
import { oneOf } from './measures.ts';
import { listed, scalarInWords, traitTestInWords } from './values.ts';
import { dateInWords, span, zoneInWords } from './windows.ts';

type Of<K extends LeafCondition['kind']> = Extract<LeafCondition, { kind: K }>;

/** What a trait must be: `plan is pro or team`, `vulnerable: yes`. `not`: that it is not so. */
export function traitInWords(trait: string, test: TraitTest, not = false): string {
  const label = traitLabel(trait);
  if (test.op === 'in' || test.op === 'notIn') {
    const [only] = test.values;
    if (test.values.length === 1 && typeof only === 'boolean')
      return `${label}: ${scalarInWords((test.op === 'notIn') !== not ? !only : only)}`;
  }
  if (test.op === 'size') return `number of ${label} ${traitTestInWords('plain', test, not).replace(/^are /, 'is ')}`;
  return `${label} ${traitTestInWords(formOfField(trait), test, not)}`;
}

export function traitValue({ trait, test }: Of<'trait'>, truth: Truth, value: number | string | null): string {
  const label = traitLabel(trait);
  if (truth === 'unknown') return `${label} is not known`;
  if (typeof value === 'number' && 'value' in test) {
    const threshold = `${COMPARISON[test.op]} ${numberInForm(formOfField(trait), test.value)}`;
    return `${label} is ${numberInForm(formOfField(trait), value)} (${needs(truth)}${threshold})`;
  }
  return traitInWords(trait, test, truth === 'false');
}

export function changedInWords({ trait, ms }: Of<'traitChanged'>, not = false): string {
  return `${traitLabel(trait)} ${not ? 'did not change' : 'changed'} in the last ${span(ms)}`;
}

export function changedValue(leaf: Of<'traitChanged'>, truth: Truth): string {
  if (truth === 'unknown') return `whether ${changedInWords(leaf)} is not known`;
  return changedInWords(leaf, truth === 'false');
}

export function heldInWords({ trait, values, ms }: Of<'traitHeld'>, not = false): string {
  const what = listed(values.map(scalarInWords));
  return `${traitLabel(trait)} has ${not ? 'not ' : ''}been ${what} for at least ${durationInWords(ms)}`;
}

export function heldValue(leaf: Of<'traitHeld'>, truth: Truth): string {
  if (truth === 'unknown') return `whether ${heldInWords(leaf)} is not known`;
  return heldInWords(leaf, truth === 'false');
}

function sourceInWords(source: DateSource): string {
  return source.kind === 'trait' ? traitLabel(source.trait) : oneOf(source.filter, source.field, 'last');
}

export function dateConditionInWords({ source, test, zone }: Of<'date'>, not = false): string {
  return `${sourceInWords(source)} ${dateTestInWords(test, zone, not)}`;
}

function dateTestInWords(test: DateTest, zone: Zone, not = false): string {
  const denied = not ? 'not ' : '';
  switch (test.op) {
    case 'withinLast':
      return `was ${denied}in the last ${span(test.ms)}`;
    case 'withinNext':
      return `is ${denied}in the next ${span(test.ms)}`;
    case 'olderThan':
      return `is ${denied}at least ${test.n} ${test.unit}${test.n === 1 ? '' : 's'} ago${zoneInWords(zone)}`;
    case 'anniversary': {
      const has = not ? 'does not have' : 'has';
      const when = test.days === 0 ? 'today' : `today or in the next ${test.days === 1 ? 'day' : `${test.days} days`}`;
      return `${has} its anniversary ${when}${zoneInWords(zone)}`;
    }
  }
}

/** `value`: the instant, ms UTC. */
export function dateValue(leaf: Of<'date'>, truth: Truth, value: number | string | null): string {
  const label = sourceInWords(leaf.source);
  if (typeof value !== 'number' || Math.abs(value) > 8.64e15)
    return truth === 'unknown' ? `${label} is not known` : dateConditionInWords(leaf, truth === 'false');
  const asked = dateTestInWords(leaf.test, leaf.zone).replace(/^(is|was) /, '');
  return `${label} is ${dateInWords(value)} (${needs(truth)}${asked})`;
}
