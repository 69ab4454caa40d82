/**
 * The LMDB directory of the embedded log: which tables it has and how their keys and values look. Everything here runs
 * inside whatever transaction is current; `write-queue.ts` makes those.
 *
 * Tables: `batches` (partition id u32, base offset u64 → sealed batch), `partitions` (id → the numbers below),
 * `arrivals` (partition id u32, minute u64 → first offset received in that minute), `topics`, `producers`,
 * `positions`, `settings` (small, JSON).
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import type { Database, RootDatabase } from 'lmdb';
import { Fault } from '../../core/faults.ts';
import type { GroupPosition, TopicPartition, TopicSpec } from '../../core/streams/log.ts';
import { partitionUnknown, topicUnknown } from '../log-port/faults.ts';

/** Raised when the layout changes in a way older programs cannot read. */
const FORMAT = 1;
const DATABASES_MAX = 16;
const KEY_BYTES = 12;
const PARTITION_FIELDS = 6;
const TWO_32 = 2 ** 32;
export const MINUTE_MS = 60_000;

export interface StoredTopic {
  readonly spec: TopicSpec;
  readonly firstPartitionId: number;
}

/** The numbers of one partition. */
export interface PartitionState {
  /** The offset the next record gets. */
  nextOffset: number;
  logStartOffset: number;
  /** Of LogAppendTime topics, ms UTC: it never falls (L9). */
  lastAppendTime: number;
  /** The newest minute with an entry in `arrivals`. */
  lastMinute: number;
  /** Compaction has seen everything below. */
  compactedThrough: number;
  /** How many records the last compaction kept. */
  compactedRecords: number;
}

export class LogStore {
  readonly directory: string;
  readonly file: string;
  readonly root: RootDatabase<unknown, string>;
  readonly batches: Database<Buffer, Uint8Array>;
  readonly #partitions: Database<Buffer, number>;
  readonly #arrivals: Database<Buffer, Uint8Array>;
  readonly topics: Database<StoredTopic, string>;
  readonly producers: Database<number, string>;
  readonly #positions: Database<{ offset: number; metadata?: string }, string>;
  readonly settings: Database<unknown, string>;
  /** Topics are never changed or deleted, so what was seen once stays true. */
  readonly #known = new Map<string, StoredTopic>();

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    this.directory = directory;
    this.file = join(directory, 'data.mdb');
    // Without overlapping sync a commit is flushed before anybody can see it: what a reader acts on never disappears.
    // Batches per turn are the write queue's business; lmdb-js's own would reject a promise nobody holds (disk full).
    this.root = open({ path: directory, maxDbs: DATABASES_MAX, overlappingSync: false, eventTurnBatching: false });
    const table = <V, K extends string | number | Uint8Array>(
      name: string,
      keyEncoding: 'binary' | 'uint32' | 'ordered-binary',
      encoding: 'binary' | 'json',
    ) => this.root.openDB<V, K>({ name, keyEncoding, encoding });
    this.batches = table('batches', 'binary', 'binary');
    this.#partitions = table('partitions', 'uint32', 'binary');
    this.#arrivals = table('arrivals', 'binary', 'binary');
    this.topics = table('topics', 'ordered-binary', 'json');
    this.producers = table('producers', 'ordered-binary', 'json');
    this.#positions = table('positions', 'ordered-binary', 'json');
    this.settings = table('settings', 'ordered-binary', 'json');
  }

  /** Reads see the newest commit, also of another process, from here on. */
  refresh(): void {
    this.root.resetReadTxn();
  }

  /** Writes the format of a new log; throws STATE_UNREADABLE for one that a newer program wrote. Inside a transaction. */
  checkFormat(): void {
    const found = this.settings.get('format');
    if (found === undefined) void this.settings.put('format', FORMAT);
    else if (typeof found !== 'number' || found > FORMAT) {
      throw new Fault('STATE_UNREADABLE', `The log in ${this.directory} has a newer format than this program knows`, {
        facts: { directory: this.directory, found: JSON.stringify(found), known: FORMAT },
      });
    }
  }

  findTopic(name: string): StoredTopic | undefined {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const topic = this.topics.get(name);
    if (topic !== undefined) this.#known.set(name, topic);
    return topic;
  }

  topic(name: string): StoredTopic {
    const topic = this.findTopic(name);
    if (topic === undefined) throw topicUnknown(name);
    return topic;
  }

  /** Creates a topic that does not exist. Inside a transaction. */
  createTopic(spec: TopicSpec): void {
    if (this.topics.get(spec.name) !== undefined) return;
    const taken = this.settings.get('partitionIds');
    const firstPartitionId = typeof taken === 'number' ? taken : 0;
    void this.settings.put('partitionIds', firstPartitionId + spec.partitions);
    void this.topics.put(spec.name, { spec, firstPartitionId });
  }

  partitionId(place: TopicPartition): number {
    const { spec, firstPartitionId } = this.topic(place.topic);
    if (!(Number.isInteger(place.partition) && place.partition >= 0 && place.partition < spec.partitions)) {
      throw partitionUnknown(place, spec.partitions);
    }
    return firstPartitionId + place.partition;
  }

  partition(id: number): PartitionState {
    const bytes = this.#partitions.get(id);
    const number = (field: number): number => (bytes === undefined ? 0 : bytes.readDoubleBE(field * 8));
    return {
      nextOffset: number(0),
      logStartOffset: number(1),
      lastAppendTime: number(2),
      lastMinute: number(3),
      compactedThrough: number(4),
      compactedRecords: number(5),
    };
  }

  /** Inside a transaction. */
  putPartition(id: number, state: PartitionState): void {
    const bytes = Buffer.allocUnsafe(PARTITION_FIELDS * 8);
    bytes.writeDoubleBE(state.nextOffset, 0);
    bytes.writeDoubleBE(state.logStartOffset, 8);
    bytes.writeDoubleBE(state.lastAppendTime, 16);
    bytes.writeDoubleBE(state.lastMinute, 24);
    bytes.writeDoubleBE(state.compactedThrough, 32);
    bytes.writeDoubleBE(state.compactedRecords, 40);
    void this.#partitions.put(id, bytes);
  }

  /** Notes that `offset` was the first received in `minute`. Inside a transaction. */
  putArrival(id: number, minute: number, offset: number): void {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeDoubleBE(offset);
    void this.#arrivals.put(placeKey(id, minute), bytes);
  }

  /** The first offset that may have been received at or after the instant; undefined when everything came before. */
  firstReceivedSince(id: number, instantMs: number): number | undefined {
    const minute = Math.max(0, Math.floor(instantMs / MINUTE_MS));
    const range = { start: placeKey(id, minute), end: placeKey(id + 1, 0), limit: 1 };
    for (const { value } of this.#arrivals.getRange(range)) return value.readDoubleBE();
    return undefined;
  }

  /** An offset at or below the first one received at or after the instant: a place to begin searching. */
  offsetBefore(id: number, instantMs: number): number {
    const minute = Math.max(0, Math.floor(instantMs / MINUTE_MS));
    for (const { key, value } of this.#arrivals.getRange({ start: placeKey(id, minute), reverse: true, limit: 1 })) {
      if (idOfKey(key) === id) return value.readDoubleBE();
    }
    return 0;
  }

  /** Forgets arrivals before the minute, apart from what a search needs. Inside a transaction. */
  removeArrivalsBefore(id: number, instantMs: number): void {
    const end = placeKey(id, Math.max(0, Math.floor(instantMs / MINUTE_MS)));
    for (const key of [...this.#arrivals.getKeys({ start: placeKey(id, 0), end })]) void this.#arrivals.remove(key);
  }

  position(group: string, { topic, partition }: TopicPartition): GroupPosition {
    const found = this.#positions.get(positionKey(group, topic, partition));
    return { topic, partition, offset: -1, ...found };
  }

  /** Inside a transaction. */
  putPosition(group: string, { topic, partition, offset, metadata }: GroupPosition): void {
    const value = metadata === undefined ? { offset } : { offset, metadata };
    void this.#positions.put(positionKey(group, topic, partition), value);
  }
}

function positionKey(group: string, topic: string, partition: number): string {
  return `${group} ${topic} ${partition}`;
}

/** A partition id and an offset (or a minute), so that keys sort as they count. */
export function placeKey(id: number, offset: number): Uint8Array {
  const key = Buffer.allocUnsafe(KEY_BYTES);
  key.writeUInt32BE(id, 0);
  key.writeUInt32BE(Math.floor(offset / TWO_32), 4);
  key.writeUInt32BE(offset % TWO_32, 8);
  return key;
}

export function idOfKey(key: Uint8Array): number {
  return new DataView(key.buffer, key.byteOffset, key.length).getUint32(0);
}

export function offsetOfKey(key: Uint8Array): number {
  const view = new DataView(key.buffer, key.byteOffset, key.length);
  return view.getUint32(4) * TWO_32 + view.getUint32(8);
}
