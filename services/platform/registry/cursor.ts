/**
 * Reads and writes Avro's binary encoding in one place of a buffer that can be used over and over: avsc's types do the
 * rest. It takes the place of avsc's own tap because records come from strangers:
 *
 * 1. Nothing is read beyond the end: a count or length that promises more than there is fails at once, so a broken record
 *    costs no time and no memory.
 * 2. What is read is exact or refused: integers within their range, booleans 0 or 1, strings valid UTF-8. Two ids that
 *    differ in their bytes never decode to one text.
 * 3. What is written is valid UTF-8: a lone surrogate becomes U+FFFD.
 */

/** Why bytes cannot be read; becomes the reason of a RECORD_UNDECODABLE. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}

interface NativeText {
  utf8Slice(this: Uint8Array, start: number, end: number): string;
  latin1Slice(this: Uint8Array, start: number, end: number): string;
}

// Node's own decoders work on any byte array; called without a Buffer around it they cost no allocation.
const { utf8Slice, latin1Slice } = Buffer.prototype as unknown as NativeText;
const encoder = new TextEncoder();
const REPLACEMENT = '\ufffd';
const INT_MAX = 2 ** 31 - 1;
const INT_MIN = -(2 ** 31);
/** A zigzag of up to 28 bits is read in integers, the rest in doubles. */
const BITS_28 = 2 ** 28;
/** Strings up to here are written byte by byte: cheaper than a call into native code. */
const SHORT = 48;
/**
 * The strings of a record up to this size are cut out of one text: a call into native code costs more than the rest of a
 * string. A string that is kept keeps that text alive, hence the bound.
 */
const SMALL_RECORD = 1024;

const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);
const single = new Float32Array(1);
const singleBytes = new Uint8Array(single.buffer);
const NOTHING = new Uint8Array(0);

export class Cursor {
  buf: Uint8Array = NOTHING;
  pos = 0;
  /** What empty arrays and maps read as. */
  readonly noItems: readonly unknown[] = Object.freeze([]);
  readonly noEntries: Readonly<Record<string, unknown>> = Object.freeze(Object.create(null) as Record<string, unknown>);
  /** End of what may be read. */
  end = 0;
  /** The bytes from `#textFrom` on as one text of a character each, made when the first string is read. */
  #text: string | undefined;
  #textFrom = 0;

  /** Starts reading `bytes` from `at`. */
  read(bytes: Uint8Array, at: number): void {
    this.buf = bytes;
    this.pos = at;
    this.end = bytes.length;
    this.#text = undefined;
    this.#textFrom = at;
  }

  /** Makes room for at least `more` bytes behind `pos`; the content so far is kept. */
  reserve(more: number): void {
    if (this.pos + more <= this.buf.length) return;
    const grown = new Uint8Array(Math.max(this.buf.length * 2, this.pos + more, 1024));
    grown.set(this.buf.subarray(0, this.pos));
    this.buf = grown;
  }

  readBoolean(): boolean {
    const byte = this.#byte();
    if (byte > 1) throw new Malformed(`a boolean is 0 or 1, not ${byte}`);
    return byte === 1;
  }

  skipBoolean(): void {
    this.pos += 1;
  }

  writeBoolean(value: boolean): void {
    this.reserve(1);
    this.buf[this.pos++] = value ? 1 : 0;
  }

  readInt(): number {
    const value = this.readLong();
    if (value > INT_MAX || value < INT_MIN) throw new Malformed(`an int has at most 32 bits, ${value} has more`);
    return value;
  }

  readLong(): number {
    const { buf } = this;
    let byte = buf[this.pos]!;
    // Beyond the end it is undefined, and not less than anything.
    if (byte < 0x80) {
      this.pos += 1;
      return (byte >> 1) ^ -(byte & 1);
    }
    byte = this.#byte();
    const first = byte;
    let zigzag = byte & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      byte = this.#byte();
      zigzag |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (zigzag >> 1) ^ -(zigzag & 1);
    }
    // A zigzag needs a bit more than its number: from here on the number itself is summed up, its sign kept apart.
    let magnitude = zigzag >>> 1;
    for (let factor = BITS_28 / 2, bytes = 5; bytes <= 10; bytes += 1, factor *= 128) {
      byte = this.#byte();
      magnitude += (byte & 0x7f) * factor;
      if (byte >= 0x80) continue;
      if (magnitude >= Number.MAX_SAFE_INTEGER) throw new Malformed('a number is beyond what is exact');
      return (first & 1) === 0 ? magnitude : -magnitude - 1;
    }
    throw new Malformed('a number takes at most 10 bytes');
  }

  skipInt(): void {
    this.skipLong();
  }

  skipLong(): void {
    while (this.#byte() >= 0x80);
  }

  writeInt(value: number): void {
    this.writeLong(value);
  }

  writeLong(value: number): void {
    this.reserve(10);
    const { buf } = this;
    let at = this.pos;
    if (value >= -(2 ** 30) && value < 2 ** 30) {
      let zigzag = (value << 1) ^ (value >> 31);
      while (zigzag >= 0x80) {
        buf[at++] = (zigzag & 0x7f) | 0x80;
        zigzag >>>= 7;
      }
      buf[at++] = zigzag;
    } else {
      let magnitude = value >= 0 ? value : -value - 1;
      buf[at++] = ((magnitude % 64) << 1) | (value >= 0 ? 0x80 : 0x81);
      magnitude = Math.floor(magnitude / 64);
      while (magnitude >= 0x80) {
        buf[at++] = (magnitude % 0x80) | 0x80;
        magnitude = Math.floor(magnitude / 0x80);
      }
      buf[at++] = magnitude;
    }
    this.pos = at;
  }

  readFloat(): number {
    singleBytes.set(this.#take(4));
    return single[0]!;
  }

  skipFloat(): void {
    this.pos += 4;
  }

  writeFloat(value: number): void {
    this.reserve(4);
    single[0] = value;
    this.buf.set(singleBytes, this.pos);
    this.pos += 4;
  }

  readDouble(): number {
    const { buf, pos } = this;
    if (pos + 8 > this.end) throw new Malformed('the record is cut off within a double');
    for (let byte = 0; byte < 8; byte += 1) doubleBytes[byte] = buf[pos + byte]!;
    this.pos = pos + 8;
    return double[0]!;
  }

  skipDouble(): void {
    this.pos += 8;
  }

  writeDouble(value: number): void {
    this.reserve(8);
    double[0] = value;
    this.buf.set(doubleBytes, this.pos);
    this.pos += 8;
  }

  readFixed(length: number): Uint8Array {
    return Buffer.from(this.#take(length));
  }

  skipFixed(length: number): void {
    this.pos += length;
  }

  writeFixed(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buf.set(bytes, this.pos);
    this.pos += bytes.length;
  }

  readBytes(): Uint8Array {
    return this.readFixed(this.#length('bytes'));
  }

  skipBytes(): void {
    const length = this.#length('bytes');
    this.pos += length;
  }

  writeBytes(bytes: Uint8Array): void {
    this.writeLong(bytes.length);
    this.writeFixed(bytes);
  }

  readString(): string {
    const length = this.#length('a string');
    const { buf, pos } = this;
    const end = pos + length;
    this.pos = end;
    let at = pos;
    while (at < end && buf[at]! < 0x80) at += 1;
    if (at === end) {
      if (this.end - this.#textFrom > SMALL_RECORD) return latin1Slice.call(buf, pos, end);
      const text = (this.#text ??= latin1Slice.call(buf, this.#textFrom, this.end));
      return text.substring(pos - this.#textFrom, end - this.#textFrom);
    }
    const text = utf8Slice.call(buf, pos, end);
    // Node puts U+FFFD where bytes are no UTF-8; a text may also have been written with one.
    if (text.includes(REPLACEMENT) && !isUtf8(text, buf.subarray(pos, end))) {
      throw new Malformed('a string is not valid UTF-8');
    }
    return text;
  }

  skipString(): void {
    const length = this.#length('a string');
    this.pos += length;
  }

  writeString(value: string): void {
    const units = value.length;
    this.reserve(units * 3 + 5);
    const start = this.pos;
    if (units <= SHORT) {
      const { buf } = this;
      // Up to 63 the length takes one byte, so the text can be written first.
      let at = start + 1;
      let index = 0;
      for (; index < units; index += 1) {
        const unit = value.charCodeAt(index);
        if (unit >= 0x80) break;
        buf[at++] = unit;
      }
      if (index === units) {
        buf[start] = units << 1;
        this.pos = at;
        return;
      }
    }
    const bytes = encoder.encode(value);
    this.writeLong(bytes.length);
    this.buf.set(bytes, this.pos);
    this.pos += bytes.length;
  }

  /** Bytes that avsc prepared as one character each: encoded defaults. */
  writeBinary(characters: string, length: number): void {
    this.reserve(length);
    for (let index = 0; index < length; index += 1) this.buf[this.pos++] = characters.charCodeAt(index);
  }

  /** The branch of a union of null and one other type. */
  isNull(): boolean {
    const branch = this.#byte();
    if (branch > 2 || branch === 1) throw new Malformed('a union has no such branch');
    return branch === 0;
  }

  noBranch(branch: number): never {
    throw new Malformed(`a union has no branch ${branch}`);
  }

  readSymbol(symbols: readonly string[]): string {
    const index = this.readLong();
    const symbol = symbols[index];
    if (symbol === undefined) throw new Malformed(`an enum has no symbol ${index}`);
    return symbol;
  }

  /** Passes the end mark of a map or array, if that is what comes next. */
  isEmptyBlock(): boolean {
    if (this.buf[this.pos] !== 0) return false;
    this.pos += 1;
    return true;
  }

  /**
   * How many items the next block of a map or array has. Items take at least a byte each, so a block cannot have more than
   * there are bytes; an array of nulls, which takes none, is not something we read.
   */
  readBlockCount(): number {
    let count = this.readLong();
    if (count < 0) {
      count = -count;
      this.skipLong();
    }
    if (count > this.end - this.pos) {
      throw new Malformed(`${count} items do not fit into the ${this.end - this.pos} bytes that are left`);
    }
    return count;
  }

  readItems(readItem: (cursor: Cursor) => unknown): readonly unknown[] {
    let count = this.readBlockCount();
    if (count === 0) return this.noItems;
    const items: unknown[] = [];
    for (; count > 0; count = this.readBlockCount()) {
      for (; count > 0; count -= 1) items.push(readItem(this));
    }
    return items;
  }

  /** Without a prototype: `__proto__` and `constructor` are names like any other. */
  readEntries(readValue: (cursor: Cursor) => unknown): Readonly<Record<string, unknown>> {
    let count = this.readBlockCount();
    if (count === 0) return this.noEntries;
    const entries = Object.create(null) as Record<string, unknown>;
    for (; count > 0; count = this.readBlockCount()) {
      for (; count > 0; count -= 1) {
        const key = this.readString();
        entries[key] = readValue(this);
      }
    }
    return entries;
  }

  #byte(): number {
    if (this.pos >= this.end) throw new Malformed('the record is cut off');
    return this.buf[this.pos++]!;
  }

  #length(what: string): number {
    const length = this.readLong();
    if (length < 0 || length > this.end - this.pos) {
      throw new Malformed(`${what} of ${length} bytes does not fit into the ${this.end - this.pos} that are left`);
    }
    return length;
  }

  #take(length: number): Uint8Array {
    if (length > this.end - this.pos) throw new Malformed('the record is cut off');
    this.pos += length;
    return this.buf.subarray(this.pos - length, this.pos);
  }
}

/** Whether a decoded text is what its bytes say, rather than what was put in place of broken ones. */
function isUtf8(text: string, bytes: Uint8Array): boolean {
  return Buffer.compare(encoder.encode(text), bytes) === 0;
}
