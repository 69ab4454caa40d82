import { describe, expect, it } from 'vitest';
import { incompatibilities, transitiveViolations } from '../../../services/platform/registry/compatibility.ts';
import type { AvroSchema, FieldSchema } from '../../../services/platform/registry/schema.ts';

function record(...fields: FieldSchema[]): AvroSchema {
  return { type: 'record', name: 'Order', namespace: 'shop', fields };
}

function field(name: string, type: AvroSchema, more: Partial<FieldSchema> = {}): FieldSchema {
  return { name, type, ...more };
}

const COLOUR: AvroSchema = { type: 'enum', name: 'Colour', symbols: ['red', 'green'] };
const MORE_COLOURS: AvroSchema = { type: 'enum', name: 'Colour', symbols: ['red', 'green', 'blue'] };

describe('compatibility', () => {
  it.each<[string, AvroSchema, AvroSchema]>([
    ['the same schema', record(field('id', 'string')), record(field('id', 'string'))],
    [
      'a new field with a default',
      record(field('id', 'string'), field('n', 'int', { default: 0 })),
      record(field('id', 'string')),
    ],
    ['a field left out', record(), record(field('id', 'string'))],
    ['a promoted number', record(field('n', 'double')), record(field('n', 'int'))],
    ['a field that became optional', record(field('n', ['null', 'long'])), record(field('n', 'int'))],
    [
      'a renamed field with its alias',
      record(field('key', 'string', { aliases: ['id'] })),
      record(field('id', 'string')),
    ],
    [
      'symbols that became fewer, with a default',
      record(field('c', { ...(COLOUR as object), default: 'red' } as AvroSchema)),
      record(field('c', MORE_COLOURS)),
    ],
    ['another doc', record(field('id', 'string', { doc: 'new' })), record(field('id', 'string', { doc: 'old' }))],
    ['bytes for a string', 'bytes', 'string'],
  ])('accepts %s', (_, reader, writer) => {
    expect(incompatibilities(reader, writer)).toEqual([]);
  });

  it.each<[string, AvroSchema, AvroSchema, string, string]>([
    [
      'a new field without default',
      record(field('id', 'string')),
      record(),
      'id',
      'is not in what was written and has no default',
    ],
    ['a narrowed number', record(field('n', 'int')), record(field('n', 'long')), 'n', 'is int, was written as long'],
    [
      'a field that became required',
      record(field('n', 'long')),
      record(field('n', ['null', 'long'])),
      'n',
      'is long, was written as null',
    ],
    [
      'symbols that became fewer',
      record(field('c', COLOUR)),
      record(field('c', MORE_COLOURS)),
      'c',
      'lacks blue and has no default symbol',
    ],
    [
      'another item type',
      record(field('a', { type: 'array', items: 'int' })),
      record(field('a', { type: 'array', items: 'string' })),
      'a[]',
      'is int, was written as string',
    ],
    [
      'another value type',
      record(field('m', { type: 'map', values: 'int' })),
      record(field('m', { type: 'map', values: 'string' })),
      'm{}',
      'is int, was written as string',
    ],
    [
      'a branch that is gone',
      record(field('u', ['null', 'int'])),
      record(field('u', ['null', 'string'])),
      'u',
      'none of null, int reads string',
    ],
    [
      'another size',
      { type: 'fixed', name: 'F', size: 4 },
      { type: 'fixed', name: 'F', size: 8 },
      '',
      'has 4 bytes, was written with 8',
    ],
    [
      'another record',
      record(),
      { type: 'record', name: 'Refund', namespace: 'shop', fields: [] },
      '',
      'is shop.Order, was written as shop.Refund',
    ],
    [
      'microseconds for milliseconds',
      record(field('at', { type: 'long', logicalType: 'timestamp-millis' })),
      record(field('at', { type: 'long', logicalType: 'timestamp-micros' })),
      'at',
      'means timestamp-millis, was written as timestamp-micros',
    ],
  ])('refuses %s, with place and reason', (_, reader, writer, path, reason) => {
    expect(incompatibilities(reader, writer)).toEqual([{ path, reason }]);
  });

  it('looks into nested records and names the path', () => {
    const inner = (...fields: FieldSchema[]): AvroSchema => ({ type: 'record', name: 'Line', fields });
    const reader = record(field('lines', { type: 'array', items: inner(field('sku', 'string'), field('n', 'int')) }));
    const writer = record(field('lines', { type: 'array', items: inner(field('sku', 'string')) }));
    expect(incompatibilities(reader, writer)).toEqual([
      { path: 'lines[].n', reason: 'is not in what was written and has no default' },
    ]);
  });

  it('ends on recursive schemas', () => {
    const tree = (more: FieldSchema[]): AvroSchema => ({
      type: 'record',
      name: 'Tree',
      fields: [field('left', ['null', 'Tree'], { default: null }), ...more],
    });
    expect(incompatibilities(tree([]), tree([]))).toEqual([]);
    expect(incompatibilities(tree([field('n', 'int')]), tree([]))).toHaveLength(1);
  });

  it('asks outputs to be readable with every earlier version as well', () => {
    const first = record(field('id', 'string'));
    const second = record(field('id', 'string'), field('n', 'int', { default: 0 }));
    const third = record(field('n', 'int', { default: 0 }));
    expect(transitiveViolations(third, [first, second], 'BACKWARD_TRANSITIVE')).toEqual([]);
    expect(transitiveViolations(third, [first, second], 'FULL_TRANSITIVE')).toEqual([
      'cannot be read with version 1: id: is not in what was written and has no default',
      'cannot be read with version 2: id: is not in what was written and has no default',
    ]);
  });
});
