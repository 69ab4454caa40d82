/**
 * The log port on Apache Kafka 4.x (2.4 and newer speak the same requests). See DESIGN.md beside it.
 *
 * Records are appended and read as bytes by our own codec; kafkajs carries them, logs in, and codes the small requests.
 */
import { Fault } from '../../core/faults.ts';
import type {
  AppendResult,
  EndOffset,
  Fetched,
  FetchRequest,
  GroupListener,
  GroupMember,
  GroupPosition,
  Log,
  TopicPartition,
  TopicSpec,
  TransactionalProducer,
} from '../../core/streams/log.ts';
import type { RecordBatch } from '../../core/streams/record-batch.ts';
import { checkTopicSpec, logClosed } from '../log-port/faults.ts';
import { Appender } from './appender.ts';
import { faultOf } from './broker-errors.ts';
import { Cluster } from './cluster.ts';
import { Fetcher, type FetchOptions } from './fetcher.ts';
import { KafkaGroupMember } from './group-member.ts';
import { LinkPool, Links, OwnLinks } from './links.ts';
import { Offsets } from './offsets.ts';
import type { KafkaLogOptions } from './options.ts';
import { quietenQueues } from './quiet-queue.ts';
import { BatchBounds, createTopics, describeTopics, listTopics } from './topics.ts';
import { openProducer } from './transactional-producer.ts';

/** Connects, so that what is wrong with addresses, certificates or the login is said at once. */
export async function openKafkaLog(options: KafkaLogOptions): Promise<KafkaLog> {
  quietenQueues();
  const log = new KafkaLog(options);
  try {
    await log.start();
    return log;
  } catch (error) {
    await log.close();
    throw error;
  }
}

export class KafkaLog implements Log {
  readonly #options: KafkaLogOptions;
  readonly #links: Links;
  readonly #cluster: Cluster;
  readonly #offsets: Offsets;
  readonly #bounds: BatchBounds;
  readonly #fetcher: Fetcher;
  readonly #appender: Appender;
  readonly #members = new Map<string, KafkaGroupMember>();
  #closed = false;

  /** Use `openKafkaLog`. */
  constructor(options: KafkaLogOptions) {
    this.#options = options;
    this.#links = new Links(options);
    this.#cluster = new Cluster(options, this.#links);
    this.#offsets = new Offsets(this.#cluster, new OwnLinks(this.#links));
    this.#bounds = new BatchBounds(this.#cluster);
    this.#fetcher = new Fetcher(this.#cluster, new LinkPool(this.#links), this.#offsets);
    this.#appender = new Appender(this.#cluster, new OwnLinks(this.#links), this.#bounds);
  }

  async start(): Promise<void> {
    await this.#answer(() => this.#cluster.connect());
  }

  describeTopics(names: readonly string[]): Promise<readonly (TopicSpec | undefined)[]> {
    return this.#answer(() => describeTopics(this.#cluster, names));
  }

  listTopics(): Promise<readonly string[]> {
    return this.#answer(() => listTopics(this.#cluster));
  }

  async createTopics(specs: readonly TopicSpec[]): Promise<void> {
    specs.forEach(checkTopicSpec);
    await this.#answer(() => createTopics(this.#cluster, specs));
  }

  fetch(requests: readonly FetchRequest[], options: FetchOptions): Promise<readonly Fetched[]> {
    return this.#answer(() => this.#fetcher.fetch(requests, options));
  }

  endOffsets(partitions: readonly TopicPartition[]): Promise<readonly EndOffset[]> {
    return this.#answer(() => this.#offsets.ends(partitions));
  }

  offsetForTime(place: TopicPartition, timestampMs: number): Promise<number> {
    return this.#answer(() => this.#offsets.forTime(place, timestampMs));
  }

  append(to: TopicPartition, batch: RecordBatch): Promise<AppendResult> {
    return this.#answer(() => this.#appender.append(to, batch));
  }

  transactionalProducer(
    transactionalId: string,
    writes: readonly TopicPartition[] = [],
  ): Promise<TransactionalProducer> {
    const world = {
      ...{ cluster: this.#cluster, links: this.#links, bounds: this.#bounds, offsets: this.#offsets },
      refuseClosed: () => this.#refuseClosed(),
    };
    return this.#answer(() => openProducer(transactionalId, this.#options.idPrefix + transactionalId, world, writes));
  }

  groupPositions(group: string, partitions: readonly TopicPartition[]): Promise<readonly GroupPosition[]> {
    return this.#answer(() => this.#offsets.groupPositions(this.#options.idPrefix + group, partitions));
  }

  commitGroupPositions(group: string, positions: readonly GroupPosition[]): Promise<void> {
    const name = this.#options.idPrefix + group;
    const member = this.#members.get(name)?.membership;
    return this.#answer(() => this.#offsets.commitGroupPositions(name, positions, member));
  }

  /** Throws TOPIC_UNKNOWN, TOPIC_MISMATCH for topics of different partition counts. */
  joinGroup(group: string, topics: readonly string[], listener: GroupListener): Promise<GroupMember> {
    return this.#answer(async () => {
      const name = this.#options.idPrefix + group;
      const counts = await Promise.all(topics.map((topic) => this.#cluster.partitionCount(topic)));
      const partitions = counts[0] ?? 0;
      if (counts.some((count) => count !== partitions)) {
        throw new Fault('TOPIC_MISMATCH', `The topics of group ${name} have different partition counts`, {
          facts: { group: name, topics: topics.join(', '), partitions: counts.join(', ') },
        });
      }
      const { cluster, links } = { cluster: this.#cluster, links: this.#links };
      const member = new KafkaGroupMember({ cluster, links, group: name, topics, partitions, listener });
      this.#members.set(name, member);
      await member.join();
      return member;
    });
  }

  /** Everything under way is rejected. Producers and members are left to be fenced and to time out, as after a crash. */
  close(): Promise<void> {
    this.#closed = true;
    for (const member of this.#members.values()) member.abandon();
    this.#links.close();
    return Promise.resolve();
  }

  async #answer<T>(work: () => Promise<T>): Promise<T> {
    this.#refuseClosed();
    try {
      return await work();
    } catch (error) {
      if (this.#closed) throw logClosed();
      throw faultOf(error);
    }
  }

  #refuseClosed(): void {
    if (this.#closed) throw logClosed();
  }
}
