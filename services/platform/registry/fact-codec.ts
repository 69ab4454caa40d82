/**
 * Reads and writes facts. The event is the last field, a union of the five inputs in the order of `INPUTS`, so a fact is its
 * prefix, the number of the branch, and an event: written, read and passed through apart.
 */
import type { FactPrefix } from '../../core/domain/events/fact.ts';
import { INPUTS, type Input } from '../../core/domain/events/header.ts';
import { assert } from '../../core/faults.ts';
import { Malformed, type Cursor } from './cursor.ts';
import { RecordCodec, type Codec } from './record-codec.ts';
import type { Read } from './record-reader.ts';
import type { AvroSchema, RecordSchema } from './schema.ts';

type EventCodecs = Readonly<Record<Input, RecordCodec>>;

export class FactCodec implements Codec {
  readonly #whole: RecordCodec;
  readonly #prefix: RecordCodec;
  readonly #events: EventCodecs;

  constructor(schema: RecordSchema, events: EventCodecs) {
    assert(schema.fields.at(-1)?.name === 'event', 'the event is the last field of a fact');
    this.#whole = new RecordCodec(schema);
    this.#prefix = new RecordCodec({ ...schema, fields: schema.fields.slice(0, -1) });
    this.#events = events;
  }

  isOwn(writer: AvroSchema): boolean {
    return this.#whole.isOwn(writer);
  }

  readerFor(writer: AvroSchema): Read {
    return this.isOwn(writer) ? this.#ownReader() : otherReader(this.#whole.readerFor(writer));
  }

  write(cursor: Cursor, fact: FactPrefix & { readonly event: unknown }): void {
    this.writePrefix(cursor, fact);
    this.#events[fact.input].write(cursor, fact.event);
  }

  writePrefix(cursor: Cursor, prefix: FactPrefix): void {
    this.#prefix.write(cursor, prefix);
    cursor.writeLong(INPUTS.indexOf(prefix.input));
  }

  #ownReader(): Read {
    const readPrefix = this.#prefix.ownReader;
    const readEvents = INPUTS.map((input) => this.#events[input].ownReader);
    return (cursor) => {
      const prefix = readPrefix(cursor) as FactPrefix;
      const branch = cursor.readLong();
      if (INPUTS[branch] !== prefix.input) {
        throw new Malformed(`the event is branch ${branch}, but the fact says ${prefix.input}`);
      }
      return { ...prefix, event: readEvents[branch]!(cursor) };
    };
  }
}

/** avsc gives the event of a resolved union as `{"tributary.v1.Purchase": …}`. */
function otherReader(read: Read): Read {
  return (cursor) => {
    const fact = read(cursor) as FactPrefix & { readonly event: Readonly<Record<string, unknown>> };
    return { ...fact, event: Object.values(fact.event)[0] };
  };
}
