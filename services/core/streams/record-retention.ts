/** Thins out a record batch for compaction, keeping each surviving record's bytes and offset (L8). */
import { BATCH_LENGTH_FROM, BATCH_OVERHEAD_BYTES, getInt64, LAYOUT } from './record-batch.ts';
import { VarintReader } from './varint.ts';

/**
 * A copy of the batch with only the records `keep` says yes to, or undefined when none is left. Base offset, last
 * offset delta and timestamps stay, as Kafka does it, so positions and offsets keep their meaning. The checksum of the
 * copy is no longer right: the platform seals it again.
 */
export function retainRecords(batch: Uint8Array, keep: (offset: number) => boolean): Uint8Array | undefined {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.length);
  const baseOffset = getInt64(view, LAYOUT.baseOffset);
  const count = view.getInt32(LAYOUT.count);
  const reader = new VarintReader(batch, BATCH_OVERHEAD_BYTES);
  const kept = new Uint8Array(batch.length);
  kept.set(batch.subarray(0, BATCH_OVERHEAD_BYTES));
  let at = BATCH_OVERHEAD_BYTES;
  let left = 0;
  for (let index = 0; index < count; index += 1) {
    const start = reader.position;
    const bodyBytes = reader.int();
    const end = reader.position + bodyBytes;
    reader.position += 1;
    reader.long();
    const offset = baseOffset + reader.int();
    reader.position = end;
    if (!keep(offset)) continue;
    kept.set(batch.subarray(start, end), at);
    at += end - start;
    left += 1;
  }
  if (left === 0) return undefined;
  const result = kept.slice(0, at);
  const header = new DataView(result.buffer);
  header.setInt32(LAYOUT.batchLength, at - BATCH_LENGTH_FROM);
  header.setInt32(LAYOUT.count, left);
  return result;
}
