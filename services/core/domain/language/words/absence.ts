/** Absence: what is asked, and what it comes to for a customer. */
import { durationInWords } from '../../time/duration.ts';
import type { EventFilter, LeafCondition, Truth } from '../ast.ts';
import { eventPhrase } from '../event-phrase.ts';
import { seen } from './comparisons.ts';
import { span } from './windows.ts';

type Of<K extends LeafCondition['kind']> = Extract<LeafCondition, { kind: K }>;

export function absenceInWords(filter: EventFilter, ms: number): string {
  return `no ${eventPhrase(filter, 'one')} in the last ${span(ms)}`;
}

/** `value`: how long ago the newest event was, ms. */
export function absenceValue({ filter, ms }: Of<'none'>, truth: Truth, value: number | null): string {
  const told = absenceInWords(filter, ms);
  switch (truth) {
    case 'true':
      return told;
    case 'false':
      return `${seen('last', eventPhrase(filter, 'one'), value ?? 0)} (needs ${durationInWords(ms)} without)`;
    case 'unknown':
      return `${told} as far as is known, but not everything of that time is known`;
  }
}

export function neverInWords({ filter }: Of<'never'>): string {
  return `no ${eventPhrase(filter, 'one')} ever`;
}

export function neverValue(leaf: Of<'never'>, truth: Truth, value: number | null): string {
  const noun = eventPhrase(leaf.filter, 'one');
  if (truth === 'true') return neverInWords(leaf);
  if (truth === 'unknown') return `${neverInWords(leaf)} as far as is known, but earlier ones may be missing`;
  return value === null ? `there was a ${noun} (needs none ever)` : `${seen('last', noun, value)} (needs none ever)`;
}

export function noneSinceInWords({ filter, since }: Of<'noneSince'>): string {
  return `no ${eventPhrase(filter, 'one')} since the last ${eventPhrase(since, 'one')}`;
}

export function noneSinceValue(leaf: Of<'noneSince'>, truth: Truth, value: number | null): string {
  const { filter, since } = leaf;
  const anchor = eventPhrase(since, 'one');
  if (truth === 'true') return noneSinceInWords(leaf);
  if (truth === 'unknown') return `no ${anchor} is known since which there could be no ${eventPhrase(filter, 'one')}`;
  const last =
    value === null ? `there was a ${eventPhrase(filter, 'one')}` : seen('last', eventPhrase(filter, 'one'), value);
  return `${last} (needs none since the last ${anchor})`;
}
