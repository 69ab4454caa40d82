/**
 * What a condition comes to for a customer, in one sentence for a person: the value, and in brackets what is asked for. "needs"
 * stands there when it is not so: "2 inbound contacts by phone in the last 30 days (needs at least 3)".
 */
import { durationInWords } from '../time/duration.ts';
import type { Condition, Measure, NumberTest, Truth } from './ast.ts';
import { eventPhrase } from './event-phrase.ts';
import { formOfField, numberInForm } from './numbers-in-words.ts';
import {
  absenceInWords,
  isNone,
  numberInWords,
  quantityInWords,
  subjectInWords,
  thresholdInWords,
  traitInWords,
  traitLabel,
  traitThresholdInWords,
} from './sentence.ts';

/** A condition that compares something of the customer by itself. */
export type Comparison = Extract<Condition, { kind: 'compare' | 'none' | 'trait' }>;

/** `value` as the condition's operator gives it; null when there is none. */
export function valueSentence(condition: Comparison, truth: Truth, value: number | null): string {
  switch (condition.kind) {
    case 'compare':
      return measured(condition.measure, condition.test, truth, value);
    case 'none':
      return absent(condition, truth, value);
    case 'trait':
      return ofTrait(condition, truth, value);
  }
}

function measured(measure: Measure, test: NumberTest, truth: Truth, value: number | null): string {
  const needs = truth === 'true' ? '' : 'needs ';
  const threshold = isNone(measure, test) ? 'none' : thresholdInWords(measure, test);
  switch (measure.kind) {
    case 'count':
    case 'countDistinct':
    case 'sum': {
      const known = value ?? 0;
      const number = known === 0 && measure.kind !== 'sum' ? 'no' : numberInWords(measure, known);
      const grammar = known === 1 ? 'one' : 'many';
      const told = quantityInWords(measure, number, grammar);
      return truth === 'unknown'
        ? `${told} so far, earlier ones may be missing (needs ${threshold})`
        : truth === 'true' && isNone(measure, test)
          ? told
          : `${told} (${needs}${threshold})`;
    }
    case 'timeSinceLast': {
      const noun = eventPhrase(measure.filter, 'one');
      if (value === null) return `no ${noun} yet`;
      const asked =
        test.op === 'atLeast' && truth !== 'true' ? `${numberInWords(measure, test.value)} without` : threshold;
      return `${lastSeen(noun, value)}${truth === 'unknown' ? ' or later' : ''} (${needs}${asked})`;
    }
    case 'average':
    case 'min':
    case 'max':
    case 'last':
    case 'averageLast': {
      const subject = subjectInWords(measure);
      if (value === null) return `${subject} is not known (needs ${threshold})`;
      const sofar = truth === 'unknown' ? ' as far as is known' : '';
      return `${subject} is ${numberInWords(measure, value)}${sofar} (${needs}${threshold})`;
    }
  }
}

function absent(condition: Extract<Comparison, { kind: 'none' }>, truth: Truth, value: number | null): string {
  const told = absenceInWords(condition.filter, condition.ms);
  switch (truth) {
    case 'true':
      return told;
    case 'false':
      return `${lastSeen(eventPhrase(condition.filter, 'one'), value ?? 0)} (needs ${durationInWords(condition.ms)} without)`;
    case 'unknown':
      return `${told} as far as is known, but not everything of that time is known`;
  }
}

function ofTrait(condition: Extract<Comparison, { kind: 'trait' }>, truth: Truth, value: number | null): string {
  const { trait, test } = condition;
  const label = traitLabel(trait);
  if (truth === 'unknown') return `${label} is not known`;
  if (value !== null && 'value' in test) {
    const threshold = traitThresholdInWords(trait, test);
    return `${label} is ${numberInForm(formOfField(trait), value)} (${truth === 'true' ? '' : 'needs '}${threshold})`;
  }
  return traitInWords(trait, test, truth === 'false');
}

function lastSeen(noun: string, ms: number): string {
  return `last ${noun} ${ms < 1000 ? 'just now' : `${durationInWords(ms)} ago`}`;
}
