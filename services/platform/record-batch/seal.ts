/**
 * What only the keeper of a log can know of a batch: base offset, append time, producer and checksum. Sealing writes
 * them in place (layout in `core/streams/record-batch.ts`); a sealed batch is what rests on disk and what Kafka sends.
 * The CRC-32C is native code: 12 GB/s against 0.4 in JavaScript.
 */
import { crc32c } from '@node-rs/crc32';
import {
  ATTRIBUTE_CONTROL,
  ATTRIBUTE_LOG_APPEND_TIME,
  ATTRIBUTE_TRANSACTIONAL,
  BATCH_LENGTH_FROM,
  BATCH_OVERHEAD_BYTES,
  CRC_FROM,
  getInt64,
  LAYOUT,
  MAGIC,
  RecordBatchBuilder,
  setInt64,
} from '../../core/streams/record-batch.ts';

export interface Seal {
  readonly baseOffset: number;
  /** The log's own time for all records of the batch (LogAppendTime topics), ms UTC; null keeps the producer's. */
  readonly appendTime: number | null;
  /** The transaction's producer, where the batch belongs to one. */
  readonly producer?: { readonly id: number; readonly epoch: number } | undefined;
}

/** Seals one batch in place and returns the offset behind its last record. */
export function sealBatch(bytes: Uint8Array, seal: Seal): number {
  const view = viewOf(bytes);
  setInt64(view, LAYOUT.baseOffset, seal.baseOffset);
  let attributes = view.getInt16(LAYOUT.attributes);
  if (seal.appendTime !== null) {
    attributes |= ATTRIBUTE_LOG_APPEND_TIME;
    setInt64(view, LAYOUT.maxTimestamp, seal.appendTime);
  }
  if (seal.producer !== undefined) {
    attributes |= ATTRIBUTE_TRANSACTIONAL;
    setInt64(view, LAYOUT.producerId, seal.producer.id);
    view.setInt16(LAYOUT.producerEpoch, seal.producer.epoch);
  }
  view.setInt16(LAYOUT.attributes, attributes);
  view.setUint32(LAYOUT.crc, crc32c(bytes.subarray(CRC_FROM)));
  return seal.baseOffset + view.getInt32(LAYOUT.lastOffsetDelta) + 1;
}

/** Whether one whole batch is as it was sealed. The base offset is outside of Kafka's checksum: the caller compares it. */
export function isIntact(bytes: Uint8Array, baseOffset: number): boolean {
  if (bytes.length < BATCH_OVERHEAD_BYTES) return false;
  const view = viewOf(bytes);
  return (
    view.getInt32(LAYOUT.batchLength) === bytes.length - BATCH_LENGTH_FROM &&
    view.getInt8(LAYOUT.magic) === MAGIC &&
    getInt64(view, LAYOUT.baseOffset) === baseOffset &&
    view.getUint32(LAYOUT.crc) === crc32c(bytes.subarray(CRC_FROM))
  );
}

export type ControlType = 'abort' | 'commit';

/** The marker that ends a transaction in a partition, sealed; it occupies one offset and no reader sees it. */
export function controlBatch(type: ControlType, timestampMs: number, seal: Seal): Uint8Array {
  const builder = new RecordBatchBuilder(BATCH_OVERHEAD_BYTES + 32);
  const key = Uint8Array.of(0, 0, 0, type === 'abort' ? 0 : 1);
  builder.append(timestampMs, key, new Uint8Array(6));
  const { bytes } = builder.finish();
  viewOf(bytes).setInt16(LAYOUT.attributes, ATTRIBUTE_CONTROL);
  sealBatch(bytes, seal);
  return bytes;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
