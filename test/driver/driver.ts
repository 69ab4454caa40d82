/**
 * A whole topology with simulated time and no broker: the real tasks over the log in memory, on a virtual host.
 * Records are appended at instants of the host, tasks can be started, stopped, or cut off in the middle of a commit.
 */
import type { Log, TopicSpec } from '../../services/core/streams/log.ts';
import { silentListener, type TaskListener } from '../../services/core/streams/listener.ts';
import type { Topology } from '../../services/core/streams/processor.ts';
import { RecordBatchBuilder, type Header } from '../../services/core/streams/record-batch.ts';
import { Pace, TASK_DEFAULTS, type ReplayRequest, type TaskOptions } from '../../services/core/streams/task-options.ts';
import { Task } from '../../services/core/streams/task.ts';
import type { OnStep } from '../../services/platform/log-port/steps.ts';
import { MemoryLog } from '../../services/platform/memory-log/memory-log.ts';
import { VirtualHost } from './virtual-host.ts';

export const START_MS = Date.UTC(2024, 0, 1);

export interface DriverOptions {
  readonly seed?: number;
  /** Called at every named step of a transaction; the scheduler has drawn before. */
  readonly onStep?: OnStep;
}

export interface Appended {
  readonly topic: string;
  readonly partition?: number;
  readonly key: string;
  readonly value: string | Uint8Array | null;
  /** Create time, ms UTC; a LogAppendTime topic overrides it. */
  readonly timestamp?: number;
  readonly headers?: readonly Header[];
}

export interface Read {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
}

export class Driver {
  readonly host: VirtualHost;
  readonly log: MemoryLog;
  readonly pace: Pace = new Pace();
  #onStep: OnStep;

  constructor(options: DriverOptions = {}) {
    this.host = new VirtualHost(options.seed ?? 1, START_MS);
    this.#onStep = options.onStep ?? (() => undefined);
    this.log = new MemoryLog({
      now: () => this.host.now(),
      schedule: this.host.schedule,
      onStep: async (step) => {
        // Every step of a commit is a place where others may come between.
        await this.host.yield();
        await this.#onStep(step);
      },
    });
  }

  /** Replaces what happens at the steps of transactions from now on. */
  atSteps(onStep: OnStep): void {
    this.#onStep = onStep;
  }

  /** Creates the topics of a topology: inputs with the log's append time, outputs and changelog as usual. */
  async createTopics<E, V>(topology: Topology<E, V>, partitions = 1): Promise<void> {
    await this.log.createTopics([
      ...topology.inputs.map((name) => topic(name, partitions, { timestampType: 'LogAppendTime' })),
      ...topology.outputs.map((name) => topic(name, partitions, {})),
      topic(topology.changelog, partitions, { cleanup: 'compact' }),
    ]);
  }

  /** Appends records, each in a batch of its own, at the host's present instant. */
  async append(...records: readonly Appended[]): Promise<void> {
    await appendAll(this.log, records, this.host.now());
  }

  /** Everything committed in a partition. */
  read(topicName: string, partition = 0): Promise<Read[]> {
    return readAll(this.log, topicName, partition);
  }

  task<E, V>(
    topology: Topology<E, V>,
    options: {
      readonly partition?: number;
      readonly options?: Partial<TaskOptions>;
      readonly listener?: Partial<TaskListener>;
      readonly replay?: ReplayRequest | undefined;
    } = {},
  ): DrivenTask<E, V> {
    const task = new Task({
      log: this.log,
      host: this.host,
      topology,
      partition: options.partition ?? 0,
      options: { ...TASK_DEFAULTS, ...options.options },
      listener: { ...silentListener, ...options.listener },
      pace: this.pace,
      replay: options.replay,
    });
    return new DrivenTask(this, task);
  }
}

/** A task under the driver: started at once, its end observed. */
export class DrivenTask<E, V> {
  readonly task: Task<E, V>;
  readonly #driver: Driver;
  #ended = false;
  #error: Error | undefined;

  constructor(driver: Driver, task: Task<E, V>) {
    this.#driver = driver;
    this.task = task;
    void task.run().then(
      () => (this.#ended = true),
      (error: unknown) => {
        this.#ended = true;
        this.#error = error instanceof Error ? error : new Error(String(error));
      },
    );
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** What ended it, if anything did. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Steps until every input is consumed, the task is live and nothing waits for a commit. */
  async caughtUp(withinMs?: number): Promise<void> {
    await this.#driver.host.until(async () => {
      if (this.#ended) throw this.#error ?? new Error('The task has ended');
      const { stage, mode, lagRecords, slicing } = this.task.gauges();
      if (stage !== 'running' || mode !== 'live' || lagRecords > 0 || slicing) return false;
      return this.#committedThrough();
    }, withinMs);
  }

  /** Stops it and rejects with what ended it, if it did not end by itself. */
  async stop(): Promise<void> {
    this.task.stop();
    await this.#driver.host.until(() => this.#ended);
    if (this.#error !== undefined) throw this.#error;
  }

  /** Steps until it has ended by itself, and returns why. */
  async failure(): Promise<Error | undefined> {
    await this.#driver.host.until(() => this.#ended);
    return this.#error;
  }

  async #committedThrough(): Promise<boolean> {
    const state = this.task.state;
    if (state === undefined || state.dirtyKeys > 0) return false;
    const { inputs, application, partition } = this.task.place;
    const places = inputs.map((name) => ({ topic: name, partition }));
    const positions = await this.#driver.log.groupPositions(application, places);
    const ends = await this.#driver.log.endOffsets(places);
    return ends.every(({ highWatermark }, index) => highWatermark === 0 || positions[index]!.offset >= highWatermark);
  }
}

/** A topic with ordinary bounds. */
export function topic(name: string, partitions: number, rest: Partial<TopicSpec>): TopicSpec {
  return {
    name,
    partitions,
    cleanup: 'delete',
    retentionMs: null,
    timestampType: 'CreateTime',
    maxMessageBytes: 1_048_576,
    ...rest,
  };
}

export async function appendAll(log: Log, records: readonly Appended[], now: number): Promise<void> {
  const builder = new RecordBatchBuilder();
  for (const record of records) {
    const value = typeof record.value === 'string' ? Buffer.from(record.value) : record.value;
    builder.append(record.timestamp ?? now, Buffer.from(record.key), value, undefined, record.headers);
    await log.append({ topic: record.topic, partition: record.partition ?? 0 }, builder.finish());
    builder.reset();
  }
}

export async function readAll(log: Log, topicName: string, partition: number): Promise<Read[]> {
  const result: Read[] = [];
  const [end] = await log.endOffsets([{ topic: topicName, partition }]);
  for (let offset = end!.logStartOffset; offset < end!.lastStableOffset;) {
    const [answer] = await log.fetch([{ topic: topicName, partition, offset, maxBytes: 1_048_576 }], {
      isolation: 'read_committed',
      maxWaitMs: 0,
    });
    const { records, nextOffset } = answer!;
    for (let index = 0; index < records.length; index++) {
      const key = records.key(index);
      result.push({
        offset: records.offset(index),
        timestamp: records.timestamp(index),
        key: key === null ? null : Buffer.from(key).toString(),
        value: records.value(index),
        headers: records.headers(index),
      });
    }
    offset = nextOffset;
  }
  return result;
}
