/**
 * The port's fetch over Kafka's. A fetch of several partitions is one request to each of their leaders; the first answer
 * that moves a position ends it, and so does the caller's signal. What has not answered by then is not lost: the next
 * fetch that asks for the same place and offset takes the request over.
 *
 * 1. High watermarks of an answer are never older than the fetch (T3 proves the clock by them): a place whose request is
 *    older, or has not answered, is given its ends by a request of their own.
 * 2. A request that waits has its connection for itself; the broker serves one request of a connection at a time.
 * 3. A broker gives a whole batch beyond a place's bound only to the first place of a request. Where a batch was cut off
 *    its size is known, and the next request for the place has room for it: none starves behind another.
 */
import type { EndOffset, Fetched, FetchRequest, Isolation } from '../../core/streams/log.ts';
import { emptyRecordSet } from '../../core/streams/record-batch.ts';
import { placeOf } from '../log-port/arrivals.ts';
import { offsetOutOfRange } from '../log-port/faults.ts';
import { BrokerRefusal, CODE } from './broker-errors.ts';
import type { Cluster } from './cluster.ts';
import { fetchCall, type FetchedBytes } from './fetch-call.ts';
import { readFetched } from './fetched-records.ts';
import type { LinkPool } from './links.ts';
import { addressOf } from './node.ts';
import type { Offsets } from './offsets.ts';
import { retrying } from './retrying.ts';

export interface FetchOptions {
  readonly isolation: Isolation;
  readonly maxWaitMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Longest wait of one request, ms: after it leaders are looked at again, and a log that closes has not long to wait. */
const POLL_MS_MAX = 1_000;
/** Bound on one answer, bytes. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
/** Room for the control records that may stand before a batch, bytes. */
const MARKERS_BYTES = 512;
/** Answers nobody came for are dropped after this, ms. */
const UNCLAIMED_MS = 5_000;

/** One request to one leader, and its answer by place. */
interface Poll {
  readonly sentAt: number;
  /** When the broker answers at the latest. */
  readonly endsAt: number;
  readonly answer: Promise<ReadonlyMap<string, FetchedBytes>>;
  settled: ReadonlyMap<string, FetchedBytes> | undefined;
}

export class Fetcher {
  readonly #cluster: Cluster;
  readonly #pool: LinkPool;
  readonly #offsets: Offsets;
  /** By isolation, place and offset. */
  readonly #polls = new Map<string, Poll>();
  /** Room for the batch that did not fit last time, bytes. */
  readonly #needed = new Map<string, number>();

  constructor(cluster: Cluster, pool: LinkPool, offsets: Offsets) {
    this.#cluster = cluster;
    this.#pool = pool;
    this.#offsets = offsets;
  }

  async fetch(requests: readonly FetchRequest[], options: FetchOptions): Promise<readonly Fetched[]> {
    const topics = new Set(requests.map(({ topic }) => topic));
    return retrying(
      { budgetMs: this.#cluster.options.retryMs },
      () => this.#fetchOnce(requests, options),
      () => {
        for (const topic of topics) this.#cluster.forget(topic);
      },
    );
  }

  async #fetchOnce(requests: readonly FetchRequest[], options: FetchOptions): Promise<readonly Fetched[]> {
    const { isolation, maxWaitMs, signal } = options;
    const startedAt = performance.now();
    for (;;) {
      const left = Math.max(0, startedAt + maxWaitMs - performance.now());
      const polls = await this.#pollsFor(requests, isolation, Math.min(left, POLL_MS_MAX));
      const mine = [...new Set(polls)];
      await this.#firstToMove(requests, mine, signal);
      const answers = requests.map((request, index) => answerOf(request, polls[index]!));
      const found = await this.#completed(requests, polls, answers, startedAt, isolation);
      const moved = found.some((answer, index) => answer.nextOffset > requests[index]!.offset);
      if (moved || signal?.aborted === true || performance.now() - startedAt >= maxWaitMs) return found;
    }
  }

  /** For each request the poll that will answer it: one that is under way, or a new one. */
  async #pollsFor(requests: readonly FetchRequest[], isolation: Isolation, waitMs: number): Promise<readonly Poll[]> {
    const until = performance.now() + waitMs;
    const polls = requests.map((request) => this.#underWay(request, isolation, until));
    const missing = [...polls.keys()].filter((index) => polls[index] === undefined);
    const leaders = await Promise.all(missing.map((index) => this.#cluster.leaderOf(requests[index]!)));
    for (const [, positions] of Map.groupBy(missing.keys(), (each) => addressOf(leaders[each]!))) {
      const wanted = positions.map((each) => this.#withRoom(requests[missing[each]!]!));
      const poll = this.#send(leaders[positions[0]!]!, wanted, isolation, Math.floor(waitMs));
      for (const each of positions) {
        const index = missing[each]!;
        polls[index] = poll;
        this.#polls.set(keyOf(requests[index]!, isolation), poll);
      }
    }
    return polls as Poll[];
  }

  /** A poll that waits no longer than this fetch may, or whose answer has something for this place. */
  #underWay(request: FetchRequest, isolation: Isolation, until: number): Poll | undefined {
    const poll = this.#polls.get(keyOf(request, isolation));
    if (poll === undefined) return undefined;
    const useful = poll.settled === undefined ? poll.endsAt <= until : hasBytes(answerOf(request, poll));
    return useful ? poll : undefined;
  }

  #withRoom(request: FetchRequest): FetchRequest {
    const needed = this.#needed.get(placeOf(request));
    return needed === undefined ? request : { ...request, maxBytes: Math.max(needed, request.maxBytes) };
  }

  #send(
    leader: Parameters<LinkPool['lend']>[0],
    wanted: readonly FetchRequest[],
    isolation: Isolation,
    waitMs: number,
  ): Poll {
    const maxBytes = Math.min(
      ANSWER_BYTES_MAX,
      wanted.reduce((sum, request) => sum + request.maxBytes, 0),
    );
    const answer = this.#pool.lend(leader, (link) => link.send(fetchCall(wanted, isolation, waitMs, maxBytes)));
    const poll: Poll = {
      sentAt: performance.now(),
      endsAt: performance.now() + waitMs,
      answer: answer.then(({ errorCode, partitions }) => {
        if (errorCode !== CODE.none) throw new BrokerRefusal(errorCode, { api: 'Fetch', broker: addressOf(leader) });
        return new Map(partitions.map((partition) => [placeOf(partition), partition]));
      }),
      settled: undefined,
    };
    const drop = (): void => {
      for (const request of wanted) {
        if (this.#polls.get(keyOf(request, isolation)) === poll) this.#polls.delete(keyOf(request, isolation));
      }
    };
    poll.answer.then(
      (settled) => {
        poll.settled = settled;
        setTimeout(drop, UNCLAIMED_MS).unref();
      },
      // Whoever waits for it is told; nobody else can take it over.
      drop,
    );
    return poll;
  }

  /** Resolves when a poll has something for us, all are done, or the signal says so. Rejects when one fails. */
  async #firstToMove(requests: readonly FetchRequest[], polls: readonly Poll[], signal: AbortSignal | undefined) {
    if (signal?.aborted === true) return;
    const done = Promise.withResolvers<undefined>();
    const stop = (): void => done.resolve(undefined);
    signal?.addEventListener('abort', stop, { once: true });
    let waiting = polls.length;
    for (const poll of polls) {
      poll.answer.then(
        (partitions) => {
          waiting -= 1;
          const moves = requests.some((request) => hasBytes(partitions.get(placeOf(request))));
          if (moves || waiting === 0) stop();
        },
        (error: unknown) => done.reject(error instanceof Error ? error : new Error('A fetch failed', { cause: error })),
      );
    }
    try {
      await done.promise;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  async #completed(
    requests: readonly FetchRequest[],
    polls: readonly Poll[],
    answers: readonly (FetchedBytes | undefined)[],
    startedAt: number,
    isolation: Isolation,
  ): Promise<readonly Fetched[]> {
    const stale = requests.filter((_, index) => answers[index] === undefined || polls[index]!.sentAt < startedAt);
    const fresh = new Map<string, EndOffset>();
    if (stale.length > 0) for (const end of await this.#offsets.ends(stale)) fresh.set(placeOf(end), end);
    const found: Fetched[] = [];
    for (const [index, request] of requests.entries()) {
      const { topic, partition, offset } = request;
      const answer = answers[index];
      const ends = fresh.get(placeOf(request)) ?? answer!;
      const { highWatermark, lastStableOffset, logStartOffset } = ends;
      const place = { topic, partition, highWatermark, lastStableOffset, logStartOffset };
      if (answer === undefined) {
        found.push({ ...place, records: emptyRecordSet(), nextOffset: offset });
        continue;
      }
      this.#polls.delete(keyOf(request, isolation));
      if (answer.errorCode === CODE.offsetOutOfRange) {
        const [end] = await this.#offsets.ends([request]);
        throw offsetOutOfRange(request, offset, end!.logStartOffset, end!.highWatermark);
      }
      if (answer.errorCode !== CODE.none) {
        throw new BrokerRefusal(answer.errorCode, { api: 'Fetch', topic, partition, offset });
      }
      const aborted = isolation === 'read_committed' ? answer.aborted : [];
      const { records, nextOffset, cutBytes } = readFetched(request, answer.records, offset, aborted);
      if (cutBytes > 0) this.#needed.set(placeOf(request), cutBytes + MARKERS_BYTES);
      else this.#needed.delete(placeOf(request));
      found.push({ ...place, records, nextOffset });
    }
    return found;
  }
}

function keyOf(request: FetchRequest, isolation: Isolation): string {
  return `${isolation}/${placeOf(request)}/${request.offset}`;
}

function hasBytes(answer: FetchedBytes | undefined): boolean {
  return answer !== undefined && (answer.records.length > 0 || answer.errorCode !== CODE.none);
}

function answerOf(request: FetchRequest, poll: Poll): FetchedBytes | undefined {
  return poll.settled?.get(placeOf(request));
}
