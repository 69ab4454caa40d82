/**
 * The ledger: the journal, the changes and the definitions from the log into ClickHouse, each record exactly once, and what
 * is derived from them. It owns the group's positions and the private tables; it never writes to the log.
 *
 * Its lanes run side by side, each by the protocol in `lane.ts`. A new assignment of partitions ends all lanes and starts
 * them again under another epoch.
 */
import { randomBytes } from 'node:crypto';
import type { Change } from '../core/domain/events/change.ts';
import type { DefinitionRecord } from '../core/domain/events/definition-record.ts';
import type { Fact } from '../core/domain/events/fact.ts';
import { Fault } from '../core/faults.ts';
import type { Log } from '../core/streams/log.ts';
import type { ClickHouse } from '../platform/clickhouse/client.ts';
import { SEGMENT_COLUMNS, SegmentRows } from './catalogue.ts';
import { CHANGE_COLUMNS, changeRow, checkedMove, MEMBERSHIP_COLUMNS, membershipRow } from './change-row.ts';
import { FACT_COLUMNS, factRow, ISSUE_FACT_COLUMNS, issueFactRow } from './fact-row.ts';
import { recomputeIssues } from './issues.ts';
import { Lane, placesOf, type LaneSpec } from './lane.ts';
import type { LaneBounds, LaneWorld } from './lane-world.ts';
import type { LedgerListener, Step } from './listener.ts';
import { retryUntil } from './retry.ts';

/** The consumer group whose positions say how far ClickHouse is. */
export const LEDGER_GROUP = 'tributary-ledger';

/** Values of the three topics as records; each throws a Fault for a value it cannot read. */
interface LedgerDecoder {
  fact(value: Uint8Array): Fact;
  change(value: Uint8Array): Change;
  definition(value: Uint8Array): DefinitionRecord;
  /** Looks for schemas registered since; called when a value's schema is unknown. */
  refresh(): Promise<unknown>;
}

interface LedgerTopics {
  readonly facts: string;
  readonly changes: string;
  readonly definitions: string;
}

export interface LedgerOptions {
  readonly log: Log;
  /** As owner of the private database, whose schema is in place (`migrate`). */
  readonly clickhouse: ClickHouse;
  readonly decode: LedgerDecoder;
  readonly topics: LedgerTopics;
  /** Private database; default `tributary`. */
  readonly database?: string;
  /** Consumer group; default `LEDGER_GROUP`. */
  readonly group?: string;
  /** From publication until a definition without an instant of its own comes into force, ms (D2). */
  readonly effectiveAfterMs?: number;
  /** The workspace's time zone, for definitions that name none. */
  readonly zone?: string;
  readonly bounds?: Partial<LaneBounds>;
  readonly listener?: LedgerListener;
  /** The host's time, ms UTC: freshness and pacing only, never data. */
  readonly now?: () => number;
  /** Called between the steps of a batch; what it throws ends the ledger there (crash tests). */
  readonly onStep?: (step: Step, topic: string) => void | Promise<void>;
}

export interface Ledger {
  /** Works until the signal. Throws CLICKHOUSE_REFUSED, QUERY_REFUSED and what is broken; waits through everything that passes. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when all that stood on the topics at the time of the call is in ClickHouse and its views. Needs `run`. */
  caughtUp(signal?: AbortSignal): Promise<void>;
  /** Counts again what was written since the last time; the result goes to the listener. */
  verify(): Promise<void>;
}

const BOUNDS: LaneBounds = {
  batchRows: 10_000,
  batchBytes: 4 * 1024 * 1024,
  batchMs: 1_000,
  fetchBytes: 1024 * 1024,
  heartbeatMs: 5_000,
  verifyMs: 60_000,
};

const CAUGHT_UP_POLL_MS = 20;

export function createLedger(options: LedgerOptions): Ledger {
  return new RunningLedger(options);
}

interface Stint {
  readonly lanes: readonly AnyLane[];
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

type AnyLane = Pick<Lane<unknown>, 'run' | 'covers' | 'topic' | 'verify'>;

class RunningLedger implements Ledger {
  readonly #options: LedgerOptions;
  readonly #owned = new Set<number>();
  #stint: Stint | undefined;
  #waiting = 0;
  /** Why `run` has ended; undefined while it has not. */
  #ended: { readonly reason: unknown } | undefined;
  /** One change of assignment at a time. */
  #tail: Promise<void> = Promise.resolve();

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { log, topics, group = LEDGER_GROUP } = this.#options;
    const ended = Promise.withResolvers<undefined>();
    const onAbort = (): void => ended.resolve(undefined);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) return;
    const change = (act: () => void): Promise<void> => this.#reassign(act, (error) => ended.reject(error));
    const member = await log.joinGroup(group, [topics.facts, topics.changes], {
      assigned: (partitions) => void change(() => partitions.forEach((partition) => this.#owned.add(partition))),
      lost: (partitions) => change(() => partitions.forEach((partition) => this.#owned.delete(partition))),
    });
    try {
      await ended.promise;
      this.#ended = { reason: new Fault('INTERRUPTED', 'The ledger was stopped before it had caught up.') };
    } catch (error) {
      this.#ended = { reason: error };
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
      await this.#reassign(
        () => this.#owned.clear(),
        () => undefined,
      );
      await member.leave();
    }
  }

  async caughtUp(signal?: AbortSignal): Promise<void> {
    const { log, topics } = this.#options;
    const [described] = await log.describeTopics([topics.facts]);
    const partitions = Array.from({ length: described?.partitions ?? 0 }, (_, partition) => partition);
    const wanted = new Map<string, Map<number, number>>();
    for (const [topic, numbers] of [
      [topics.facts, partitions],
      [topics.changes, partitions],
      [topics.definitions, [0]],
    ] as const) {
      const ends = await log.endOffsets(placesOf(topic, numbers));
      wanted.set(topic, new Map(ends.map(({ partition, lastStableOffset }) => [partition, lastStableOffset])));
    }
    this.#waiting += 1;
    try {
      while (!this.#covers(wanted)) {
        signal?.throwIfAborted();
        if (this.#ended !== undefined) throw this.#ended.reason;
        await new Promise((resolve) => setTimeout(resolve, CAUGHT_UP_POLL_MS));
      }
    } finally {
      this.#waiting -= 1;
    }
  }

  async verify(): Promise<void> {
    for (const lane of this.#stint?.lanes ?? []) await lane.verify();
  }

  #covers(wanted: ReadonlyMap<string, ReadonlyMap<number, number>>): boolean {
    const lanes = this.#stint?.lanes;
    return lanes !== undefined && lanes.every((lane) => lane.covers(wanted.get(lane.topic)!));
  }

  #reassign(act: () => void, failed: (error: unknown) => void): Promise<void> {
    const turn = this.#tail.then(async () => {
      this.#stint?.stop.abort();
      await this.#stint?.done;
      this.#stint = undefined;
      act();
      if (this.#owned.size > 0) this.#stint = this.#start(failed);
    });
    this.#tail = turn.catch(failed);
    return this.#tail;
  }

  /** All lanes; the first that fails stops the others. `done` never rejects. */
  #start(failed: (error: unknown) => void): Stint {
    const stop = new AbortController();
    const lanes = this.#lanes(stop.signal);
    const runs = lanes.map(async (lane) => {
      try {
        await lane.run(stop.signal);
      } catch (error) {
        const stopped = stop.signal.aborted && error instanceof Fault && error.code === 'INTERRUPTED';
        if (!stopped) failed(error);
        stop.abort();
      }
    });
    return { lanes, stop, done: Promise.all(runs).then(() => undefined) };
  }

  #lanes(signal: AbortSignal): AnyLane[] {
    const { topics, database = 'tributary', decode, effectiveAfterMs = 5_000, zone = 'UTC' } = this.#options;
    const world = this.#world(signal, database);
    const owned = [...this.#owned].sort((a, b) => a - b);
    const lanes: AnyLane[] = [
      new Lane(factLane(topics.facts, database, decode), world, owned),
      new Lane(changeLane(topics.changes, database, decode), world, owned),
    ];
    // One partition of definitions, one reader: whoever has partition 0.
    const definitions = definitionLane(topics.definitions, database, decode, new SegmentRows(effectiveAfterMs, zone));
    if (this.#owned.has(0)) lanes.push(new Lane(definitions, world, [0]));
    return lanes;
  }

  #world(signal: AbortSignal, database: string): LaneWorld {
    const {
      log,
      clickhouse,
      decode,
      group = LEDGER_GROUP,
      bounds,
      listener = {},
      now = Date.now,
      onStep,
    } = this.#options;
    return {
      log,
      clickhouse,
      database,
      group,
      epoch: randomBytes(6).toString('hex'),
      bounds: { ...BOUNDS, ...bounds },
      listener,
      retry: retryUntil(signal, listener),
      now,
      hurried: () => this.#waiting > 0,
      refresh: () => decode.refresh(),
      onStep: onStep ?? (() => undefined),
    };
  }
}

function factLane(topic: string, database: string, decode: LedgerDecoder): LaneSpec<Fact> {
  return {
    topic,
    from: 'position',
    decode: (value) => decode.fact(value),
    tables: [
      { name: `${database}.facts`, columns: FACT_COLUMNS, row: factRow },
      { name: `${database}.issue_facts`, columns: ISSUE_FACT_COLUMNS, row: issueFactRow },
    ],
    derive: (spans) => recomputeIssues(database, spans),
  };
}

function changeLane(topic: string, database: string, decode: LedgerDecoder): LaneSpec<Change> {
  return {
    topic,
    from: 'position',
    decode: (value) => checkedMove(decode.change(value)),
    tables: [
      { name: `${database}.changes`, columns: CHANGE_COLUMNS, row: changeRow },
      { name: `${database}.memberships`, columns: MEMBERSHIP_COLUMNS, row: membershipRow },
    ],
  };
}

function definitionLane(
  topic: string,
  database: string,
  decode: LedgerDecoder,
  segments: SegmentRows,
): LaneSpec<DefinitionRecord> {
  return {
    topic,
    from: 'beginning',
    decode: (value) => decode.definition(value),
    tables: [
      {
        name: `${database}.segments`,
        columns: SEGMENT_COLUMNS,
        row: (record, partition, offset) => segments.row(record, partition, offset),
      },
    ],
  };
}
