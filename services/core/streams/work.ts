/**
 * The work of a task since its position: takes records in merge order, fires timers, applies broadcast sets, runs
 * slices. Synchronous; it stops at the bounds of a turn or of a commit and never decides when to commit.
 *
 * Thrown away as a whole (with its processor) when anything fails; `state` and `outputs` are then discarded by the task.
 */
import { assert, type Fault } from '../faults.ts';
import type { TaskClock } from './clock.ts';
import type { TaskListener } from './listener.ts';
import { DRY, HELD, nextLive, nextReplay, type InputQueue } from './merge.ts';
import type { Meta, Replay } from './meta.ts';
import type { OutputBuffer } from './output-buffer.ts';
import type { BroadcastSet, Processor, RawRecord, TaskContext, Topology } from './processor.ts';
import { Slices } from './slices.ts';
import type { StateStore } from './state.ts';
import { WorkFailed, type Suspect, type Suspects } from './suspects.ts';
import type { TaskOptions } from './task-options.ts';

/** `held`: a record that is known has not arrived. `idle`: nothing is at hand. */
export type Turn = 'worked' | 'held' | 'idle';

/** Records (or firings, or keys touched) per turn, at most; half of a turn's events, then half of timers (K2). */
const TURN_MAX = 500;
const HALF_TURN = TURN_MAX / 2;
/** Steps between two looks at the host's time. */
const STEPS_PER_LOOK = 16;
/** Changelog bytes assumed per dirty key until commits have shown them. */
const PAGE_BYTES_GUESS = 400;

export interface WorkParts<E, V> {
  readonly topology: Topology<E, V>;
  readonly partition: number;
  readonly options: TaskOptions;
  readonly listener: TaskListener;
  readonly state: StateStore<V>;
  readonly outputs: OutputBuffer;
  readonly clock: TaskClock;
  readonly suspects: Suspects;
  readonly now: () => number;
  /** Where the last commit left the task. */
  readonly meta: Meta;
}

export class Work<E, V> {
  readonly #parts: WorkParts<E, V>;
  readonly #processor: Processor<E>;
  readonly #slices: Slices;
  #queues: readonly InputQueue<E>[] = [];
  #replay: Replay | null;
  #ends: readonly number[] = [];
  #broadcast: number;
  #nextSet: BroadcastSet | undefined;
  #moved = false;
  #commitNow = false;
  /** What the listener and the suspects hear of once it is committed. */
  #settled: Suspect | undefined;
  #condemned: { readonly record: RawRecord; readonly fault: Fault } | undefined;
  #wentLive = false;
  #records = 0;
  #firings = 0;
  #touches = 0;
  #timerBytes = 0;
  #pageBytes = PAGE_BYTES_GUESS;

  constructor(parts: WorkParts<E, V>) {
    this.#parts = parts;
    const { meta, state, outputs, clock } = parts;
    this.#replay = meta.replay;
    this.#broadcast = meta.broadcast;
    this.#slices = new Slices(state, meta.ranges, meta.broadcast);
    const context: TaskContext<V> = {
      partition: parts.partition,
      state,
      // A replayed history is old at birth: by its own instants a log that keeps records for a time would drop it at once.
      outputs: {
        emit: (output, timestamp, key, value, rest, headers) =>
          outputs.emit(output, this.#replay?.declaredInstant ?? timestamp, key, value, rest, headers),
      },
      clock: () => clock.now,
      mode: () => (this.#replay === null ? 'live' : 'replay'),
      evaluatedThrough: (key) => this.#slices.through(key),
      restored: meta.commit === 0 ? undefined : meta.processor,
    };
    this.#processor = parts.topology.create(context);
  }

  /** Gives the work its inputs (which decode through `decode`) and applies what is in force before the first event. */
  start(queues: readonly InputQueue<E>[]): void {
    this.#queues = queues;
    const ends = this.#replay?.ends;
    this.#ends = queues.map(({ topic }) => ends?.[topic] ?? 0);
    this.#broadcasts(true);
  }

  readonly decode = (record: RawRecord): ReturnType<Processor<E>['decode']> => this.#processor.decode(record);

  get mode(): 'live' | 'replay' {
    return this.#replay === null ? 'live' : 'replay';
  }

  get records(): number {
    return this.#records;
  }

  get firings(): number {
    return this.#firings;
  }

  get touches(): number {
    return this.#touches;
  }

  get broadcast(): number {
    return this.#broadcast;
  }

  get slicing(): boolean {
    return this.#slices.pending;
  }

  get lagRecords(): number {
    let lag = 0;
    for (const queue of this.#queues) if (queue.end < Infinity) lag += Math.max(0, queue.end - queue.position);
    return lag;
  }

  /** K1: there is a dirty key, an output or a moved position. */
  get waits(): boolean {
    const { state, outputs } = this.#parts;
    return this.#units > 0 || this.#moved || state.dirtyKeys > 0 || outputs.records > 0;
  }

  /** The commit is due whatever the time: a bound is reached, or something must stay alone. */
  get full(): boolean {
    const { commitInputsMax, commitBytesMax } = this.#parts.options;
    return this.#commitNow || this.#units >= commitInputsMax || this.#bytes >= commitBytesMax;
  }

  /** The next instant, ms UTC, the clock must reach for something to happen without any record; Infinity = none. */
  get nextDue(): number {
    if (this.#replay !== null) return Infinity;
    const { state } = this.#parts;
    const slot = this.#nextTimer();
    return Math.min(slot < 0 ? Infinity : state.dueOf(slot), this.#nextSet?.dueAt ?? Infinity);
  }

  /** Works until `untilMs` of the host, at most 500 steps, or until the commit is full. */
  turn(untilMs: number): Turn {
    this.#broadcasts(true);
    return this.#replay === null ? this.#turnLive(untilMs) : this.#turnReplay(this.#replay, untilMs);
  }

  /** The meta record of the commit that is made now, the task's commit number `commit`. */
  meta(commit: number): Meta {
    const { clock, options } = this.#parts;
    return {
      commit,
      positions: Object.fromEntries(this.#queues.map(({ topic, position }) => [topic, position])),
      replay: this.#replay,
      clock: clock.now,
      broadcast: this.#broadcast,
      ranges: this.#slices.ranges,
      processor: this.#processor.meta(),
      software: options.software,
    };
  }

  /** Everything so far is committed; the changelog took this many bytes for these keys. */
  committed(keys: number, changelogBytes: number): void {
    if (keys > 0) this.#pageBytes += (changelogBytes / keys - this.#pageBytes) / 4;
    const { suspects, listener, partition } = this.#parts;
    if (this.#settled !== undefined) suspects.settled(this.#settled);
    if (this.#condemned !== undefined) listener.deadLettered(partition, this.#condemned.record, this.#condemned.fault);
    if (this.#wentLive) listener.wentLive(partition);
    this.#settled = undefined;
    this.#condemned = undefined;
    this.#wentLive = false;
    this.#records = 0;
    this.#firings = 0;
    this.#touches = 0;
    this.#timerBytes = 0;
    this.#moved = false;
    this.#commitNow = false;
  }

  get #units(): number {
    return this.#records + this.#firings + this.#touches;
  }

  get #bytes(): number {
    return this.#parts.outputs.bytes + this.#parts.state.dirtyKeys * this.#pageBytes;
  }

  /** Events first, then timers, then slices: nobody's event waits for another customer's timer (K2). */
  #turnLive(untilMs: number): Turn {
    const { clock, now } = this.#parts;
    let next = DRY;
    let steps = 0;
    for (; steps < HALF_TURN && !this.full; steps++) {
      next = nextLive(this.#queues);
      if (next < 0 || !this.#take(this.#queues[next]!)) break;
      if (steps % STEPS_PER_LOOK === STEPS_PER_LOOK - 1 && now() >= untilMs) break;
    }
    clock.settle();
    this.#broadcasts(false);
    steps += this.#fireSome(untilMs);
    steps += this.#sliceSome(untilMs);
    if (steps > 0 || this.full) return 'worked';
    return next === HELD ? 'held' : 'idle';
  }

  /** T4 and K2: every timer due at or before the next event's instant fires before it, wherever a commit cuts. */
  #turnReplay(replay: Replay, untilMs: number): Turn {
    const { clock, state, now } = this.#parts;
    for (let steps = 0; steps < TURN_MAX && !this.full; steps++) {
      const next = nextReplay(this.#queues, this.#ends, replay.declaredInstant);
      if (next === HELD) return steps > 0 ? 'worked' : 'held';
      const instant = next === DRY ? replay.declaredInstant : this.#queues[next]!.head!.instant;
      if (instant <= replay.declaredInstant) clock.advanceTo(instant);
      const slot = this.#nextTimer();
      if (slot >= 0 && state.dueOf(slot) <= clock.now) {
        if (!this.#fire(slot)) break;
      } else if (next === DRY) {
        this.#goLive();
        break;
      } else if (!this.#take(this.#queues[next]!)) break;
      if (steps % STEPS_PER_LOOK === STEPS_PER_LOOK - 1 && now() >= untilMs) break;
    }
    this.#sliceSome(untilMs);
    return 'worked';
  }

  #goLive(): void {
    this.#replay = null;
    this.#moved = true;
    this.#broadcasts(true);
    this.#wentLive = true;
  }

  /** Processes the front of a queue; false if something must be committed first so that it is alone. */
  #take(queue: InputQueue<E>): boolean {
    const { clock, suspects, state } = this.#parts;
    const record = queue.record!;
    if (this.#replay === null) {
      clock.front(queue.index, record.timestamp);
      clock.settle();
      if (this.#nextSet !== undefined) this.#broadcasts(false);
    }
    const suspect: Suspect | undefined = suspects.none ? undefined : { kind: 'record', record };
    const suspected = suspect !== undefined && suspects.suspected(suspect);
    if (suspected && !this.#isolate(suspect)) return false;
    const fault = suspected ? suspects.condemned(suspect) : undefined;
    if (fault === undefined) {
      const alone = this.#units === 0 && state.dirtyKeys === 0;
      try {
        this.#processor.process(record, queue.head!.event);
      } catch (cause) {
        throw new WorkFailed({ kind: 'record', record }, alone, cause);
      }
    } else {
      this.#processor.deadLetter(record, fault);
      this.#condemned = { record, fault };
    }
    queue.consume();
    clock.reached(queue.index, queue.position);
    this.#records += 1;
    return true;
  }

  /** Makes sure a suspect is alone in its commit: false if there is something to commit before. */
  #isolate(suspect: Suspect): boolean {
    this.#commitNow = true;
    if (this.waits) return false;
    this.#settled = suspect;
    return true;
  }

  /** The slot of the next timer that may fire, or -1. */
  #nextTimer(): number {
    const { state, suspects } = this.#parts;
    for (;;) {
      const slot = state.timers.next();
      if (slot < 0 || !suspects.parked(state.keyAt(slot), state.dueOf(slot))) return slot;
      state.timers.skip();
    }
  }

  #fireSome(untilMs: number): number {
    const { clock, state, options, now } = this.#parts;
    const before = this.#bytes;
    const firingsMax = options.commitInputsMax / 2;
    let steps = 0;
    while (steps < HALF_TURN && this.#firings < firingsMax && !this.full) {
      if (this.#timerBytes + this.#bytes - before >= options.commitBytesMax / 2) break;
      const slot = this.#nextTimer();
      if (slot < 0 || state.dueOf(slot) > clock.now || !this.#fire(slot)) break;
      steps += 1;
      if (steps % STEPS_PER_LOOK === 0 && now() >= untilMs) break;
    }
    this.#timerBytes += this.#bytes - before;
    return steps;
  }

  /** Fires a slot's timer; false if something must be committed first. */
  #fire(slot: number): boolean {
    const { state, suspects, listener, partition } = this.#parts;
    const key = state.keyDueAt(slot);
    const due = state.dueOf(slot);
    const suspect: Suspect | undefined = suspects.none ? undefined : { kind: 'timer', key, due };
    const suspected = suspect !== undefined && suspects.suspected(suspect);
    if (suspected && !this.#isolate(suspect)) return false;
    const fault = suspected ? suspects.condemned(suspect) : undefined;
    if (fault === undefined) {
      const alone = this.#units === 0 && state.dirtyKeys === 0;
      try {
        this.#processor.fire(key, due);
        assert(state.dueOf(slot) !== due || state.keyAt(slot) !== key, 'a fired timer is moved or cleared');
      } catch (cause) {
        throw new WorkFailed({ kind: 'timer', key, due }, alone, cause);
      }
    } else {
      suspects.park(key, due);
      state.timers.skip();
      listener.timerParked(partition, key, due, fault);
    }
    this.#firings += 1;
    return true;
  }

  #sliceSome(untilMs: number): number {
    if (!this.#slices.pending || this.full) return 0;
    const { now } = this.#parts;
    const touched = this.#slices.advance(
      (key) => this.#processor.touch(key),
      TURN_MAX,
      () => {
        this.#touches += 1;
        return this.full || now() >= untilMs;
      },
    );
    // Ranges that nobody lives in move too, without a key touched.
    this.#moved = true;
    return Math.max(1, touched);
  }

  /** D2: applies the sets that are in force by now. `look`: ask the feed anew, not only for the set known to be next. */
  #broadcasts(look: boolean): void {
    const { topology, clock } = this.#parts;
    if (look) this.#nextSet = topology.feed.after(this.#broadcast);
    for (let set = this.#nextSet; set !== undefined; set = this.#nextSet) {
      const inForce = this.#replay === null ? set.dueAt <= clock.now : set.offset < this.#replay.broadcastEnd;
      if (!inForce) return;
      this.#processor.broadcast(set);
      this.#broadcast = set.offset;
      this.#slices.begin(set.offset);
      this.#moved = true;
      this.#nextSet = topology.feed.after(set.offset);
    }
  }
}
