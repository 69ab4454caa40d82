/**
 * Compression of whole batches: everything behind the header is packed, the header says how. Read: gzip, snappy, lz4,
 * zstd. Written: lz4, zstd, or nothing. zlib and zstd are Node's own; lz4 and snappy are small enough to be ours.
 */
import { gunzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { Fault } from '../../core/faults.ts';
import type { TopicPartition } from '../../core/streams/log.ts';
import {
  ATTRIBUTE_COMPRESSION,
  BATCH_LENGTH_FROM,
  BATCH_OVERHEAD_BYTES,
  LAYOUT,
} from '../../core/streams/record-batch.ts';
import { packLz4, unpackLz4 } from './lz4.ts';
import { unpackSnappy } from './snappy.ts';

export const CODECS = ['none', 'lz4', 'zstd'] as const;
export type Codec = (typeof CODECS)[number];

const LZ4 = 3;
const ZSTD = 4;
/** By the number in a batch's attributes. */
const UNPACK: Readonly<Record<number, (packed: Uint8Array) => Uint8Array>> = {
  1: (packed) => gunzipSync(packed),
  2: unpackSnappy,
  [LZ4]: unpackLz4,
  [ZSTD]: (packed) => zstdDecompressSync(packed),
};

/**
 * The batch with its records plain, base offset and all, as if it had been written so; its checksum is the packed one's
 * and means nothing any more. Throws LOG_DAMAGED.
 */
export function unpackBatch(batch: Uint8Array, place: TopicPartition & { readonly offset: number }): Uint8Array {
  const attributes = viewOf(batch).getInt16(LAYOUT.attributes);
  const codec = attributes & ATTRIBUTE_COMPRESSION;
  try {
    const unpack = UNPACK[codec];
    if (unpack === undefined) throw new RangeError(`there is no codec ${codec}`);
    return withRecords(batch, unpack(batch.subarray(BATCH_OVERHEAD_BYTES)), attributes & ~ATTRIBUTE_COMPRESSION);
  } catch (cause) {
    const { topic, partition, offset } = place;
    throw new Fault('LOG_DAMAGED', `The record batch at ${topic}/${partition}, offset ${offset}, cannot be unpacked`, {
      facts: { topic, partition, offset, codec },
      cause,
    });
  }
}

/** The batch packed, not sealed; as it is where packing does not make it smaller. */
export function packBatch(batch: Uint8Array, codec: Codec): Uint8Array {
  if (codec === 'none') return batch;
  const records = batch.subarray(BATCH_OVERHEAD_BYTES);
  const packed = codec === 'lz4' ? packLz4(records) : zstdCompressSync(records);
  if (packed.length >= records.length) return batch;
  return withRecords(batch, packed, viewOf(batch).getInt16(LAYOUT.attributes) | (codec === 'lz4' ? LZ4 : ZSTD));
}

function withRecords(batch: Uint8Array, records: Uint8Array, attributes: number): Uint8Array {
  const bytes = new Uint8Array(BATCH_OVERHEAD_BYTES + records.length);
  bytes.set(batch.subarray(0, BATCH_OVERHEAD_BYTES));
  bytes.set(records, BATCH_OVERHEAD_BYTES);
  const view = viewOf(bytes);
  view.setInt32(LAYOUT.batchLength, bytes.length - BATCH_LENGTH_FROM);
  view.setInt16(LAYOUT.attributes, attributes);
  return bytes;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
