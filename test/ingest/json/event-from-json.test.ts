import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INPUTS, type Input } from '../../../services/core/domain/events/header.ts';
import { eventFromJson } from '../../../services/ingest/json/event-from-json.ts';
import { RECORD_OF_INPUT } from '../../../services/platform/registry/record-schemas.ts';
import { localRegistry } from '../../../services/platform/registry/registry.ts';

const RECEIVED = Date.UTC(2026, 5, 1);
const registry = localRegistry();

const LEAST: { readonly [I in Input]: Record<string, unknown> } = {
  interactions: { customerId: 'c', kind: 'contact', channel: 'phone' },
  purchases: { customerId: 'c', kind: 'order', amountMinor: 1999, currency: 'EUR', products: [{ productId: 'p' }] },
  surveys: { customerId: 'c', kind: 'nps', surveyId: 's', questionId: 'q', responseId: 'r', score: 9 },
  profiles: { customerId: 'c', kind: 'update', traits: { plan: 'gold', tags: ['a', 'b'] } },
  identities: { customerId: 'c', otherId: 'd', idKind: 'crm', otherIdKind: 'login', method: 'login' },
};

function read<I extends Input>(input: I, json: unknown) {
  return eventFromJson(input, json, { eventId: () => 'e-1', source: 'test', receivedAt: RECEIVED, currency: 'EUR' });
}

function messages(input: Input, json: unknown): readonly string[] {
  return (read(input, json).mistakes ?? []).map(({ field, message }) => `${field} ${message}`);
}

describe('an event from JSON', () => {
  it.each(INPUTS)('of %s needs only what has no default, and survives the wire', (input) => {
    const { event, mistakes } = read(input, LEAST[input]);
    expect(mistakes).toBeUndefined();
    expect(event).toMatchObject({ eventId: 'e-1', source: 'test', occurredAt: RECEIVED, receivedAt: RECEIVED });
    const name = RECORD_OF_INPUT[input];
    const decoded = registry.decode(name, registry.encode(name, event as never));
    expect(JSON.parse(JSON.stringify(decoded))).toEqual(JSON.parse(JSON.stringify(event)));
  });

  it('keeps what it says itself', () => {
    const said = { ...LEAST.interactions, eventId: 'mine', source: 'crm', occurredAt: 5, receivedAt: 6 };
    expect(read('interactions', said).event).toMatchObject({
      eventId: 'mine',
      source: 'crm',
      occurredAt: 5,
      receivedAt: 6,
    });
  });

  it('has happened when it arrived, if it only says when that was', () => {
    expect(read('interactions', { ...LEAST.interactions, receivedAt: 6 }).event).toMatchObject({
      occurredAt: 6,
      receivedAt: 6,
    });
  });

  it.each([
    [{ currency: 'EUR' }, 1999],
    [{ currency: 'GBP' }, null],
    [{ currency: 'GBP', amountMinor: 0 }, 0],
    [{ currency: 'GBP', amountBaseMinor: 2300 }, 2300],
    [{ currency: 'EUR', amountBaseMinor: null }, null],
  ])('with %j in a workspace that counts EUR has the base amount %j', (more, expected) => {
    expect(read('purchases', { ...LEAST.purchases, ...more }).event).toMatchObject({ amountBaseMinor: expected });
  });

  it.each([
    ['2026-01-31T12:00:00Z', Date.UTC(2026, 0, 31, 12)],
    ['2026-01-31T12:00:00.250+02:00', Date.UTC(2026, 0, 31, 10, 0, 0, 250)],
    [1_700_000_000_000, 1_700_000_000_000],
  ])('reads the instant %j', (occurredAt, expected) => {
    expect(read('interactions', { ...LEAST.interactions, occurredAt }).event?.occurredAt).toBe(expected);
  });

  it.each(['2026-01-31', '2026-01-31T12:00:00', '31.01.2026', '2026-13-31T12:00:00Z', 1.5, true, ''])(
    'refuses the instant %j, which would depend on the machine or is none',
    (occurredAt) => {
      expect(messages('interactions', { ...LEAST.interactions, occurredAt })[0]).toMatch(
        /^occurredAt must be an instant/,
      );
    },
  );

  it('names every mistake with its path', () => {
    const json = {
      kind: 'ordr',
      amountMinor: 12.5,
      currency: null,
      products: [{ productId: 'p', quantity: 'two' }, 7],
      properties: { a: { nested: true } },
      curency: 'EUR',
    };
    expect(messages('purchases', json)).toEqual([
      'kind has no such value; did you mean order?',
      'amountMinor must be a whole number',
      'currency must not be null',
      'products.0.quantity must be a number',
      'products.1 must be an object',
      'properties.a must be text, a number, true, false or null',
      'curency is no field; did you mean currency?',
      'customerId is missing',
    ]);
  });

  it.each([[null], [[]], ['text'], [3]])('refuses %j, which is no event', (json) => {
    expect(messages('surveys', json)).toEqual([' an event is a JSON object']);
  });

  it('refuses names that mean something else to JavaScript', () => {
    const json: unknown = JSON.parse(
      '{"customerId":"c","kind":"contact","channel":"web","properties":{"__proto__":1}}',
    );
    expect(messages('interactions', json)).toEqual(['properties must not have the name __proto__']);
    expect(messages('interactions', JSON.parse('{"__proto__":{"customerId":"x"},"constructor":1}'))).toContain(
      'customerId is missing',
    );
  });

  it('never throws and never lets through what cannot be written, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.constantFrom(...INPUTS), fc.dictionary(fc.string(), fc.jsonValue()), (input, noise) => {
        const reading = read(input, { ...LEAST[input], ...noise });
        if (reading.event !== undefined) registry.encode(RECORD_OF_INPUT[input], reading.event);
      }),
    );
    const fields = Object.keys(read('interactions', LEAST.interactions).event!);
    const anyOf = fc.dictionary(fc.constantFrom(...fields), fc.jsonValue());
    fc.assert(
      fc.property(anyOf, (noise) => {
        const { event } = read('interactions', { ...LEAST.interactions, ...noise });
        if (event !== undefined) registry.encode('interaction', event);
      }),
    );
  });
});
