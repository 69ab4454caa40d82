/**
 * One partition in memory, with what a Kafka broker keeps of it: batches, open and aborted transactions, log start.
 * Control records take offsets as in Kafka, so readers of the port meet gaps here too (L2).
 */
import { assert } from '../../core/faults.ts';
import type { EndOffset, Fetched, FetchRequest, Isolation, TopicPartition, TopicSpec } from '../../core/streams/log.ts';
import { RecordBatchBuilder } from '../../core/streams/record-batch.ts';
import { compactedBatch } from '../../core/streams/record-compaction.ts';
import { parseRecords } from '../../core/streams/record-set.ts';
import { offsetOutOfRange } from '../log-port/faults.ts';
import { LatestKeys } from '../log-port/latest-keys.ts';
import { controlBatch, isIntact, sealBatch } from '../record-batch/seal.ts';
import type { ControlType, Seal } from '../record-batch/seal.ts';

interface StoredBatch {
  readonly bytes: Uint8Array;
  readonly baseOffset: number;
  readonly nextOffset: number;
  /** When the log received it, ms UTC, on CreateTime topics too: retention goes by it. */
  readonly receivedAt: number;
  readonly control: boolean;
}

interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  readonly nextOffset: number;
}

type Producer = NonNullable<Seal['producer']>;

export class MemoryPartition {
  readonly place: TopicPartition;
  readonly #spec: TopicSpec;
  #batches: StoredBatch[] = [];
  #nextOffset = 0;
  #logStartOffset = 0;
  #lastAppendTime = 0;
  /** First offset of each unfinished transaction by producer id. */
  readonly #open = new Map<number, number>();
  #aborted: AbortedTransaction[] = [];

  constructor(place: TopicPartition, spec: TopicSpec) {
    this.place = place;
    this.#spec = spec;
  }

  ends(): EndOffset {
    return {
      ...this.place,
      highWatermark: this.#nextOffset,
      lastStableOffset: this.#lastStableOffset(),
      logStartOffset: this.#logStartOffset,
    };
  }

  append(bytes: Uint8Array, now: number, producer?: Producer): { baseOffset: number; logAppendTime: number | null } {
    const baseOffset = this.#nextOffset;
    const logAppendTime = this.#spec.timestampType === 'LogAppendTime' ? Math.max(now, this.#lastAppendTime) : null;
    this.#lastAppendTime = logAppendTime ?? this.#lastAppendTime;
    const nextOffset = sealBatch(bytes, { baseOffset, appendTime: logAppendTime, producer });
    this.#batches.push({ bytes, baseOffset, nextOffset, receivedAt: now, control: false });
    this.#nextOffset = nextOffset;
    if (producer !== undefined && !this.#open.has(producer.id)) this.#open.set(producer.id, baseOffset);
    return { baseOffset, logAppendTime };
  }

  /** Ends the producer's transaction with a marker, if it has one here. */
  end(type: ControlType, producer: Producer, now: number): void {
    const firstOffset = this.#open.get(producer.id);
    if (firstOffset === undefined) return;
    const baseOffset = this.#nextOffset;
    if (type === 'abort') this.#aborted.push({ producerId: producer.id, firstOffset, nextOffset: baseOffset });
    const bytes = controlBatch(type, now, { baseOffset, appendTime: null, producer });
    this.#nextOffset = baseOffset + 1;
    this.#batches.push({ bytes, baseOffset, nextOffset: this.#nextOffset, receivedAt: now, control: true });
    this.#open.delete(producer.id);
  }

  read(request: FetchRequest, isolation: Isolation): Fetched {
    const ends = this.ends();
    const { offset, maxBytes } = request;
    if (!(offset >= ends.logStartOffset && offset <= ends.highWatermark)) {
      throw offsetOutOfRange(request, offset, ends.logStartOffset, ends.highWatermark);
    }
    const end = isolation === 'read_committed' ? ends.lastStableOffset : ends.highWatermark;
    const chunks: Uint8Array[] = [];
    // When nothing is left before the end, the gap up to it is passed as well.
    let nextOffset = Math.max(offset, end);
    let bytes = 0;
    for (let index = this.#indexOf(offset); index < this.#batches.length; index += 1) {
      const batch = this.#batches[index]!;
      if (batch.baseOffset >= end) break;
      if (chunks.length > 0 && bytes + batch.bytes.length > maxBytes) {
        nextOffset = Math.min(end, batch.baseOffset);
        break;
      }
      assert(isIntact(batch.bytes, batch.baseOffset), 'nobody writes to a batch after handing it to the log');
      chunks.push(batch.bytes);
      bytes += batch.bytes.length;
    }
    const accepts =
      isolation === 'read_committed'
        ? (producerId: number, base: number) => !this.#isAborted(producerId, base)
        : () => true;
    const { records } = parseRecords(chunks, { from: offset, end, accepts });
    return { ...ends, records, nextOffset };
  }

  offsetForTime(timestampMs: number): number {
    const end = this.#lastStableOffset();
    const accepts = (producerId: number, base: number): boolean => !this.#isAborted(producerId, base);
    for (const batch of this.#batches) {
      const { records } = parseRecords([batch.bytes], { from: this.#logStartOffset, end, accepts });
      for (let index = 0; index < records.length; index += 1) {
        if (records.timestamp(index) >= timestampMs) return records.offset(index);
      }
    }
    return end;
  }

  /** Keeps the last record of each key; tombstones as long as the topic says (L8). */
  compact(now: number): void {
    const end = this.#lastStableOffset();
    const parse = (batch: StoredBatch) =>
      parseRecords([batch.bytes], { from: 0, accepts: (id, base) => !this.#isAborted(id, base) }).records;
    const cleanable = this.#batches.filter((batch) => batch.nextOffset <= end);
    const builder = new RecordBatchBuilder();
    const latest = new LatestKeys();
    for (const batch of cleanable) latest.observe(parse(batch));
    const kept = cleanable.flatMap((batch) => {
      const records = parse(batch);
      const expired = batch.receivedAt < now - (this.#spec.retentionMs ?? Infinity) ? Infinity : 0;
      const outdated = latest.outdated(records, expired);
      if (outdated.size === 0 && records.length > 0) return [batch];
      if (outdated.size === records.length) return [];
      const kept = compactedBatch(records, (offset) => !outdated.has(offset), batch.baseOffset, builder);
      if (kept === undefined) return [];
      sealBatch(kept.bytes, { baseOffset: batch.baseOffset, appendTime: null });
      return [{ ...batch, bytes: kept.bytes }];
    });
    this.#batches = [...kept, ...this.#batches.slice(cleanable.length)];
    this.#aborted = this.#aborted.filter((transaction) => transaction.nextOffset > end);
  }

  /** Drops whole batches received before the topic's retention; the log start moves up. */
  expire(now: number): void {
    const { retentionMs } = this.#spec;
    if (retentionMs === null) return;
    const end = this.#lastStableOffset();
    let index = 0;
    while (index < this.#batches.length) {
      const batch = this.#batches[index]!;
      if (batch.receivedAt >= now - retentionMs || batch.nextOffset > end) break;
      this.#logStartOffset = batch.nextOffset;
      index += 1;
    }
    this.#batches.splice(0, index);
    this.#aborted = this.#aborted.filter((transaction) => transaction.nextOffset > this.#logStartOffset);
  }

  #lastStableOffset(): number {
    return Math.min(this.#nextOffset, ...this.#open.values());
  }

  #isAborted(producerId: number, baseOffset: number): boolean {
    return this.#aborted.some(
      (transaction) =>
        transaction.producerId === producerId &&
        baseOffset >= transaction.firstOffset &&
        baseOffset < transaction.nextOffset,
    );
  }

  /** Index of the first batch that reaches beyond the offset. */
  #indexOf(offset: number): number {
    let low = 0;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#batches[middle]!.nextOffset <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
