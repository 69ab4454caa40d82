/**
 * The tasks of one event loop: a member of the consumer group that runs one task per partition it is given. Tasks take
 * turns by themselves; the app starts them, stops them, and ends as a whole when one cannot go on.
 */
import type { Host } from './host.ts';
import type { TaskGauges, TaskListener } from './listener.ts';
import type { GroupMember, Log } from './log.ts';
import type { Topology } from './processor.ts';
import { Task } from './task.ts';
import { Pace, type ReplayRequest, type TaskOptions } from './task-options.ts';

export interface AppParts<E, V> {
  readonly log: Log;
  readonly host: Host;
  readonly topology: Topology<E, V>;
  readonly options: TaskOptions;
  readonly listener: TaskListener;
  readonly replay?: ReplayRequest | undefined;
}

interface Running<E, V> {
  readonly task: Task<E, V>;
  readonly ended: Promise<void>;
}

export class App<E, V> {
  readonly #parts: AppParts<E, V>;
  readonly #pace = new Pace();
  readonly #running = new Map<number, Running<E, V>>();
  #member: GroupMember | undefined;
  #stopped = false;
  #fail!: (error: unknown) => void;
  /** Never resolves; rejects with the fault of the first task that cannot go on. The caller should then `stop`. */
  readonly failed: Promise<never>;

  constructor(parts: AppParts<E, V>) {
    this.#parts = parts;
    this.failed = new Promise<never>((_, reject) => (this.#fail = reject));
    // Whoever does not ask for it must not be ended by an unhandled rejection; `stop` reports it again.
    this.failed.catch(() => undefined);
  }

  /** Joins the group. Resolves when joined; tasks start as partitions are assigned. */
  async start(): Promise<void> {
    const { log, topology } = this.#parts;
    this.#member = await log.joinGroup(topology.application, topology.inputs, {
      assigned: (partitions) => {
        for (const partition of partitions) this.#startTask(partition);
      },
      lost: (partitions) => this.#stopTasks(partitions),
    });
  }

  /**
   * Lets every task finish its commit, then leaves the group. Resolves with true when all ended, with false when the
   * bound came first: what is not committed is worked again at the next start.
   */
  async stop(withinMs: number): Promise<boolean> {
    this.#stopped = true;
    const over = new AbortController();
    const drained = this.#stopTasks([...this.#running.keys()]).then(() => true);
    const inTime = await Promise.race([drained, this.#parts.host.sleep(withinMs, over.signal).then(() => false)]);
    over.abort();
    await this.#member?.leave();
    return inTime;
  }

  /** Gauges per partition owned now. */
  gauges(): ReadonlyMap<number, TaskGauges> {
    return new Map([...this.#running].map(([partition, { task }]) => [partition, task.gauges()]));
  }

  /** The task that owns a partition, or undefined. */
  task(partition: number): Task<E, V> | undefined {
    return this.#running.get(partition)?.task;
  }

  #startTask(partition: number): void {
    if (this.#stopped || this.#running.has(partition)) return;
    const task = new Task({ ...this.#parts, partition, pace: this.#pace });
    const ended = task.run().catch((error: unknown) => this.#fail(error));
    this.#running.set(partition, { task, ended });
  }

  async #stopTasks(partitions: readonly number[]): Promise<void> {
    const stopping = partitions.flatMap((partition) => this.#running.get(partition) ?? []);
    for (const { task } of stopping) task.stop();
    await Promise.all(stopping.map(({ ended }) => ended));
    for (const partition of partitions) this.#running.delete(partition);
  }
}
