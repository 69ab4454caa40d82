/**
 * Packs one LZ4 block greedily: a table remembers where each four bytes were seen last; a match of four or more becomes
 * a reference. The format wants the last five bytes as literals and no match to begin in the last twelve.
 */
const HASH_BITS = 14;
const MATCH_MIN = 4;
const LAST_LITERALS = 5;
const MATCH_FORBIDDEN = 12;
const DISTANCE_MAX = 65_535;
/** After this many misses (as a power of two) the search steps one byte further each time. */
const SKIP_BITS = 6;

const table = new Int32Array(1 << HASH_BITS);

/** Writes at `at` and returns the bytes written, or undefined when they would not be fewer than the block's. */
export function packBlock(block: Uint8Array, out: Uint8Array, at: number): number | undefined {
  const size = block.length;
  const limit = at + size - 1;
  table.fill(-1);
  let end = at;
  let anchor = 0;
  let position = 0;
  let misses = 1 << SKIP_BITS;
  while (position < size - MATCH_FORBIDDEN) {
    const word = wordAt(block, position);
    const slot = Math.imul(word, 2654435761) >>> (32 - HASH_BITS);
    const seen = table[slot]!;
    table[slot] = position;
    if (seen < 0 || position - seen > DISTANCE_MAX || wordAt(block, seen) !== word) {
      position += misses >>> SKIP_BITS;
      misses += 1;
      continue;
    }
    misses = 1 << SKIP_BITS;
    let length = MATCH_MIN;
    const lengthMax = size - LAST_LITERALS - position;
    while (length < lengthMax && block[seen + length] === block[position + length]) length += 1;
    const literals = position - anchor;
    if (end + literals + Math.floor(literals / 255) + Math.floor(length / 255) + 5 > limit) return undefined;
    end = writeLiterals(block, anchor, literals, out, end, Math.min(length - MATCH_MIN, 15));
    out[end] = (position - seen) & 0xff;
    out[end + 1] = (position - seen) >>> 8;
    end += 2;
    if (length - MATCH_MIN >= 15) end = writeLength(out, end, length - MATCH_MIN - 15);
    position += length;
    anchor = position;
  }
  const literals = size - anchor;
  if (end + literals + Math.floor(literals / 255) + 2 > limit) return undefined;
  return writeLiterals(block, anchor, literals, out, end, 0) - at;
}

function writeLiterals(block: Uint8Array, from: number, count: number, out: Uint8Array, at: number, match: number) {
  let end = at + 1;
  out[at] = (Math.min(count, 15) << 4) | match;
  if (count >= 15) end = writeLength(out, end, count - 15);
  out.set(block.subarray(from, from + count), end);
  return end + count;
}

function writeLength(out: Uint8Array, at: number, more: number): number {
  let left = more;
  let end = at;
  for (; left >= 255; left -= 255) out[end++] = 255;
  out[end++] = left;
  return end;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
