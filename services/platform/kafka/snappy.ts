/**
 * Reads snappy: the raw format, and the framing of the Java library that Kafka's producers use (a magic, two versions,
 * then blocks with an i32 length each). Throws RangeError for bytes that are neither.
 */
import { copyWithin } from './back-reference.ts';

const JAVA_MAGIC = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00];
const JAVA_HEADER_BYTES = 16;

export function unpackSnappy(packed: Uint8Array): Uint8Array {
  if (!JAVA_MAGIC.every((byte, index) => packed[index] === byte)) return unpackRaw(packed);
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  const blocks: Uint8Array[] = [];
  for (let at = JAVA_HEADER_BYTES; at < packed.length;) {
    const length = view.getInt32(at);
    at += 4;
    if (length < 0 || at + length > packed.length) throw new RangeError('a snappy block reaches beyond the bytes');
    blocks.push(unpackRaw(packed.subarray(at, at + length)));
    at += length;
  }
  return blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks);
}

function unpackRaw(packed: Uint8Array): Uint8Array {
  let at = 0;
  let size = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = packed[at];
    if (byte === undefined || shift > 28) throw new RangeError('no snappy length');
    at += 1;
    size += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  // A byte cannot stand for more than 64 of a copy's: a size beyond that would only claim memory.
  if (size > packed.length * 64) throw new RangeError('a snappy length that cannot be');
  const out = new Uint8Array(size);
  let end = 0;
  while (at < packed.length) {
    const tag = packed[at]!;
    at += 1;
    let length: number;
    let back: number;
    switch (tag & 3) {
      case 0: {
        length = tag >>> 2;
        if (length >= 60) {
          const bytes = length - 59;
          length = little(packed, at, bytes);
          at += bytes;
        }
        length += 1;
        if (at + length > packed.length || end + length > size) throw new RangeError('a snappy literal too long');
        out.set(packed.subarray(at, at + length), end);
        at += length;
        end += length;
        continue;
      }
      case 1:
        length = ((tag >>> 2) & 7) + 4;
        back = ((tag >>> 5) << 8) | little(packed, at, 1);
        at += 1;
        break;
      case 2:
        length = (tag >>> 2) + 1;
        back = little(packed, at, 2);
        at += 2;
        break;
      default:
        length = (tag >>> 2) + 1;
        back = little(packed, at, 4);
        at += 4;
    }
    end = copyWithin(out, end, back, length);
  }
  if (end !== size) throw new RangeError('snappy bytes that end early');
  return out;
}

function little(bytes: Uint8Array, at: number, count: number): number {
  if (at + count > bytes.length) throw new RangeError('snappy bytes that end early');
  let value = 0;
  for (let index = count - 1; index >= 0; index -= 1) value = value * 256 + bytes[at + index]!;
  return value;
}
