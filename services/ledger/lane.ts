/**
 * One topic on its way into ClickHouse. The order of a batch is in `#write`, and nowhere else:
 *
 *   rows of every table → what is derived from them → positions of the group → how far we are
 *
 * Invariants:
 *  D1  Positions move only when every row below them is acknowledged: a crash leaves the position behind, never ahead.
 *  D2  Whether a row is there is decided by reading it back, after a crash and after every answer that did not come.
 *  D3  Rows of a place in the log are the same whoever writes them, so two writers by mistake write one row twice, and the
 *      table's key makes one of them.
 */
import { Fault } from '../core/faults.ts';
import type { Fetched, TopicPartition } from '../core/streams/log.ts';
import type { RecordSet } from '../core/streams/record-batch.ts';
import type { LaneWorld } from './lane-world.ts';
import { Progress } from './progress.ts';
import { TableRows, type Span } from './table-rows.ts';
import { TableWriter, type TargetTable } from './table.ts';

interface LaneTable<R> extends TargetTable {
  /** The row as a line of TabSeparated, or undefined when the record makes none here. */
  row(record: R, partition: number, offset: number): string | undefined;
}

export interface LaneSpec<R> {
  readonly topic: string;
  /** Throws a Fault for a value that cannot be read. */
  decode(value: Uint8Array): R;
  /** In the order they are written; the first one has a row for every record that can be decoded. */
  readonly tables: readonly LaneTable<R>[];
  /** A statement that follows from the rows of these places. */
  derive?(spans: readonly Span[]): string;
  /** `beginning`: the fold over the topic is kept in memory, so every start reads all of it. */
  readonly from: 'position' | 'beginning';
}

interface Batch {
  readonly rows: readonly TableRows[];
  count: number;
  bytes: number;
  /** Where to go on behind this batch, by partition. */
  readonly next: Map<number, number>;
  readonly seen: Map<number, { readonly end: number; readonly readThrough: number }>;
}

export class Lane<R> {
  readonly #spec: LaneSpec<R>;
  readonly #world: LaneWorld;
  readonly #partitions: readonly number[];
  readonly #writers: readonly TableWriter[];
  readonly #progress: Progress;
  /** Where the next fetch begins. */
  readonly #fetchAt = new Map<number, number>();

  constructor(spec: LaneSpec<R>, world: LaneWorld, partitions: readonly number[]) {
    this.#spec = spec;
    this.#world = world;
    this.#partitions = partitions;
    this.#writers = spec.tables.map((table) => {
      const alreadyThere = (rows: number): void => world.listener.alreadyThere?.({ table: table.name, rows });
      return new TableWriter(world.clickhouse, table, world.epoch, alreadyThere);
    });
    // Rows of a fold are written again with each version, so their places cannot be counted.
    const counted = spec.from === 'position' ? spec.tables[0]!.name : undefined;
    this.#progress = new Progress(spec.topic, counted, world);
  }

  /** Runs until the signal; what was read and not written by then is left to the next owner. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#start();
    let reading = this.#read(signal);
    while (!signal.aborted) {
      const batch = await reading;
      // The next batch is read while this one is written; if this one fails, that reading has no listener.
      reading = this.#read(signal);
      reading.catch(() => undefined);
      if (batch.count > 0 || batch.next.size > 0) await this.#write(batch);
      else this.#progress.look(batch.seen);
      await this.#progress.idle();
    }
    await reading;
  }

  /** True when everything below these ends is in ClickHouse, and the views say so. */
  covers(ends: ReadonlyMap<number, number>): boolean {
    return this.#partitions.every((partition) => this.#progress.reported(partition) >= (ends.get(partition) ?? 0));
  }

  get topic(): string {
    return this.#spec.topic;
  }

  /** Compares what was written since the last time with what is there. */
  async verify(): Promise<void> {
    await this.#progress.verify();
  }

  async #start(): Promise<void> {
    const { log, group, retry, onStep } = this.#world;
    const places = this.#partitions.map((partition) => ({ topic: this.#spec.topic, partition }));
    const ends = await retry(() => log.endOffsets(places));
    const positions = this.#spec.from === 'beginning' ? [] : await retry(() => log.groupPositions(group, places));
    for (const { partition, logStartOffset } of ends) {
      const committed = positions.find((position) => position.partition === partition)?.offset ?? -1;
      // Below the log's start there is nothing left to read: retention took it, and `doctor` says so.
      const start = Math.max(committed, logStartOffset);
      this.#fetchAt.set(partition, start);
      this.#progress.start(partition, start);
    }
    for (const writer of this.#writers) {
      const found = await retry(() => writer.assigned(this.#partitions));
      for (const { partition, highWatermark } of ends)
        this.#assertOurLog(partition, found.get(partition) ?? -1, highWatermark);
    }
    await onStep('assigned', this.#spec.topic);
  }

  /** A log that was set back gives its offsets again to other records; taking the old rows for theirs would lose them. */
  #assertOurLog(partition: number, found: number, end: number): void {
    if (found < end) return;
    const { topic } = this.#spec;
    throw new Fault(
      'CLICKHOUSE_AHEAD',
      `ClickHouse has rows of ${topic} that the log does not have: the log was replaced.`,
      {
        facts: { topic, partition, offset: found, end },
      },
    );
  }

  /** Collects records until a bound is reached; resolves with an empty batch after a quiet while. */
  async #read(signal: AbortSignal): Promise<Batch> {
    const { bounds, retry, now, hurried } = this.#world;
    const batch: Batch = {
      rows: this.#spec.tables.map(() => new TableRows()),
      count: 0,
      bytes: 0,
      next: new Map(),
      seen: new Map(),
    };
    let until = now() + bounds.heartbeatMs;
    while (!signal.aborted && batch.count < bounds.batchRows && batch.bytes < bounds.batchBytes) {
      const sentAt = now();
      const maxWaitMs = hurried() ? Math.min(20, until - sentAt) : until - sentAt;
      if (maxWaitMs < 0) break;
      const fetched = await retry(() => this.#fetch(maxWaitMs, signal));
      const before = batch.count;
      for (const answer of fetched) await this.#take(answer, sentAt, batch);
      if (batch.count > 0 && before === 0) until = Math.min(until, now() + bounds.batchMs);
      if (hurried() && batch.count === before) break;
    }
    return batch;
  }

  #fetch(maxWaitMs: number, signal: AbortSignal): Promise<readonly Fetched[]> {
    const requests = this.#partitions.map((partition) => ({
      topic: this.#spec.topic,
      partition,
      offset: this.#fetchAt.get(partition)!,
      maxBytes: this.#world.bounds.fetchBytes,
    }));
    return this.#world.log.fetch(requests, { isolation: 'read_committed', maxWaitMs, signal });
  }

  async #take(answer: Fetched, sentAt: number, batch: Batch): Promise<void> {
    const { partition, records, nextOffset, highWatermark } = answer;
    for (let index = 0; index < records.length; index += 1) await this.#add(records, index, partition, batch);
    const last = records.length === 0 ? 0 : records.timestamp(records.length - 1);
    const atEnd = nextOffset >= highWatermark;
    batch.seen.set(partition, { end: highWatermark, readThrough: atEnd ? sentAt : last });
    if (nextOffset === this.#fetchAt.get(partition)) return;
    this.#fetchAt.set(partition, nextOffset);
    batch.next.set(partition, nextOffset);
  }

  /** Adds a record's rows. Awaits only when a schema has to be looked up. */
  #add(records: RecordSet, index: number, partition: number, batch: Batch): Promise<void> | undefined {
    const value = records.value(index);
    if (value === null) return undefined;
    const offset = records.offset(index);
    try {
      this.#addRows(this.#spec.decode(value), partition, offset, batch);
    } catch (error) {
      if (error instanceof Fault && error.code === 'SCHEMA_UNKNOWN')
        return this.#addAfterRefresh(value, partition, offset, batch);
      // One record must not hold up all others; `verify` finds it missing, and the listener says so now.
      this.#world.listener.undecodable?.({ topic: this.#spec.topic, partition, offset }, error);
    }
    return undefined;
  }

  async #addAfterRefresh(value: Uint8Array, partition: number, offset: number, batch: Batch): Promise<void> {
    await this.#world.retry(() => this.#world.refresh());
    try {
      this.#addRows(this.#spec.decode(value), partition, offset, batch);
    } catch (error) {
      this.#world.listener.undecodable?.({ topic: this.#spec.topic, partition, offset }, error);
    }
  }

  #addRows(record: R, partition: number, offset: number, batch: Batch): void {
    const { tables } = this.#spec;
    for (let index = 0; index < tables.length; index += 1) {
      const line = tables[index]!.row(record, partition, offset);
      if (line === undefined) continue;
      batch.rows[index]!.add(partition, offset, line);
      batch.bytes += line.length;
    }
    batch.count += 1;
  }

  async #write(batch: Batch): Promise<void> {
    const { log, group, retry, listener, clickhouse, now, onStep } = this.#world;
    const { topic } = this.#spec;
    const startedAt = now();
    await onStep('read', topic);
    // D2 is kept by the writers.
    for (const [index, writer] of this.#writers.entries()) {
      const rows = batch.rows[index]!;
      if (rows.length > 0) await writer.write(rows, retry);
    }
    await onStep('inserted', topic);
    const spans = batch.rows[0]!.spans();
    const derived = spans.length === 0 ? undefined : this.#spec.derive?.(spans);
    if (derived !== undefined) await retry(() => clickhouse.command(derived));
    await onStep('derived', topic);
    // D1: only now.
    const positions = [...batch.next].map(([partition, offset]) => ({ topic, partition, offset }));
    if (positions.length > 0) await retry(() => log.commitGroupPositions(group, positions));
    await onStep('committed', topic);
    this.#progress.advance(batch.rows[0]!, batch.next, batch.seen);
    await this.#progress.report();
    await onStep('reported', topic);
    listener.committed?.({ topic, rows: batch.count, bytes: batch.bytes, ms: now() - startedAt });
  }
}

/** The partitions of a lane as places. */
export function placesOf(topic: string, partitions: readonly number[]): TopicPartition[] {
  return partitions.map((partition) => ({ topic, partition }));
}
