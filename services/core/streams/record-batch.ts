/**
 * Records as bytes: Apache Kafka's record batch, format v2 (magic 2), appended to and read from without an object per record.
 *
 * The builder writes records straight into one growing buffer. The CRC-32C is left zero: `seal` of the platform fills
 * it in (native code) together with the base offset and, on LogAppendTime topics, the append time.
 *
 * Layout (big-endian): baseOffset i64 · batchLength i32 · leaderEpoch i32 · magic i8 · crc u32 · attributes i16 ·
 * lastOffsetDelta i32 · baseTimestamp i64 · maxTimestamp i64 · producerId i64 · producerEpoch i16 · baseSequence i32 ·
 * count i32 · records. Record: length zigzag · attributes i8 · timestampDelta zigzag · offsetDelta zigzag ·
 * key length zigzag (-1 = null), key · value length zigzag, value · header count zigzag, headers.
 */

export interface Header {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** A finished batch: its bytes and what a log needs to know of them. */
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

export const BATCH_OVERHEAD_BYTES = 61;

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
