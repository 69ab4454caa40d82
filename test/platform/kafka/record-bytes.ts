/** Bytes as a broker answers a fetch with, made in memory: data batches and markers of transactions, offsets rising. */
import { RecordBatchBuilder } from '../../../services/core/streams/record-batch.ts';
import { controlBatch, sealBatch, type ControlType } from '../../../services/platform/record-batch/seal.ts';

const text = new TextEncoder();
const utf8 = new TextDecoder();

export function dataBatch(
  baseOffset: number,
  values: readonly string[],
  producer?: { readonly id: number; readonly epoch: number },
  key = 'key',
): Uint8Array {
  const builder = new RecordBatchBuilder();
  for (const value of values) builder.append(1_700_000_000_000, text.encode(key), text.encode(value));
  const { bytes } = builder.finish();
  sealBatch(bytes, { baseOffset, appendTime: null, producer });
  return bytes;
}

export function marker(baseOffset: number, type: ControlType, id: number): Uint8Array {
  return controlBatch(type, 1_700_000_000_000, { baseOffset, appendTime: null, producer: { id, epoch: 0 } });
}

export function joined(...batches: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(batches));
}

export function valuesOf(records: {
  readonly length: number;
  value(index: number): Uint8Array | null;
}): readonly string[] {
  return Array.from({ length: records.length }, (_, index) => utf8.decode(records.value(index) ?? undefined));
}
