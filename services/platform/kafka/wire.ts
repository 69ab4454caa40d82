/**
 * Kafka's primitive types, written and read: big-endian numbers, strings with an i16 length, bytes and arrays with an
 * i32 length.
 */
const TWO_32 = 2 ** 32;
const INITIAL_BYTES = 256;

export class WireWriter {
  #buffer: Buffer;
  #end = 0;

  constructor(initialBytes = INITIAL_BYTES) {
    this.#buffer = Buffer.allocUnsafe(initialBytes);
  }

  // Room is made first: making it may change the buffer.
  int8(value: number): this {
    const at = this.#take(1);
    this.#buffer.writeInt8(value, at);
    return this;
  }

  int16(value: number): this {
    const at = this.#take(2);
    this.#buffer.writeInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.#take(4);
    this.#buffer.writeInt32BE(value, at);
    return this;
  }

  /** A whole number up to ±2^53. */
  int64(value: number): this {
    const high = Math.floor(value / TWO_32);
    const at = this.#take(8);
    this.#buffer.writeInt32BE(high, at);
    this.#buffer.writeUInt32BE(value - high * TWO_32, at + 4);
    return this;
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const bytes = Buffer.byteLength(value);
    this.int16(bytes);
    const at = this.#take(bytes);
    this.#buffer.write(value, at);
    return this;
  }

  bytes(value: Uint8Array): this {
    this.int32(value.length);
    return this.raw(value);
  }

  /** Bytes as they are, without a length. */
  raw(value: Uint8Array): this {
    const at = this.#take(value.length);
    this.#buffer.set(value, at);
    return this;
  }

  /** What was written; the writer is not used any more. */
  finish(): Buffer {
    return this.#buffer.subarray(0, this.#end);
  }

  /** Makes room and returns where it begins. */
  #take(more: number): number {
    const at = this.#end;
    this.#end += more;
    if (this.#end > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#end, this.#buffer.length * 2));
      grown.set(this.#buffer.subarray(0, at));
      this.#buffer = grown;
    }
    return at;
  }
}

/** Reads on from a position. Throws RangeError where the bytes end early. */
export class WireReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  uint8(): number {
    this.#at += 1;
    return this.#buffer.readUInt8(this.#at - 1);
  }

  int16(): number {
    this.#at += 2;
    return this.#buffer.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#buffer.readInt32BE(this.#at - 4);
  }

  int64(): number {
    this.#at += 8;
    return this.#buffer.readInt32BE(this.#at - 8) * TWO_32 + this.#buffer.readUInt32BE(this.#at - 4);
  }

  string(): string | null {
    const length = this.int16();
    if (length < 0) return null;
    return this.raw(length).toString('utf8');
  }

  /** A view; null is empty. */
  bytes(): Buffer {
    return this.raw(Math.max(0, this.int32()));
  }

  /** A null array is empty. */
  array<T>(item: (reader: this) => T): T[] {
    const length = this.int32();
    const items: T[] = [];
    for (let index = 0; index < length; index += 1) items.push(item(this));
    return items;
  }

  /** A view of the next bytes. */
  raw(length: number): Buffer {
    const at = this.#at;
    if (at + length > this.#buffer.length) throw new RangeError('A message of the broker ends early');
    this.#at = at + length;
    return this.#buffer.subarray(at, at + length);
  }
}
