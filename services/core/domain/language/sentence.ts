/** Conditions in words, for editors, explanations and reasons. */
import { durationInWords } from '../time/duration.ts';
import type { Comparator, Condition, EventFilter, FieldTest, Measure, NumberTest, Scalar, TraitTest } from './ast.ts';
import type { Window } from '../time/window.ts';
import { measureScale } from './parse.ts';

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
      return `${measureInWords(condition.measure)} ${thresholdInWords(condition.measure, condition.test)}`;
    case 'none':
      return `no ${filterInWords(condition.filter)} in the last ${durationInWords(condition.ms)}`;
    case 'trait':
      return `${condition.trait} ${traitTestInWords(condition.test)}`;
    case 'segment':
      return `in segment ${condition.key}`;
    case 'all':
      return condition.of.map(nested).join(' and ');
    case 'any':
      return condition.of.map(nested).join(' or ');
    case 'not':
      return `not ${nested(condition.of)}`;
  }
}

function nested(condition: Condition): string {
  const text = conditionInWords(condition);
  return (condition.kind === 'all' || condition.kind === 'any') && condition.of.length > 1 ? `(${text})` : text;
}

export function measureInWords(measure: Measure): string {
  const filter = filterInWords(measure.filter);
  switch (measure.kind) {
    case 'count':
      return `number of ${filter}${windowInWords(measure.window)}`;
    case 'countDistinct':
      return `different ${measure.field} of ${filter}${windowInWords(measure.window)}`;
    case 'sum':
      return `total ${measure.of.field} of ${filter}${windowInWords(measure.window)}`;
    case 'average':
      return `average ${measure.of.field} of ${filter}${windowInWords(measure.window)}`;
    case 'min':
      return `smallest ${measure.of.field} of ${filter}${windowInWords(measure.window)}`;
    case 'max':
      return `largest ${measure.of.field} of ${filter}${windowInWords(measure.window)}`;
    case 'last':
      return `${measure.of.field} of the last ${filter}`;
    case 'averageLast':
      return `average ${measure.of.field} of the last ${measure.n} ${filter}`;
    case 'timeSinceLast':
      return `time since the last ${filter}`;
  }
}

export function thresholdInWords(measure: Measure, test: NumberTest): string {
  return `${COMPARISON[test.op]} ${numberInWords(measure, test.value / measureScale(measure))}`;
}

/** A value of a measure, in the units its threshold is written in. */
export function numberInWords(measure: Measure, value: number): string {
  if (measure.kind === 'timeSinceLast') return durationInWords(value);
  const rounded = Math.round(value * 1000) / 1000;
  return String(rounded);
}

function windowInWords(window: Window): string {
  return window.kind === 'lifetime' ? ' ever' : ` in the last ${durationInWords(window.ms)}`;
}

export function filterInWords(filter: EventFilter): string {
  const kinds = filter.where.find((clause) => clause.field === 'kind' && clause.test.op === 'in');
  const noun =
    kinds?.test.op === 'in'
      ? kinds.test.values.map((kind) => String(kind).replaceAll('_', ' ')).join(' or ')
      : filter.events.join(' or ');
  const rest = filter.where
    .filter((clause) => clause !== kinds)
    .map((clause) => `${clause.field} ${fieldTestInWords(clause.test)}`);
  return rest.length === 0 ? noun : `${noun} (${rest.join(', ')})`;
}

function fieldTestInWords(test: FieldTest): string {
  switch (test.op) {
    case 'in':
      return listInWords(test.values);
    case 'notIn':
      return `not ${listInWords(test.values)}`;
    case 'has':
      return `with ${listInWords(test.values)}`;
    case 'between': {
      const low = test.low === -Infinity ? [] : [`${test.lowOpen ? 'more than' : 'at least'} ${test.low}`];
      const high = test.high === Infinity ? [] : [`${test.highOpen ? 'less than' : 'at most'} ${test.high}`];
      return [...low, ...high].join(' and ');
    }
    case 'known':
      return test.expected ? 'known' : 'not known';
  }
}

export function traitTestInWords(test: TraitTest): string {
  switch (test.op) {
    case 'in':
      return `is ${listInWords(test.values)}`;
    case 'notIn':
      return `is not ${listInWords(test.values)}`;
    case 'known':
      return test.expected ? 'is known' : 'is not known';
    case 'atLeast':
    case 'atMost':
    case 'moreThan':
    case 'lessThan':
      return `is ${COMPARISON[test.op]} ${test.value}`;
  }
}

function listInWords(values: readonly Scalar[]): string {
  const shown = values.slice(0, 5).map(String);
  return values.length > 5 ? `one of ${shown.join(', ')} and ${values.length - 5} more` : shown.join(' or ');
}
