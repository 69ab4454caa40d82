/**
 * Records as bytes: Apache Kafka's record batch, format v2 (magic 2), appended to and read from without an object per
 * record. `record-set.ts` reads them, `record-compaction.ts` thins them out.
 *
 * The builder writes records straight into one growing buffer. The CRC-32C is left zero: `seal` of the platform fills
 * it in (native code) together with the base offset and, on LogAppendTime topics, the append time.
 *
 * Layout (big-endian): baseOffset i64 · batchLength i32 · leaderEpoch i32 · magic i8 · crc u32 · attributes i16 ·
 * lastOffsetDelta i32 · baseTimestamp i64 · maxTimestamp i64 · producerId i64 · producerEpoch i16 · baseSequence i32 ·
 * count i32 · records. Record: length zigzag · attributes i8 · timestampDelta zigzag · offsetDelta zigzag ·
 * key length zigzag (-1 = null), key · value length zigzag, value · header count zigzag, headers.
 */
import { assert, Fault } from '../faults.ts';
import { longSize, varintSize, writeLong, writeVarint } from './varint.ts';

export interface Header {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/**
 * A finished batch: its bytes and what a log needs to know of them. Handing it to a log hands its bytes over: the log
 * fills in offset, time and checksum in place and may keep them, so a batch is appended once and then left alone.
 */
export interface RecordBatch {
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly maxTimestamp: number;
}

/**
 * Records as they came out of a fetch, by index 0 … length−1, ascending in offset. Keys and values are views into
 * the fetched bytes: they stay valid as long as the set is referenced, and nobody may write to them.
 */
export interface RecordSet {
  readonly length: number;
  offset(index: number): number;
  /** Create time, or the log's append time on LogAppendTime topics, ms UTC. */
  timestamp(index: number): number;
  key(index: number): Uint8Array | null;
  value(index: number): Uint8Array | null;
  headers(index: number): readonly Header[];
}

/** Where the fields of a batch lie. */
export const LAYOUT = {
  baseOffset: 0,
  batchLength: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
} as const;

/** Bytes of a batch before its first record. */
export const BATCH_OVERHEAD_BYTES = 61;
/** `batchLength` counts from behind itself, the checksum from `attributes` to the end. */
export const BATCH_LENGTH_FROM = 12;
export const CRC_FROM = LAYOUT.attributes;
export const MAGIC = 2;

export const ATTRIBUTE_COMPRESSION = 0x07;
/** All records of the batch carry `maxTimestamp`, the log's own time. */
export const ATTRIBUTE_LOG_APPEND_TIME = 0x08;
export const ATTRIBUTE_TRANSACTIONAL = 0x10;
export const ATTRIBUTE_CONTROL = 0x20;

const EMPTY: RecordSet = {
  length: 0,
  offset: outOfBounds,
  timestamp: outOfBounds,
  key: outOfBounds,
  value: outOfBounds,
  headers: outOfBounds,
};

function outOfBounds(index: number): never {
  throw new RangeError(`No record ${index} in an empty record set`);
}

export function emptyRecordSet(): RecordSet {
  return EMPTY;
}

/** First size of a builder's buffer; it doubles as needed. */
const INITIAL_BYTES = 16 * 1024;
/** Largest distance between two instants of a batch, ms; beyond it the delta would not be exact in a number. */
const TIMESTAMP_MAX = 2 ** 51;
const TWO_32 = 2 ** 32;
const text = new TextEncoder();

/**
 * Writes records into one growing buffer. `finish` copies exactly the batch's bytes out of it (one memcpy): what it
 * returned stays valid whatever the builder does next, and the buffer stays warm for the next batch after `reset`.
 */
export class RecordBatchBuilder {
  #bytes: Uint8Array;
  #view: DataView;
  #end = BATCH_OVERHEAD_BYTES;
  #count = 0;
  #lastOffsetDelta = -1;
  #baseTimestamp = 0;
  #maxTimestamp = 0;

  constructor(initialBytes = INITIAL_BYTES) {
    this.#bytes = new Uint8Array(Math.max(initialBytes, BATCH_OVERHEAD_BYTES));
    this.#view = new DataView(this.#bytes.buffer);
  }

  get count(): number {
    return this.#count;
  }

  /** Size of the batch `finish` would return now, bytes. */
  get byteLength(): number {
    return this.#end;
  }

  /**
   * Adds a record. The value may come in two parts that are written one behind the other.
   * `timestampMs` is a whole number of ms UTC from -2^51 to 2^51. `offsetDelta` is for compaction only, which keeps
   * offsets: it must rise, and the next record of a batch being written is the default.
   */
  append(
    timestampMs: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    rest?: Uint8Array,
    headers?: readonly Header[],
    offsetDelta = this.#lastOffsetDelta + 1,
  ): void {
    assert(offsetDelta > this.#lastOffsetDelta, 'offsets of a batch rise');
    assert(
      Number.isInteger(timestampMs) && timestampMs >= -TIMESTAMP_MAX && timestampMs <= TIMESTAMP_MAX,
      'a record timestamp is a whole number of milliseconds',
    );
    assert(value !== null || rest === undefined, 'a tombstone has no second part');
    if (this.#count === 0) {
      this.#baseTimestamp = timestampMs;
      this.#maxTimestamp = timestampMs;
    } else if (timestampMs > this.#maxTimestamp) this.#maxTimestamp = timestampMs;

    const timestampDelta = timestampMs - this.#baseTimestamp;
    const keyBytes = key === null ? 0 : key.length;
    const restBytes = rest === undefined ? 0 : rest.length;
    const valueBytes = value === null ? 0 : value.length + restBytes;
    const keyLength = key === null ? -1 : keyBytes;
    const valueLength = value === null ? -1 : valueBytes;
    const headerBytes = headers === undefined || headers.length === 0 ? NO_HEADERS : encodeHeaders(headers);
    const body =
      1 +
      longSize(timestampDelta) +
      varintSize(offsetDelta) +
      varintSize(keyLength) +
      keyBytes +
      varintSize(valueLength) +
      valueBytes +
      headerBytes.length;

    this.#reserve(varintSize(body) + body);
    const bytes = this.#bytes;
    let at = writeVarint(bytes, this.#end, body);
    bytes[at++] = 0;
    at = writeLong(bytes, at, timestampDelta);
    at = writeVarint(bytes, at, offsetDelta);
    at = writeVarint(bytes, at, keyLength);
    if (key !== null) {
      put(key, bytes, at);
      at += keyBytes;
    }
    at = writeVarint(bytes, at, valueLength);
    if (value !== null) {
      put(value, bytes, at);
      if (rest !== undefined) put(rest, bytes, at + value.length);
      at += valueBytes;
    }
    put(headerBytes, bytes, at);
    this.#end = at + headerBytes.length;
    this.#count += 1;
    this.#lastOffsetDelta = offsetDelta;
  }

  /** The batch so far; at least one record must have been appended. The builder keeps its content until `reset`. */
  finish(): RecordBatch {
    assert(this.#count > 0, 'a record batch holds at least one record');
    const view = this.#view;
    setInt64(view, LAYOUT.baseOffset, 0);
    view.setInt32(LAYOUT.batchLength, this.#end - BATCH_LENGTH_FROM);
    view.setInt32(LAYOUT.leaderEpoch, -1);
    view.setInt8(LAYOUT.magic, MAGIC);
    view.setUint32(LAYOUT.crc, 0);
    view.setInt16(LAYOUT.attributes, 0);
    view.setInt32(LAYOUT.lastOffsetDelta, this.#lastOffsetDelta);
    setInt64(view, LAYOUT.baseTimestamp, this.#baseTimestamp);
    setInt64(view, LAYOUT.maxTimestamp, this.#maxTimestamp);
    setInt64(view, LAYOUT.producerId, -1);
    view.setInt16(LAYOUT.producerEpoch, -1);
    view.setInt32(LAYOUT.baseSequence, -1);
    view.setInt32(LAYOUT.count, this.#count);
    return { bytes: this.#bytes.slice(0, this.#end), count: this.#count, maxTimestamp: this.#maxTimestamp };
  }

  /** Starts an empty batch in the same buffer. */
  reset(): void {
    this.#end = BATCH_OVERHEAD_BYTES;
    this.#count = 0;
    this.#lastOffsetDelta = -1;
  }

  #reserve(more: number): void {
    const needed = this.#end + more;
    if (needed <= this.#bytes.length) return;
    if (needed > BATCH_BYTES_MAX) {
      throw new Fault('RECORD_TOO_LARGE', `A record batch of ${needed} bytes cannot be written`, {
        facts: { bytes: needed, limit: BATCH_BYTES_MAX },
      });
    }
    const grown = new Uint8Array(Math.min(BATCH_BYTES_MAX, Math.max(needed, this.#bytes.length * 2)));
    grown.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** The format's own bound is an i32; this one keeps a slip from taking the memory. */
const BATCH_BYTES_MAX = 2 ** 30;
const NO_HEADERS = new Uint8Array(1);

/** Short parts by hand: a call into native code costs more. */
function put(from: Uint8Array, to: Uint8Array, at: number): void {
  if (from.length > 48) to.set(from, at);
  else for (let i = 0; i < from.length; i++) to[at + i] = from[i]!;
}

function encodeHeaders(headers: readonly Header[]): Uint8Array {
  const keys = headers.map((header) => text.encode(header.key));
  let size = varintSize(headers.length);
  headers.forEach((header, index) => {
    const key = keys[index]!;
    const valueBytes = header.value === null ? 0 : header.value.length;
    size += varintSize(key.length) + key.length + varintSize(header.value === null ? -1 : valueBytes) + valueBytes;
  });
  const bytes = new Uint8Array(size);
  let at = writeVarint(bytes, 0, headers.length);
  headers.forEach((header, index) => {
    const key = keys[index]!;
    at = writeVarint(bytes, at, key.length);
    bytes.set(key, at);
    at = writeVarint(bytes, at + key.length, header.value === null ? -1 : header.value.length);
    if (header.value === null) return;
    bytes.set(header.value, at);
    at += header.value.length;
  });
  return bytes;
}

/** Writes a whole number up to ±2^53 as i64. */
export function setInt64(view: DataView, at: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  view.setInt32(at, high);
  view.setUint32(at + 4, value - high * TWO_32);
}

export function getInt64(view: DataView, at: number): number {
  return view.getInt32(at) * TWO_32 + view.getUint32(at + 4);
}
