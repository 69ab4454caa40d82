/**
 * One task: the owner of partition p of every input topic; the unit of state, transactions, scaling and recovery.
 *
 *  1  fence → restore → position → run → commit …, in this order (stages.ts says which moves are legal).
 *  2  Any error throws away overlay, processor and producer; the task starts again from fence after a bounded back-off.
 *     Faults that ask to stop end it. This is the only place that acts on faults of a task.
 *  3  A processor that throws over one record or timer costs no restart: nothing was sent yet, so the overlay is
 *     discarded in memory, and the suspect is tried alone (C4).
 *  4  While a transaction is under way the task does nothing else; the other tasks of the event loop work.
 */
import { Fault } from '../faults.ts';
import { commit } from './commit.ts';
import { TaskClock } from './clock.ts';
import { Bell, type Host } from './host.ts';
import { Intake, PROOF_PAUSE_MS } from './intake.ts';
import type { TaskGauges, TaskListener } from './listener.ts';
import type { Log, TransactionalProducer } from './log.ts';
import { InputQueue } from './merge.ts';
import type { Meta } from './meta.ts';
import { BatchWriter, OutputBuffer } from './output-buffer.ts';
import { firstMeta, openTopics, checkPosition, type TopicBounds } from './position.ts';
import type { Topology } from './processor.ts';
import { restore } from './restore.ts';
import { move, type Stage } from './stages.ts';
import { StateStore } from './state.ts';
import { Suspects, WorkFailed } from './suspects.ts';
import type { Pace, ReplayRequest, TaskOptions } from './task-options.ts';
import { Work, type Turn } from './work.ts';

const BACKOFF_FIRST_MS = 50;
const BACKOFF_LAST_MS = 5_000;
/** Restarts in a row, without a commit between them, after which an error that is no `retry` fault ends the task. */
const RESTARTS_MAX = 5;

export interface TaskParts<E, V> {
  readonly log: Log;
  readonly host: Host;
  readonly topology: Topology<E, V>;
  readonly partition: number;
  readonly options: TaskOptions;
  readonly listener: TaskListener;
  readonly pace: Pace;
  /** Asked for at the first start; ignored once the task has committed (T4). */
  readonly replay?: ReplayRequest | undefined;
}

/** What lives from fence to the next error. */
interface Owned<V> {
  readonly producer: TransactionalProducer;
  readonly topics: TopicBounds;
  readonly state: StateStore<V>;
  readonly outputs: OutputBuffer;
  readonly changelog: BatchWriter;
}

/** What lives from a position to the next rollback. */
interface Shift<E, V> {
  readonly work: Work<E, V>;
  readonly clock: TaskClock;
  readonly intake: Intake<E>;
}

export class Task<E, V> {
  readonly #parts: TaskParts<E, V>;
  readonly #bell: Bell;
  readonly #suspects = new Suspects();
  #stage: Stage = 'waiting';
  #stopping = false;
  #restarts = 0;
  #committed: Meta | undefined;
  #owned: Owned<V> | undefined;
  #shift: Shift<E, V> | undefined;

  constructor(parts: TaskParts<E, V>) {
    this.#parts = parts;
    this.#bell = new Bell(parts.host);
  }

  /** Runs until `stop`. Rejects with the fault that ended it. To be called once. */
  async run(): Promise<void> {
    const { pace } = this.#parts;
    pace.running += 1;
    try {
      while (!this.#stopping) {
        try {
          await this.#own();
        } catch (error) {
          this.#moveTo('waiting');
          await this.#backOff(error);
        }
      }
    } finally {
      pace.running -= 1;
      this.#moveTo('stopped');
    }
  }

  /** Asks the task to end: it commits what it has worked and closes. `run` resolves when that is done. */
  stop(): void {
    this.#stopping = true;
    this.#bell.ring();
  }

  gauges(): TaskGauges {
    const { work, clock } = this.#shift ?? {};
    const state = this.#owned?.state;
    return {
      stage: this.#stage,
      mode: work?.mode ?? 'live',
      lagRecords: work?.lagRecords ?? 0,
      clock: clock?.now ?? this.#committed?.clock ?? 0,
      timersPending: state?.timersPending ?? 0,
      keys: state?.size ?? 0,
      restingBytes: state?.restingBytes ?? 0,
      broadcast: work?.broadcast ?? -1,
      slicing: work?.slicing ?? false,
    };
  }

  /** Which partition of which inputs it owns, for which application. */
  get place(): { readonly application: string; readonly inputs: readonly string[]; readonly partition: number } {
    const { topology, partition } = this.#parts;
    return { application: topology.application, inputs: topology.inputs, partition };
  }

  /** The committed state, for readers in this process; undefined while the task does not run. Never write to it. */
  get state(): StateStore<V> | undefined {
    return this.#owned?.state;
  }

  /** One ownership: from fence to stop or error (1). */
  async #own(): Promise<void> {
    const { log, host, topology, partition, options, listener } = this.#parts;
    // Fence first: whatever an older owner does from now on fails, so what is read next cannot move.
    this.#moveTo('fencing');
    const topics = await openTopics(log, topology);
    const writes = [topology.changelog, ...topology.outputs].map((topic) => ({ topic, partition }));
    const producer = await log.transactionalProducer(`${topology.application}-${partition}`, writes);
    try {
      this.#moveTo('restoring');
      const startedAt = host.now();
      const state = new StateStore<V>(topology.codec);
      const { meta, records } = await restore(log, host, topology.changelog, partition, state);
      listener.restored(partition, { records, keys: state.size, ms: host.now() - startedAt });

      this.#moveTo('positioning');
      this.#committed = meta ?? (await firstMeta(log, topology, partition, options.software, this.#parts.replay));
      await checkPosition(log, topology, partition, this.#committed, listener);
      await this.#feedReaches(this.#committed);
      this.#owned = {
        producer,
        topics,
        state,
        outputs: new OutputBuffer(
          topology.outputs.map((name) => new BatchWriter(name, options.commitBytesMax, topics.bytesMax(name))),
        ),
        changelog: new BatchWriter(topology.changelog, options.commitBytesMax, topics.bytesMax(topology.changelog)),
      };

      this.#moveTo('running');
      await this.#run(this.#owned);
    } finally {
      await this.#shift?.intake.close();
      this.#shift = undefined;
      this.#owned = undefined;
      await producer.close();
    }
  }

  async #run(owned: Owned<V>): Promise<void> {
    const { host, options, pace } = this.#parts;
    let shift = this.#begin(owned);
    let committedAt = -Infinity;
    let waitingSince = Infinity;
    while (!this.#stopping) {
      const { work, intake } = shift;
      let turn: Turn;
      try {
        turn = work.turn(host.now() + pace.turnMs);
      } catch (error) {
        if (!(error instanceof WorkFailed) || (error.cause instanceof Fault && error.cause.action === 'stop'))
          throw error;
        await this.#rollBack(owned, error);
        shift = this.#begin(owned);
        waitingSince = Infinity;
        continue;
      }
      intake.pump(turn === 'held');

      const now = host.now();
      if (!work.waits) waitingSince = Infinity;
      else if (waitingSince === Infinity) waitingSince = now;
      // K1: when a bound is reached; or when nothing more is at hand; at the latest after the longest wait.
      const commitAt = Math.min(
        work.full ? now : Infinity,
        work.waits && turn === 'idle' ? committedAt + options.commitMinMs : Infinity,
        waitingSince + pace.commitMaxMs(options.commitMaxMs),
      );
      if (work.waits && commitAt <= now) {
        await this.#commit(owned, shift);
        committedAt = host.now();
        waitingSince = Infinity;
      } else if (turn === 'worked') await host.yield();
      else await this.#rest(shift, Math.min(commitAt, now + options.idleWaitMs), now);
    }
    // What is worked is worth its commit: a restart then goes on exactly here.
    if (shift.work.waits) await this.#commit(owned, shift);
  }

  /** Starts to work from the committed position. */
  #begin(owned: Owned<V>): Shift<E, V> {
    const { log, host, topology, partition, options, listener, pace } = this.#parts;
    const meta = this.#committed!;
    const clock = new TaskClock(meta.clock, {
      delayMs: options.clockDelayMs,
      skew: pace.skew,
      appendTimed: owned.topics.appendTimed,
    });
    const work = new Work<E, V>({
      topology,
      partition,
      options,
      listener,
      state: owned.state,
      outputs: owned.outputs,
      clock,
      suspects: this.#suspects,
      now: () => host.now(),
      meta,
    });
    const queues = topology.inputs.map(
      (topic, index) => new InputQueue<E>(index, topic, partition, meta.positions[topic] ?? 0, work.decode),
    );
    work.start(queues);
    const intake = new Intake(log, host, this.#bell, queues, clock, options);
    intake.pump(true);
    this.#shift = { work, clock, intake };
    return this.#shift;
  }

  async #commit(owned: Owned<V>, { work }: Shift<E, V>): Promise<void> {
    const { host, pace, topology, partition, listener } = this.#parts;
    this.#moveTo('committing');
    pace.committing += 1;
    try {
      const startedAt = host.now();
      const meta = work.meta(this.#committed!.commit + 1);
      const keysChanged = owned.state.dirtyKeys;
      const outputs = owned.outputs.records;
      const { changelogBytes, bytes } = await commit({
        ...owned,
        group: topology.application,
        partition,
        meta,
        skew: pace.skew,
        now: () => host.now(),
      });
      const ms = host.now() - startedAt;
      pace.observe(ms);
      this.#committed = meta;
      this.#restarts = 0;
      const { records, firings, touches } = work;
      work.committed(keysChanged, changelogBytes);
      listener.committed(partition, { records, firings, touches, keysChanged, outputs, bytes, ms });
    } finally {
      pace.committing -= 1;
    }
    this.#moveTo('running');
  }

  /** Drops the work since the last commit, in memory (3). */
  async #rollBack(owned: Owned<V>, failure: WorkFailed): Promise<void> {
    this.#suspects.failed(failure);
    this.#parts.listener.rolledBack(this.#parts.partition, failure.cause);
    await this.#shift?.intake.close();
    owned.state.discard();
    owned.outputs.clear();
  }

  /** Waits until there may be something to do: an answer, a timer that can be proven due, a commit that is due. */
  async #rest({ work, clock, intake }: Shift<E, V>, until: number, now: number): Promise<void> {
    const due = work.nextDue;
    if (due < Infinity) {
      const provableAt = clock.provableAt(due);
      if (provableAt <= now) intake.prove();
      until = Math.min(until, Math.max(provableAt, now + PROOF_PAUSE_MS));
    }
    await this.#bell.wait(until - now);
    // Even a bell that rings all the time must not keep the event loop from anything else.
    await this.#parts.host.yield();
  }

  /** Sets that were in force at the last commit must be known again before anything is worked (D2). */
  async #feedReaches({ broadcast, replay }: Meta): Promise<void> {
    const { feed } = this.#parts.topology;
    const last = Math.max(broadcast, (replay?.broadcastEnd ?? 0) - 1);
    while (!this.#stopping && last >= 0 && feed.after(last - 1) === undefined) {
      await this.#bell.wait(PROOF_PAUSE_MS);
    }
  }

  async #backOff(error: unknown): Promise<void> {
    const { listener, partition } = this.#parts;
    this.#restarts += 1;
    const action = error instanceof Fault ? error.action : undefined;
    if (action === 'stop' || (action !== 'retry' && this.#restarts > RESTARTS_MAX)) throw error;
    const ms = Math.min(BACKOFF_LAST_MS, BACKOFF_FIRST_MS * 2 ** (this.#restarts - 1));
    listener.restarted(partition, error, ms);
    const until = this.#parts.host.now() + ms;
    while (!this.#stopping && this.#parts.host.now() < until) await this.#bell.wait(until - this.#parts.host.now());
  }

  #moveTo(stage: Stage): void {
    this.#stage = move(this.#stage, stage);
    this.#parts.listener.stage(this.#parts.partition, stage);
  }
}
