/**
 * Whether what one schema wrote can be read with another, by Avro's rules of schema resolution, and if not, where and why.
 * Beyond those rules a changed logical type is an incompatibility too: microseconds read as milliseconds resolve, wrongly.
 */
import { isArray, isEnum, isFixed, isMap, isRecord, isUnion } from './schema.ts';
import type { AvroSchema, EnumSchema, FieldSchema, NamedSchema, RecordSchema } from './schema.ts';
import { namedTypes, normalForm } from './schema-form.ts';

export type Compatibility = 'BACKWARD_TRANSITIVE' | 'FULL_TRANSITIVE';

export interface Incompatibility {
  /** Dotted path of the place, empty for the whole record. */
  readonly path: string;
  readonly reason: string;
}

/** What each type may be read as, besides itself. */
const PROMOTIONS: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
};

/** Sentences on why `next` may not follow the earlier versions (oldest first); none when it may. */
export function transitiveViolations(
  next: AvroSchema,
  earlier: readonly AvroSchema[],
  level: Compatibility,
): readonly string[] {
  return earlier.flatMap((version, index) => {
    const backward = incompatibilities(next, version).map(said(`cannot read version ${index + 1}`));
    if (level === 'BACKWARD_TRANSITIVE') return backward;
    return [...backward, ...incompatibilities(version, next).map(said(`cannot be read with version ${index + 1}`))];
  });
}

function said(verdict: string): (found: Incompatibility) => string {
  return ({ path, reason }) => `${verdict}: ${path === '' ? 'the record' : path}: ${reason}`;
}

/** Empty when everything that `writer` can write can be read with `reader`. */
export function incompatibilities(reader: AvroSchema, writer: AvroSchema): readonly Incompatibility[] {
  const [r, w] = [normalForm(reader), normalForm(writer)];
  return new Resolution(namedTypes(r), namedTypes(w)).compare(r, w, '');
}

class Resolution {
  readonly #readers: ReadonlyMap<string, NamedSchema>;
  readonly #writers: ReadonlyMap<string, NamedSchema>;
  /** Pairs of records under comparison or done: schemas may be recursive. */
  readonly #seen = new Set<string>();

  constructor(readers: ReadonlyMap<string, NamedSchema>, writers: ReadonlyMap<string, NamedSchema>) {
    this.#readers = readers;
    this.#writers = writers;
  }

  compare(readerRef: AvroSchema, writerRef: AvroSchema, path: string): readonly Incompatibility[] {
    const reader = resolve(readerRef, this.#readers);
    const writer = resolve(writerRef, this.#writers);
    if (isUnion(writer)) return writer.flatMap((branch) => this.compare(reader, branch, path));
    if (isUnion(reader)) return this.#intoUnion(reader, writer, path);
    if (isRecord(reader) && isRecord(writer)) return this.#records(reader, writer, path);
    if (isEnum(reader) && isEnum(writer)) return [...names(reader, writer, path), ...symbols(reader, writer, path)];
    if (isFixed(reader) && isFixed(writer)) {
      const size = `has ${reader.size} bytes, was written with ${writer.size}`;
      return [...names(reader, writer, path), ...(reader.size === writer.size ? [] : [{ path, reason: size }])];
    }
    if (isArray(reader) && isArray(writer)) return this.compare(reader.items, writer.items, `${path}[]`);
    if (isMap(reader) && isMap(writer)) return this.compare(reader.values, writer.values, `${path}{}`);
    return primitives(reader, writer, path);
  }

  #intoUnion(reader: readonly AvroSchema[], writer: AvroSchema, path: string): readonly Incompatibility[] {
    const attempts = reader.map((branch) => ({ branch, found: this.compare(branch, writer, path) }));
    if (attempts.some(({ found }) => found.length === 0)) return [];
    const namesake = attempts.find(({ branch }) => word(resolve(branch, this.#readers)) === word(writer));
    if (namesake !== undefined && namesake.found.length > 0) return namesake.found;
    const choices = reader.map((branch) => word(resolve(branch, this.#readers))).join(', ');
    return [{ path, reason: `none of ${choices} reads ${word(writer)}` }];
  }

  #records(reader: RecordSchema, writer: RecordSchema, path: string): readonly Incompatibility[] {
    const pair = `${reader.name} ${writer.name}`;
    if (this.#seen.has(pair)) return [];
    this.#seen.add(pair);
    const written = new Map(writer.fields.map((field) => [field.name, field]));
    const fields = reader.fields.flatMap((field) => {
      const place = path === '' ? field.name : `${path}.${field.name}`;
      const source = [field.name, ...(field.aliases ?? [])].map((name) => written.get(name)).find(isField);
      if (source !== undefined) return this.compare(field.type, source.type, place);
      if (field.default !== undefined) return [];
      return [{ path: place, reason: 'is not in what was written and has no default' }];
    });
    // A pair that failed must fail again wherever it recurs outside of itself.
    if (fields.length > 0) this.#seen.delete(pair);
    return [...names(reader, writer, path), ...fields];
  }
}

function isField(field: FieldSchema | undefined): field is FieldSchema {
  return field !== undefined;
}

function resolve(schema: AvroSchema, types: ReadonlyMap<string, NamedSchema>): AvroSchema {
  return typeof schema === 'string' ? (types.get(schema) ?? schema) : schema;
}

function names(reader: NamedSchema, writer: NamedSchema, path: string): readonly Incompatibility[] {
  if (reader.name === writer.name || reader.aliases?.includes(writer.name) === true) return [];
  return [{ path, reason: `is ${reader.name}, was written as ${writer.name}` }];
}

function symbols(reader: EnumSchema, writer: EnumSchema, path: string): readonly Incompatibility[] {
  if (reader.default !== undefined) return [];
  const unknown = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol));
  return unknown.length === 0 ? [] : [{ path, reason: `lacks ${unknown.join(', ')} and has no default symbol` }];
}

function primitives(reader: AvroSchema, writer: AvroSchema, path: string): readonly Incompatibility[] {
  const [read, written] = [typeName(reader), typeName(writer)];
  if (read !== written && PROMOTIONS[written]?.includes(read) !== true) {
    return [{ path, reason: `is ${word(reader)}, was written as ${word(writer)}` }];
  }
  const [meant, was] = [logicalType(reader), logicalType(writer)];
  return meant === was ? [] : [{ path, reason: `means ${meant ?? read}, was written as ${was ?? written}` }];
}

function typeName(schema: AvroSchema): string {
  if (typeof schema === 'string') return schema;
  return isUnion(schema) ? 'union' : schema.type;
}

function logicalType(schema: AvroSchema): string | undefined {
  return typeof schema === 'object' && 'logicalType' in schema ? schema.logicalType : undefined;
}

function word(schema: AvroSchema): string {
  if (typeof schema === 'object' && 'name' in schema) return schema.name;
  return logicalType(schema) ?? typeName(schema);
}
