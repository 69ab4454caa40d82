/**
 * What a task will append in its next transaction: batches for its own partition of each topic, written as bytes as
 * they come. A batch is closed before it would pass the bound, so one large record never makes its neighbours too large.
 */
import { Fault } from '../faults.ts';
import type { Outputs } from './processor.ts';
import { BATCH_OVERHEAD_BYTES, RecordBatchBuilder, type Header, type RecordBatch } from './record-batch.ts';

/** Lengths, deltas and attributes of one record, at most. */
const RECORD_OVERHEAD_BYTES = 40;

/** Batches for one partition of one topic. */
export class BatchWriter {
  readonly topic: string;
  readonly #softMax: number;
  readonly #hardMax: number;
  readonly #builder = new RecordBatchBuilder();
  #closed: RecordBatch[] = [];
  #closedBytes = 0;
  #closedRecords = 0;

  /** `batchBytesMax`: where a batch is closed. `topicBytesMax`: what the topic takes at all. */
  constructor(topic: string, batchBytesMax: number, topicBytesMax: number) {
    this.topic = topic;
    this.#softMax = Math.min(batchBytesMax, topicBytesMax);
    this.#hardMax = topicBytesMax;
  }

  get bytes(): number {
    return this.#closedBytes + (this.#builder.count === 0 ? 0 : this.#builder.byteLength);
  }

  get records(): number {
    return this.#closedRecords + this.#builder.count;
  }

  /** Throws RECORD_TOO_LARGE, with nothing written, for a record the topic would not take even alone. */
  append(
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    rest?: Uint8Array,
    headers?: readonly Header[],
  ): void {
    const size =
      RECORD_OVERHEAD_BYTES +
      (key?.length ?? 0) +
      (value?.length ?? 0) +
      (rest?.length ?? 0) +
      (headers === undefined ? 0 : headersSize(headers));
    if (size + BATCH_OVERHEAD_BYTES > this.#hardMax) {
      throw new Fault('RECORD_TOO_LARGE', `A record of ${size} bytes does not fit into ${this.topic}`, {
        facts: { topic: this.topic, bytes: size, limit: this.#hardMax },
      });
    }
    if (this.#builder.count > 0 && this.#builder.byteLength + size > this.#softMax) this.#close();
    this.#builder.append(timestamp, key, value, rest, headers);
  }

  /** All batches so far, in order; the writer is empty afterwards. */
  take(): readonly RecordBatch[] {
    if (this.#builder.count > 0) this.#close();
    const batches = this.#closed;
    this.clear();
    return batches;
  }

  clear(): void {
    this.#builder.reset();
    this.#closed = [];
    this.#closedBytes = 0;
    this.#closedRecords = 0;
  }

  #close(): void {
    const batch = this.#builder.finish();
    this.#closed.push(batch);
    this.#closedBytes += batch.bytes.length;
    this.#closedRecords += batch.count;
    this.#builder.reset();
  }
}

/** The outputs of one task, by index into the topology's list. */
export class OutputBuffer implements Outputs {
  readonly writers: readonly BatchWriter[];

  constructor(writers: readonly BatchWriter[]) {
    this.writers = writers;
  }

  get bytes(): number {
    let sum = 0;
    for (const writer of this.writers) sum += writer.bytes;
    return sum;
  }

  get records(): number {
    let sum = 0;
    for (const writer of this.writers) sum += writer.records;
    return sum;
  }

  emit(
    output: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    rest?: Uint8Array,
    headers?: readonly Header[],
  ): void {
    this.writers[output]!.append(timestamp, key, value, rest, headers);
  }

  clear(): void {
    for (const writer of this.writers) writer.clear();
  }
}

function headersSize(headers: readonly Header[]): number {
  let size = 0;
  // A header key of n UTF-16 units takes at most 3n bytes; lengths take at most 10.
  for (const header of headers) size += header.key.length * 3 + (header.value?.length ?? 0) + 10;
  return size;
}
