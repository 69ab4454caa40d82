/**
 * Hashes of ids and contents: MurmurHash3 (x86, 32 bit), pure and the same on every machine.
 *
 * A 64-bit hash of a text is two 32-bit ones with distinct seeds over its UTF-16 code units, low byte first. Profiles keep
 * it instead of the id (C1), and it breaks ties between events of one instant (T7): it must never change.
 */

/** Two unsigned 32-bit halves. Order: `hi` first, then `lo`. */
export interface Hash64 {
  readonly hi: number;
  readonly lo: number;
}

const SEED_HI = 0x9747b28c;
const SEED_LO = 0;
const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

export function hash64(text: string): Hash64 {
  const units = text.length;
  let hi = SEED_HI;
  let lo = SEED_LO;
  const whole = units & ~1;
  for (let at = 0; at < whole; at += 2) {
    const block = scramble(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16));
    hi = step(hi, block);
    lo = step(lo, block);
  }
  if (whole < units) {
    const tail = scramble(text.charCodeAt(whole));
    hi ^= tail;
    lo ^= tail;
  }
  return { hi: finish(hi, units * 2), lo: finish(lo, units * 2) };
}

/** Of the bytes in [from, until); unsigned. Parts are hashed as one by giving the hash of one part as the seed of the next. */
export function hash32(bytes: Uint8Array, from = 0, until = bytes.length, seed = 0): number {
  const length = until - from;
  const whole = from + (length & ~3);
  let hash = seed | 0;
  for (let at = from; at < whole; at += 4) {
    const block = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash = step(hash, scramble(block));
  }
  let tail = 0;
  for (let at = until - 1; at >= whole; at -= 1) tail = (tail << 8) | bytes[at]!;
  if (whole < until) hash ^= scramble(tail);
  return finish(hash, length);
}

/** Ascending; the order of ties at one instant (T7). */
export function compareHash64(a: Hash64, b: Hash64): number {
  return a.hi === b.hi ? a.lo - b.lo : a.hi - b.hi;
}

function scramble(block: number): number {
  const mixed = Math.imul(block, C1);
  return Math.imul((mixed << 15) | (mixed >>> 17), C2);
}

function step(hash: number, scrambled: number): number {
  const mixed = hash ^ scrambled;
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number, byteLength: number): number {
  let mixed = hash ^ byteLength;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
