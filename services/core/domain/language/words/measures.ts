/**
 * Measures in words, each in one place. Some are numbers of something and have their number before them (`at least 3 contacts in
 * the last 30 days`), the others are told as a subject with the number behind it (`last CSAT score at most 2`).
 */
import { durationInWords } from '../../time/duration.ts';
import type { EventFilter, Measure, Projection } from '../ast.ts';
import { eventPhrase, fieldLabel, pluralLabel, surveyName, type Grammar } from '../event-phrase.ts';
import { fieldOf, formOfMeasure } from '../measure-units.ts';
import { formOfField, numberInForm } from '../numbers-in-words.ts';
import { filterOf, nthLast, sameInWords, span, windowInWords } from './windows.ts';
import { testInWords } from './values.ts';

/** A measure of one of these kinds; several kinds can share one form. */
type Of<K extends Measure['kind'], M extends Measure = Measure> = M extends { readonly kind: infer Kind }
  ? [K & Kind] extends [never]
    ? never
    : M & { readonly kind: K & Kind }
  : never;

/** Measures whose number stands before what it counts. */
export type Counted = Of<
  | 'count'
  | 'countDistinct'
  | 'countDistinctLast'
  | 'daysActive'
  | 'sum'
  | 'largestPerKey'
  | 'sequence'
  | 'notFollowedBy'
  | 'openIssues'
  | 'reopenedIssues'
  | 'failedFirstContacts'
>;

const COUNTED: ReadonlySet<Measure['kind']> = new Set<Measure['kind']>([
  ...(['count', 'countDistinct', 'countDistinctLast', 'daysActive', 'sum', 'largestPerKey'] as const),
  ...(['sequence', 'notFollowedBy', 'openIssues', 'reopenedIssues', 'failedFirstContacts'] as const),
]);

/** Narrows to the measures told the one way or the other. */
export function isCounted(measure: Measure): measure is Counted & Measure {
  return COUNTED.has(measure.kind);
}

/** Whole things, of which there can be none. */
export function isCount(measure: Measure): boolean {
  return isCounted(measure) && fieldOf(measure) === null;
}

/** `3 contacts in the last 30 days`: `number` is `3`, `at least 3`, `no`. */
export function quantityInWords(measure: Counted, number: string, grammar: Grammar): string {
  switch (measure.kind) {
    case 'count':
      return `${number} ${eventPhrase(measure.filter, grammar)}${windowInWords(measure.window, 'in')}`;
    case 'countDistinct':
      return `${differentInWords(measure, number, grammar)} in ${eventPhrase(measure.filter, 'many')}${windowInWords(measure.window, 'in')}`;
    case 'countDistinctLast':
      return `${differentInWords(measure, number, grammar)} in ${lastOf(measure.n, measure.filter)}`;
    case 'daysActive':
      return `${number} ${grammar === 'one' ? 'day' : 'days'} with ${eventPhrase(measure.filter, 'many')}${windowInWords(measure.window, 'in')}`;
    case 'sum':
      return `${number}${amountLabel(measure.of.field, measure.filter)} in ${eventPhrase(measure.filter, 'many')}${windowInWords(measure.window, 'over')}`;
    case 'largestPerKey':
      return perKeyInWords(measure, number, grammar);
    case 'sequence': {
      const { first, then, without, key, ms, windowMs } = measure;
      const parts = without === null ? [first, then] : [first, then, without];
      const between = without === null ? '' : `, no ${eventPhrase(without, 'one')} between,`;
      const same = sameInWords(key === null ? null : fieldLabel(key, filterOf(parts)));
      return `${number} ${eventPhrase(then, grammar)} within ${durationInWords(ms)} after ${article(eventPhrase(first, 'one'))}${same}${between} in the last ${span(windowMs)}`;
    }
    case 'notFollowedBy': {
      const { first, by, key, ms, windowMs, orLater } = measure;
      const same = sameInWords(key === null ? null : fieldLabel(key, filterOf([first, by])));
      const later = orLater ? ' or later' : '';
      return `${number} ${eventPhrase(first, grammar)} in the last ${span(windowMs)} not followed by ${article(eventPhrase(by, 'one'))}${same} within ${durationInWords(ms)}${later}`;
    }
    case 'openIssues':
      return `${number} ${openIssues(measure, grammar)} in the last ${span(measure.windowMs)}`;
    case 'reopenedIssues':
      return `${number} reopened ${grammar === 'one' ? 'issue' : 'issues'} in the last ${span(measure.windowMs)}`;
    case 'failedFirstContacts':
      return `${number} of the last ${measure.n === 1 ? 'issue' : `${measure.n} issues`} in the last ${span(measure.windowMs)} not solved by the first contact`;
  }
}

function differentInWords(
  measure: Of<'countDistinct' | 'countDistinctLast'>,
  number: string,
  grammar: Grammar,
): string {
  const label = fieldLabel(measure.field, measure.filter);
  return `${number} different ${grammar === 'one' ? label : pluralLabel(label)}`;
}

/** An amount says what it is by itself; any other sum needs its name. */
function amountLabel(field: string, filter: EventFilter): string {
  return field === 'amountBaseMinor' ? '' : ` ${fieldLabel(field, filter)}`;
}

function perKeyInWords(measure: Of<'largestPerKey'>, number: string, grammar: Grammar): string {
  const { filter, window, key, per } = measure;
  const same = sameInWords(fieldLabel(key, filter));
  switch (per.kind) {
    case 'count':
      return `${number} ${eventPhrase(filter, grammar)}${same}${windowInWords(window, 'in')}`;
    case 'countDistinct': {
      const label = fieldLabel(per.field, filter);
      return `${number} different ${grammar === 'one' ? label : pluralLabel(label)} in ${eventPhrase(filter, 'many')}${same}${windowInWords(window, 'in')}`;
    }
    case 'sum':
      return `${number}${amountLabel(per.of.field, filter)} in ${eventPhrase(filter, 'many')}${same}${windowInWords(window, 'over')}`;
  }
}

function openIssues({ where, escalated }: Of<'openIssues'>, grammar: Grammar): string {
  const noun = grammar === 'one' ? 'open issue' : 'open issues';
  const filter: EventFilter = { events: ['interaction'], where: [] };
  const having = where.map(
    ({ field, test }) => `${fieldLabel(field, filter)} ${testInWords(formOfField(field), test)}`,
  );
  const kind = escalated === null ? '' : escalated ? 'escalated ' : 'not escalated ';
  return `${kind}${noun}${having.length === 0 ? '' : ` with ${having.join(' and ')}`}`;
}

/**
 * A measure as a noun: `last CSAT score`, `average amount of orders over the last 90 days`, `number of orders in the last 90 days`.
 */
export function subjectInWords(measure: Measure): string {
  if (measure.kind !== 'sum' && isCounted(measure)) return countedNoun(measure);
  switch (measure.kind) {
    case 'sum':
    case 'average':
    case 'min':
    case 'max': {
      const which = { sum: 'total', average: 'average', min: 'smallest', max: 'largest' }[measure.kind];
      const { filter, label } = read(measure.filter, measure.of.field);
      return `${which} ${label} of ${eventPhrase(filter, 'many')}${windowInWords(measure.window, 'over')}`;
    }
    case 'first':
      return newest(measure, 'first');
    case 'last':
      return `${newest(measure, 'last')}${notOlder(measure.withinMs)}`;
    case 'nthLast':
      return `${newest(measure, nthLast(measure.n))}${notOlder(measure.withinMs)}`;
    case 'averageLast':
      return averageOfNewest(measure);
    case 'sumLast':
    case 'minLast':
    case 'maxLast': {
      const which = { sumLast: 'total', minLast: 'smallest', maxLast: 'largest' }[measure.kind];
      const { filter, label } = read(measure.filter, measure.of.field);
      return `${which} ${label} of ${lastOf(measure.n, filter)}`;
    }
    case 'trendLast': {
      const { filter, label } = read(measure.filter, measure.of.field);
      return `average ${label} of ${lastOf(measure.n, filter)} less that of the ${measure.n === 1 ? 'one' : measure.n} before`;
    }
    case 'timeSinceLast':
      return `time since the last ${eventPhrase(measure.filter, 'one')}`;
    case 'timeSinceFirst':
      return `time since the first ${eventPhrase(measure.filter, 'one')}`;
    case 'averageGap':
      return `average time between ${eventPhrase(measure.filter, 'many')}${windowInWords(measure.window, 'over')}`;
    case 'decayedSum':
    case 'decayedAverage':
      return decayed(measure);
    case 'ratio':
      return ratioInWords(measure);
  }
}

function read(filter: EventFilter, field: string): { readonly filter: EventFilter; readonly label: string } {
  const bare = withoutKnown(filter, field);
  return { filter: bare, label: fieldLabel(field, bare) };
}

/** That the number which is read is there goes without saying. */
export function withoutKnown(filter: EventFilter, field: string): EventFilter {
  const where = filter.where.filter(
    (clause) => clause.field !== field || clause.test.op !== 'known' || !clause.test.expected,
  );
  return { ...filter, where };
}

/** `amount of the last order`; of a survey by its name: `last CSAT score`. */
export function oneOf(filter: EventFilter, field: string, which: string): string {
  const { filter: bare, label } = read(filter, field);
  const survey = surveyName(bare);
  return survey === undefined ? `${label} of the ${which} ${eventPhrase(bare, 'one')}` : `${which} ${survey} ${label}`;
}

function newest(measure: Of<'first' | 'last' | 'nthLast'>, which: string): string {
  return oneOf(measure.filter, measure.of.field, which);
}

export function notOlder(withinMs: number | null): string {
  return withinMs === null ? '' : ` in the last ${span(withinMs)}`;
}

function averageOfNewest(measure: {
  readonly filter: EventFilter;
  readonly of: Projection;
  readonly n: number;
}): string {
  const { filter, label } = read(measure.filter, measure.of.field);
  const survey = surveyName(filter);
  if (survey === undefined) return `average ${label} of ${lastOf(measure.n, filter)}`;
  const last = measure.n === 1 ? 'the last' : `the last ${measure.n}`;
  return `average of ${last} ${survey} ${measure.n === 1 ? label : pluralLabel(label)}`;
}

/** `the last 5 orders`. */
export function lastOf(n: number, filter: EventFilter): string {
  return n === 1 ? `the last ${eventPhrase(filter, 'one')}` : `the last ${n} ${eventPhrase(filter, 'many')}`;
}

function decayed({ kind, filter, of, halfLifeMs }: Of<'decayedSum' | 'decayedAverage'>): string {
  const older = `, each counting half after ${durationInWords(halfLifeMs)}`;
  if (of === null) return `number of ${eventPhrase(filter, 'many')}${older},`;
  const { filter: bare, label } = read(filter, of.field);
  return `${kind === 'decayedSum' ? 'total' : 'average'} ${label} of ${eventPhrase(bare, 'many')}${older},`;
}

function ratioInWords({ form, top, bottom, enough }: Of<'ratio'>): string {
  switch (form) {
    case 'change': {
      const before = 'window' in top && top.window.kind === 'sliding' ? span(top.window.ms) : 'time';
      return `change of the ${subjectInWords(top)} against the ${before} before`;
    }
    case 'share': {
      const least = enough === null ? '' : ` (of at least ${enough.n})`;
      if (top.kind === 'sum' && bottom.kind === 'sum') {
        const { filter, label } = read(bottom.filter, bottom.of.field);
        return `share of ${eventPhrase(top.filter, 'many')} in the ${label} of ${eventPhrase(filter, 'many')}${windowInWords(bottom.window, 'over')}${least}`;
      }
      if (top.kind === 'count' && bottom.kind === 'count')
        return `share of ${eventPhrase(top.filter, 'many')} among ${eventPhrase(bottom.filter, 'many')}${windowInWords(bottom.window, 'in')}${least}`;
      return `${subjectInWords(top)} divided by the ${subjectInWords(bottom)}${least}`;
    }
    case 'ratio':
      return `${subjectInWords(top)} divided by the ${subjectInWords(bottom)}`;
  }
}

function countedNoun(measure: Counted): string {
  if (measure.kind === 'largestPerKey' && measure.per.kind === 'sum') {
    const { filter, label } = read(measure.filter, measure.per.of.field);
    const same = sameInWords(fieldLabel(measure.key, filter));
    return `largest total ${label} of ${eventPhrase(filter, 'many')}${same}${windowInWords(measure.window, 'over')}`;
  }
  const largest = measure.kind === 'largestPerKey' ? 'largest number' : 'number';
  return quantityInWords(measure, `${largest} of`, 'many').replace('number of of ', 'number of ');
}

function article(noun: string): string {
  return `${/^[aeiou]/i.test(noun) ? 'an' : 'a'} ${noun}`;
}

/** A value of a measure, in the units its threshold is written in; a ratio as a fraction. */
export function numberInWords(measure: Measure, value: number): string {
  if (measure.kind !== 'ratio') return numberInForm(formOfMeasure(measure), value);
  const percent = Math.round((measure.form === 'change' ? value - 1 : value) * 1000) / 10;
  if (measure.form === 'ratio') return numberInForm('plain', value);
  return `${measure.form === 'change' && percent > 0 ? '+' : ''}${percent}%`;
}
