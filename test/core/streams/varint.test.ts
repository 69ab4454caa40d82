import fc from 'fast-check';
import { expect, test } from 'vitest';
import { longSize, VarintReader, varintSize, writeLong, writeVarint } from '../../../services/core/streams/varint.ts';

/** The textbook zigzag, in big integers. */
function naive(value: number): number[] {
  let zigzag = value >= 0 ? BigInt(value) * 2n : -BigInt(value) * 2n - 1n;
  const bytes: number[] = [];
  do {
    bytes.push(Number(zigzag & 0x7fn) | (zigzag > 0x7fn ? 0x80 : 0));
    zigzag >>= 7n;
  } while (zigzag > 0n);
  return bytes;
}

test('an i32 is written as its zigzag and read back', () => {
  fc.assert(
    fc.property(fc.oneof(fc.integer(), fc.constantFrom(0, -1, 63, 64, -64, -65, 2 ** 31 - 1, -(2 ** 31))), (value) => {
      const bytes = new Uint8Array(varintSize(value));
      expect(writeVarint(bytes, 0, value)).toBe(bytes.length);
      expect([...bytes]).toEqual(naive(value));
      expect(new VarintReader(bytes, 0).int()).toBe(value);
    }),
  );
});

test('a long up to 2^52 is written as its zigzag and read back', () => {
  const edges = [30, 31, 32, 48, 49, 51, 52].flatMap((bits) => [2 ** bits, -(2 ** bits), 2 ** bits - 1, 1 - 2 ** bits]);
  const longs = fc.oneof(fc.integer({ min: -(2 ** 52), max: 2 ** 52 }), fc.integer(), fc.constantFrom(...edges));
  fc.assert(
    fc.property(longs, (value) => {
      const bytes = new Uint8Array(longSize(value));
      expect(writeLong(bytes, 0, value)).toBe(bytes.length);
      expect([...bytes]).toEqual(naive(value));
      expect(new VarintReader(bytes, 0).long()).toBe(value);
    }),
    { numRuns: 500 },
  );
});

test('a long beyond 2^52 is refused instead of being written inexactly', () => {
  expect(() => writeLong(new Uint8Array(10), 0, 2 ** 53)).toThrow(RangeError);
});

test('a long of ten bytes, as other writers may send it, is read', () => {
  const lowest = [...new Uint8Array(9).fill(0xff), 1];
  expect(new VarintReader(Uint8Array.from(lowest), 0).long()).toBe(-(2 ** 63));
});

test('reading beyond the end of the bytes ends', () => {
  const reader = new VarintReader(Uint8Array.of(0x80, 0x80), 0);
  expect(reader.long()).toBe(0);
  expect(reader.position).toBeGreaterThan(2);
});
