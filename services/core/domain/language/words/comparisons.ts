/** Comparisons of measures and scores: what is asked, and what it comes to for a customer. */
import type { LeafCondition, Measure, NumberTest, Operand, Truth } from '../ast.ts';
import { eventPhrase } from '../event-phrase.ts';
import { isDuration, measureScale } from '../measure-units.ts';
import { numberInForm } from '../numbers-in-words.ts';
import { COMPARISON, modelLabel, needs, spaced, traitLabel } from './labels.ts';
import { isCount, isCounted, numberInWords, quantityInWords, subjectInWords } from './measures.ts';
import { ordinal, span } from './windows.ts';
import { durationInWords } from '../../time/duration.ts';

export function comparisonInWords(measure: Measure, test: NumberTest): string {
  const threshold = thresholdInWords(measure, test);
  if (isCounted(measure) && test.against === undefined)
    return quantityInWords(measure, isNone(measure, test) ? 'no' : threshold, isOne(test) ? 'one' : 'many');
  if (measure.kind === 'timeSinceLast' && test.against === undefined)
    return `${threshold} since the last ${eventPhrase(measure.filter, 'one')}`;
  if (measure.kind === 'timeSinceFirst' && test.against === undefined)
    return `${threshold} since the first ${eventPhrase(measure.filter, 'one')}`;
  return `${subjectInWords(measure)} ${threshold}`;
}

/** A count that must be zero. */
function isNone(measure: Measure, { op, value, against }: NumberTest): boolean {
  if (!isCount(measure) || against !== undefined) return false;
  return (value === 0 && (op === 'equals' || op === 'atMost')) || (value === 1 && op === 'lessThan');
}

function isOne({ op, value, against }: NumberTest): boolean {
  return against === undefined && value === 1 && op !== 'moreThan' && op !== 'lessThan';
}

/** `at least 3`, `more than 2 times the average time between orders`. */
export function thresholdInWords(measure: Measure, test: NumberTest): string {
  const asked =
    test.against === undefined
      ? numberInWords(measure, test.value / measureScale(measure))
      : operandInWords(test.against, isDuration(measure));
  return `${COMPARISON[test.op]} ${asked}`;
}

function operandInWords(operand: Operand, duration: boolean): string {
  if (operand.kind === 'cut') {
    const { table, percentile, plus } = operand;
    const days = plus / 1000;
    const more = plus === 0 ? '' : duration ? ` and ${days} ${days === 1 ? 'day' : 'days'}` : ` plus ${days}`;
    return `the ${ordinal(percentile)} percentile of ${spaced(table)}${more}`;
  }
  const times = operand.times === 1000 ? '' : `${numberInForm('plain', operand.times / 1000)} times `;
  return operand.kind === 'trait'
    ? `${times}${traitLabel(operand.trait)}`
    : `${times}the ${subjectInWords(operand.measure)}`;
}

export function comparisonValue(
  { measure, test }: Extract<LeafCondition, { kind: 'compare' }>,
  truth: Truth,
  value: number | null,
): string {
  const threshold = isNone(measure, test) ? 'none' : thresholdInWords(measure, test);
  if (isCounted(measure)) {
    const known = value ?? 0;
    const number = known === 0 && isCount(measure) ? 'no' : numberInWords(measure, known);
    const told = quantityInWords(measure, number, known === 1 ? 'one' : 'many');
    if (truth === 'unknown') return `${told} so far, earlier ones may be missing (needs ${threshold})`;
    return truth === 'true' && isNone(measure, test) ? told : `${told} (${needs(truth)}${threshold})`;
  }
  if (measure.kind === 'timeSinceLast' || measure.kind === 'timeSinceFirst')
    return sinceValue(measure, test, truth, value, threshold);
  const subject = subjectInWords(measure);
  if (value === null) return `${subject} is not known (needs ${threshold})`;
  const sofar = truth === 'unknown' ? ' as far as is known' : '';
  return `${subject} is ${numberInWords(measure, value)}${sofar} (${needs(truth)}${threshold})`;
}

function sinceValue(
  measure: Extract<Measure, { kind: 'timeSinceLast' | 'timeSinceFirst' }>,
  test: NumberTest,
  truth: Truth,
  value: number | null,
  threshold: string,
): string {
  const noun = eventPhrase(measure.filter, 'one');
  if (value === null) return `no ${noun} yet`;
  const isLast = measure.kind === 'timeSinceLast';
  const without = isLast && test.against === undefined && test.op === 'atLeast' && truth !== 'true';
  const asked = without ? `${numberInWords(measure, test.value)} without` : threshold;
  const sofar = truth !== 'unknown' ? '' : isLast ? ' or later' : ' or earlier';
  return `${seen(isLast ? 'last' : 'first', noun, value)}${sofar} (${needs(truth)}${asked})`;
}

/** `last order 3 days ago`. */
export function seen(which: 'last' | 'first', noun: string, ms: number): string {
  return `${which} ${noun} ${ms < 1000 ? 'just now' : `${durationInWords(ms)} ago`}`;
}

type Score = Extract<LeafCondition, { kind: 'score' }>;

export function scoreInWords(score: Score): string {
  return `${modelLabel(score.model)}${notOlder(score)} ${scoreThreshold(score.test)}`;
}

function notOlder({ maxAgeMs }: Score): string {
  return maxAgeMs === null ? '' : `, computed in the last ${span(maxAgeMs)},`;
}

function scoreThreshold(test: NumberTest): string {
  const asked =
    test.against === undefined ? numberInForm('plain', test.value / 1000) : operandInWords(test.against, false);
  return `${COMPARISON[test.op]} ${asked}`;
}

export function scoreValue(score: Score, truth: Truth, value: number | null): string {
  const threshold = scoreThreshold(score.test);
  if (value === null) return `${modelLabel(score.model)} is not known or too old (needs ${threshold})`;
  return `${modelLabel(score.model)} is ${numberInForm('plain', value)} (${needs(truth)}${threshold})`;
}
