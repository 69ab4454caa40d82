/**
 * Questions about a cluster that no log asks: its brokers, settings, producers, members. For operating alone, so nothing is kept
 * and nothing tried again, and a broker that does not answer is the failure of one question, never of the others.
 */
import { Fault } from '../../core/faults.ts';
import type { EndOffset, TopicPartition } from '../../core/streams/log.ts';
import { BrokerRefusal, CODE, faultOf } from './broker-errors.ts';
import { call, type Call } from './calls.ts';
import { Cluster, parseAddress } from './cluster.ts';
import { describeGroupCall, type DescribedGroup } from './describe-group.ts';
import { describeNodeCall, type NodeDescription } from './describe-node.ts';
import { DESCRIBE_QUORUM, describeQuorumCall, type Quorum } from './describe-quorum.ts';
import { Links, OwnLinks } from './links.ts';
import { addressOf, type Node } from './node.ts';
import { Offsets, refuse } from './offsets.ts';
import type { KafkaLogOptions } from './options.ts';
import { quietenQueues } from './quiet-queue.ts';

export interface PartitionView extends TopicPartition {
  /** Node id; -1 without a leader. */
  readonly leader: number;
  /** Node ids. */
  readonly replicas: readonly number[];
  readonly inSync: readonly number[];
}

export interface ClusterView {
  readonly clusterId: string | null;
  readonly brokers: readonly Node[];
  /** Of the topics asked for that exist. */
  readonly partitions: readonly PartitionView[];
}

/** By topic, then by name. */
type Settings = ReadonlyMap<string, ReadonlyMap<string, string>>;

const TOPIC_RESOURCE = 2;
/** A name that no topic has: an empty list would ask for all topics. */
const NO_TOPIC = '_tributary.none';
const LOOKING_MS_MAX = 5_000;
/** How long the end of an open transaction is waited for when its owner is fenced, ms. */
const FENCING_MS_MAX = 30_000;

/** Every method rejects with the log's faults. */
export class KafkaOperations {
  readonly options: KafkaLogOptions;
  /** The addresses that were given; who answers there is not known. */
  readonly bootstrap: readonly Node[];
  readonly #links: Links;
  readonly #own: OwnLinks;
  readonly #cluster: Cluster;
  readonly #offsets: Offsets;
  readonly #described = new Map<string, Promise<NodeDescription>>();

  constructor(options: KafkaLogOptions) {
    quietenQueues();
    // A look at what is there now: waiting for better times is not wanted.
    const { connectMs, retryMs } = options;
    this.options = {
      ...options,
      connectMs: Math.min(connectMs, LOOKING_MS_MAX),
      retryMs: Math.min(retryMs, LOOKING_MS_MAX),
    };
    this.bootstrap = options.brokers.map(parseAddress);
    this.#links = new Links(this.options);
    this.#own = new OwnLinks(this.#links);
    this.#cluster = new Cluster(this.options, this.#links);
    this.#offsets = new Offsets(this.#cluster, this.#own);
  }

  view(topics: readonly string[] = []): Promise<ClusterView> {
    return faultily(async () => {
      const names = topics.length === 0 ? [NO_TOPIC] : topics;
      const answer = await this.#cluster.ask(call('Metadata', { topics: names, allowAutoTopicCreation: false }));
      return {
        clusterId: answer.clusterId,
        brokers: answer.brokers.map(({ nodeId: id, host, port }) => ({ id, host, port })),
        partitions: answer.topicMetadata.flatMap(({ topic, partitionMetadata }) =>
          partitionMetadata.map(({ partitionId: partition, leader, replicas, isr }) => {
            return { topic, partition, leader, replicas, inSync: isr };
          }),
        ),
      };
    });
  }

  /** What a broker says of itself. */
  describe(node: Node): Promise<NodeDescription> {
    const address = addressOf(node);
    const known = this.#described.get(address);
    if (known !== undefined) return known;
    const asked = faultily(() => this.#own.to(node).send(describeNodeCall()));
    this.#described.set(address, asked);
    return asked;
  }

  /** Sends a request of a newer kind, if the broker knows it. Throws LOG_UNSUPPORTED. */
  async ask<T>(node: Node, request: Call<T>): Promise<T> {
    const { apis } = await this.describe(node);
    if ((apis.get(request.apiKey) ?? -1) < request.apiVersion) {
      const broker = addressOf(node);
      throw new Fault('LOG_UNSUPPORTED', `Broker ${broker} is too old to be asked for ${request.api}`, {
        facts: { broker, api: request.api },
        mistakes: [`${request.api} is wanted in version ${request.apiVersion}, which Kafka 3.3 and newer know`],
      });
    }
    return faultily(() => this.#own.to(node).send(request));
  }

  quorum(node: Node): Promise<Quorum> {
    return faultily(async () => {
      const quorum = await this.ask(node, describeQuorumCall());
      refuse(quorum.errorCode, { api: DESCRIBE_QUORUM.api });
      return quorum;
    });
  }

  /** `group` as the brokers know it, with the installation's prefix. */
  group(group: string): Promise<DescribedGroup> {
    return faultily(() =>
      this.#cluster.withCoordinator('group', group, this.#own, describeGroupCall(group), ({ errorCode }) =>
        refuse(errorCode, { api: 'DescribeGroups', group }),
      ),
    );
  }

  ends(places: readonly TopicPartition[]): Promise<readonly EndOffset[]> {
    return faultily(() => this.#offsets.ends(places));
  }

  /** Settings of topics, by topic and name; what does not exist is left out. */
  settings(topics: readonly string[], names: readonly string[]): Promise<Settings> {
    return faultily(async () => {
      if (topics.length === 0) return new Map();
      const resources = topics.map((name) => ({ type: TOPIC_RESOURCE, name, configNames: names }));
      const request = call('DescribeConfigs', { resources });
      const found = new Map<string, ReadonlyMap<string, string>>();
      for (const { resourceName: topic, errorCode, errorMessage, configEntries } of (await this.#cluster.ask(request))
        .resources) {
        if (errorCode === CODE.unknownTopicOrPartition) continue;
        if (errorCode !== CODE.none) throw new BrokerRefusal(errorCode, { api: request.api, topic }, errorMessage);
        found.set(topic, new Map(configEntries.map((entry) => [entry.configName, entry.configValue ?? ''])));
      }
      return found;
    });
  }

  /**
   * Ends the open transaction of an id of ours and fences its owner (InitProducerId); resolves when that is carried out. `id` as
   * the brokers know it. An id that does not exist is made by it: look first.
   */
  async fence(id: string): Promise<void> {
    const request = call('InitProducerId', { transactionalId: id, transactionTimeout: this.options.transactionMs });
    await faultily(() =>
      this.#cluster.withCoordinator(
        'transaction',
        id,
        this.#own,
        request,
        ({ errorCode }) => refuse(errorCode, { api: 'InitProducerId', transactionalId: id }),
        { budgetMs: FENCING_MS_MAX, largestMs: 100 },
      ),
    );
  }

  close(): void {
    this.#links.close();
  }
}

async function faultily<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw faultOf(error);
  }
}
