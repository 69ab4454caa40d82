/**
 * The log port in memory: Kafka's semantics with an injected clock, for the test driver and for runs that keep nothing.
 *
 * It owns partitions, producers' epochs and group positions. A crash of the program under test is simulated by
 * abandoning whatever used the log and starting anew on the same `MemoryLog`: an unfinished transaction stays open, as
 * on a broker, until its id is opened again.
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
import type { RecordBatch } from '../../core/streams/record-batch.ts';
import { Arrivals, fetchWaiting, placeOf } from '../log-port/arrivals.ts';
import { checkBatchBytes, checkTopicSpec, logClosed, partitionUnknown, topicUnknown } from '../log-port/faults.ts';
import { GroupCoordinator } from '../log-port/group-coordinator.ts';
import { realSchedule } from '../log-port/steps.ts';
import type { OnStep, Schedule } from '../log-port/steps.ts';
import { MemoryPartition } from './partition.ts';
import { MemoryProducer } from './producer.ts';
import type { ProducerState } from './producer.ts';

export interface MemoryLogOptions {
  /** The log's clock, ms UTC: append times, retention. */
  readonly now: () => number;
  /** How waiting fetches count their time; real timers unless given. */
  readonly schedule?: Schedule;
  /** Called at the named steps of every transaction, and awaited. */
  readonly onStep?: OnStep;
}

interface Topic {
  readonly spec: TopicSpec;
  readonly partitions: readonly MemoryPartition[];
}

export class MemoryLog implements Log {
  readonly #now: () => number;
  readonly #schedule: Schedule;
  readonly #onStep: OnStep;
  readonly #topics = new Map<string, Topic>();
  readonly #producers = new Map<string, ProducerState>();
  readonly #positions = new Map<string, GroupPosition>();
  readonly #arrivals: Arrivals;
  readonly #groups: GroupCoordinator;
  #closed = false;

  constructor(options: MemoryLogOptions) {
    this.#now = options.now;
    this.#schedule = options.schedule ?? realSchedule;
    this.#onStep = options.onStep ?? (() => undefined);
    this.#arrivals = new Arrivals(this.#schedule);
    this.#groups = new GroupCoordinator(this.#schedule);
  }

  describeTopics(names: readonly string[]): Promise<readonly (TopicSpec | undefined)[]> {
    return this.#answer(() => names.map((name) => this.#topics.get(name)?.spec));
  }

  listTopics(): Promise<readonly string[]> {
    return this.#answer(() => [...this.#topics.keys()].sort());
  }

  createTopics(specs: readonly TopicSpec[]): Promise<void> {
    return this.#answer(() => {
      specs.forEach(checkTopicSpec);
      for (const spec of specs) {
        if (this.#topics.has(spec.name)) continue;
        const partitions = Array.from(
          { length: spec.partitions },
          (_, partition) => new MemoryPartition({ topic: spec.name, partition }, spec),
        );
        this.#topics.set(spec.name, { spec, partitions });
      }
    });
  }

  async fetch(
    requests: readonly FetchRequest[],
    options: { readonly isolation: Isolation; readonly maxWaitMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<readonly Fetched[]> {
    const read = (): readonly Fetched[] => {
      this.#refuseClosed();
      return requests.map((request) => this.#partition(request).read(request, options.isolation));
    };
    return fetchWaiting(
      requests,
      read,
      options.maxWaitMs <= 0 ? undefined : (places) => this.#arrivals.begin(places, options.maxWaitMs, options.signal),
    );
  }

  endOffsets(partitions: readonly TopicPartition[]): Promise<readonly EndOffset[]> {
    return this.#answer(() => partitions.map((place) => this.#partition(place).ends()));
  }

  offsetForTime(place: TopicPartition, timestampMs: number): Promise<number> {
    return this.#answer(() => this.#partition(place).offsetForTime(timestampMs));
  }

  append(to: TopicPartition, batch: RecordBatch): Promise<AppendResult> {
    return this.#answer(() => {
      const partition = this.#accepting(to, batch);
      const { baseOffset, logAppendTime } = partition.append(batch.bytes, this.#now());
      this.#arrivals.wake(placeOf(to));
      return { ...partition.place, baseOffset, lastOffset: baseOffset + batch.count - 1, logAppendTime };
    });
  }

  transactionalProducer(transactionalId: string): Promise<TransactionalProducer> {
    return this.#answer(() => {
      const earlier = this.#producers.get(transactionalId);
      if (earlier !== undefined) this.#end('abort', earlier);
      const id = earlier?.id ?? this.#producers.size + 1;
      const state: ProducerState = {
        id,
        epoch: (earlier?.epoch ?? -1) + 1,
        transactionalId,
        touched: new Set(),
        positions: [],
      };
      this.#producers.set(transactionalId, state);
      return new MemoryProducer(state, this.#onStep, {
        isCurrent: () => {
          this.#refuseClosed();
          return this.#producers.get(transactionalId) === state;
        },
        append: (to, batch) => {
          const partition = this.#accepting(to, batch);
          const { baseOffset, logAppendTime } = partition.append(batch.bytes, this.#now(), state);
          state.touched.add(partition);
          // The end moved for readers of uncommitted records and for the clock's proofs.
          this.#arrivals.wake(placeOf(to));
          return { ...partition.place, baseOffset, lastOffset: baseOffset + batch.count - 1, logAppendTime };
        },
        end: (type) => this.#end(type, state),
        abandon: () => {
          if (this.#producers.get(transactionalId) === state) this.#end('abort', state);
        },
      });
    });
  }

  groupPositions(group: string, partitions: readonly TopicPartition[]): Promise<readonly GroupPosition[]> {
    return this.#answer(() =>
      partitions.map(({ topic, partition }) => {
        return this.#positions.get(`${group}\0${topic}/${partition}`) ?? { topic, partition, offset: -1 };
      }),
    );
  }

  commitGroupPositions(group: string, positions: readonly GroupPosition[]): Promise<void> {
    return this.#answer(() => this.#storePositions(group, positions));
  }

  async joinGroup(group: string, topics: readonly string[], listener: GroupListener): Promise<GroupMember> {
    this.#refuseClosed();
    const counts = topics.map((topic) => this.#topic(topic).spec.partitions);
    return this.#groups.join(group, counts, listener);
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#arrivals.wakeAll();
    return Promise.resolve();
  }

  /** Compacts one partition now (L8). */
  compact(topic: string, partition: number): void {
    this.#partition({ topic, partition }).compact(this.#now());
  }

  /** Applies every topic's retention now. Compacted topics are left alone. */
  expire(): void {
    for (const { spec, partitions } of this.#topics.values()) {
      if (spec.cleanup === 'delete') for (const partition of partitions) partition.expire(this.#now());
    }
  }

  #end(type: 'commit' | 'abort', state: ProducerState): void {
    for (const partition of state.touched) {
      partition.end(type, state, this.#now());
      this.#arrivals.wake(placeOf(partition.place));
    }
    if (type === 'commit') for (const { group, positions } of state.positions) this.#storePositions(group, positions);
    state.touched.clear();
    state.positions.length = 0;
  }

  #storePositions(group: string, positions: readonly GroupPosition[]): void {
    for (const position of positions) this.#positions.set(`${group}\0${placeOf(position)}`, { ...position });
  }

  #accepting(to: TopicPartition, batch: RecordBatch): MemoryPartition {
    const partition = this.#partition(to);
    checkBatchBytes(to, this.#topic(to.topic).spec, batch.bytes.length);
    return partition;
  }

  #partition(place: TopicPartition): MemoryPartition {
    const topic = this.#topic(place.topic);
    const partition = topic.partitions[place.partition];
    if (partition === undefined) throw partitionUnknown(place, topic.partitions.length);
    return partition;
  }

  #topic(name: string): Topic {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw topicUnknown(name);
    return topic;
  }

  #refuseClosed(): void {
    if (this.#closed) throw logClosed();
  }

  /** Everything here is at hand; what is thrown becomes a rejection, as with a log that is far away. */
  async #answer<T>(work: () => T): Promise<T> {
    this.#refuseClosed();
    return Promise.resolve(work());
  }
}
