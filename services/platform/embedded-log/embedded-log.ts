/**
 * The log port on an LMDB directory: the default, with no other service. See DESIGN.md beside it.
 *
 * Any process may open the directory, append and read; one of them owns it and runs tasks. Everything is visible only
 * after it is flushed, so what is read never disappears (L1).
 */
import type {
  AppendResult,
  EndOffset,
  Fetched,
  FetchRequest,
  GroupListener,
  GroupMember,
  GroupPosition,
  Isolation,
  Log,
  TopicPartition,
  TopicSpec,
  TransactionalProducer,
} from '../../core/streams/log.ts';
import { Fault } from '../../core/faults.ts';
import type { RecordBatch } from '../../core/streams/record-batch.ts';
import { Arrivals, fetchWaiting, placeOf } from '../log-port/arrivals.ts';
import { checkBatchBytes, checkTopicSpec, logClosed } from '../log-port/faults.ts';
import { GroupCoordinator } from '../log-port/group-coordinator.ts';
import { realSchedule } from '../log-port/steps.ts';
import type { OnStep } from '../log-port/steps.ts';
import { writeBackup } from './backup.ts';
import { Ballast } from './ballast.ts';
import { HEARTBEAT_MS, livingOwner, Ownership, type Owner } from './owner.ts';
import { appendBatch, endsOf, findPartition, readPartition, searchTime } from './partition-io.ts';
import { EmbeddedProducer } from './producer.ts';
import { Signals } from './signals.ts';
import { LogStore } from './store.ts';
import { Upkeep } from './upkeep.ts';
import { WriteQueue } from './write-queue.ts';

export interface EmbeddedLogOptions {
  /** Created when it does not exist. */
  readonly directory: string;
  /** True for the process that runs tasks: refused with LOG_OWNED while another one does. */
  readonly owner: boolean;
  /** The log's clock, ms UTC. */
  readonly now?: () => number;
  /** How often the owner applies retention and compaction, ms; 0 = only when `maintain` is called. */
  readonly maintainEveryMs?: number;
  /** Disk space the owner keeps in reserve, bytes; 0 = none. */
  readonly ballastBytes?: number;
  /** Told when housework in the background fails; it goes on at the next turn. */
  readonly onFault?: (error: unknown) => void;
  /** Called at the named steps of every transaction, and awaited. */
  readonly onStep?: OnStep;
}

const MAINTAIN_EVERY_MS = 30_000;
const BALLAST_BYTES = 4 * 1024 * 1024;

/** Opens a log. Throws LOG_OWNED, or STATE_UNREADABLE for a directory that a newer program wrote. */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<EmbeddedLog> {
  const log = new EmbeddedLog(options);
  try {
    await log.start();
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}

export class EmbeddedLog implements Log {
  readonly directory: string;
  readonly #store: LogStore;
  readonly #now: () => number;
  readonly #onStep: OnStep;
  readonly #onFault: (error: unknown) => void;
  readonly #ballast: Ballast;
  readonly #queue: WriteQueue;
  readonly #signals: Signals;
  readonly #arrivals = new Arrivals(realSchedule);
  readonly #groups = new GroupCoordinator(realSchedule);
  readonly #upkeep: Upkeep;
  readonly #maintainEveryMs: number;
  readonly #wantsOwnership: boolean;
  #ownership: Ownership | undefined;
  #timers: NodeJS.Timeout[] = [];
  #closed = false;

  /** Use `openEmbeddedLog`: a log works after `start`. */
  constructor(options: EmbeddedLogOptions) {
    this.directory = options.directory;
    this.#now = options.now ?? Date.now;
    this.#onStep = options.onStep ?? (() => undefined);
    this.#onFault = options.onFault ?? ((error) => process.emitWarning(error instanceof Error ? error : String(error)));
    this.#maintainEveryMs = options.maintainEveryMs ?? MAINTAIN_EVERY_MS;
    this.#wantsOwnership = options.owner;
    this.#store = new LogStore(options.directory);
    this.#ballast = new Ballast(
      options.directory,
      options.owner ? (options.ballastBytes ?? BALLAST_BYTES) : 0,
      Date.now,
    );
    this.#queue = new WriteQueue(this.#store, this.#ballast);
    this.#signals = new Signals(options.directory, () => this.#arrivals.wakeAll());
    this.#upkeep = new Upkeep({ store: this.#store, now: this.#now, write: (work) => this.#queue.run(work) });
  }

  /** Checks the format, takes ownership and starts the owner's timers. */
  async start(): Promise<void> {
    const ownership = this.#wantsOwnership ? new Ownership(this.#store) : undefined;
    await this.#queue.run(() => {
      this.#store.checkFormat();
      ownership?.take();
    });
    if (ownership === undefined) return;
    this.#ownership = ownership;
    this.#ballast.take();
    this.#signals.sweep();
    this.#timers.push(setInterval(() => this.#attempt(() => ownership.beat()), HEARTBEAT_MS).unref());
    if (this.#maintainEveryMs > 0) {
      const maintain = (): void => void this.maintain().catch(this.#onFault);
      this.#timers.push(setInterval(maintain, this.#maintainEveryMs).unref());
    }
  }

  describeTopics(names: readonly string[]): Promise<readonly (TopicSpec | undefined)[]> {
    return this.#read(() => names.map((name) => this.#store.findTopic(name)?.spec));
  }

  listTopics(): Promise<readonly string[]> {
    return this.#read(() => [...this.#store.topics.getKeys()]);
  }

  async createTopics(specs: readonly TopicSpec[]): Promise<void> {
    specs.forEach(checkTopicSpec);
    await this.#write(() => {
      for (const spec of specs) this.#store.createTopic(spec);
    });
  }

  async fetch(
    requests: readonly FetchRequest[],
    options: { readonly isolation: Isolation; readonly maxWaitMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<readonly Fetched[]> {
    // Both isolations see the same: transactions reach the store when they commit.
    const read = (): readonly Fetched[] => {
      this.#refuseClosed();
      this.#store.refresh();
      return requests.map((request) => readPartition(this.#store, findPartition(this.#store, request), request));
    };
    const begin = (places: ReadonlySet<string>) => {
      this.#signals.listen();
      return this.#arrivals.begin(places, options.maxWaitMs, options.signal);
    };
    return fetchWaiting(requests, read, options.maxWaitMs > 0 ? begin : undefined);
  }

  endOffsets(partitions: readonly TopicPartition[]): Promise<readonly EndOffset[]> {
    return this.#read(() => partitions.map((place) => endsOf(this.#store, findPartition(this.#store, place))));
  }

  offsetForTime(place: TopicPartition, timestampMs: number): Promise<number> {
    return this.#read(() => searchTime(this.#store, findPartition(this.#store, place), timestampMs));
  }

  async append(to: TopicPartition, batch: RecordBatch): Promise<AppendResult> {
    this.#refuseClosed();
    const place = findPartition(this.#store, to);
    checkBatchBytes(to, this.#store.topic(to.topic).spec, batch.bytes.length);
    this.#ballast.refuseInputWhenFull();
    const result = await this.#write(() => appendBatch(this.#store, place, batch, this.#now()));
    this.#arrived([to]);
    return result;
  }

  async transactionalProducer(transactionalId: string): Promise<TransactionalProducer> {
    const epoch = await this.#write(() => {
      const next = (this.#store.producers.get(transactionalId) ?? 0) + 1;
      void this.#store.producers.put(transactionalId, next);
      return next;
    });
    return new EmbeddedProducer(transactionalId, epoch, {
      store: this.#store,
      now: this.#now,
      onStep: this.#onStep,
      refuseClosed: () => this.#refuseClosed(),
      write: (work) => this.#write(work),
      arrived: (places) => this.#arrived(places),
    });
  }

  groupPositions(group: string, partitions: readonly TopicPartition[]): Promise<readonly GroupPosition[]> {
    return this.#read(() => partitions.map((place) => this.#store.position(group, place)));
  }

  async commitGroupPositions(group: string, positions: readonly GroupPosition[]): Promise<void> {
    await this.#write(() => {
      for (const position of positions) this.#store.putPosition(group, position);
    });
  }

  /** The owner's process is the whole group. Throws LOG_OWNED in any other. */
  async joinGroup(group: string, topics: readonly string[], listener: GroupListener): Promise<GroupMember> {
    this.#refuseNotOwner('take part in a group');
    const counts = await this.#read(() => topics.map((topic) => this.#store.topic(topic).spec.partitions));
    return this.#groups.join(group, counts, listener);
  }

  /** Applies retention and compaction now, in slices; only the owner may. */
  async maintain(): Promise<void> {
    this.#refuseClosed();
    this.#refuseNotOwner('maintain it');
    await this.#upkeep.run();
  }

  /** Compacts one partition now, however little is new; only the owner may. */
  async compact(place: TopicPartition): Promise<void> {
    this.#refuseClosed();
    this.#refuseNotOwner('compact it');
    await this.#upkeep.compact(place);
  }

  /** Whose tasks run on the directory now; undefined when nobody's do. */
  owner(): Promise<Owner | undefined> {
    return this.#read(() => livingOwner(this.#store));
  }

  /** What is kept under a name with the log, and in its backups; undefined before it is. */
  setting(name: string): Promise<unknown> {
    return this.#read(() => this.#store.settings.get(keptName(name)));
  }

  /** Keeps a small value under a name, unless there is one already; resolves with the one that is kept now. */
  async keepSetting(name: string, value: unknown): Promise<unknown> {
    await this.#write(() => {
      if (this.#store.settings.get(keptName(name)) === undefined) void this.#store.settings.put(keptName(name), value);
    });
    return this.setting(name);
  }

  /** Copies the log, as it is at one instant, into an empty directory while it runs. Returns the bytes written. */
  async backup(directory: string): Promise<number> {
    this.#refuseClosed();
    return writeBackup(this.#store, directory, this.#now());
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#arrivals.wakeAll();
    try {
      await this.#upkeep.stop();
      const ownership = this.#ownership;
      if (ownership !== undefined) await this.#queue.run(() => ownership.give());
    } finally {
      await this.#queue.close();
      this.#signals.close();
      await this.#store.root.close();
    }
  }

  #attempt(housework: () => void): void {
    try {
      housework();
    } catch (error) {
      this.#onFault(error);
    }
  }

  #arrived(places: readonly TopicPartition[]): void {
    for (const place of places) this.#arrivals.wake(placeOf(place));
    this.#signals.send();
  }

  #write<T>(work: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(logClosed());
    return this.#queue.run(work);
  }

  /** Reads of one call see one state of the log; what is thrown becomes a rejection. */
  async #read<T>(work: () => T): Promise<T> {
    this.#refuseClosed();
    this.#store.refresh();
    return Promise.resolve(work());
  }

  #refuseClosed(): void {
    if (this.#closed) throw logClosed();
  }

  #refuseNotOwner(purpose: string): void {
    if (this.#ownership !== undefined) return;
    throw new Fault('LOG_OWNED', `Only the process that owns ${this.directory} may ${purpose}`, {
      facts: { directory: this.directory },
    });
  }
}

/** Apart from the log's own settings. */
function keptName(name: string): string {
  return `kept.${name}`;
}
