/** One form for every schema, so that schemas can be compared and walked whoever wrote them down. */
import {
  isArray,
  isEnum,
  isFixed,
  isMap,
  isNamed,
  isRecord,
  isUnion,
  type AvroSchema,
  type FieldSchema,
  type NamedSchema,
} from './schema.ts';

export const PRIMITIVE_TYPES: ReadonlySet<string> = new Set([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
]);

/**
 * The schema with full names, without docs, in a fixed order of attributes. Defaults, aliases, logical types and classes of
 * personal data stay: a change of those is a change of the contract.
 */
export function normalForm(schema: AvroSchema, namespace = ''): AvroSchema {
  if (typeof schema === 'string') return PRIMITIVE_TYPES.has(schema) ? schema : qualified(schema, namespace);
  if (isUnion(schema)) return schema.map((branch) => normalForm(branch, namespace));
  if (isNamed(schema)) return normalNamed(schema, namespace);
  if (isArray(schema)) return { type: 'array', items: normalForm(schema.items, namespace) };
  if (isMap(schema)) return { type: 'map', values: normalForm(schema.values, namespace) };
  if (schema.logicalType === undefined) return normalForm(schema.type, namespace);
  return { type: schema.type, logicalType: schema.logicalType };
}

/** Equal for equal contracts, however they are written down. */
export function canonicalText(schema: AvroSchema): string {
  return JSON.stringify(normalForm(schema));
}

/** The named types a schema in normal form defines, by full name. */
export function namedTypes(schema: AvroSchema, into = new Map<string, NamedSchema>()): Map<string, NamedSchema> {
  if (typeof schema === 'string') return into;
  if (isUnion(schema)) for (const branch of schema) namedTypes(branch, into);
  else if (isNamed(schema)) {
    into.set(schema.name, schema);
    if (isRecord(schema)) for (const field of schema.fields) namedTypes(field.type, into);
  } else if (isArray(schema)) namedTypes(schema.items, into);
  else if (isMap(schema)) namedTypes(schema.values, into);
  return into;
}

function normalNamed(schema: NamedSchema, outer: string): AvroSchema {
  const name = qualified(schema.name, schema.namespace ?? outer);
  const namespace = name.slice(0, Math.max(name.lastIndexOf('.'), 0));
  const head = { name, ...aliasesOf(schema.aliases?.map((alias) => qualified(alias, namespace))) };
  if (isEnum(schema)) {
    const fallback = schema.default === undefined ? {} : { default: schema.default };
    return { type: 'enum', ...head, symbols: schema.symbols, ...fallback };
  }
  if (isFixed(schema)) return { type: 'fixed', ...head, size: schema.size };
  return { type: 'record', ...head, fields: schema.fields.map((field) => normalField(field, namespace)) };
}

function normalField(field: FieldSchema, namespace: string): FieldSchema {
  return {
    name: field.name,
    type: normalForm(field.type, namespace),
    ...(field.default === undefined ? {} : { default: field.default }),
    ...aliasesOf(field.aliases),
    ...(field.pii === undefined ? {} : { pii: field.pii }),
  };
}

function aliasesOf(aliases: readonly string[] | undefined): { aliases?: readonly string[] } {
  return aliases === undefined ? {} : { aliases };
}

function qualified(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}
