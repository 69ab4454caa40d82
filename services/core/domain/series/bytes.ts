/** Variable-length numbers and texts in one growing buffer. Whole numbers up to ±2^53; −Infinity and Infinity have codes of their own. */
import { assert } from '../../faults.ts';

const encoder = new TextEncoder();
/** Keeps a leading byte order mark: it belongs to the text. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Of every instant: 24 bits and 32. */
export const INSTANT_BYTES = 7;
/** The upper 24 bits of the infinities. */
const FOREVER = 0x7f_ffff;
const TWO_32 = 0x1_0000_0000;

export class ByteWriter {
  #bytes: Uint8Array;
  #at = 0;

  /** `bytes`: room to begin with. */
  constructor(bytes = 512) {
    this.#bytes = new Uint8Array(bytes);
  }

  get length(): number {
    return this.#at;
  }

  reset(): void {
    this.#at = 0;
  }

  /** Takes back what was written from a length on. */
  cut(length: number): void {
    this.#at = length;
  }

  /** What was written, valid until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  /** A copy of what was written. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  byte(value: number): void {
    if (this.#at === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#at++] = value;
  }

  u32(value: number): void {
    if (this.#at + 4 > this.#bytes.length) this.#grow(4);
    const bytes = this.#bytes;
    const at = this.#at;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
    this.#at = at + 4;
  }

  /** An instant, ms UTC, of less than 2^54 either way, or an infinity; always INSTANT_BYTES. */
  instant(value: number): void {
    this.#reserve(INSTANT_BYTES);
    const bytes = this.#bytes;
    const at = this.#at;
    let high = FOREVER;
    let low = 0;
    if (value === -Infinity) high = -FOREVER;
    else if (value !== Infinity) {
      high = Math.floor(value / TWO_32);
      low = value - high * TWO_32;
      assert(Math.floor(low) === low && high > -FOREVER && high < FOREVER, 'an instant is a whole number');
    }
    bytes[at] = high >> 16;
    bytes[at + 1] = high >> 8;
    bytes[at + 2] = high;
    bytes[at + 3] = low >>> 24;
    bytes[at + 4] = low >>> 16;
    bytes[at + 5] = low >>> 8;
    bytes[at + 6] = low;
    this.#at = at + INSTANT_BYTES;
  }

  f64(value: number): void {
    this.#reserve(8);
    float[0] = value;
    for (let i = 0; i < 8; i++) this.#bytes[this.#at + i] = floatBytes[LOW_FIRST ? 7 - i : i]!;
    this.#at += 8;
  }

  /** A whole number ≥ 0. */
  whole(value: number): void {
    if (this.#at + 8 > this.#bytes.length) this.#grow(8);
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
    this.copy(other.#bytes, 0, other.#at);
  }

  /** A part of what another has written. */
  appendPart(other: ByteWriter, start: number, end: number): void {
    this.copy(other.#bytes, start, end);
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
    if (this.#at + count > this.#bytes.length) this.#grow(count);
  }

  #grow(count: number): void {
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + count));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** Reads what a ByteWriter wrote. Can be pointed at other bytes, so that one reader serves all. */
export class ByteReader {
  #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Points the reader at other bytes. */
  open(bytes: Uint8Array, at: number): this {
    this.#bytes = bytes;
    this.#at = at;
    return this;
  }

  /** Index of the next byte. */
  get at(): number {
    return this.#at;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  skip(count: number): void {
    this.#at += count;
  }

  byte(): number {
    return this.#bytes[this.#at++]!;
  }

  u32(): number {
    const value = u32At(this.#bytes, this.#at);
    this.#at += 4;
    return value;
  }

  instant(): number {
    const bytes = this.#bytes;
    const at = this.#at;
    this.#at = at + INSTANT_BYTES;
    const high = ((bytes[at]! << 24) >> 8) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    if (high === FOREVER) return Infinity;
    if (high === -FOREVER) return -Infinity;
    return high * TWO_32 + u32At(bytes, at + 3);
  }

  f64(): number {
    const value = f64At(this.#bytes, this.#at);
    this.#at += 8;
    return value;
  }

  whole(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    let byte = bytes[at++]!;
    if (byte < 128) {
      this.#at = at;
      return byte;
    }
    // Four groups of seven bits are a small integer, and so are the four behind them.
    let low = byte & 127;
    for (let shift = 7; shift < 28 && byte >= 128; shift += 7) {
      byte = bytes[at++]!;
      low |= (byte & 127) << shift;
    }
    let high = 0;
    for (let shift = 0; byte >= 128; shift += 7) {
      byte = bytes[at++]!;
      high |= (byte & 127) << shift;
    }
    this.#at = at;
    return high === 0 ? low : low + high * 0x1000_0000;
  }

  signed(): number {
    return zigzag(this.whole());
  }

  extended(): number {
    const code = this.whole();
    if (code === 0) return -Infinity;
    if (code === 1) return Infinity;
    return zigzag(code - 2);
  }

  text(): string {
    const length = this.whole();
    const start = this.#at;
    this.#at = start + length;
    return length <= SHARED_MAX ? shared(this.#bytes, start, length) : decode(this.#bytes, start, length);
  }
}

export function u32At(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);
/** Whether this machine keeps the lowest byte of a number first. */
const LOW_FIRST = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function f64At(bytes: Uint8Array, at: number): number {
  for (let i = 0; i < 8; i++) floatBytes[LOW_FIRST ? 7 - i : i] = bytes[at + i]!;
  return float[0]!;
}

function zigzag(code: number): number {
  if (code <= 0x7fff_ffff) return (code >>> 1) ^ -(code & 1);
  return code % 2 === 0 ? code / 2 : -(code + 1) / 2;
}

function decode(bytes: Uint8Array, start: number, length: number): string {
  return decoder.decode(bytes.subarray(start, start + length));
}

/** Short texts repeat over customers (channels, names of traits): one string for all, found by the hash of its bytes. */
const SHARED_MAX = 40;
const SHARED_SLOTS = 4096;
const sharedTexts = new Array<string>(SHARED_SLOTS).fill('');

function shared(bytes: Uint8Array, start: number, length: number): string {
  let hash = length;
  for (let i = start; i < start + length; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
  const slot = (hash ^ (hash >>> 15)) & (SHARED_SLOTS - 1);
  const known = sharedTexts[slot]!;
  if (known.length === length) {
    let i = 0;
    while (i < length && known.charCodeAt(i) === bytes[start + i]! && bytes[start + i]! < 128) i += 1;
    if (i === length) return known;
  }
  const text = decode(bytes, start, length);
  sharedTexts[slot] = text;
  return text;
}
