/**
 * What a task asks of the program it runs. A processor is synchronous and deterministic: records, timers and broadcasts
 * in; state, outputs and due instants out. It never waits, never looks at a clock, never draws chance.
 *
 * The task guarantees:
 *  - calls come one at a time, in an order that depends on the log alone (T3 live, T4 replay);
 *  - everything one commit covers (state, outputs, positions, clock) becomes visible together or not at all;
 *  - after an abort the processor object is thrown away and a new one starts from the committed state.
 */
import type { Fault } from '../faults.ts';
import type { Header } from './record-batch.ts';

export interface RawRecord {
  /** Index into the inputs of the task's topology. */
  readonly input: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Append time on LogAppendTime topics, else the producer's time; ms UTC. */
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  headers(): readonly Header[];
}

/** A record that stands at the head of its input: decoded once, then merged, then processed. */
export interface Head<E> {
  /**
   * The instant replay merges by (T4), ms UTC. For what cannot be decoded: -Infinity, so that it comes at once: a record's
   * append time lies after all history and would hold the rest of its input back until every other input is through.
   */
  readonly instant: number;
  readonly event: E;
}

export interface Processor<E> {
  /** Decodes a record. Never throws: what cannot be decoded is an event of its own kind. */
  decode(record: RawRecord): Head<E>;
  /** Applies a record. If it throws, the task aborts and tries again; the third failure alone goes to `deadLetter`. */
  process(record: RawRecord, event: E): void;
  /** Writes a record that failed three times alone to the dead letters (C4). Must not throw. */
  deadLetter(record: RawRecord, fault: Fault): void;
  /** A key's timer is due (at or before the clock). Must move or clear that key's timer. */
  fire(key: string, due: number): void;
  /** A broadcast set comes into force. Keys are then brought up to date by `touch`, slice by slice. */
  broadcast(set: BroadcastSet): void;
  /** Brings a key up to the newest broadcast set (D3). */
  touch(key: string): void;
  /** What the processor wants kept in the meta record, JSON; read back through `TaskContext.restored`. */
  meta(): unknown;
}

/** How values rest: in pages, nearly always one. Bytes are the truth; a live value lasts until the next commit. */
export interface StateCodec<V> {
  /**
   * Pages by number; undefined where a page has nothing. An empty array removes the key (tombstones). They are copied at
   * once, so the codec may write all values into one buffer.
   */
  encode(value: V): readonly (Uint8Array | undefined)[];
  /**
   * What could be computed again from the value, as bytes that are kept beside its pages in memory and not logged; asked for
   * after `encode`. A key that was restored from the log has none.
   */
  remember?(value: V): Uint8Array | undefined;
  /** Pages and memory do not change as long as the value lives: it may read from them when it needs them. */
  decode(key: string, pages: readonly (Uint8Array | undefined)[], memory: Uint8Array | undefined): V;
  /** The key's due instant, read from its first page without decoding it; Infinity = no timer. */
  dueOf(firstPage: Uint8Array): number;
}

export interface KeyedState<V> {
  /** The live value, decoded on demand; undefined for an unknown key. Mutate it only together with `put`. */
  get(key: string): V | undefined;
  /** Marks the value as changed and sets the key's one timer (Infinity = none). */
  put(key: string, value: V, due: number): void;
  remove(key: string): void;
  readonly size: number;
}

/** Where outputs go: to the task's own partition of each output topic, in the order they are emitted. */
export interface Outputs {
  /**
   * `timestamp`: of the record, ms UTC; during a replay its declared end takes its place. `value` may come in two parts that
   * are written one behind the other (a prefix and bytes that pass through).
   */
  emit(
    output: number,
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    rest?: Uint8Array,
    headers?: readonly Header[],
  ): void;
}

export interface TaskContext<V> {
  readonly partition: number;
  readonly state: KeyedState<V>;
  readonly outputs: Outputs;
  /** The task clock, ms UTC (T3, T4). It permits timers and stamps decisions; it is never "now" for a customer. */
  clock(): number;
  mode(): 'live' | 'replay';
  /** The broadcast offset through which this key is known to be evaluated by finished slices (D3); -1 = never. */
  evaluatedThrough(key: string): number;
  /** What `Processor.meta` returned at the last commit; undefined on a task's very first start. */
  readonly restored: unknown;
}

/** Broadcast records that come into force together. `offset` is the last of them; sets are in ascending order of both. */
export interface BroadcastSet {
  readonly offset: number;
  readonly dueAt: number;
}

/** The broadcast topic as a thread has read it so far: the same sequence of sets for every task. */
export interface BroadcastFeed {
  /** The first set beyond the offset, or undefined when there is none yet. */
  after(offset: number): BroadcastSet | undefined;
}

export interface Topology<E, V> {
  /** Group and application id; the transactional id of a task is `<application>-<partition>`. */
  readonly application: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly changelog: string;
  readonly codec: StateCodec<V>;
  readonly feed: BroadcastFeed;
  create(context: TaskContext<V>): Processor<E>;
}
