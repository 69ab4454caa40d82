/** Conditions in words, for editors and explanations. What a condition comes to for a customer: value-sentence.ts. */
import { TRAITS } from '../events/traits.ts';
import { durationInWords } from '../time/duration.ts';
import type { Window } from '../time/window.ts';
import type { Comparator, Condition, EventFilter, Measure, NumberTest, Projection, TraitTest } from './ast.ts';
import {
  eventPhrase,
  fieldLabel,
  listed,
  pluralLabel,
  scalarInWords,
  surveyName,
  type Grammar,
} from './event-phrase.ts';
import { formOfField, numberInForm } from './numbers-in-words.ts';
import { measureScale } from './parse.ts';

/** Measures that are numbers of something … */
type Counted = Extract<Measure, { kind: 'count' } | { kind: 'countDistinct' }>;
type InWindow = Extract<Numbered, { window: Window }>;
/** … and those that read a number of the events. */
type Numbered = Extract<Measure, { of: Projection }>;

const COMPARISON: Readonly<Record<Comparator, string>> = {
  atLeast: 'at least',
  atMost: 'at most',
  moreThan: 'more than',
  lessThan: 'less than',
  equals: 'exactly',
  notEquals: 'other than',
};

export function conditionInWords(condition: Condition): string {
  switch (condition.kind) {
    case 'compare':
      return comparisonInWords(condition.measure, condition.test);
    case 'none':
      return absenceInWords(condition.filter, condition.ms);
    case 'trait':
      return traitInWords(condition.trait, condition.test);
    case 'segment':
      return `in segment ${condition.key}`;
    case 'all':
      return condition.of.map(nested).join(' and ');
    case 'any':
      return condition.of.map(nested).join(' or ');
    case 'not':
      return condition.of.kind === 'trait'
        ? traitInWords(condition.of.trait, condition.of.test, true)
        : `not ${nested(condition.of)}`;
  }
}

function nested(condition: Condition): string {
  const text = conditionInWords(condition);
  return (condition.kind === 'all' || condition.kind === 'any') && condition.of.length > 1 ? `(${text})` : text;
}

function comparisonInWords(measure: Measure, test: NumberTest): string {
  const threshold = thresholdInWords(measure, test);
  switch (measure.kind) {
    case 'count':
    case 'countDistinct':
    case 'sum':
      return quantityInWords(measure, isNone(measure, test) ? 'no' : threshold, isOne(test) ? 'one' : 'many');
    case 'timeSinceLast':
      return `${threshold} since the last ${eventPhrase(measure.filter, 'one')}`;
    case 'average':
    case 'min':
    case 'max':
    case 'last':
    case 'averageLast':
      return `${subjectInWords(measure)} ${threshold}`;
  }
}

/** A count that must be zero. */
export function isNone(measure: Measure, { op, value }: NumberTest): boolean {
  const counts = measure.kind === 'count' || measure.kind === 'countDistinct';
  return counts && ((value === 0 && (op === 'equals' || op === 'atMost')) || (value === 1 && op === 'lessThan'));
}

function isOne({ op, value }: NumberTest): boolean {
  return value === 1 && (op === 'atLeast' || op === 'equals' || op === 'atMost');
}

/** `3 contacts in the last 30 days`, `1,200.00 in orders over the last 90 days`: the number stands before. */
export function quantityInWords(measure: Counted | InWindow, number: string, grammar: Grammar): string {
  const { filter } = measure;
  switch (measure.kind) {
    case 'count':
      return `${number} ${eventPhrase(filter, grammar)}${windowInWords(measure.window, 'in')}`;
    case 'countDistinct': {
      const label = fieldLabel(measure.field, filter);
      const noun = grammar === 'one' ? label : pluralLabel(label);
      return `${number} different ${noun} in ${eventPhrase(filter, 'many')}${windowInWords(measure.window, 'in')}`;
    }
    case 'sum':
    case 'average':
    case 'min':
    case 'max': {
      // An amount says what it is by itself; any other sum needs its name.
      const label = measure.of.field === 'amountBaseMinor' ? '' : ` ${fieldLabel(measure.of.field, filter)}`;
      return `${number}${label} in ${eventPhrase(filter, 'many')}${windowInWords(measure.window, 'over')}`;
    }
  }
}

/** `last CSAT score`, `average amount of orders over the last 90 days`: the number stands behind. */
export function subjectInWords(measure: Numbered): string {
  const { field } = measure.of;
  const filter = withoutKnown(measure.filter, field);
  const label = fieldLabel(field, filter);
  const survey = surveyName(filter);
  switch (measure.kind) {
    case 'sum':
    case 'average':
    case 'min':
    case 'max': {
      const which = { sum: 'total', average: 'average', min: 'smallest', max: 'largest' }[measure.kind];
      return `${which} ${label} of ${eventPhrase(filter, 'many')}${windowInWords(measure.window, 'over')}`;
    }
    case 'last':
      return survey === undefined ? `${label} of the last ${eventPhrase(filter, 'one')}` : `last ${survey} ${label}`;
    case 'averageLast': {
      const last = measure.n === 1 ? 'the last' : `the last ${measure.n}`;
      if (survey === undefined)
        return `average ${label} of ${last} ${eventPhrase(filter, measure.n === 1 ? 'one' : 'many')}`;
      return `average of ${last} ${survey} ${measure.n === 1 ? label : pluralLabel(label)}`;
    }
  }
}

/** That the number which is read is there goes without saying. */
function withoutKnown(filter: EventFilter, field: string): EventFilter {
  const where = filter.where.filter(
    (clause) => clause.field !== field || clause.test.op !== 'known' || !clause.test.expected,
  );
  return { ...filter, where };
}

export function absenceInWords(filter: EventFilter, ms: number): string {
  return `no ${eventPhrase(filter, 'one')} in the last ${span(ms)}`;
}

export function thresholdInWords(measure: Measure, test: NumberTest): string {
  return `${COMPARISON[test.op]} ${numberInWords(measure, test.value / measureScale(measure))}`;
}

/** A value of a measure, in the units its threshold is written in. */
export function numberInWords(measure: Measure, value: number): string {
  switch (measure.kind) {
    case 'count':
    case 'countDistinct':
      return numberInForm('plain', value);
    case 'timeSinceLast':
      return numberInForm('duration', value);
    case 'sum':
    case 'average':
    case 'min':
    case 'max':
    case 'last':
    case 'averageLast':
      return numberInForm(formOfField(measure.of.field), value);
  }
}

function windowInWords(window: Window, preposition: 'in' | 'over'): string {
  return window.kind === 'lifetime' ? ' ever' : ` ${preposition} the last ${span(window.ms)}`;
}

/** The last hour, the last 30 days. */
function span(ms: number): string {
  return durationInWords(ms).replace(/^1 (?=\w+$)/, '');
}

export function traitLabel(trait: string): string {
  return (Object.hasOwn(TRAITS, trait) ? TRAITS[trait]?.label : undefined) ?? trait.replace(/^account\./, 'company ');
}

/** What a trait must be: `plan is pro or team`, `vulnerable: yes`. `not`: that it is not so. */
export function traitInWords(trait: string, test: TraitTest, not = false): string {
  const label = traitLabel(trait);
  switch (test.op) {
    case 'in':
    case 'notIn': {
      const negative = (test.op === 'notIn') !== not;
      const [only] = test.values;
      if (test.values.length === 1 && typeof only === 'boolean')
        return `${label}: ${scalarInWords(negative ? !only : only)}`;
      return `${label} is ${negative ? 'not ' : ''}${listed(test.values.map(scalarInWords))}`;
    }
    case 'known':
      return test.expected === not ? `${label} is not known` : `${label} is known`;
    case 'atLeast':
    case 'atMost':
    case 'moreThan':
    case 'lessThan':
      return `${label} is ${not ? 'not ' : ''}${traitThresholdInWords(trait, test)}`;
  }
}

export function traitThresholdInWords(
  trait: string,
  test: Extract<TraitTest, { op: 'atLeast' | 'atMost' | 'moreThan' | 'lessThan' }>,
): string {
  return `${COMPARISON[test.op]} ${numberInForm(formOfField(trait), test.value)}`;
}
