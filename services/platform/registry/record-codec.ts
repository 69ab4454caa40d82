/**
 * Reads and writes one kind of record. A value written with our own schema takes the generated reader, any other compatible
 * one is resolved to our schema by avsc (fields we do not know are left out, fields it lacks have their defaults).
 */
import { Fault } from '../../core/faults.ts';
import { compile, type AvroType } from './avro-types.ts';
import { incompatibilities } from './compatibility.ts';
import type { Cursor } from './cursor.ts';
import { recordReader, type Read } from './record-reader.ts';
import { recordWriter, type Write } from './record-writer.ts';
import type { AvroSchema } from './schema.ts';
import { canonicalText, normalForm } from './schema-form.ts';

export interface Codec {
  /** Whether a schema is the same contract as ours. */
  isOwn(writer: AvroSchema): boolean;
  /** Throws RECORD_UNDECODABLE for a schema whose values are none of ours. */
  readerFor(writer: AvroSchema): Read;
  /** Writes at the cursor. Throws EVENT_REFUSED naming the value that does not fit the schema. */
  write(cursor: Cursor, value: unknown): void;
}

export class RecordCodec implements Codec {
  readonly #schema: AvroSchema;
  readonly #canonical: string;
  #ownReader: Read | undefined;
  #ownWriter: Write | undefined;
  #type: AvroType | undefined;

  constructor(schema: AvroSchema) {
    this.#schema = schema;
    this.#canonical = canonicalText(schema);
  }

  /** The reader of what was written with our schema. */
  get ownReader(): Read {
    return (this.#ownReader ??= recordReader(normalForm(this.#schema)));
  }

  isOwn(writer: AvroSchema): boolean {
    return canonicalText(writer) === this.#canonical;
  }

  readerFor(writer: AvroSchema): Read {
    if (this.isOwn(writer)) return this.ownReader;
    const [first] = incompatibilities(this.#schema, writer);
    if (first !== undefined) {
      const place = first.path === '' ? 'the record' : first.path;
      throw new Fault('RECORD_UNDECODABLE', `The schema it was written with does not fit: ${place} ${first.reason}`);
    }
    const resolver = this.#compiled().createResolver(compile(writer));
    return (cursor) => resolver._read(cursor);
  }

  write(cursor: Cursor, value: unknown): void {
    try {
      (this.#ownWriter ??= this.#writer())(cursor, value);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Fault('EVENT_REFUSED', `The record does not fit its schema: ${reason}`, { cause });
    }
  }

  #writer(): Write {
    const type = (): AvroType => this.#compiled();
    return recordWriter(normalForm(this.#schema)) ?? ((cursor, value) => type()._write(cursor, value));
  }

  /** Compiled when first needed: a process that only reads never needs it. */
  #compiled(): AvroType {
    return (this.#type ??= compile(this.#schema));
  }
}
