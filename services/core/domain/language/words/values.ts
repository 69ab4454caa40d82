/** Tests of a value of a field, a trait or a text: in words that follow what the value is called. */
import type { FieldTest, Scalar, TextTest, TraitTest, VersionTest } from '../ast.ts';
import { numberInForm, type NumberForm } from '../numbers-in-words.ts';
import { COMPARISON } from './labels.ts';

export function scalarInWords(value: Scalar): string {
  return value === true ? 'yes' : value === false ? 'no' : worded(String(value));
}

/** Symbols of several words (`self_service`) are read as words. */
export function worded(text: string): string {
  return /^[a-z]+(_[a-z]+)+$/.test(text) ? text.replaceAll('_', ' ') : text;
}

/** `a`, `a or b`, `a, b or c`; of many only the first five. */
export function listed(values: readonly string[], last: 'and' | 'or' = 'or'): string {
  return joined(values.length > 5 ? [...values.slice(0, 5), `${values.length - 5} more`] : values, last);
}

export function joined(values: readonly string[], last: 'and' | 'or'): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} ${last} ${values.at(-1)!}`;
}

/** `pro or team`, `other than pro`, `at least 5 and less than 10`, `containing bill`. */
export function testInWords(form: NumberForm, test: FieldTest): string {
  if ('folding' in test) return textInWords(test, 'with');
  switch (test.op) {
    case 'in':
      return listed(test.values.map(scalarInWords));
    case 'notIn':
      return `other than ${listed(test.values.map(scalarInWords))}`;
    case 'between':
      return rangeInWords(form, test);
    case 'known':
      return test.expected ? 'known' : 'not known';
    case 'version':
      return versionInWords(test);
    case 'has':
    case 'hasAll':
    case 'hasNone':
      return `including ${membersInWords(test.op, test.values)}`;
    case 'size':
      return `of ${sizeInWords(test)}`;
  }
}

function rangeInWords(form: NumberForm, test: Extract<FieldTest, { op: 'between' }>): string {
  const low =
    test.low === -Infinity ? [] : [`${test.lowOpen ? 'more than' : 'at least'} ${numberInForm(form, test.low)}`];
  const high =
    test.high === Infinity ? [] : [`${test.highOpen ? 'less than' : 'at most'} ${numberInForm(form, test.high)}`];
  if (!test.lowOpen && !test.highOpen && test.low === test.high) return numberInForm(form, test.low);
  return [...low, ...high].join(' and ');
}

function membersInWords(op: 'has' | 'hasAll' | 'hasNone', values: readonly string[]): string {
  switch (op) {
    case 'has':
      return listed(values.map(worded));
    case 'hasAll':
      return values.length === 1 ? listed(values.map(worded)) : `all of ${listed(values.map(worded), 'and')}`;
    case 'hasNone':
      return values.length === 1 ? `no ${listed(values.map(worded))}` : `none of ${listed(values.map(worded), 'and')}`;
  }
}

function sizeInWords({ low, high }: { readonly low: number; readonly high: number }): string {
  if (low === high) return `exactly ${low}`;
  const parts = [
    ...(low > 0 ? [`at least ${low}`] : []),
    ...(high < Number.MAX_SAFE_INTEGER ? [`at most ${high}`] : []),
  ];
  return parts.length === 0 ? 'any number' : parts.join(' and ');
}

const CONTAINING = { contains: 'containing', startsWith: 'beginning with', endsWith: 'ending with' } as const;
const CONTAINS = { contains: 'contains', startsWith: 'begins with', endsWith: 'ends with' } as const;
const CONTAIN = { contains: 'contain', startsWith: 'begin with', endsWith: 'end with' } as const;

/** `with`: after a noun (`containing x`); `is`: as the rest of a sentence (`contains x`). */
export function textInWords({ op, values }: TextTest, after: 'with' | 'is', not = false): string {
  const said = listed(values);
  if (op === 'sameText' || op === 'notSameText') {
    const negative = (op === 'notSameText') !== not;
    if (after === 'is') return `is ${negative ? 'not ' : ''}${said}`;
    return negative ? `other than ${said}` : said;
  }
  if (after === 'with') return `${not ? 'not ' : ''}${CONTAINING[op]} ${said}`;
  return not ? `does not ${CONTAIN[op]} ${said}` : `${CONTAINS[op]} ${said}`;
}

function versionInWords({ comparator, parts }: VersionTest): string {
  return `${COMPARISON[comparator]} ${parts.join('.')}`;
}

/** A test of a trait as the rest of a sentence that its name begins. `not`: that it is not so. */
export function traitTestInWords(form: NumberForm, test: TraitTest, not: boolean): string {
  if ('folding' in test) return textInWords(test, 'is', not);
  const denied = not ? 'not ' : '';
  switch (test.op) {
    case 'in':
    case 'notIn':
      return `is ${(test.op === 'notIn') !== not ? 'not ' : ''}${listed(test.values.map(scalarInWords))}`;
    case 'known':
      return test.expected === not ? 'is not known' : 'is known';
    case 'has':
    case 'hasAll':
    case 'hasNone':
      return not
        ? `do not include ${membersInWords(test.op, test.values)}`
        : `include ${membersInWords(test.op, test.values)}`;
    case 'size':
      return `are ${denied}${sizeInWords(test)}`;
    case 'version':
      return `is ${denied}${versionInWords(test)}`;
    case 'atLeast':
    case 'atMost':
    case 'moreThan':
    case 'lessThan':
      return `is ${denied}${COMPARISON[test.op]} ${numberInForm(form, test.value)}`;
  }
}
