/**
 * Kafka's newer form of messages (KIP-482), in which the requests for operating are written: lengths are unsigned varints, plus
 * one so that zero is null, and each structure ends with tagged fields, which are skipped where they say nothing to us.
 */
import type { Call } from './calls.ts';
import { WireReader, WireWriter } from './wire.ts';

const MORE = 0x80;
const SEVEN_BITS = 0x7f;

export class CompactWriter extends WireWriter {
  uvarint(value: number): this {
    let rest = value;
    const bytes: number[] = [];
    for (; rest >= MORE; rest = Math.floor(rest / MORE)) bytes.push((rest % MORE) | MORE);
    return this.raw(Uint8Array.from([...bytes, rest]));
  }

  compactString(value: string): this {
    const bytes = Buffer.from(value);
    return this.uvarint(bytes.length + 1).raw(bytes);
  }

  compactArray<T>(items: readonly T[], item: (one: T) => void): this {
    this.uvarint(items.length + 1);
    items.forEach(item);
    return this;
  }

  /** The end of a structure without tagged fields. */
  noTags(): this {
    return this.uvarint(0);
  }
}

export class CompactReader extends WireReader {
  uvarint(): number {
    for (let value = 0, weight = 1; ; weight *= MORE) {
      const byte = this.uint8();
      value += (byte & SEVEN_BITS) * weight;
      if (byte < MORE) return value;
    }
  }

  compactString(): string | null {
    const length = this.uvarint() - 1;
    return length < 0 ? null : this.raw(length).toString('utf8');
  }

  /** A null array is empty. */
  compactArray<T>(item: () => T): T[] {
    return Array.from({ length: Math.max(0, this.uvarint() - 1) }, item);
  }

  /** As `compactArray`, of structures that end with tagged fields. */
  structures<T>(item: () => T): T[] {
    return this.compactArray(() => {
      const one = item();
      this.tags();
      return one;
    });
  }

  /** Tagged fields: `known` gets those it has a place for, all others are skipped. */
  tags(known: Readonly<Record<number, (field: CompactReader) => void>> = {}): void {
    const count = this.uvarint();
    for (let index = 0; index < count; index += 1) {
      const tag = this.uvarint();
      const field = this.raw(this.uvarint());
      known[tag]?.(new CompactReader(field));
    }
  }
}

interface Coding<T> {
  readonly api: string;
  readonly apiKey: number;
  readonly apiVersion: number;
  /** Writes the body, without the tagged fields at its end. */
  readonly write: (writer: CompactWriter) => void;
  readonly read: (reader: CompactReader) => T;
  /** The answer to the first question of all has the old header, so that every client can read it. */
  readonly oldAnswer?: true;
}

/** A request in the newer form. Its headers end with tagged fields too, which kafkajs knows nothing of. */
export function compactCall<T>({ api, apiKey, apiVersion, write, read, oldAnswer }: Coding<T>): Call<T> {
  return {
    ...{ api, apiKey, apiVersion },
    encode: () => {
      const writer = new CompactWriter().noTags();
      write(writer);
      return [writer.noTags().finish()];
    },
    decode: (payload) => {
      const reader = new CompactReader(payload);
      if (oldAnswer !== true) reader.tags();
      return read(reader);
    },
  };
}
