import { describe, expect, it } from 'vitest';
import type { Input } from '../../../services/core/domain/events/header.ts';
import { RECORD_OF_INPUT } from '../../../services/platform/registry/record-schemas.ts';
import type { EventRecord } from '../../../services/platform/registry/registry.ts';
import { refusalsOf } from '../../../services/platform/registry/validate.ts';
import { identity, interaction, profile, purchase, SAMPLES, survey } from './events.ts';

const fieldsOf = <I extends Input>(input: I, event: EventRecord<I>) =>
  refusalsOf(input, event).map(({ field }) => field);

describe('what is refused beyond the schema', () => {
  it.each(Object.entries(RECORD_OF_INPUT) as [Input, (typeof RECORD_OF_INPUT)[Input]][])(
    'is nothing in a good event of %s',
    (input, name) => {
      expect(refusalsOf(input, SAMPLES[name])).toEqual([]);
    },
  );

  it.each([
    ['an empty id', { eventId: '' }, ['eventId']],
    ['an empty optional id', { issueId: '' }, ['issueId']],
    ['an id of 257 bytes', { customerId: 'é'.repeat(128) + 'x' }, ['customerId']],
    ['an instant beyond the calendar', { occurredAt: 9e15 }, ['occurredAt']],
    ['a sentiment beyond its range', { sentiment: 1.5 }, ['sentiment']],
    ['a sentiment that is no number', { sentiment: NaN }, ['sentiment']],
    ['a custom number that is none', { properties: { ratio: Infinity } }, ['properties.ratio']],
    ['a name that means something else', { properties: JSON.parse('{"__proto__": 1}') as object }, ['properties']],
    ['a negative duration', { durationMs: -1 }, ['durationMs']],
    ['several at once', { eventId: '', durationMs: -1 }, ['eventId', 'durationMs']],
  ])('is, of an interaction, %s', (_, patch, fields) => {
    expect(fieldsOf('interactions', { ...interaction, ...patch } as typeof interaction)).toEqual(fields);
  });

  it('is not an id of exactly 256 bytes', () => {
    expect(fieldsOf('interactions', { ...interaction, issueId: 'é'.repeat(128) })).toEqual([]);
  });

  it.each([
    ['a positive refund', { kind: 'refund', amountMinor: 5, amountBaseMinor: null }, ['amountMinor']],
    ['a negative order', { amountMinor: -5, amountBaseMinor: -5 }, ['amountMinor', 'amountBaseMinor']],
    ['an amount on what is no revenue', { kind: 'payment_failed', amountBaseMinor: 0 }, ['amountMinor']],
    ['a currency that is none', { currency: 'euro' }, ['currency']],
  ] as const)('is, of a purchase, %s', (_, patch, fields) => {
    expect(fieldsOf('purchases', { ...purchase, ...patch })).toEqual(fields);
  });

  it('is not a refund of nothing, nor a negative one', () => {
    expect(fieldsOf('purchases', { ...purchase, kind: 'refund', amountMinor: 0, amountBaseMinor: null })).toEqual([]);
    expect(fieldsOf('purchases', { ...purchase, kind: 'refund', amountMinor: -9, amountBaseMinor: -9 })).toEqual([]);
  });

  it.each([
    ['a score above its scale', { score: 6 }, ['score']],
    ['a code for no answer', { kind: 'nps', score: 11, scaleMin: null, scaleMax: null }, ['score']],
    ['a scale that is none', { scaleMin: 5, scaleMax: 5 }, ['scaleMin']],
    ['a score that is no number', { score: NaN }, ['score']],
  ] as const)('is, of a survey, %s', (_, patch, fields) => {
    expect(fieldsOf('surveys', { ...survey, ...patch })).toEqual(fields);
  });

  it('is a trait that is no number, and a link of an id to itself', () => {
    expect(fieldsOf('profiles', { ...profile, traits: { age: NaN } })).toEqual(['traits.age']);
    expect(fieldsOf('identities', { ...identity, otherId: identity.customerId })).toEqual(['otherId']);
  });
});
