/** Schemas that refer to others by name, made self-contained: what is referred to stands where it is first used. */
import { isArray, isMap, isRecord, isUnion, type AvroSchema, type NamedSchema } from './schema.ts';
import { namedTypes, normalForm } from './schema-form.ts';

/** `referenced` are self-contained themselves. Without any, the schema is left as it is. */
export function inlined(schema: AvroSchema, referenced: readonly AvroSchema[]): AvroSchema {
  if (referenced.length === 0) return schema;
  const types = new Map<string, NamedSchema>();
  for (const each of referenced) namedTypes(normalForm(each), types);
  return expand(normalForm(schema), types, new Set());
}

/** A type that has been defined once is only named from then on, wherever its definition came from. */
function expand(schema: AvroSchema, types: ReadonlyMap<string, NamedSchema>, defined: Set<string>): AvroSchema {
  if (typeof schema === 'string') {
    const type = types.get(schema);
    return type === undefined || defined.has(schema) ? schema : expand(type, types, defined);
  }
  if (isUnion(schema)) return schema.map((branch) => expand(branch, types, defined));
  if (isArray(schema)) return { ...schema, items: expand(schema.items, types, defined) };
  if (isMap(schema)) return { ...schema, values: expand(schema.values, types, defined) };
  if (!('name' in schema)) return schema;
  if (defined.has(schema.name)) return schema.name;
  defined.add(schema.name);
  if (!isRecord(schema)) return schema;
  return { ...schema, fields: schema.fields.map((field) => ({ ...field, type: expand(field.type, types, defined) })) };
}
