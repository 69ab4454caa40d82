/**
 * Events in time order to the log, in transactions that also say how far the import has come. Invariants:
 *  1. What a committed progress record counts is in the log, once, and nothing else of the import is.
 *  2. Each partition gets its events in the order they come.
 *  3. Imported history stands between its marks (C2): begin in the first transaction, end in the last.
 */
import { importMarkHeaders, type DeclaredCoverage } from '../../core/domain/events/import-mark.ts';
import { INPUTS, type Input } from '../../core/domain/events/header.ts';
import { Fault } from '../../core/faults.ts';
import type { Log, TransactionalProducer } from '../../core/streams/log.ts';
import { partitionFor } from '../../core/streams/partitioner.ts';
import { RecordBatchBuilder } from '../../core/streams/record-batch.ts';
import { RECORD_OF_INPUT } from '../../platform/registry/record-schemas.ts';
import type { Registry } from '../../platform/registry/registry.ts';
import type { InputEvent } from './event-plan.ts';
import type { ImportedFiles, ImportProgress } from './import-progress.ts';

export interface ImportTarget {
  readonly log: Log;
  readonly registry: Registry;
  /** Names of topics as configured. */
  readonly topics: Readonly<Record<Input | 'definitions' | 'imports' | 'changelog', string>>;
  /** The host's time, ms UTC: stamps progress and coverage records. */
  readonly now: () => number;
}

export interface AppendJob {
  readonly importId: string;
  readonly mode: ImportProgress['mode'];
  /** All events of the import in their one order, also those appended by an earlier run. */
  readonly events: Iterable<InputEvent>;
  /** Events an earlier run has committed. */
  readonly done: number;
  /** Inputs the import feeds: they get the marks. */
  readonly inputs: readonly Input[];
  readonly coverage: readonly DeclaredCoverage[];
  /** Most events in one transaction, default 10,000. */
  readonly transactionEventsMax?: number | undefined;
  /** What is imported, kept with its progress. */
  readonly from?: ImportedFiles | undefined;
  /** Called after each commit with the events appended so far, earlier runs included. */
  readonly onProgress?: ((events: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Bounds of one transaction. */
const TRANSACTION_EVENTS_MAX = 10_000;
const TRANSACTION_BYTES_MAX = 4 << 20;
/** A batch is closed this far below its topic's bound. */
const BATCH_MARGIN_BYTES = 16 << 10;

/**
 * Appends what is left of the import. Returns the number of events of the whole import. Throws INTERRUPTED between two
 * transactions when asked to stop; the same call then goes on.
 */
export async function appendEvents(target: ImportTarget, job: AppendJob): Promise<number> {
  const producer = await target.log.transactionalProducer(`tributary-import-${job.importId}`);
  try {
    const writer = await Writer.open(target, job, producer);
    let events = 0;
    for (const event of job.events) {
      if (events++ < job.done) continue;
      await writer.add(event);
      if (!writer.isFull) continue;
      await writer.commit({ mode: job.mode, state: 'running', events, from: job.from });
      job.onProgress?.(events);
      if (job.signal?.aborted === true) throw interrupted(events);
    }
    await writer.commit({ mode: job.mode, state: 'done', events, from: job.from });
    job.onProgress?.(events);
    return events;
  } finally {
    await producer.close();
  }
}

function interrupted(events: number): Fault {
  return new Fault('INTERRUPTED', `The import was stopped after ${events} ${events === 1 ? 'event' : 'events'}`, {
    facts: { events },
  });
}

interface Lane {
  readonly topic: string;
  readonly batchBytesMax: number;
  readonly partitions: readonly RecordBatchBuilder[];
}

class Writer {
  readonly #target: ImportTarget;
  readonly #job: AppendJob;
  readonly #producer: TransactionalProducer;
  readonly #lanes: ReadonlyMap<Input, Lane>;
  readonly #text = new TextEncoder();
  #events = 0;
  #bytes = 0;
  #isOpen = false;
  #hasBegun: boolean;

  static async open(target: ImportTarget, job: AppendJob, producer: TransactionalProducer): Promise<Writer> {
    const specs = await target.log.describeTopics(INPUTS.map((input) => target.topics[input]));
    const lanes = INPUTS.map((input, index): [Input, Lane] => {
      const spec = specs[index];
      const topic = target.topics[input];
      if (spec === undefined) {
        throw new Fault('TOPIC_UNKNOWN', `There is no topic ${topic} to import into`, { facts: { topic } });
      }
      const partitions = Array.from({ length: spec.partitions }, () => new RecordBatchBuilder());
      return [input, { topic, batchBytesMax: spec.maxMessageBytes - BATCH_MARGIN_BYTES, partitions }];
    });
    return new Writer(target, job, producer, new Map(lanes));
  }

  constructor(target: ImportTarget, job: AppendJob, producer: TransactionalProducer, lanes: ReadonlyMap<Input, Lane>) {
    this.#target = target;
    this.#job = job;
    this.#producer = producer;
    this.#lanes = lanes;
    this.#hasBegun = job.done > 0;
  }

  get isFull(): boolean {
    const most = this.#job.transactionEventsMax ?? TRANSACTION_EVENTS_MAX;
    return this.#events >= most || this.#bytes >= TRANSACTION_BYTES_MAX;
  }

  async add(of: InputEvent): Promise<void> {
    await this.#begin();
    const { registry } = this.#target;
    const event = this.#job.mode === 'history' ? { ...of.event, importId: this.#job.importId } : of.event;
    const value = registry.encodeView(RECORD_OF_INPUT[of.input], event);
    const key = this.#text.encode(event.customerId);
    const lane = this.#lanes.get(of.input)!;
    const partition = partitionFor(key, lane.partitions.length);
    const builder = lane.partitions[partition]!;
    const before = builder.byteLength;
    if (builder.count > 0 && before + key.length + value.length + RECORD_OVERHEAD_BYTES > lane.batchBytesMax) {
      await this.#flush(lane.topic, partition, builder);
    }
    builder.append(event.occurredAt, key, value);
    this.#events++;
    this.#bytes += key.length + value.length + RECORD_OVERHEAD_BYTES;
  }

  async commit(progress: ImportProgress): Promise<void> {
    await this.#begin();
    for (const { topic, partitions } of this.#lanes.values()) {
      for (const [partition, builder] of partitions.entries()) {
        if (builder.count > 0) await this.#flush(topic, partition, builder);
      }
    }
    if (progress.state === 'done') {
      if (progress.mode === 'history') await this.#marks('end');
      await this.#declareCoverage();
    }
    const record = new RecordBatchBuilder();
    record.append(
      this.#target.now(),
      this.#text.encode(this.#job.importId),
      this.#text.encode(JSON.stringify(progress)),
    );
    await this.#producer.append({ topic: this.#target.topics.imports, partition: 0 }, record.finish());
    await this.#producer.commit();
    this.#isOpen = false;
    this.#events = 0;
    this.#bytes = 0;
  }

  async #begin(): Promise<void> {
    if (this.#isOpen) return;
    this.#producer.begin();
    this.#isOpen = true;
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    if (this.#job.mode === 'history') await this.#marks('begin');
  }

  async #flush(topic: string, partition: number, builder: RecordBatchBuilder): Promise<void> {
    await this.#producer.append({ topic, partition }, builder.finish());
    builder.reset();
  }

  async #marks(mark: 'begin' | 'end'): Promise<void> {
    for (const input of this.#job.inputs) {
      const { topic, partitions } = this.#lanes.get(input)!;
      const coverage = this.#job.coverage.filter((entry) => entry.input === input);
      const headers = importMarkHeaders({ mark, importId: this.#job.importId, input, coverage });
      for (const partition of partitions.keys()) {
        const batch = new RecordBatchBuilder();
        batch.append(this.#target.now(), null, null, undefined, headers);
        await this.#producer.append({ topic, partition }, batch.finish());
      }
    }
  }

  /**
   * What the import makes whole (E3, D5), as records on the definitions topic: of a replay in force before the first event, of
   * history when the tasks' clocks reach it, and so when they have folded all of it (T3): everybody is then judged anew.
   */
  async #declareCoverage(): Promise<void> {
    if (this.#job.coverage.length === 0) return;
    const batch = new RecordBatchBuilder();
    const publishedAt = this.#target.now();
    for (const { input, kinds, since } of this.#job.coverage) {
      const key = `coverage-${input}`;
      const value = this.#target.registry.encodeView('definition', {
        kind: 'coverage',
        key,
        basedOn: null,
        author: 'import',
        reason: `import ${this.#job.importId}`,
        publishedAt,
        effectiveFrom: null,
        body: JSON.stringify({ input, kinds, since }),
      });
      batch.append(publishedAt, this.#text.encode(key), value);
    }
    await this.#producer.append({ topic: this.#target.topics.definitions, partition: 0 }, batch.finish());
  }
}

/** Lengths, deltas and headers around a key and a value; generous. */
const RECORD_OVERHEAD_BYTES = 32;
