/**
 * Who is where: brokers, the leader of each partition, the coordinators of groups and transactions. Learnt when needed,
 * forgotten when an answer shows that it is out of date. Nothing is ever created by asking for it.
 */
import type { TopicPartition } from '../../core/streams/log.ts';
import { partitionUnknown, topicUnknown } from '../log-port/faults.ts';
import { BrokerLost, BrokerRefusal, CODE } from './broker-errors.ts';
import { call, type Answers, type Call } from './calls.ts';
import { OwnLinks, type Links } from './links.ts';
import { addressOf, type Node } from './node.ts';
import type { KafkaLogOptions } from './options.ts';
import { retrying } from './retrying.ts';

type CoordinatorKind = 'group' | 'transaction';
type TopicMetadata = Answers['Metadata']['topicMetadata'][number];

const COORDINATOR_TYPE: Readonly<Record<CoordinatorKind, number>> = { group: 0, transaction: 1 };
const NO_LEADER = -1;
/** A name that no topic has: asked for to learn the brokers alone, an empty list would mean all topics. */
const NO_TOPIC = '_tributary.none';
/** NOT_CONTROLLER, NOT_COORDINATOR and their like say: look again who it is. */
const MOVED: ReadonlySet<number> = new Set([14, 15, 16]);

export class Cluster {
  readonly options: KafkaLogOptions;
  readonly #bootstrap: readonly Node[];
  readonly #links: OwnLinks;
  #nodes = new Map<number, Node>();
  #controllerId = -1;
  readonly #leaders = new Map<string, readonly number[]>();
  readonly #coordinators = new Map<string, Node>();
  #preferred: Node | undefined;

  constructor(options: KafkaLogOptions, links: Links) {
    this.options = options;
    this.#bootstrap = options.brokers.map(parseAddress);
    this.#links = new OwnLinks(links);
  }

  /** Learns the brokers; tries for the time of one connection, because a broker may be starting beside us. */
  async connect(): Promise<void> {
    await retrying({ budgetMs: this.options.connectMs }, () => this.metadata([NO_TOPIC]));
  }

  /** Asks any broker that answers: those known, then those given. Rejects with the last failure. */
  async ask<T>(request: Call<T>): Promise<T> {
    const known = [...this.#nodes.values(), ...this.#bootstrap];
    const nodes = this.#preferred === undefined ? known : [this.#preferred, ...known];
    let last: unknown;
    for (const node of new Map(nodes.map((node) => [addressOf(node), node])).values()) {
      try {
        const answer = await this.#links.to(node).send(request);
        this.#preferred = node;
        return answer;
      } catch (error) {
        if (!(error instanceof BrokerLost)) throw error;
        last = error;
      }
    }
    throw last;
  }

  /** Asks the broker that changes topics. */
  async askController<T>(request: Call<T>): Promise<T> {
    if (this.#controllerId < 0) await this.metadata([NO_TOPIC]);
    const node = this.#nodes.get(this.#controllerId);
    return node === undefined ? this.ask(request) : this.#links.to(node).send(request);
  }

  /** As the brokers see it now; without names, all topics. What does not exist is left out. */
  async metadata(topics: readonly string[]): Promise<readonly TopicMetadata[]> {
    const answer = await this.ask(call('Metadata', { topics, allowAutoTopicCreation: false }));
    this.#nodes = new Map(answer.brokers.map(({ nodeId: id, host, port }) => [id, { id, host, port }] as const));
    this.#controllerId = answer.controllerId;
    for (const topic of topics) this.#leaders.delete(topic);
    const found = answer.topicMetadata.filter(({ topicErrorCode }) => topicErrorCode !== CODE.unknownTopicOrPartition);
    for (const { topic, topicErrorCode, partitionMetadata } of found) {
      if (topicErrorCode === CODE.none) this.#learn(topic, partitionMetadata);
      // Brokers that deny what is not granted deny that name too; what was asked for came with the answer.
      else if (topics.length > 0 && topic !== NO_TOPIC)
        throw new BrokerRefusal(topicErrorCode, { api: 'Metadata', topic });
    }
    return found;
  }

  /** Throws TOPIC_UNKNOWN. */
  async partitionCount(topic: string): Promise<number> {
    return (await this.#leadersOf(topic)).length;
  }

  /** Throws TOPIC_UNKNOWN, TOPIC_MISMATCH; a refusal of the passing kind while there is no leader. */
  async leaderOf(place: TopicPartition): Promise<Node> {
    let leaders = await this.#leadersOf(place.topic);
    if (leaders[place.partition] === undefined) {
      // It may have been added since.
      await this.metadata([place.topic]);
      leaders = await this.#leadersOf(place.topic);
    }
    const leader = leaders[place.partition];
    if (leader === undefined) throw partitionUnknown(place, leaders.length);
    const node = this.#nodes.get(leader);
    if (leader === NO_LEADER || node === undefined) {
      this.forget(place.topic);
      throw new BrokerRefusal(CODE.leaderNotAvailable, { api: 'Metadata', ...place });
    }
    return node;
  }

  /** The next question for its leaders goes to the brokers. */
  forget(topic: string): void {
    this.#leaders.delete(topic);
  }

  /**
   * Sends a request to the coordinator of a group or transactional id, as long as it takes to find one that takes it.
   * `check` throws what the answer refuses.
   */
  /** How often one was out of reach or not the coordinator any more. */
  coordinatorsLost = 0;

  withCoordinator<T>(
    kind: CoordinatorKind,
    id: string,
    links: OwnLinks,
    request: Call<T>,
    check: (answer: T) => void,
    backoff: { readonly budgetMs: number; readonly firstMs?: number; readonly largestMs?: number } = {
      budgetMs: this.options.retryMs,
    },
  ): Promise<T> {
    return retrying(
      backoff,
      async () => {
        const answer = await links.to(await this.coordinator(kind, id)).send(request);
        check(answer);
        return answer;
      },
      (error) => {
        if (error instanceof BrokerLost || (error instanceof BrokerRefusal && MOVED.has(error.code))) {
          this.#coordinators.delete(`${kind}/${id}`);
          this.coordinatorsLost += 1;
        }
      },
    );
  }

  async coordinator(kind: CoordinatorKind, id: string): Promise<Node> {
    const known = this.#coordinators.get(`${kind}/${id}`);
    if (known !== undefined) return known;
    const answer = await this.ask(call('GroupCoordinator', { groupId: id, coordinatorType: COORDINATOR_TYPE[kind] }));
    if (answer.errorCode !== CODE.none) {
      const facts = kind === 'group' ? { group: id } : { transactionalId: id };
      throw new BrokerRefusal(answer.errorCode, { api: 'FindCoordinator', ...facts }, answer.errorMessage);
    }
    const { nodeId, host, port } = answer.coordinator;
    const node = { id: nodeId, host, port };
    this.#coordinators.set(`${kind}/${id}`, node);
    return node;
  }

  #learn(topic: string, partitions: TopicMetadata['partitionMetadata']): void {
    const leaders = new Array<number>(partitions.length).fill(NO_LEADER);
    for (const { partitionId, leader } of partitions) leaders[partitionId] = leader;
    this.#leaders.set(topic, leaders);
  }

  async #leadersOf(topic: string): Promise<readonly number[]> {
    const known = this.#leaders.get(topic);
    if (known !== undefined) return known;
    await retrying({ budgetMs: this.options.retryMs }, () => this.metadata([topic]));
    const leaders = this.#leaders.get(topic);
    if (leaders === undefined) throw topicUnknown(topic);
    return leaders;
  }
}

/** `host:port`; a host may be an IPv6 address in brackets. */
export function parseAddress(address: string): Node {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replace(/^\[(.*)\]$/, '$1');
  return { id: -1, host, port: Number(address.slice(at + 1)) };
}
