/**
 * One membership in a consumer group, in Kafka's classic protocol with our own assignment (`assignment.ts`), not kafkajs's
 * consumer: that one has no hook before a partition goes, and sends no heartbeat while it is busy.
 *
 * 1. Heartbeats go on in the background, whatever the tasks do.
 * 2. Partitions that stay are not interrupted by a rebalance. Those that go are told to the listener and waited for, at
 *    most `rebalanceMs`; then the member joins again, and they are given to others.
 * 3. A member the coordinator no longer knows has lost everything: others may own it already, so it stops all tasks
 *    before it joins anew. (The log fences them in any case, L4.)
 * 4. Who leaves has stopped its tasks before; `lost` is not called.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { GroupListener, GroupMember } from '../../core/streams/log.ts';
import { assignPartitions } from './assignment.ts';
import { BrokerRefusal, CODE, faultOf, isTransient } from './broker-errors.ts';
import { call, type Call } from './calls.ts';
import type { Cluster } from './cluster.ts';
import { assignmentsFor, claimOf, joinMetadata, partitionsOf, PROTOCOL } from './group-words.ts';
import { OwnLinks, type Links } from './links.ts';
import { refuse, type Membership } from './offsets.ts';

export interface JoinOptions {
  readonly cluster: Cluster;
  readonly links: Links;
  /** As the brokers know it, with the installation's prefix. */
  readonly group: string;
  readonly topics: readonly string[];
  readonly partitions: number;
  readonly listener: GroupListener;
}

/** A member sends this many heartbeats in the time after which it would be thought dead. */
const BEATS_PER_SESSION = 10;
const RETRY_MS = 500;
/** How long leaving tries to say so, ms. */
const LEAVING_MS_MAX = 2_000;
/** The coordinator asks for another round, or has forgotten which one it is. */
const EXPELLED: ReadonlySet<number> = new Set([CODE.unknownMemberId, CODE.illegalGeneration]);

type Ended = 'rejoin' | 'expelled' | 'leaving';

export class KafkaGroupMember implements GroupMember {
  readonly #options: JoinOptions;
  /** Joining waits for the others, so it has its connection for itself; heartbeats have theirs. */
  readonly #joinLinks: OwnLinks;
  readonly #beatLinks: OwnLinks;
  readonly #first = Promise.withResolvers<undefined>();
  readonly #leaving = new AbortController();
  #memberId = '';
  #generation = -1;
  #owned: readonly number[] = [];
  #running: Promise<void> = Promise.resolve();

  constructor(options: JoinOptions) {
    this.#options = options;
    this.#joinLinks = new OwnLinks(options.links);
    this.#beatLinks = new OwnLinks(options.links);
  }

  /** For commits of positions; undefined while it is no member. */
  get membership(): Membership | undefined {
    return this.#generation < 0 ? undefined : { memberId: this.#memberId, generation: this.#generation };
  }

  /** Resolves when the member has been given its first share. */
  async join(): Promise<void> {
    this.#running = this.#run();
    try {
      await this.#first.promise;
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  async leave(): Promise<void> {
    if (this.#leaving.signal.aborted) return this.#running;
    this.#leaving.abort();
    // A join that waits for others ends with its connection.
    this.#joinLinks.close();
    await this.#running;
    try {
      if (this.#memberId !== '') await this.#sayGoodbye();
    } finally {
      this.#generation = -1;
      this.#beatLinks.close();
      this.#joinLinks.close();
    }
  }

  /** Without a word to the coordinator: it finds out when the session is over. */
  abandon(): void {
    this.#leaving.abort();
    this.#joinLinks.close();
    this.#beatLinks.close();
  }

  async #run(): Promise<void> {
    while (!this.#isLeaving()) {
      try {
        await this.#round();
        this.#first.resolve(undefined);
      } catch (error) {
        if (this.#isLeaving()) break;
        if (error instanceof BrokerRefusal && EXPELLED.has(error.code)) await this.#loseAll();
        else if (!(error instanceof BrokerRefusal && error.code === CODE.rebalanceInProgress)) {
          if (!isTransient(error)) this.#first.reject(faultOf(error));
          this.#options.cluster.options.onFault?.(faultOf(error));
          await this.#pause(RETRY_MS);
        }
      }
    }
    this.#first.resolve(undefined);
  }

  /** Joins, takes what was assigned, and stays until the group changes. */
  async #round(): Promise<void> {
    const assigned = await this.#joinAndSync();
    const stayed = new AbortController();
    const staying = this.#stay(stayed.signal);
    // Awaited below; until then its rejection is no stray one.
    staying.catch(() => undefined);
    const lost = this.#owned.filter((partition) => !assigned.includes(partition));
    const gained = assigned.filter((partition) => !this.#owned.includes(partition));
    if (lost.length > 0) await this.#bounded(this.#options.listener.lost(lost));
    this.#owned = assigned;
    if (gained.length > 0) this.#options.listener.assigned(gained, this.#generation);
    this.#first.resolve(undefined);
    // What was given up is free only when the coordinator hears of it.
    if (lost.length > 0) stayed.abort();
    if ((await staying) === 'expelled') await this.#loseAll();
  }

  async #joinAndSync(): Promise<readonly number[]> {
    const { group, topics, partitions, cluster } = this.#options;
    const { sessionMs, rebalanceMs } = cluster.options;
    const metadata = joinMetadata(topics, { owned: this.#owned, generation: this.#generation });
    const joining = (memberId: string) =>
      call(
        'JoinGroup',
        {
          ...{ groupId: group, sessionTimeout: sessionMs, rebalanceTimeout: rebalanceMs, memberId },
          ...{ protocolType: 'consumer', groupProtocols: [{ name: PROTOCOL, metadata }] },
        },
        rebalanceMs,
      );
    let joined = await this.#ask(this.#joinLinks, joining(this.#memberId));
    if (joined.errorCode === CODE.memberIdRequired) {
      this.#memberId = joined.memberId;
      joined = await this.#ask(this.#joinLinks, joining(this.#memberId));
    }
    refuse(joined.errorCode, { api: 'JoinGroup', group });
    const { memberId, generationId, leaderId, members } = joined;
    this.#memberId = memberId;
    this.#generation = generationId;
    const groupAssignment =
      leaderId === memberId ? assignmentsFor(topics, assignPartitions(partitions, members.map(claimOf))) : [];
    const synced = await this.#ask(
      this.#joinLinks,
      call('SyncGroup', { groupId: group, generationId, memberId, groupAssignment }, rebalanceMs),
    );
    refuse(synced.errorCode, { api: 'SyncGroup', group });
    return partitionsOf(synced.memberAssignment);
  }

  /** Sends heartbeats until the group changes, or `stayed` says that this member wants it to. */
  async #stay(stayed: AbortSignal): Promise<Ended> {
    const { group, cluster } = this.#options;
    const { sessionMs } = cluster.options;
    const beat = {
      groupId: group,
      groupGenerationId: this.#generation,
      memberId: this.#memberId,
      groupInstanceId: null,
    };
    let heardAt = performance.now();
    for (;;) {
      await this.#pause(sessionMs / BEATS_PER_SESSION, stayed);
      if (this.#leaving.signal.aborted) return 'leaving';
      if (stayed.aborted) return 'rejoin';
      try {
        const { errorCode } = await this.#ask(this.#beatLinks, call('Heartbeat', beat));
        if (errorCode === CODE.rebalanceInProgress) return 'rejoin';
        if (EXPELLED.has(errorCode)) return 'expelled';
        refuse(errorCode, { api: 'Heartbeat', group });
        heardAt = performance.now();
      } catch (error) {
        if (!isTransient(error)) throw error;
        cluster.options.onFault?.(faultOf(error));
        // Not heard for so long, it may have been taken for dead: the next join shows.
        if (performance.now() - heardAt > sessionMs) return 'rejoin';
      }
    }
  }

  async #loseAll(): Promise<void> {
    const lost = this.#owned;
    this.#owned = [];
    this.#memberId = '';
    this.#generation = -1;
    if (lost.length > 0) await this.#bounded(this.#options.listener.lost(lost));
  }

  async #sayGoodbye(): Promise<void> {
    const { group } = this.#options;
    const request = call('LeaveGroup', { groupId: group, memberId: this.#memberId, groupInstanceId: null });
    try {
      await this.#ask(this.#beatLinks, request, LEAVING_MS_MAX);
    } catch (error) {
      // The session's end does the same, only later.
      if (!isTransient(error)) throw faultOf(error);
    }
  }

  #ask<T extends { readonly errorCode: number }>(
    links: OwnLinks,
    request: Call<T>,
    budgetMs = this.#options.cluster.options.sessionMs,
  ): Promise<T> {
    const { cluster, group } = this.#options;
    const moved = ({ errorCode }: T): void => {
      if (MOVED.has(errorCode)) throw new BrokerRefusal(errorCode, { api: request.api, group });
    };
    return cluster.withCoordinator('group', group, links, request, moved, { budgetMs });
  }

  /** A task that hangs must not hold up the group. */
  async #bounded(settled: Promise<void>): Promise<void> {
    const over = new AbortController();
    const { rebalanceMs } = this.#options.cluster.options;
    try {
      await Promise.race([settled, sleep(rebalanceMs, undefined, { signal: over.signal })]);
    } finally {
      over.abort();
    }
  }

  #isLeaving(): boolean {
    return this.#leaving.signal.aborted;
  }

  async #pause(ms: number, stayed?: AbortSignal): Promise<void> {
    const signal = stayed === undefined ? this.#leaving.signal : AbortSignal.any([this.#leaving.signal, stayed]);
    try {
      await sleep(ms, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

/** COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR. */
const MOVED: ReadonlySet<number> = new Set([14, 15, 16]);
