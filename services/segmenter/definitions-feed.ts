/**
 * The definitions topic as this thread has read it: one catalogue for all tasks, and the sets in which it comes into force
 * (D1, D2). Owns its position; `read` is called before any task runs, then again and again.
 */
import type { DefinitionRecord } from '../core/domain/events/definition-record.ts';
import { Catalogue, type CatalogueOptions } from '../core/domain/language/catalogue.ts';
import { Fault } from '../core/faults.ts';
import type { Log } from '../core/streams/log.ts';
import type { BroadcastFeed, BroadcastSet } from '../core/streams/processor.ts';

const FETCH_BYTES = 1 << 20;

export class DefinitionsFeed implements BroadcastFeed {
  readonly catalogue: Catalogue;
  readonly #log: Log;
  readonly #topic: string;
  readonly #decode: (value: Uint8Array | null) => DefinitionRecord;
  #nextOffset = 0;

  constructor(
    log: Log,
    topic: string,
    decode: (value: Uint8Array | null) => DefinitionRecord,
    options: CatalogueOptions,
  ) {
    this.catalogue = new Catalogue(options);
    this.#log = log;
    this.#topic = topic;
    this.#decode = decode;
  }

  /** Beyond the last set so far. What lies behind it (control records, refused definitions) is never waited for. */
  get end(): number {
    return (this.catalogue.sets.at(-1)?.offset ?? -1) + 1;
  }

  /** Reads to the end as it is now; with `maxWaitMs` it waits that long for more. Returns whether anything came. */
  async read(maxWaitMs = 0, signal?: AbortSignal): Promise<boolean> {
    const partition = { topic: this.#topic, partition: 0 };
    let came = false;
    for (;;) {
      const request = { ...partition, offset: this.#nextOffset, maxBytes: FETCH_BYTES };
      const wait = came ? 0 : maxWaitMs;
      const [fetched] = await this.#log.fetch([request], { isolation: 'read_committed', maxWaitMs: wait, signal });
      if (fetched === undefined) return came;
      const { records } = fetched;
      for (let i = 0; i < records.length; i++) this.#fold(records.offset(i), records.value(i));
      came ||= records.length > 0;
      this.#nextOffset = fetched.nextOffset;
      if (fetched.nextOffset >= fetched.lastStableOffset) return came;
    }
  }

  /** Sets of one instant that are read together are one set (D2). */
  after(offset: number): BroadcastSet | undefined {
    const { sets } = this.catalogue;
    const first = firstBeyond(sets, offset);
    const start = sets[first];
    if (start === undefined) return undefined;
    let last = first;
    while (sets[last + 1]?.dueAt === start.dueAt) last += 1;
    return { offset: sets[last]!.offset, dueAt: start.dueAt };
  }

  #fold(offset: number, value: Uint8Array | null): void {
    let record: DefinitionRecord;
    try {
      record = this.#decode(value);
    } catch (cause) {
      throw new Fault(
        'DEFINITION_INVALID',
        `A definition cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
        {
          facts: { topic: this.#topic, partition: 0, offset },
          cause,
        },
      );
    }
    this.catalogue.fold(offset, record);
  }
}

function firstBeyond(sets: readonly { readonly offset: number }[], offset: number): number {
  let low = 0;
  let high = sets.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sets[middle]!.offset > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}
