/** Reading and appending in one partition of the store: fetches, searches by time, appends inside a transaction. */
import { Fault } from '../../core/faults.ts';
import type { AppendResult, EndOffset, Fetched, FetchRequest, TopicPartition } from '../../core/streams/log.ts';
import type { RecordBatch } from '../../core/streams/record-batch.ts';
import { parseRecords } from '../../core/streams/record-set.ts';
import { offsetOutOfRange } from '../log-port/faults.ts';
import { isIntact, sealBatch } from '../record-batch/seal.ts';
import { idOfKey, MINUTE_MS, offsetOfKey, placeKey } from './store.ts';
import type { LogStore } from './store.ts';

/** A partition found by its name. */
export interface FoundPartition extends TopicPartition {
  readonly id: number;
  readonly logAppendTime: boolean;
}

export function findPartition(store: LogStore, { topic, partition }: TopicPartition): FoundPartition {
  const id = store.partitionId({ topic, partition });
  return { topic, partition, id, logAppendTime: store.topic(topic).spec.timestampType === 'LogAppendTime' };
}

export function endsOf(store: LogStore, { topic, partition, id }: FoundPartition): EndOffset {
  const { nextOffset, logStartOffset } = store.partition(id);
  // Transactions reach the store when they commit, so the end of the log is also the last stable offset.
  return { topic, partition, highWatermark: nextOffset, lastStableOffset: nextOffset, logStartOffset };
}

/** Appends a batch. Inside a transaction. */
export function appendBatch(store: LogStore, place: FoundPartition, batch: RecordBatch, now: number): AppendResult {
  const state = store.partition(place.id);
  const baseOffset = state.nextOffset;
  const logAppendTime = place.logAppendTime ? Math.max(now, state.lastAppendTime) : null;
  if (logAppendTime !== null) state.lastAppendTime = logAppendTime;
  state.nextOffset = sealBatch(batch.bytes, { baseOffset, appendTime: logAppendTime });
  void store.batches.put(placeKey(place.id, baseOffset), batch.bytes as Buffer);
  const minute = Math.floor((logAppendTime ?? now) / MINUTE_MS);
  if (minute > state.lastMinute) {
    state.lastMinute = minute;
    store.putArrival(place.id, minute, baseOffset);
  }
  store.putPartition(place.id, state);
  return {
    topic: place.topic,
    partition: place.partition,
    baseOffset,
    lastOffset: state.nextOffset - 1,
    logAppendTime,
  };
}

export function readPartition(store: LogStore, place: FoundPartition, request: FetchRequest): Fetched {
  const ends = endsOf(store, place);
  const { offset, maxBytes } = request;
  const end = ends.highWatermark;
  if (!(offset >= ends.logStartOffset && offset <= end)) {
    throw offsetOutOfRange(request, offset, ends.logStartOffset, end);
  }
  if (offset === end) return { ...ends, records: parseRecords([], { from: offset }).records, nextOffset: offset };
  const chunks: Uint8Array[] = [];
  // When nothing is left before the end, the gap up to it is passed as well.
  let nextOffset = end;
  let bytes = 0;
  for (const [baseOffset, batch] of batchesFrom(store, place, offset)) {
    if (chunks.length > 0 && bytes + batch.length > maxBytes) {
      nextOffset = baseOffset;
      break;
    }
    chunks.push(batch);
    bytes += batch.length;
  }
  return { ...ends, records: parseRecords(chunks, { from: offset }).records, nextOffset };
}

/** First offset of a record with a timestamp at or after the instant, else the end. */
export function searchTime(store: LogStore, place: FoundPartition, timestampMs: number): number {
  const { highWatermark, logStartOffset } = endsOf(store, place);
  const begin = place.logAppendTime ? store.offsetBefore(place.id, timestampMs) : 0;
  const from = Math.max(logStartOffset, begin);
  for (const [, batch] of batchesFrom(store, place, from)) {
    const { records } = parseRecords([batch], { from });
    for (let index = 0; index < records.length; index += 1) {
      if (records.timestamp(index) >= timestampMs) return records.offset(index);
    }
  }
  return highWatermark;
}

/**
 * Batches that reach to or beyond the offset, in order, each verified: a damaged one is named with its place (L10).
 * They are copies: LMDB's memory may be reused after the read transaction.
 */
export function* batchesFrom(
  store: LogStore,
  place: FoundPartition,
  offset: number,
): Generator<readonly [number, Uint8Array]> {
  const end = placeKey(place.id + 1, 0);
  for (const { key, value } of store.batches.getRange({
    start: placeKey(place.id, firstBase(store, place, offset)),
    end,
  })) {
    const baseOffset = offsetOfKey(key);
    if (!isIntact(value, baseOffset)) throw damaged(store, place, baseOffset);
    // Not a Buffer: its `slice` would be a view where everybody expects a copy.
    yield [baseOffset, new Uint8Array(value.buffer, value.byteOffset, value.length)];
  }
}

/** Base offset of the batch that may hold the offset. */
function firstBase(store: LogStore, { id }: FoundPartition, offset: number): number {
  // A reader that follows asks for the beginning of a batch, nearly always.
  if (store.batches.doesExist(placeKey(id, offset))) return offset;
  for (const key of store.batches.getKeys({ start: placeKey(id, offset), reverse: true, limit: 1 })) {
    if (idOfKey(key) === id) return offsetOfKey(key);
  }
  return offset;
}

function damaged(store: LogStore, { topic, partition }: TopicPartition, offset: number): Fault {
  return new Fault('LOG_DAMAGED', `The records at ${topic}/${partition} offset ${offset} are damaged`, {
    facts: { topic, partition, offset, file: store.file },
  });
}
