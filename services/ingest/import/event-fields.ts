/** The fields of the input events as the schemas in `schemas/avro` declare them: what a mapping may fill, and with what. */
import { readFileSync } from 'node:fs';
import type { Input } from '../../core/domain/events/header.ts';
import { packagePath } from '../../platform/config/package-root.ts';

export type FieldType =
  | { readonly is: 'text' | 'integer' | 'number' | 'boolean' | 'instant' | 'texts' }
  | { readonly is: 'enum'; readonly symbols: readonly string[] }
  /** A map whose entries are filled one by one, as `properties.tier`. */
  | { readonly is: 'map'; readonly lists: boolean }
  | ({ readonly is: 'record' } & EventFields)
  | ({ readonly is: 'records' } & EventFields);

export interface Field {
  readonly type: FieldType;
  /** Without a default: a mapping that makes such an event has to fill it. */
  readonly required: boolean;
}

export interface EventFields {
  readonly fields: ReadonlyMap<string, Field>;
  /** The defaults of every field that has one. */
  readonly blank: Readonly<Record<string, unknown>>;
  /** Every field in the order of the schema: its default, or null where it has none and has to be filled. */
  readonly template: Readonly<Record<string, unknown>>;
}

const SCHEMA_OF: Readonly<Record<Input, string>> = {
  interactions: 'interaction',
  purchases: 'purchase',
  surveys: 'survey',
  profiles: 'profile',
  identities: 'identity',
};

/** Types declared in files of their own, or in another record, by name. */
type Named = Map<string, unknown>;

const cache = new Map<Input, EventFields>();

export function eventFields(input: Input): EventFields {
  let found = cache.get(input);
  if (found === undefined) {
    const named: Named = new Map();
    for (const file of ['channel', 'verification']) remember(readSchema(file), named);
    found = recordFields(readSchema(SCHEMA_OF[input]), named);
    cache.set(input, found);
  }
  return found;
}

function readSchema(name: string): unknown {
  return JSON.parse(readFileSync(packagePath('schemas', 'avro', `${name}.avsc`), 'utf8'));
}

function remember(schema: unknown, named: Named): void {
  const name = property(schema, 'name');
  if (typeof name === 'string') named.set(name, schema);
}

function recordFields(schema: unknown, named: Named): EventFields {
  const fields = new Map<string, Field>();
  const blank: Record<string, unknown> = {};
  const template: Record<string, unknown> = {};
  const declared = property(schema, 'fields');
  if (!Array.isArray(declared)) throw new Error('Invariant broken: an event schema is a record');
  for (const field of declared as readonly unknown[]) {
    const name = String(property(field, 'name'));
    const required = property(field, 'default') === undefined;
    fields.set(name, { type: fieldType(property(field, 'type'), named), required });
    if (!required) blank[name] = property(field, 'default');
    template[name] = required ? null : blank[name];
  }
  return { fields, blank: compact(blank), template: compact(template) };
}

/**
 * The same object with a hidden class. One that is filled key by key becomes a hash table in V8, and so do its copies: five
 * times the memory for each of a hundred thousand events.
 */
function compact(record: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(record)) as Readonly<Record<string, unknown>>;
}

function fieldType(declared: unknown, named: Named): FieldType {
  if (Array.isArray(declared))
    return fieldType(
      (declared as readonly unknown[]).find((branch) => branch !== 'null'),
      named,
    );
  if (typeof declared === 'string') return plainType(declared, named);
  remember(declared, named);
  if (property(declared, 'logicalType') === 'timestamp-millis') return { is: 'instant' };
  switch (property(declared, 'type')) {
    case 'enum':
      return { is: 'enum', symbols: property(declared, 'symbols') as readonly string[] };
    case 'map': {
      const values = property(declared, 'values');
      return {
        is: 'map',
        lists: Array.isArray(values) && values.some((branch) => property(branch, 'type') === 'array'),
      };
    }
    case 'record':
      return { is: 'record', ...recordFields(declared, named) };
    case 'array': {
      const items = property(declared, 'items');
      return items === 'string' ? { is: 'texts' } : { is: 'records', ...recordFields(items, named) };
    }
    default:
      return plainType(String(property(declared, 'type')), named);
  }
}

function plainType(name: string, named: Named): FieldType {
  switch (name) {
    case 'string':
      return { is: 'text' };
    case 'int':
    case 'long':
      return { is: 'integer' };
    case 'double':
      return { is: 'number' };
    case 'boolean':
      return { is: 'boolean' };
    default: {
      const known = named.get(name.replace(/^.*\./, ''));
      if (known === undefined) throw new Error(`Invariant broken: the schemas name no type ${name}`);
      return fieldType(known, named);
    }
  }
}

function property(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? (Reflect.get(of, name) as unknown) : undefined;
}
