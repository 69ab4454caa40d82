/**
 * One order out of several inputs. Each input has a short buffer of fetched records; the record at its front is
 * decoded once and compared with the other fronts.
 *
 *  1  Live (T3): by (append time, topic order, offset). An input whose buffer is empty holds the merge while its last
 *     known end is beyond our position, so known lag is never overtaken.
 *  2  Replay (T4): by (instant, topic order, offset). The merge waits until every input has a front or has reached the
 *     end captured for it; records at or beyond that end belong to the live part.
 *  3  A position is the next offset to consume; over an empty buffer it is what the fetch covers, control records and
 *     compaction gaps included, so it can reach an end offset.
 */
import type { Fetched } from './log.ts';
import type { Head, RawRecord } from './processor.ts';
import type { Header, RecordSet } from './record-batch.ts';

/** `next` found that a known record has not arrived yet. */
export const HELD = -1;
/** `next` found nothing known to be left. */
export const DRY = -2;

/** Below this many buffered records an input wants more … */
const BUFFERED_LOW = 1_000;
/** … unless it already holds this many answers (which bounds the bytes: a few fetches per input). */
const ANSWERS_MAX = 3;

/** One record, with views into the fetched bytes. */
class FetchedRecord implements RawRecord {
  readonly input: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly #set: RecordSet;
  readonly #index: number;

  constructor(input: number, topic: string, partition: number, set: RecordSet, index: number) {
    this.input = input;
    this.topic = topic;
    this.partition = partition;
    this.offset = set.offset(index);
    this.timestamp = set.timestamp(index);
    this.key = set.key(index);
    this.value = set.value(index);
    this.#set = set;
    this.#index = index;
  }

  headers(): readonly Header[] {
    return this.#set.headers(this.#index);
  }
}

export class InputQueue<E> {
  readonly index: number;
  readonly topic: string;
  readonly partition: number;
  readonly #decode: (record: RawRecord) => Head<E>;
  readonly #sets: RecordSet[] = [];
  #at = 0;
  #buffered = 0;
  #position: number;
  #fetchOffset: number;
  #end = Infinity;
  #record: RawRecord | undefined;
  #head: Head<E> | undefined;

  constructor(index: number, topic: string, partition: number, position: number, decode: (r: RawRecord) => Head<E>) {
    this.index = index;
    this.topic = topic;
    this.partition = partition;
    this.#position = position;
    this.#fetchOffset = position;
    this.#decode = decode;
  }

  /** Next offset to consume (3). */
  get position(): number {
    return this.#position;
  }

  get fetchOffset(): number {
    return this.#fetchOffset;
  }

  /** Largest high watermark seen; Infinity until the first answer. */
  get end(): number {
    return this.#end;
  }

  get wantsMore(): boolean {
    return this.#buffered < BUFFERED_LOW && this.#sets.length < ANSWERS_MAX;
  }

  /** True if a record below the known end has not arrived: the merge must wait for it. */
  get lags(): boolean {
    return this.#record === undefined && this.#position < this.#end;
  }

  get record(): RawRecord | undefined {
    return this.#record;
  }

  get head(): Head<E> | undefined {
    return this.#head;
  }

  sawEnd(end: number): void {
    if (this.#end === Infinity || end > this.#end) this.#end = end;
  }

  /** Takes a fetch's answer. Answers come in the order of their requests. */
  add(answer: Fetched): void {
    this.#fetchOffset = answer.nextOffset;
    this.sawEnd(answer.highWatermark);
    if (answer.records.length > 0) {
      this.#sets.push(answer.records);
      this.#buffered += answer.records.length;
    }
    this.#front();
  }

  /** Removes the front record. */
  consume(): void {
    this.#position = this.#record!.offset + 1;
    this.#record = undefined;
    this.#head = undefined;
    this.#front();
  }

  #front(): void {
    if (this.#record !== undefined) return;
    const set = this.#sets[0];
    if (set === undefined) {
      this.#position = this.#fetchOffset;
      return;
    }
    this.#record = new FetchedRecord(this.index, this.topic, this.partition, set, this.#at);
    this.#head = this.#decode(this.#record);
    this.#buffered -= 1;
    this.#at += 1;
    if (this.#at === set.length) {
      this.#sets.shift();
      this.#at = 0;
    }
  }
}

/** The input whose front is next by append time, or HELD, or DRY. */
export function nextLive<E>(inputs: readonly InputQueue<E>[]): number {
  let next = DRY;
  let least = Infinity;
  for (let index = 0; index < inputs.length; index++) {
    const record = inputs[index]!.record;
    if (record === undefined) {
      if (inputs[index]!.lags) return HELD;
    } else if (next === DRY || record.timestamp < least) {
      next = index;
      least = record.timestamp;
    }
  }
  return next;
}

/**
 * The input whose front is next by instant, or HELD, or DRY when every input has reached its captured end. A front whose
 * instant is beyond the declared one is no part of the history (T1): it comes at once, so that it holds nobody up.
 */
export function nextReplay<E>(inputs: readonly InputQueue<E>[], ends: readonly number[], declared: number): number {
  let next = DRY;
  let least = Infinity;
  for (let index = 0; index < inputs.length; index++) {
    const input = inputs[index]!;
    if (input.position >= ends[index]!) continue;
    if (input.record === undefined) return HELD;
    if (input.record.offset >= ends[index]!) continue;
    const stated = input.head!.instant;
    const instant = stated > declared ? -Infinity : stated;
    if (next === DRY || instant < least) {
      next = index;
      least = instant;
    }
  }
  return next;
}
