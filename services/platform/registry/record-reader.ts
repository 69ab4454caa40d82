/**
 * Generates the reader of a schema as one plain function per record, the way avsc does, but with unions, enums and empty
 * collections inlined: our records are mostly nulls, and this reads them several times faster. It serves records written
 * with exactly our schema; everything else is resolved by avsc. A test holds the two against each other.
 */
import { assert } from '../../core/faults.ts';
import type { Cursor } from './cursor.ts';
import { isArray, isEnum, isFixed, isMap, isRecord, isUnion } from './schema.ts';
import type { AvroSchema, EnumSchema, RecordSchema } from './schema.ts';

export type Read = (cursor: Cursor) => unknown;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const PRIMITIVES: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'c.readBoolean()',
  int: 'c.readInt()',
  long: 'c.readLong()',
  float: 'c.readFloat()',
  double: 'c.readDouble()',
  bytes: 'c.readBytes()',
  string: 'c.readString()',
};

/** A function that reads one value of a self-contained schema. */
export function recordReader(schema: AvroSchema): Read {
  const generator = new ReaderGenerator();
  return generator.finish(generator.expression(schema));
}

class ReaderGenerator {
  /** Values the generated code refers to as k0, k1 …: enum symbols. */
  readonly #constants: unknown[] = [];
  readonly #functions: string[] = [];
  readonly #named = new Map<string, string>();

  /** An expression that reads a value; `c` is the cursor. */
  expression(schema: AvroSchema): string {
    if (typeof schema === 'string') return PRIMITIVES[schema] ?? this.#reference(schema);
    if (isUnion(schema)) return this.#union(schema);
    if (isRecord(schema)) return this.#record(schema);
    if (isEnum(schema)) return this.#enum(schema);
    if (isFixed(schema)) return `c.readFixed(${schema.size})`;
    if (isArray(schema)) return `(c.isEmptyBlock() ? c.noItems : c.readItems(${this.#lambda(schema.items)}))`;
    if (isMap(schema)) return `(c.isEmptyBlock() ? c.noEntries : c.readEntries(${this.#lambda(schema.values)}))`;
    return this.expression(schema.type);
  }

  finish(expression: string): Read {
    const names = this.#constants.map((_, index) => `k${index}`);
    const body = `'use strict';\n${this.#functions.join('\n')}\nreturn (c) => ${expression};`;
    // The text holds nothing but checked names and our own constants; a loop over closures would be several times slower.
    // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
    return new Function(...names, body)(...this.#constants) as Read;
  }

  #record(schema: RecordSchema): string {
    const name = `r${this.#named.size}`;
    this.#named.set(schema.name, `${name}(c)`);
    const fields = schema.fields.map((field) => {
      assert(NAME.test(field.name) && field.name !== '__proto__', 'a field has an Avro name');
      return `${field.name}: ${this.expression(field.type)}`;
    });
    this.#functions.push(`function ${name}(c) { let i = 0; return { ${fields.join(', ')} }; }`);
    return `${name}(c)`;
  }

  #enum(schema: EnumSchema): string {
    const expression = `c.readSymbol(k${this.#constants.push(schema.symbols) - 1})`;
    this.#named.set(schema.name, expression);
    return expression;
  }

  #reference(name: string): string {
    const expression = this.#named.get(name);
    assert(expression !== undefined, `the schema defines ${name} before it refers to it`);
    return expression;
  }

  #union(branches: readonly AvroSchema[]): string {
    const [first, second] = branches;
    if (first === 'null' && second !== undefined && branches.length === 2) {
      return `(c.isNull() ? null : ${this.expression(second)})`;
    }
    const choices = branches.map((branch, index) => `i === ${index} ? ${this.expression(branch)}`);
    return `(i = c.readLong(), ${choices.join(' : ')} : c.noBranch(i))`;
  }

  #lambda(schema: AvroSchema): string {
    const name = `f${this.#functions.length}`;
    const place = this.#functions.push('') - 1;
    this.#functions[place] = `function ${name}(c) { let i = 0; return ${this.expression(schema)}; }`;
    return name;
  }
}
