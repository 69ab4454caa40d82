/**
 * From a fetch answer's bytes to a record set: checksums compared, aborted transactions left out, compressed batches
 * unpacked. Runs of plain batches are handed on as one view; no object is made per record.
 *
 * 1. The position moves behind every whole batch seen, whatever became of its records: control batches, aborted ones,
 *    batches that compaction emptied, holes at their end.
 * 2. A batch cut off at the end is left for the next fetch.
 */
import { Fault } from '../../core/faults.ts';
import {
  ATTRIBUTE_COMPRESSION,
  ATTRIBUTE_CONTROL,
  ATTRIBUTE_TRANSACTIONAL,
  BATCH_LENGTH_FROM,
  BATCH_OVERHEAD_BYTES,
  getInt64,
  LAYOUT,
  MAGIC,
} from '../../core/streams/record-batch.ts';
import { parseRecords, type ParsedRecords } from '../../core/streams/record-set.ts';
import type { TopicPartition } from '../../core/streams/log.ts';
import { isIntact } from '../record-batch/seal.ts';
import { AbortedRecords } from './aborted-records.ts';
import { unpackBatch } from './codecs.ts';
import type { AbortedTransaction } from './fetch-call.ts';

export interface FetchedRecords extends ParsedRecords {
  /** Size of the batch that was cut off at the end, bytes; 0 for none. */
  readonly cutBytes: number;
}

/** Throws LOG_DAMAGED with the place of a batch that is not as it was written (L10). */
export function readFetched(
  place: TopicPartition,
  bytes: Uint8Array,
  from: number,
  aborted: readonly AbortedTransaction[],
): FetchedRecords {
  const filter = new AbortedRecords(aborted);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks: Uint8Array[] = [];
  let nextOffset = from;
  let cutBytes = 0;
  let runFrom = 0;
  let at = 0;
  const endRun = (): void => {
    if (at > runFrom) chunks.push(bytes.subarray(runFrom, at));
  };
  while (at + BATCH_OVERHEAD_BYTES <= bytes.length) {
    const end = at + BATCH_LENGTH_FROM + view.getInt32(at + LAYOUT.batchLength);
    const baseOffset = getInt64(view, at + LAYOUT.baseOffset);
    if (view.getInt8(at + LAYOUT.magic) !== MAGIC) throw damaged(place, baseOffset);
    if (end > bytes.length) {
      cutBytes = end - at;
      break;
    }
    const batch = bytes.subarray(at, end);
    if (!isIntact(batch, baseOffset)) throw damaged(place, baseOffset);
    const attributes = view.getInt16(at + LAYOUT.attributes);
    const lastOffset = baseOffset + view.getInt32(at + LAYOUT.lastOffsetDelta);
    const producerId = getInt64(view, at + LAYOUT.producerId);
    const transactional = (attributes & ATTRIBUTE_TRANSACTIONAL) !== 0;
    const control = (attributes & ATTRIBUTE_CONTROL) !== 0;
    if (control) filter.ended(producerId, lastOffset);
    const left = control || filter.holds({ producerId, lastOffset, transactional });
    const packed = (attributes & ATTRIBUTE_COMPRESSION) !== 0;
    if (left || packed) {
      endRun();
      if (!left) chunks.push(unpackBatch(batch, { ...place, offset: baseOffset }));
      runFrom = end;
    }
    nextOffset = Math.max(nextOffset, lastOffset + 1);
    at = end;
  }
  endRun();
  try {
    return { records: parseRecords(chunks, { from }).records, nextOffset, cutBytes };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault(error.code, error.message, { facts: { ...place, ...error.facts }, cause: error });
  }
}

function damaged(place: TopicPartition, offset: number): Fault {
  const { topic, partition } = place;
  return new Fault('LOG_DAMAGED', `The record batch at ${topic}/${partition}, offset ${offset}, is damaged`, {
    facts: { topic, partition, offset },
  });
}
