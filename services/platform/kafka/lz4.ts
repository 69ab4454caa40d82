/**
 * LZ4 in its frame format, as Kafka's clients write it: blocks of up to 64 KB to 4 MB, packed or plain. Checksums of the
 * content are skipped when reading (the batch has its own); when writing, blocks are independent and the header carries
 * its required check byte. Throws RangeError for bytes that are no frame.
 */
import { copyWithin } from './back-reference.ts';
import { packBlock } from './lz4-block.ts';
import { xxHash32 } from './xxhash32.ts';

const MAGIC = 0x184d2204;
const BLOCK_SIZES: Readonly<Record<number, number>> = { 4: 65_536, 5: 262_144, 6: 1_048_576, 7: 4_194_304 };
const PLAIN_BLOCK = 0x8000_0000;
/** Version 1, blocks independent, no checksums, no size; blocks of at most 64 KB. */
const FLAGS = 0x60;
const BLOCK_DESCRIPTOR = 0x40;
const BLOCK_BYTES = 65_536;
const MATCH_MIN = 4;

export function unpackLz4(packed: Uint8Array): Uint8Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  if (view.getUint32(0, true) !== MAGIC) throw new RangeError('no lz4 frame');
  const flags = view.getUint8(4);
  const blockMax = BLOCK_SIZES[(view.getUint8(5) >>> 4) & 7];
  if (blockMax === undefined) throw new RangeError('an lz4 block size that is not known');
  const blockChecksum = (flags & 0x10) !== 0;
  let at = 6 + ((flags & 0x08) !== 0 ? 8 : 0) + ((flags & 0x01) !== 0 ? 4 : 0) + 1;
  let out = new Uint8Array(Math.max(blockMax, packed.length * 3));
  let end = 0;
  for (;;) {
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) return out.subarray(0, end);
    const length = word & 0x7fff_ffff;
    if (at + length > packed.length) throw new RangeError('an lz4 block reaches beyond the bytes');
    if (end + blockMax > out.length) {
      const grown = new Uint8Array((end + blockMax) * 2);
      grown.set(out.subarray(0, end));
      out = grown;
    }
    const block = packed.subarray(at, at + length);
    if ((word & PLAIN_BLOCK) !== 0) {
      out.set(block, end);
      end += length;
    } else end = unpackBlock(block, out, end);
    at += length + (blockChecksum ? 4 : 0);
  }
}

/**
 * Sequences of literals and a reference back, also into blocks before. The place is a plain local number throughout: as a variable
 * that a closure moved on, compiled code was seen to copy literals from where it had been before (once in many runs, Node 26.10).
 */
function unpackBlock(block: Uint8Array, out: Uint8Array, start: number): number {
  let end = start;
  let at = 0;
  while (at < block.length) {
    const token = block[at]!;
    at += 1;
    const literalBytes = lengthBytes(block, at, token >>> 4);
    const literals = lengthFrom(block, at, literalBytes, token >>> 4);
    at += literalBytes;
    if (at + literals > block.length || end + literals > out.length) throw new RangeError('lz4 literals too long');
    out.set(block.subarray(at, at + literals), end);
    at += literals;
    end += literals;
    if (at === block.length) return end;
    if (at + 2 > block.length) throw new RangeError('lz4 bytes that end early');
    const back = block[at]! | (block[at + 1]! << 8);
    at += 2;
    const matchBytes = lengthBytes(block, at, token & 15);
    const length = lengthFrom(block, at, matchBytes, token & 15) + MATCH_MIN;
    at += matchBytes;
    end = copyWithin(out, end, back, length);
  }
  return end;
}

/** How many bytes follow a length of four bits: none unless it is full, else up to the first that is not 255. */
function lengthBytes(block: Uint8Array, at: number, nibble: number): number {
  if (nibble < 15) return 0;
  let last = at;
  while (block[last] === 255) last += 1;
  if (last >= block.length) throw new RangeError('lz4 bytes that end early');
  return last - at + 1;
}

function lengthFrom(block: Uint8Array, at: number, bytes: number, nibble: number): number {
  return bytes === 0 ? nibble : nibble + 255 * (bytes - 1) + block[at + bytes - 1]!;
}

export function packLz4(plain: Uint8Array): Uint8Array {
  const blocks = Math.ceil(plain.length / BLOCK_BYTES);
  // A block that does not shrink is kept plain, so a frame is never longer than its content and this.
  const out = new Uint8Array(7 + plain.length + blocks * 4 + 4);
  const view = new DataView(out.buffer);
  view.setUint32(0, MAGIC, true);
  out[4] = FLAGS;
  out[5] = BLOCK_DESCRIPTOR;
  out[6] = (xxHash32(out.subarray(4, 6)) >>> 8) & 0xff;
  let at = 7;
  for (let from = 0; from < plain.length; from += BLOCK_BYTES) {
    const block = plain.subarray(from, from + BLOCK_BYTES);
    const length = packBlock(block, out, at + 4);
    if (length === undefined) {
      view.setUint32(at, (PLAIN_BLOCK | block.length) >>> 0, true);
      out.set(block, at + 4);
      at += 4 + block.length;
    } else {
      view.setUint32(at, length, true);
      at += 4 + length;
    }
  }
  view.setUint32(at, 0, true);
  return out.subarray(0, at + 4);
}
