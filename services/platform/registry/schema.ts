/** Avro schemas as JSON, as far as we look into them. */

export interface FieldSchema {
  readonly name: string;
  readonly type: AvroSchema;
  readonly default?: unknown;
  readonly doc?: string;
  readonly aliases?: readonly string[];
  /** Class of personal data, as `PII_CLASSES` has them. */
  readonly pii?: string;
}

interface Named {
  readonly name: string;
  readonly namespace?: string;
  readonly doc?: string;
  readonly aliases?: readonly string[];
}

export interface RecordSchema extends Named {
  readonly type: 'record';
  readonly fields: readonly FieldSchema[];
}

export interface EnumSchema extends Named {
  readonly type: 'enum';
  readonly symbols: readonly string[];
  readonly default?: string;
}

export interface FixedSchema extends Named {
  readonly type: 'fixed';
  readonly size: number;
}

export interface ArraySchema {
  readonly type: 'array';
  readonly items: AvroSchema;
}

export interface MapSchema {
  readonly type: 'map';
  readonly values: AvroSchema;
}

/** A primitive with attributes: `{"type": "long", "logicalType": "timestamp-millis"}`. */
export interface AnnotatedSchema {
  readonly type: string;
  readonly logicalType?: string;
}

/** A name is a primitive's or, with its namespace, that of a type defined before. */
export type AvroSchema =
  string | readonly AvroSchema[] | RecordSchema | EnumSchema | FixedSchema | ArraySchema | MapSchema | AnnotatedSchema;

export type NamedSchema = RecordSchema | EnumSchema | FixedSchema;

export function isUnion(schema: AvroSchema): schema is readonly AvroSchema[] {
  return Array.isArray(schema);
}

export function isNamed(schema: AvroSchema): schema is NamedSchema {
  return typeof schema === 'object' && !isUnion(schema) && 'name' in schema;
}

export function isRecord(schema: AvroSchema): schema is RecordSchema {
  return isNamed(schema) && schema.type === 'record';
}

export function isEnum(schema: AvroSchema): schema is EnumSchema {
  return isNamed(schema) && schema.type === 'enum';
}

export function isFixed(schema: AvroSchema): schema is FixedSchema {
  return isNamed(schema) && schema.type === 'fixed';
}

export function isArray(schema: AvroSchema): schema is ArraySchema {
  return typeof schema === 'object' && !isUnion(schema) && schema.type === 'array';
}

export function isMap(schema: AvroSchema): schema is MapSchema {
  return typeof schema === 'object' && !isUnion(schema) && schema.type === 'map';
}
