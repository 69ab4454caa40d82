import avsc from 'avsc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../services/core/domain/events/fact.ts';
import { Fault } from '../../../services/core/faults.ts';
import { FRAME_BYTES } from '../../../services/platform/registry/frame.ts';
import { RECORD_NAMES, RECORD_OF_INPUT, schemaOf } from '../../../services/platform/registry/record-schemas.ts';
import { localRegistry, Registry } from '../../../services/platform/registry/registry.ts';
import type { AvroSchema, FieldSchema } from '../../../services/platform/registry/schema.ts';
import { fact, interaction, profile, purchase, SAMPLES, survey } from './events.ts';

type AvscSchema = Parameters<typeof avsc.Type.forSchema>[0];

function avscType(schema: AvroSchema): avsc.Type {
  return avsc.Type.forSchema(schema as AvscSchema);
}

function framed(id: number, body: Uint8Array): Uint8Array {
  return Uint8Array.of(0, id >>> 24, id >>> 16, id >>> 8, id, ...body);
}

function faultOf(action: () => unknown): Fault {
  try {
    action();
  } catch (fault) {
    if (fault instanceof Fault) return fault;
    throw fault;
  }
  throw new Error('It did not fail');
}

describe('registry', () => {
  const registry = localRegistry();

  it.each(RECORD_NAMES)('reads back what it wrote of %s', (name) => {
    const value = registry.encode(name, SAMPLES[name]);
    expect(registry.decode(name, value)).toEqual(SAMPLES[name]);
  });

  it.each(RECORD_NAMES.filter((name) => name !== 'fact'))('writes the bytes of %s that avsc writes', (name) => {
    const value = registry.encode(name, SAMPLES[name]);
    expect(Buffer.from(value.subarray(FRAME_BYTES))).toEqual(avscType(schemaOf(name)).toBuffer(SAMPLES[name]));
  });

  it('writes a fact as the one union record that the registered schema says', () => {
    const value = registry.encode('fact', fact);
    const wrapped = { ...fact, event: { 'tributary.v1.Interaction': interaction } };
    expect(Buffer.from(value.subarray(FRAME_BYTES))).toEqual(avscType(schemaOf('fact')).toBuffer(wrapped));
  });

  it('reads any record avsc can write, and writes it to the same bytes, for all records', () => {
    for (const name of RECORD_NAMES.filter((each) => each !== 'fact')) {
      const type = avscType(schemaOf(name));
      for (let round = 0; round < 200; round += 1) {
        const record: unknown = JSON.parse(JSON.stringify(type.random()));
        const decoded = registry.decode(name, framed(registry.idOf(name), type.toBuffer(record)));
        expect(JSON.parse(JSON.stringify(decoded))).toEqual(record);
        const written = registry.encode(name, decoded).subarray(FRAME_BYTES);
        expect(Buffer.from(written)).toEqual(type.toBuffer(decoded));
      }
    }
  });

  it('names the value that does not fit, and what was expected there', () => {
    const unfit = (change: Readonly<Record<string, unknown>>): (() => unknown) => {
      return () => registry.encode('interaction', { ...interaction, ...change });
    };
    expect(unfit({ eventId: 7 })).toThrow('does not fit its schema: eventId is 7, expected string');
    expect(unfit({ occurredAt: 1.5 })).toThrow('occurredAt is 1.5, expected long');
    expect(unfit({ channel: 'smoke' })).toThrow(/channel is "smoke", expected .*Channel/);
    expect(unfit({ issueId: false })).toThrow('issueId is false, expected null or string');
  });

  it('passes the bytes of an event through into its fact', () => {
    const value = registry.encode('interaction', interaction);
    const prefix = registry.factPrefixView(fact).slice();
    const body = registry.eventBody('interactions', value, interaction);
    expect(body.buffer).toBe(value.buffer);
    expect(Buffer.concat([prefix, body])).toEqual(Buffer.from(registry.encode('fact', fact)));
  });

  it('makes a fact of each input', () => {
    for (const [input, name] of Object.entries(RECORD_OF_INPUT)) {
      const whole = { ...fact, input, event: SAMPLES[name] } as Fact;
      expect(registry.decode('fact', registry.encode('fact', whole))).toEqual(whole);
    }
  });

  it('keeps what it encoded when it writes again', () => {
    const first = registry.encode('survey', survey);
    const copy = first.slice();
    registry.encode('purchase', purchase);
    expect(first).toEqual(copy);
  });

  it('reads any text that was written, and puts U+FFFD for half a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const written = registry.encode('interaction', { ...interaction, text, category: text });
        expect(registry.decode('interaction', written)).toMatchObject({
          text: text.toWellFormed(),
          category: text.toWellFormed(),
        });
      }),
    );
  });

  it('takes names of custom fields as names, whatever they mean to JavaScript', () => {
    const traits = JSON.parse('{"__proto__": ["a"], "constructor": "x", "toString": 1}') as typeof profile.traits;
    const decoded = registry.decode('profile', registry.encode('profile', { ...profile, traits }));
    expect(Object.entries(decoded.traits)).toEqual(Object.entries(traits));
    expect(Object.getPrototypeOf(decoded.traits)).toBeNull();
    expect(decoded.properties['constructor']).toBeUndefined();
  });

  it('reads whole numbers to the edge of what is exact', () => {
    for (const amountMinor of [0, -1, 63, 64, -64, -65, 2 ** 30, -(2 ** 30) - 1, 2 ** 31, 2 ** 52, -(2 ** 53 - 2)]) {
      const value = registry.encode('purchase', { ...purchase, amountMinor });
      expect(registry.decode('purchase', value).amountMinor).toBe(amountMinor);
    }
  });

  it('names the value that does not fit when it cannot write', () => {
    const wrong = { ...purchase, amountMinor: 1.5 };
    expect(faultOf(() => registry.encode('purchase', wrong))).toMatchObject({
      code: 'EVENT_REFUSED',
      message: expect.stringContaining('1.5') as string,
    });
  });

  it('reads a record of an older or newer schema as ours, with defaults', () => {
    const ours = schemaOf('survey');
    const without = ours.fields.filter(({ name }) => name !== 'agentId' && name !== 'lowerIsBetter');
    const more: FieldSchema[] = [{ name: 'mood', type: ['null', 'string'], default: null }, ...without];
    const other = { ...ours, fields: more };
    const theirs = new Registry([...everything(), { id: 40, subject: 's', version: 2, schema: other }]);
    const { agentId, lowerIsBetter, ...rest } = survey;
    const value = framed(40, avscType(other).toBuffer({ ...rest, mood: 'fine' }));
    expect(theirs.decode('survey', value)).toEqual({ ...survey, agentId, lowerIsBetter });
  });

  it('reads an enum symbol it does not know as the default', () => {
    const text = JSON.stringify(schemaOf('purchase')).replace('"payment_failed"', '"payment_failed","chargeback"');
    const other = JSON.parse(text) as AvroSchema;
    const theirs = new Registry([...everything(), { id: 41, subject: 's', version: 2, schema: other }]);
    const value = framed(41, avscType(other).toBuffer({ ...purchase, kind: 'chargeback' }));
    expect(theirs.decode('purchase', value).kind).toBe('custom');
  });

  it('writes an event of another schema again when it goes into a fact', () => {
    const ours = schemaOf('survey');
    const other = { ...ours, fields: ours.fields.filter(({ name }) => name !== 'agentId') };
    const theirs = new Registry([...everything(), { id: 42, subject: 's', version: 2, schema: other }]);
    const { agentId, ...rest } = survey;
    expect(agentId).toBeNull();
    const value = framed(42, avscType(other).toBuffer(rest));
    const event = theirs.decode('survey', value);
    const prefix = theirs.factPrefixView({ ...fact, input: 'surveys' }).slice();
    const body = theirs.eventBody('surveys', value, event);
    expect(theirs.decode('fact', Buffer.concat([prefix, body]))).toEqual({ ...fact, input: 'surveys', event: survey });
  });

  it('reads a fact of another schema with its event unwrapped', () => {
    const ours = schemaOf('fact');
    const other = { ...ours, fields: [{ name: 'shard', type: 'int' }, ...ours.fields] };
    const theirs = new Registry([...everything(), { id: 43, subject: 's', version: 2, schema: other }]);
    const wrapped = { ...fact, shard: 3, event: { 'tributary.v1.Interaction': interaction } };
    expect(theirs.decode('fact', framed(43, avscType(other).toBuffer(wrapped)))).toEqual(fact);
  });
});

function everything() {
  return RECORD_NAMES.map((name, index) => ({ id: index + 1, subject: name, version: 1, schema: schemaOf(name) }));
}

describe('poison (C4)', () => {
  const registry = localRegistry();
  const id = registry.idOf('interaction');
  const good = registry.encode('interaction', interaction);

  it.each<[string, Uint8Array | null, RegExp]>([
    ['no value at all', null, /this record has none/],
    ['an empty value', new Uint8Array(0), /0 bytes/],
    ['a value shorter than its frame', Uint8Array.of(0, 0, 0, 0), /4 bytes/],
    ['another first byte', Uint8Array.of(1, ...good.subarray(1)), /begins with byte 1/],
    ['text', new TextEncoder().encode('{"eventId":"1"}'), /begins with byte 123/],
    ['a frame without a body', good.subarray(0, FRAME_BYTES), /cut off/],
    ['one byte too many', Uint8Array.of(...good, 0), /1 bytes are left/],
    ['the schema of another record', registry.encode('purchase', purchase), /does not fit/],
    ['a string longer than the record', framed(id, Uint8Array.of(0xfe, 0xff, 0x07)), /does not fit into/],
    ['a string of negative length', framed(id, Uint8Array.of(0x01)), /-1 bytes/],
    ['a string that is not UTF-8', framed(id, Uint8Array.of(0x04, 0xc3, 0x28)), /not valid UTF-8/],
    ['half a surrogate pair', framed(id, Uint8Array.of(0x06, 0xed, 0xa0, 0x80)), /not valid UTF-8/],
  ])('is told apart: %s', (_, value, reason) => {
    const fault = faultOf(() => registry.decode('interaction', value));
    expect(fault.code).toBe('RECORD_UNDECODABLE');
    expect(fault.message).toMatch(reason);
  });

  it('says so when nobody registered the schema', () => {
    const fault = faultOf(() => registry.decode('interaction', framed(999_999, good.subarray(FRAME_BYTES))));
    expect(fault).toMatchObject({ code: 'SCHEMA_UNKNOWN', facts: { schemaId: 999_999 } });
  });

  it('is refused wherever a record is cut off', () => {
    for (const name of RECORD_NAMES) {
      const whole = registry.encode(name, SAMPLES[name]);
      for (let length = 0; length < whole.length; length += 1) {
        expect(faultOf(() => registry.decode(name, whole.slice(0, length))).code).toBe('RECORD_UNDECODABLE');
      }
    }
  });

  it('never reads into what lies behind the record', () => {
    const whole = registry.encode('interaction', interaction);
    const padded = new Uint8Array(whole.length + 64);
    padded.set(whole);
    const cut = padded.subarray(0, whole.length - 1);
    expect(faultOf(() => registry.decode('interaction', cut)).code).toBe('RECORD_UNDECODABLE');
  });

  it('is a fault or a record, in no time, whatever single byte is changed', () => {
    const start = process.cpuUsage();
    for (const name of RECORD_NAMES) {
      const whole = registry.encode(name, SAMPLES[name]);
      for (let place = FRAME_BYTES; place < whole.length; place += 1) {
        for (const byte of [0x01, 0x7f, 0xff]) {
          const broken = whole.slice();
          broken[place] = byte;
          try {
            registry.decode(name, broken);
          } catch (fault) {
            expect((fault as Fault).code).toBe('RECORD_UNDECODABLE');
          }
        }
      }
    }
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(20_000);
  });

  it('claims neither time nor memory for a count of items that are not there', () => {
    const prefix = registry.factPrefixView(fact).slice();
    const place = prefix.indexOf(4, 20);
    expect(place).toBeGreaterThan(0);
    const huge = Buffer.concat([prefix.subarray(0, place), Uint8Array.of(0xfe, 0xff, 0xff, 0xff, 0xff, 0x7f)]);
    expect(faultOf(() => registry.decode('fact', huge)).code).toBe('RECORD_UNDECODABLE');
  });

  it('refuses a fact whose event is not what it says', () => {
    const prefix = registry.factPrefixView({ ...fact, input: 'surveys' }).slice();
    prefix[prefix.length - 1] = 0;
    const body = registry.eventBody('interactions', good, interaction);
    const fault = faultOf(() => registry.decode('fact', Buffer.concat([prefix, body])));
    expect(fault.message).toMatch(/branch 0, but the fact says surveys/);
  });

  it('refuses a number beyond what is exact rather than rounding it', () => {
    const schema: AvroSchema = {
      ...schemaOf('membership'),
      fields: schemaOf('membership').fields.map((field) => (field.name === 'seq' ? { ...field, type: 'long' } : field)),
    };
    const type = avsc.Type.forSchema(schema as AvscSchema);
    const bytes = type.toBuffer({ ...SAMPLES.membership, seq: 0 });
    const place = Buffer.byteLength(SAMPLES.membership.customerId) + 2;
    const wide = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    const value = framed(
      registry.idOf('membership'),
      Uint8Array.of(...bytes.subarray(0, place), ...wide, ...bytes.subarray(place + 1)),
    );
    expect(faultOf(() => registry.decode('membership', value)).message).toMatch(/exact/);
  });
});
