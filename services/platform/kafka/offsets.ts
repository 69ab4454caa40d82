/** Ends of partitions, offsets by time, and the positions of groups. */
import type { EndOffset, GroupPosition, Isolation, TopicPartition } from '../../core/streams/log.ts';
import { placeOf } from '../log-port/arrivals.ts';
import { BrokerRefusal, CODE } from './broker-errors.ts';
import { byTopic, call } from './calls.ts';
import type { Cluster } from './cluster.ts';
import type { OwnLinks } from './links.ts';
import { addressOf } from './node.ts';
import { retrying } from './retrying.ts';

const LATEST = -1;
const EARLIEST = -2;
const CONSUMER = -1;
const ISOLATION: Readonly<Record<Isolation, number>> = { read_uncommitted: 0, read_committed: 1 };

/** A membership's name and generation; -1 for somebody who commits positions without being a member. */
export interface Membership {
  readonly memberId: string;
  readonly generation: number;
}

const NO_MEMBER: Membership = { memberId: '', generation: -1 };

export class Offsets {
  readonly #cluster: Cluster;
  readonly #links: OwnLinks;

  constructor(cluster: Cluster, links: OwnLinks) {
    this.#cluster = cluster;
    this.#links = links;
  }

  async ends(places: readonly TopicPartition[]): Promise<readonly EndOffset[]> {
    const [high, stable, start] = await Promise.all([
      this.#list(places, LATEST, 'read_uncommitted'),
      this.#list(places, LATEST, 'read_committed'),
      this.#list(places, EARLIEST, 'read_uncommitted'),
    ]);
    return places.map(({ topic, partition }, index) => ({
      ...{ topic, partition },
      // Asked for at the same time, answered one after the other: the stable end may have moved meanwhile.
      highWatermark: Math.max(high[index]!, stable[index]!),
      lastStableOffset: stable[index]!,
      logStartOffset: start[index]!,
    }));
  }

  async forTime(place: TopicPartition, timestampMs: number): Promise<number> {
    const [found] = await this.#list([place], timestampMs, 'read_committed');
    if (found! >= 0) return found!;
    const [end] = await this.#list([place], LATEST, 'read_committed');
    return end!;
  }

  async groupPositions(group: string, places: readonly TopicPartition[]): Promise<readonly GroupPosition[]> {
    if (places.length === 0) return [];
    const request = call('OffsetFetch', {
      groupId: group,
      topics: byTopic(places, ({ partition }) => ({ partition })),
    });
    const answer = await this.#cluster.withCoordinator('group', group, this.#links, request, (given) => {
      refuse(given.errorCode, { api: 'OffsetFetch', group });
      for (const { topic, partitions } of given.responses) {
        for (const { partition, errorCode } of partitions) {
          // A topic that does not exist has no position.
          if (errorCode !== CODE.unknownTopicOrPartition) {
            refuse(errorCode, { api: 'OffsetFetch', group, topic, partition });
          }
        }
      }
    });
    const found = new Map<string, GroupPosition>();
    for (const { topic, partitions } of answer.responses) {
      for (const { partition, offset, metadata } of partitions) {
        const noted = metadata === null || metadata === '' ? {} : { metadata };
        found.set(placeOf({ topic, partition }), { topic, partition, offset: Number(offset), ...noted });
      }
    }
    return places.map(
      ({ topic, partition }) => found.get(placeOf({ topic, partition })) ?? { topic, partition, offset: -1 },
    );
  }

  async commitGroupPositions(
    group: string,
    positions: readonly GroupPosition[],
    member: Membership = NO_MEMBER,
  ): Promise<void> {
    if (positions.length === 0) return;
    for (const position of positions) await this.#cluster.leaderOf(position);
    const request = call('OffsetCommit', {
      ...{ groupId: group, groupGenerationId: member.generation, memberId: member.memberId },
      topics: positionsByTopic(positions),
    });
    await this.#cluster.withCoordinator('group', group, this.#links, request, ({ responses }) => {
      for (const { topic, partitions } of responses) {
        for (const { partition, errorCode } of partitions) {
          refuse(errorCode, { api: 'OffsetCommit', group, topic, partition });
        }
      }
    });
  }

  /** In the order of the places. */
  async #list(places: readonly TopicPartition[], timestamp: number, isolation: Isolation): Promise<readonly number[]> {
    const found = new Map<string, number>();
    await retrying(
      { budgetMs: this.#cluster.options.retryMs },
      async () => {
        const missing = places.filter((place) => !found.has(placeOf(place)));
        const leaders = await Promise.all(missing.map((place) => this.#cluster.leaderOf(place)));
        const byLeader = Map.groupBy(missing.keys(), (index) => addressOf(leaders[index]!));
        await Promise.all(
          [...byLeader.values()].map(async (indexes) => {
            const request = call('ListOffsets', {
              ...{ replicaId: CONSUMER, isolationLevel: ISOLATION[isolation] },
              topics: byTopic(
                indexes.map((index) => missing[index]!),
                ({ partition }) => ({ partition, timestamp }),
              ),
            });
            const { responses } = await this.#links.to(leaders[indexes[0]!]!).send(request);
            for (const { topic, partitions } of responses) {
              for (const { partition, errorCode, offset } of partitions) {
                refuse(errorCode, { api: 'ListOffsets', topic, partition });
                found.set(placeOf({ topic, partition }), Number(offset));
              }
            }
          }),
        );
      },
      () => {
        for (const { topic } of places) this.#cluster.forget(topic);
      },
    );
    return places.map((place) => found.get(placeOf(place))!);
  }
}

export function positionsByTopic(positions: readonly GroupPosition[]) {
  return byTopic(positions, ({ partition, offset, metadata = '' }) => ({ partition, offset, metadata }));
}

export function refuse(errorCode: number, facts: ConstructorParameters<typeof BrokerRefusal>[1]): void {
  if (errorCode !== CODE.none) throw new BrokerRefusal(errorCode, facts);
}
