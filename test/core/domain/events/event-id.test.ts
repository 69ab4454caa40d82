import { describe, expect, it } from 'vitest';
import { compareHash64, hash32, hash64 } from '../../../../services/core/domain/events/event-id.ts';

const utf8 = new TextEncoder();

/** The published algorithm, byte by byte, to hold against the fast one. */
function murmur3(bytes: Uint8Array, seed: number): number {
  const rotate = (value: number, by: number) => (value << by) | (value >>> (32 - by));
  let hash = seed;
  const blocks = Math.floor(bytes.length / 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let n = 0; n < blocks; n += 1) {
    const block = Math.imul(rotate(Math.imul(view.getInt32(n * 4, true), 0xcc9e2d51), 15), 0x1b873593);
    hash = (Math.imul(rotate(hash ^ block, 13), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let n = blocks * 4; n < bytes.length; n += 1) tail |= bytes[n]! << ((n - blocks * 4) * 8);
  hash ^= Math.imul(rotate(Math.imul(tail, 0xcc9e2d51), 15), 0x1b873593);
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

describe('event id', () => {
  it.each([
    ['', 0],
    ['hello', 0x248bfa47],
    ['hello, world', 0x149bbb7f],
    ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
  ])('hashes the bytes of "%s" to the published value', (text, expected) => {
    expect(hash32(utf8.encode(text))).toBe(expected);
  });

  it('hashes a text as two MurmurHash3 of its UTF-16 code units, low byte first', () => {
    for (const text of ['', 'a', 'ab', 'abc', 'order-4711', 'é', '😀', '\ud800', 'x'.repeat(301)]) {
      const bytes = Buffer.from(text, 'utf16le');
      expect(hash64(text)).toEqual({ hi: murmur3(bytes, 0x9747b28c), lo: murmur3(bytes, 0) });
    }
  });

  it('tells a hundred thousand similar ids apart', () => {
    const seen = new Set<string>();
    for (let n = 0; n < 100_000; n += 1) {
      const { hi, lo } = hash64(`event-${n}`);
      seen.add(`${hi}:${lo}`);
    }
    expect(seen.size).toBe(100_000);
  });

  it('orders hashes by their high half first', () => {
    expect(compareHash64({ hi: 1, lo: 9 }, { hi: 2, lo: 0 })).toBeLessThan(0);
    expect(compareHash64({ hi: 2, lo: 9 }, { hi: 2, lo: 0 })).toBeGreaterThan(0);
    expect(compareHash64({ hi: 2, lo: 9 }, { hi: 2, lo: 9 })).toBe(0);
  });
});
