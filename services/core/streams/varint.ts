/**
 * Zigzag varints as Kafka and Avro write them: seven bits a byte, least significant first. Writers return the position
 * behind what they wrote; the caller has made sure of the room (`varintSize`, `longSize`).
 */

/** Whole numbers in ±2^30 take the integer path; a zigzag of them fits 31 bits. */
const SMALL = 2 ** 30;
/** Up to here a zigzag is exact in a double. */
const EXACT = 2 ** 52;

/** Bytes of an i32. */
export function varintSize(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  if (zigzag < 0x80) return 1;
  if (zigzag < 0x4000) return 2;
  if (zigzag < 0x20_0000) return 3;
  return zigzag < 0x1000_0000 ? 4 : 5;
}

export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  while (zigzag >= 0x80) {
    bytes[at++] = (zigzag & 0x7f) | 0x80;
    zigzag >>>= 7;
  }
  bytes[at++] = zigzag;
  return at;
}

/** Bytes of a whole number in ±2^52. */
export function longSize(value: number): number {
  if (value < SMALL && value >= -SMALL) return varintSize(value);
  let zigzag = value >= 0 ? value * 2 : -value * 2 - 1;
  let size = 1;
  while (zigzag >= 0x80) {
    zigzag = Math.floor(zigzag / 0x80);
    size += 1;
  }
  return size;
}

/** `value` is a whole number in ±2^52. */
export function writeLong(bytes: Uint8Array, at: number, value: number): number {
  if (value < SMALL && value >= -SMALL) return writeVarint(bytes, at, value);
  if (value > EXACT || value < -EXACT) throw new RangeError(`A varint of ${value} would not be exact`);
  let zigzag = value >= 0 ? value * 2 : -value * 2 - 1;
  while (zigzag >= 0x80) {
    bytes[at++] = (zigzag % 0x80) | 0x80;
    zigzag = Math.floor(zigzag / 0x80);
  }
  bytes[at++] = zigzag;
  return at;
}

/** Reads varints one behind the other. It does not check bounds: whoever reads compares `position` with a known end. */
export class VarintReader {
  readonly bytes: Uint8Array;
  position: number;

  constructor(bytes: Uint8Array, position: number) {
    this.bytes = bytes;
    this.position = position;
  }

  /** An i32. */
  int(): number {
    const bytes = this.bytes;
    let byte = bytes[this.position++]!;
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
    let zigzag = byte & 0x7f;
    for (let shift = 7; shift <= 28; shift += 7) {
      byte = bytes[this.position++]!;
      zigzag |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return (zigzag >>> 1) ^ -(zigzag & 1);
  }

  /** An i64; exact up to ±2^53. */
  long(): number {
    const start = this.position;
    const bytes = this.bytes;
    let factor = 1;
    let zigzag = 0;
    for (let length = 1; length <= 7; length += 1) {
      const byte = bytes[this.position++]!;
      zigzag += (byte & 0x7f) * factor;
      // `!(>=)` also ends at the end of the bytes, where the byte is undefined.
      if (!(byte >= 0x80)) return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
      factor *= 0x80;
    }
    this.position = start;
    return this.#wide();
  }

  #wide(): number {
    let zigzag = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.position++] ?? 0;
      zigzag |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return Number((zigzag >> 1n) ^ -(zigzag & 1n));
  }
}
