/**
 * Generates the writer of a schema as one plain function per record, the counterpart of record-reader.ts: every value is checked
 * where it is written, and what does not fit is named by its place. What it writes is what avsc writes; a test holds the two
 * against each other.
 */
import { assert } from '../../core/faults.ts';
import type { Cursor } from './cursor.ts';
import { isArray, isEnum, isFixed, isMap, isRecord, isUnion } from './schema.ts';
import type { AvroSchema, EnumSchema, FieldSchema, RecordSchema } from './schema.ts';

export type Write = (cursor: Cursor, value: unknown) => void;

/** How a primitive is told and written; `x` is the value. */
const PRIMITIVES: Readonly<Record<string, { readonly is: string; readonly write: string }>> = {
  null: { is: 'x === null', write: '' },
  boolean: { is: `typeof x === 'boolean'`, write: 'c.writeBoolean(x)' },
  int: { is: '(x | 0) === x', write: 'c.writeLong(x)' },
  long: { is: 'Number.isSafeInteger(x)', write: 'c.writeLong(x)' },
  float: { is: `typeof x === 'number'`, write: 'c.writeFloat(x)' },
  double: { is: `typeof x === 'number'`, write: 'c.writeDouble(x)' },
  string: { is: `typeof x === 'string'`, write: 'c.writeString(x)' },
};

/** A function that writes one value of a self-contained schema; undefined for one with parts it does not write. */
export function recordWriter(schema: AvroSchema): Write | undefined {
  const generator = new WriterGenerator();
  try {
    return generator.finish(generator.valueWriter(schema));
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
}

class Unsupported extends Error {}

class WriterGenerator {
  /** Values the generated code refers to as k0, k1 …: numbers of symbols, defaults. */
  readonly #constants: unknown[] = [unfit];
  readonly #functions: string[] = [];
  readonly #named = new Map<string, string>();

  /** The name of a function (c, x, at) that writes a value of the schema. */
  valueWriter(schema: AvroSchema): string {
    if (typeof schema === 'string') return this.#named.get(schema) ?? this.#primitive(schema);
    if (isUnion(schema)) return this.#union(schema);
    if (isRecord(schema)) return this.#record(schema);
    if (isEnum(schema)) return this.#enum(schema);
    if (isFixed(schema)) throw new Unsupported();
    if (isArray(schema)) return this.#array(this.valueWriter(schema.items));
    if (isMap(schema)) return this.#map(this.valueWriter(schema.values));
    return this.valueWriter(schema.type);
  }

  finish(writer: string): Write {
    const names = this.#constants.map((_, index) => `k${index}`);
    const body = `'use strict';\n${this.#functions.join('\n')}\nreturn (c, x) => ${writer}(c, x, '');`;
    // The text holds nothing but checked names and our own constants, as in record-reader.ts.
    // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
    return new Function(...names, body)(...this.#constants) as Write;
  }

  #primitive(name: string): string {
    const primitive = PRIMITIVES[name];
    if (primitive === undefined) throw new Unsupported();
    return this.#function(`if (!(${primitive.is})) k0(at, '${name}', x); ${primitive.write};`);
  }

  #record(schema: RecordSchema): string {
    const name = this.#declare();
    this.#named.set(schema.name, name);
    const fields = schema.fields.map((field) => this.#field(field));
    return this.#define(name, `if (typeof x !== 'object' || x === null) k0(at, 'record', x);\n${fields.join('\n')}`);
  }

  #field(field: FieldSchema): string {
    assert(/^[A-Za-z_][A-Za-z0-9_]*$/.test(field.name), 'a field has an Avro name');
    const writer = this.valueWriter(field.type);
    const value =
      field.default === undefined
        ? `x.${field.name}`
        : `(x.${field.name} === undefined ? ${this.#constant(field.default)} : x.${field.name})`;
    return `${writer}(c, ${value}, '${field.name}');`;
  }

  #enum(schema: EnumSchema): string {
    const numbers = this.#constant(new Map(schema.symbols.map((symbol, index) => [symbol, index])));
    const name = this.#function(
      `const n = ${numbers}.get(x); if (n === undefined) k0(at, ${JSON.stringify(schema.name)}, x); c.writeLong(n);`,
    );
    this.#named.set(schema.name, name);
    return name;
  }

  #array(item: string): string {
    return this.#function(
      `if (!Array.isArray(x)) k0(at, 'array', x);
      const n = x.length; if (n > 0) { c.writeLong(n); for (let i = 0; i < n; i++) ${item}(c, x[i], at); } c.writeLong(0);`,
    );
  }

  #map(value: string): string {
    return this.#function(
      `if (typeof x !== 'object' || x === null) k0(at, 'map', x);
      const names = Object.keys(x); if (names.length > 0) { c.writeLong(names.length);
      for (const name of names) { c.writeString(name); ${value}(c, x[name], at); } } c.writeLong(0);`,
    );
  }

  /** A branch is told by the value alone, so at most one of the branches may be a record, a map or an enum. */
  #union(branches: readonly AvroSchema[]): string {
    const complex = branches.filter((branch) => told(branch) === undefined);
    if (complex.length > 1) throw new Unsupported();
    const tests = branches.map((branch, index) => {
      const test = told(branch);
      return test === undefined
        ? ''
        : `if (${test}) { c.writeLong(${index}); ${this.valueWriter(branch)}(c, x, at); return; }`;
    });
    const [rest] = complex;
    const last =
      rest === undefined
        ? `k0(at, '${branches.map(nameOf).join(' or ')}', x);`
        : `if (x === undefined) k0(at, 'a value', x); c.writeLong(${branches.indexOf(rest)}); ${this.valueWriter(rest)}(c, x, at);`;
    return this.#function(`${tests.join('\n')}\n${last}`);
  }

  #constant(value: unknown): string {
    return `k${this.#constants.push(value) - 1}`;
  }

  #declare(): string {
    return `w${this.#functions.push('') - 1}`;
  }

  #define(name: string, body: string): string {
    this.#functions[Number(name.slice(1))] = `function ${name}(c, x, at) { ${body} }`;
    return name;
  }

  #function(body: string): string {
    return this.#define(this.#declare(), body);
  }
}

/** The test that tells a branch of a union, where the value's type does. */
function told(branch: AvroSchema): string | undefined {
  if (typeof branch === 'string') return PRIMITIVES[branch]?.is;
  if (isUnion(branch)) return undefined;
  if (isArray(branch)) return 'Array.isArray(x)';
  return 'type' in branch && typeof branch.type === 'string' ? PRIMITIVES[branch.type]?.is : undefined;
}

function nameOf(branch: AvroSchema): string {
  return typeof branch === 'string' ? branch : isUnion(branch) ? 'union' : branch.type;
}

function unfit(at: string, expected: string, value: unknown): never {
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value);
  throw new Error(`${at === '' ? 'the record' : at} is ${shown}, expected ${expected}`);
}
