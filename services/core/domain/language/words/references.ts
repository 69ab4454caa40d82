/** Conditions on other segments, groups, consent and chance: what is asked, and what it comes to for a customer. */
import { durationInWords } from '../../time/duration.ts';
import type { LeafCondition, SegmentTest, Truth } from '../ast.ts';
import { needs, spaced } from './labels.ts';
import { listed } from './values.ts';
import { span } from './windows.ts';

type Of<K extends LeafCondition['kind']> = Extract<LeafCondition, { kind: K }>;

export function segmentInWords(key: string, test: SegmentTest, not = false): string {
  const denied = not ? 'not ' : '';
  switch (test.op) {
    case 'in':
      return `${denied}in segment ${key}`;
    case 'inFor':
      return `${denied}in segment ${key} for at least ${durationInWords(test.ms)}`;
    case 'enteredWithin':
      return `${not ? 'did not enter' : 'entered'} segment ${key} in the last ${span(test.ms)}`;
    case 'leftWithin':
      return `${not ? 'did not leave' : 'left'} segment ${key} in the last ${span(test.ms)}`;
  }
}

export function segmentValue({ key, test }: Of<'segment'>, truth: Truth): string {
  return truth === 'unknown'
    ? `it is not known whether ${segmentInWords(key, test)}`
    : segmentInWords(key, test, truth === 'false');
}

export function tierInWords({ group, test }: Of<'tier'>, not = false): string {
  const denied = not ? 'not ' : '';
  const name = spaced(group);
  switch (test.op) {
    case 'is':
      return `${name} is ${denied}${listed(test.members.map(spaced))}`;
    case 'atLeast':
      return `${name} is ${denied}${spaced(test.member)} or better`;
    case 'movedUp':
      return `${not ? 'did not move' : 'moved'} up in ${name} in the last ${span(test.ms)}`;
    case 'movedDown':
      return `${not ? 'did not move' : 'moved'} down in ${name} in the last ${span(test.ms)}`;
  }
}

/** `value`: the member the customer is in. */
export function tierValue(leaf: Of<'tier'>, truth: Truth, value: number | string | null): string {
  const { group, test } = leaf;
  const name = spaced(group);
  if (truth === 'unknown') return `${name} is not known`;
  if (typeof value !== 'string' || (test.op !== 'is' && test.op !== 'atLeast'))
    return tierInWords(leaf, truth === 'false');
  const asked = test.op === 'is' ? listed(test.members.map(spaced)) : `${spaced(test.member)} or better`;
  return asked === spaced(value) ? `${name} is ${asked}` : `${name} is ${spaced(value)} (${needs(truth)}${asked})`;
}

export function bucketInWords({ seed, from, to }: Of<'bucket'>, not = false): string {
  return `${not ? 'not ' : ''}in the random share from ${from / 100}% to ${to / 100}% of ${seed}`;
}

export function consentInWords(purpose: string, not = false): string {
  return `consent for ${spaced(purpose)} was ${not ? 'withdrawn' : 'given'}`;
}

export function consentValue({ purpose }: Of<'consent'>, truth: Truth): string {
  if (truth === 'unknown') return `consent for ${spaced(purpose)} is not known`;
  return consentInWords(purpose, truth === 'false');
}
