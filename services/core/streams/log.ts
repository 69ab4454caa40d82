/**
 * The log port: Kafka's semantics in our words. Three implementations: real Kafka, LMDB in a directory, memory.
 *
 * What every implementation promises (test/contract/log walks the list):
 *  L1  An append is acknowledged after it is flushed; what was acknowledged is never lost.
 *  L2  Offsets of a partition rise; they may have gaps (control records, compaction), never repeats.
 *  L3  A transaction is visible whole or not at all to read-committed readers, positions included, and in offset order.
 *  L4  Opening a transactional producer fences every earlier one with the same id: whatever an older one does
 *      afterwards fails with LOG_FENCED and leaves no trace; its unfinished transaction is gone.
 *  L5  An error inside a transaction leaves the producer unusable: only `close` is legal. Open a new one, read the
 *      position again, replay.
 *  L6  A read-committed fetch never goes beyond the last stable offset; high watermarks are those of the log (an open
 *      transaction included).
 *  L7  A fetch below the log start or above the high watermark fails with OFFSET_OUT_OF_RANGE; nothing is reset silently.
 *  L8  Compaction keeps the last record of each key (a tombstone for its retention time), and every offset it keeps.
 *  L9  A LogAppendTime topic gives the log's own time to each record of an append; it never falls within a partition.
 *  L10 A damaged record is named with its place (LOG_DAMAGED), never served.
 */
import type { RecordBatch, RecordSet } from './record-batch.ts';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** `compact,delete` is described where it is found; nothing here is planned so. */
  readonly cleanup: 'delete' | 'compact' | 'compact,delete';
  /** How long records are kept, ms; null = without limit. For `compact` the retention of tombstones. */
  readonly retentionMs: number | null;
  readonly timestampType: 'CreateTime' | 'LogAppendTime';
  /** Largest batch accepted, bytes. */
  readonly maxMessageBytes: number;
}

export interface FetchRequest extends TopicPartition {
  readonly offset: number;
  /** Soft bound on the bytes returned; at least one batch is returned when there is one. */
  readonly maxBytes: number;
}

export interface Fetched extends TopicPartition {
  /** Records at or after the offset asked for, control records left out. */
  readonly records: RecordSet;
  /** Where to fetch next: beyond every offset this answer covers, gaps included. */
  readonly nextOffset: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
}

export interface EndOffset extends TopicPartition {
  /** READ_UNCOMMITTED end: beyond every record appended before the answer. */
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
}

export interface AppendResult extends TopicPartition {
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** The log's own time of the append on LogAppendTime topics, ms UTC; else null. */
  readonly logAppendTime: number | null;
}

export interface GroupPosition extends TopicPartition {
  readonly offset: number;
  readonly metadata?: string | undefined;
}

export type Isolation = 'read_committed' | 'read_uncommitted';

/** One task's writer. One transaction at a time, one call at a time. */
export interface TransactionalProducer {
  readonly transactionalId: string;
  /**
   * Starts a transaction. Nothing is sent before the first append. `expected` names partitions that will be written to:
   * a log that has to announce them does so in one step. Others may be written to as well.
   */
  begin(expected?: readonly TopicPartition[]): void;
  /** Adds one batch for one partition. Throws RECORD_TOO_LARGE before anything is written if the batch exceeds the topic's bound. */
  append(to: TopicPartition, batch: RecordBatch): Promise<void>;
  /** Adds the group's positions to the transaction. */
  sendOffsets(group: string, positions: readonly GroupPosition[]): Promise<void>;
  /** Resolves when the transaction is durable and visible. If it rejects the outcome is unknown (L5). */
  commit(): Promise<readonly AppendResult[]>;
  abort(): Promise<void>;
  /** Frees what it holds; an unfinished transaction is aborted. Never throws for a fenced producer. */
  close(): Promise<void>;
}

/** Membership in a consumer group: which partition numbers (= tasks) this member owns now. */
export interface GroupMember {
  /** Ends the membership and gives the partitions back. */
  leave(): Promise<void>;
}

export interface GroupListener {
  /** New work. The member owns these partition numbers until `lost` names them. */
  assigned(partitions: readonly number[], generation: number): void;
  /** Must settle only when the tasks of these partitions have stopped: the group waits for it (bounded). */
  lost(partitions: readonly number[]): Promise<void>;
}

export interface Log {
  /** What exists, in the order asked; undefined where a topic does not exist. */
  describeTopics(names: readonly string[]): Promise<readonly (TopicSpec | undefined)[]>;
  listTopics(): Promise<readonly string[]>;
  /** Creates topics; one that exists is left as it is. */
  createTopics(specs: readonly TopicSpec[]): Promise<void>;

  /**
   * Records of several partitions, each from its own offset. Resolves at once when there is something to return, else
   * when something arrives or after maxWaitMs with empty answers. `signal` ends the wait early with empty answers.
   */
  fetch(
    requests: readonly FetchRequest[],
    options: { readonly isolation: Isolation; readonly maxWaitMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<readonly Fetched[]>;
  endOffsets(partitions: readonly TopicPartition[]): Promise<readonly EndOffset[]>;
  /** First offset with a timestamp at or after the given one; the end offset when there is none. */
  offsetForTime(partition: TopicPartition, timestampMs: number): Promise<number>;

  /** Appends one batch outside of any transaction; resolves when flushed (L1). */
  append(to: TopicPartition, batch: RecordBatch): Promise<AppendResult>;
  /** Fences earlier owners of the id (L4) and resolves when their transactions are finished or aborted. */
  /** `writes`: partitions it alone writes to, as far as they are known; nothing of an earlier owner is left open there. */
  transactionalProducer(transactionalId: string, writes?: readonly TopicPartition[]): Promise<TransactionalProducer>;

  /** Committed positions of a group; -1 where there is none. */
  groupPositions(group: string, partitions: readonly TopicPartition[]): Promise<readonly GroupPosition[]>;
  commitGroupPositions(group: string, positions: readonly GroupPosition[]): Promise<void>;
  /** Joins the group for co-partitioned topics; every partition number is assigned to exactly one member. */
  joinGroup(group: string, topics: readonly string[], listener: GroupListener): Promise<GroupMember>;

  close(): Promise<void>;
}
