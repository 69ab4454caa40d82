/** Variable-length numbers and texts in one growing buffer. Whole numbers up to ±2^53; −Infinity and Infinity have codes of their own. */
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #at = 0;

  /** `bytes`: room to begin with. */
  constructor(bytes = 512) {
    this.#bytes = new Uint8Array(bytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#at;
  }

  reset(): void {
    this.#at = 0;
  }

  /** What was written, valid until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  /** A copy of what was written. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  /** Copies what was written into bytes that have room for it, else into new ones with room to grow. */
  copyInto(bytes: Uint8Array | undefined): Uint8Array {
    const target =
      bytes !== undefined && bytes.length >= this.#at ? bytes : new Uint8Array(this.#at + (this.#at >> 2) + 32);
    target.set(this.view());
    return target;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  u32(value: number): void {
    this.#reserve(4);
    const bytes = this.#bytes;
    const at = this.#at;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
    this.#at = at + 4;
  }

  f64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#at, value);
    this.#at += 8;
  }

  /** A whole number ≥ 0. */
  whole(value: number): void {
    this.#reserve(8);
    const bytes = this.#bytes;
    let at = this.#at;
    let low = value;
    if (value >= 0x8000_0000) {
      // Four groups of seven bits at once: beyond 31 bits only slow arithmetic is exact.
      const high = Math.floor(value / 0x1000_0000);
      low = value - high * 0x1000_0000;
      bytes[at] = (low & 127) | 128;
      bytes[at + 1] = ((low >>> 7) & 127) | 128;
      bytes[at + 2] = ((low >>> 14) & 127) | 128;
      bytes[at + 3] = ((low >>> 21) & 127) | 128;
      at += 4;
      low = high;
    }
    while (low > 127) {
      bytes[at++] = (low & 127) | 128;
      low >>>= 7;
    }
    bytes[at++] = low;
    this.#at = at;
  }

  /** A whole number of either sign, small ones short. */
  signed(value: number): void {
    this.whole(value < 0 ? -value * 2 - 1 : value * 2);
  }

  /** Like signed, with codes for both infinities. */
  extended(value: number): void {
    if (value === -Infinity) this.whole(0);
    else if (value === Infinity) this.whole(1);
    else this.whole((value < 0 ? -value * 2 - 1 : value * 2) + 2);
  }

  text(value: string): void {
    // Ids and values of fields are short and nearly always ASCII.
    const { length } = value;
    if (length < 64) {
      this.#reserve(length + 1);
      const start = this.#at;
      this.#bytes[start] = length;
      let i = 0;
      for (; i < length; i++) {
        const unit = value.charCodeAt(i);
        if (unit > 127) break;
        this.#bytes[start + 1 + i] = unit;
      }
      if (i === length) {
        this.#at = start + 1 + length;
        return;
      }
    }
    const bytes = encoder.encode(value);
    this.whole(bytes.length);
    this.raw(bytes);
  }

  /** What another has written. */
  append(other: ByteWriter): void {
    this.#reserve(other.#at);
    this.#bytes.set(other.#at === other.#bytes.length ? other.#bytes : other.#bytes.subarray(0, other.#at), this.#at);
    this.#at += other.#at;
  }

  /** A part of other bytes; short ones by hand, a call into native code costs more. */
  copy(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.#reserve(length);
    if (length > 48) this.#bytes.set(bytes.subarray(start, end), this.#at);
    else for (let i = 0; i < length; i++) this.#bytes[this.#at + i] = bytes[start + i]!;
    this.#at += length;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + count));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    return this.#view.getUint8(this.#at++);
  }

  u32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }

  f64(): number {
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8);
  }

  whole(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
  }

  signed(): number {
    const code = this.whole();
    return code % 2 === 0 ? code / 2 : -(code + 1) / 2;
  }

  extended(): number {
    const code = this.whole();
    if (code === 0) return -Infinity;
    if (code === 1) return Infinity;
    const rest = code - 2;
    return rest % 2 === 0 ? rest / 2 : -(rest + 1) / 2;
  }

  text(): string {
    const length = this.whole();
    this.#at += length;
    return decoder.decode(this.#bytes.subarray(this.#at - length, this.#at));
  }
}
