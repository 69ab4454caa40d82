/**
 * Reads record batches (layout in `record-batch.ts`) into a `RecordSet`: one pass notes where each record's parts lie,
 * nothing is decoded or copied before somebody asks. Checksums are the platform's business: it verified the bytes.
 *
 * 1. Offsets come from the batch's base and the record's own delta, so gaps left by compaction are kept.
 * 2. Control batches occupy offsets and yield no records, nor do batches the caller does not accept (aborted ones).
 * 3. A batch cut off at the end of a chunk (Kafka cuts answers at a byte count) is left for the next fetch.
 */
import { Fault } from '../faults.ts';
import {
  ATTRIBUTE_COMPRESSION,
  ATTRIBUTE_CONTROL,
  ATTRIBUTE_LOG_APPEND_TIME,
  BATCH_LENGTH_FROM,
  BATCH_OVERHEAD_BYTES,
  emptyRecordSet,
  getInt64,
  LAYOUT,
  MAGIC,
} from './record-batch.ts';
import type { Header, RecordSet } from './record-batch.ts';
import { VarintReader } from './varint.ts';

export interface ParseOptions {
  /** Records below it are left out: the first batch may begin before the wanted offset. */
  readonly from: number;
  /** Records at or beyond it are left out (the last stable offset). */
  readonly end?: number;
  /** Whether a transactional batch is to be read; without it all are. */
  readonly accepts?: (producerId: number, baseOffset: number) => boolean;
}

export interface ParsedRecords {
  readonly records: RecordSet;
  /** Beyond the last whole batch seen, and at least `from`. */
  readonly nextOffset: number;
}

const utf8 = new TextDecoder();
/** Numbers noted per record: chunk, key start, key length, value start, value length (headers follow the value). */
const FIELDS = 5;

/** Reads chunks of one or several whole batches each, ascending in offset. Throws LOG_DAMAGED or TOPIC_MISMATCH (compressed). */
export function parseRecords(chunks: readonly Uint8Array[], options: ParseOptions): ParsedRecords {
  let capacity = 0;
  let nextOffset = options.from;
  const batches: BatchPlace[] = [];
  chunks.forEach((bytes, chunk) => {
    for (let at = 0; ;) {
      const batch = readPlace(bytes, chunk, at);
      if (batch === undefined) break;
      at = batch.end;
      if (batch.baseOffset >= (options.end ?? Infinity)) break;
      nextOffset = Math.max(nextOffset, batch.lastOffset + 1);
      if (batch.lastOffset < options.from || (batch.attributes & ATTRIBUTE_CONTROL) !== 0) continue;
      if (options.accepts?.(batch.producerId, batch.baseOffset) === false) continue;
      capacity += batch.count;
      batches.push(batch);
    }
  });
  if (options.end !== undefined) nextOffset = Math.max(options.from, Math.min(nextOffset, options.end));
  if (capacity === 0) return { records: emptyRecordSet(), nextOffset };
  const set = new ParsedRecordSet(chunks, capacity);
  for (const batch of batches) set.add(batch, options.from, options.end ?? Infinity);
  return { records: set, nextOffset };
}

interface BatchPlace {
  readonly chunk: number;
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly attributes: number;
  readonly producerId: number;
  readonly count: number;
}

function readPlace(bytes: Uint8Array, chunk: number, start: number): BatchPlace | undefined {
  if (bytes.length - start < BATCH_OVERHEAD_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
  const end = start + BATCH_LENGTH_FROM + view.getInt32(LAYOUT.batchLength);
  const baseOffset = getInt64(view, LAYOUT.baseOffset);
  if (view.getInt8(LAYOUT.magic) !== MAGIC || end - start < BATCH_OVERHEAD_BYTES) throw malformed(baseOffset);
  if (end > bytes.length) return undefined;
  const attributes = view.getInt16(LAYOUT.attributes);
  if ((attributes & ATTRIBUTE_COMPRESSION) !== 0) {
    throw new Fault(
      'TOPIC_MISMATCH',
      `The record batch at offset ${baseOffset} is compressed, which is not read here`,
      {
        facts: { offset: baseOffset, codec: attributes & ATTRIBUTE_COMPRESSION },
      },
    );
  }
  const count = view.getInt32(LAYOUT.count);
  const lastOffset = baseOffset + view.getInt32(LAYOUT.lastOffsetDelta);
  // A record takes at least 7 bytes: a count beyond that would only claim memory.
  if (count < 0 || count * 7 > end - start - BATCH_OVERHEAD_BYTES) throw malformed(baseOffset);
  const producerId = getInt64(view, LAYOUT.producerId);
  return { chunk, view, start, end, baseOffset, lastOffset, attributes, producerId, count };
}

function malformed(offset: number): Fault {
  return new Fault('LOG_DAMAGED', `The record batch at offset ${offset} cannot be read`, { facts: { offset } });
}

class ParsedRecordSet implements RecordSet {
  readonly #chunks: readonly Uint8Array[];
  readonly #offsets: Float64Array;
  readonly #timestamps: Float64Array;
  readonly #places: Int32Array;
  #length = 0;

  constructor(chunks: readonly Uint8Array[], capacity: number) {
    this.#chunks = chunks;
    this.#offsets = new Float64Array(capacity);
    this.#timestamps = new Float64Array(capacity);
    this.#places = new Int32Array(capacity * FIELDS);
  }

  get length(): number {
    return this.#length;
  }

  add(batch: BatchPlace, from: number, end: number): void {
    const { baseOffset, chunk } = batch;
    const baseTimestamp = getInt64(batch.view, LAYOUT.baseTimestamp);
    const appendTime = (batch.attributes & ATTRIBUTE_LOG_APPEND_TIME) !== 0;
    const maxTimestamp = getInt64(batch.view, LAYOUT.maxTimestamp);
    const reader = new VarintReader(this.#chunks[chunk]!, batch.start + BATCH_OVERHEAD_BYTES);
    const places = this.#places;
    let length = this.#length;
    for (let index = 0; index < batch.count; index += 1) {
      const bodyBytes = reader.int();
      const recordEnd = reader.position + bodyBytes;
      // `!(<=)` also catches what was read beyond the end of the bytes.
      if (!(bodyBytes >= 6 && recordEnd <= batch.end)) throw malformed(baseOffset);
      reader.position += 1;
      const timestamp = baseTimestamp + reader.long();
      const offset = baseOffset + reader.int();
      const keyBytes = reader.int();
      const keyAt = reader.position;
      if (keyBytes > 0) reader.position += keyBytes;
      const valueBytes = reader.int();
      const valueAt = reader.position;
      if (valueAt + Math.max(valueBytes, 0) >= recordEnd) throw malformed(baseOffset);
      reader.position = recordEnd;
      if (offset < from || offset >= end) continue;
      this.#offsets[length] = offset;
      this.#timestamps[length] = appendTime ? maxTimestamp : timestamp;
      const place = length * FIELDS;
      places[place] = chunk;
      places[place + 1] = keyAt;
      places[place + 2] = keyBytes;
      places[place + 3] = valueAt;
      places[place + 4] = valueBytes;
      length += 1;
    }
    this.#length = length;
    if (reader.position !== batch.end) throw malformed(baseOffset);
  }

  offset(index: number): number {
    this.#check(index);
    return this.#offsets[index]!;
  }

  timestamp(index: number): number {
    this.#check(index);
    return this.#timestamps[index]!;
  }

  key(index: number): Uint8Array | null {
    this.#check(index);
    return this.#part(index * FIELDS, 1);
  }

  value(index: number): Uint8Array | null {
    this.#check(index);
    return this.#part(index * FIELDS, 3);
  }

  headers(index: number): readonly Header[] {
    this.#check(index);
    const place = index * FIELDS;
    const bytes = this.#chunks[this.#places[place]!]!;
    const valueEnd = this.#places[place + 3]! + Math.max(this.#places[place + 4]!, 0);
    if (bytes[valueEnd] === 0) return NO_HEADERS;
    const reader = new VarintReader(bytes, valueEnd);
    const headers: Header[] = [];
    for (let left = reader.int(); left > 0; left -= 1) {
      const key = utf8.decode(take(reader) ?? undefined);
      headers.push({ key, value: take(reader) });
    }
    return headers;
  }

  #part(place: number, field: number): Uint8Array | null {
    const length = this.#places[place + field + 1]!;
    if (length < 0) return null;
    const start = this.#places[place + field]!;
    return this.#chunks[this.#places[place]!]!.subarray(start, start + length);
  }

  #check(index: number): void {
    if (!(index >= 0 && index < this.#length)) throw new RangeError(`No record ${index} of ${this.#length}`);
  }
}

const NO_HEADERS: readonly Header[] = [];

function take(reader: VarintReader): Uint8Array | null {
  const length = reader.int();
  if (length < 0) return null;
  const start = reader.position;
  reader.position += length;
  if (!(reader.position <= reader.bytes.length)) throw new RangeError('A record header reaches beyond its batch');
  return reader.bytes.subarray(start, reader.position);
}
