/** Writes what compaction keeps of some records into a new batch, every record under its old offset (L8). */
import type { RecordBatch, RecordBatchBuilder, RecordSet } from './record-batch.ts';

/** Adds the records `keeps` says yes to; the builder's batch begins at `baseOffset`. Returns how many were added. */
export function copyRecords(
  records: RecordSet,
  keeps: (offset: number) => boolean,
  baseOffset: number,
  builder: RecordBatchBuilder,
): number {
  let copied = 0;
  for (let index = 0; index < records.length; index += 1) {
    const offset = records.offset(index);
    if (!keeps(offset)) continue;
    builder.append(
      records.timestamp(index),
      records.key(index),
      records.value(index),
      undefined,
      records.headers(index),
      offset - baseOffset,
    );
    copied += 1;
  }
  return copied;
}

/** The kept records as one batch, or undefined when nothing is kept. Seal it with the same base offset. */
export function compactedBatch(
  records: RecordSet,
  keeps: (offset: number) => boolean,
  baseOffset: number,
  builder: RecordBatchBuilder,
): RecordBatch | undefined {
  builder.reset();
  return copyRecords(records, keeps, baseOffset, builder) === 0 ? undefined : builder.finish();
}
