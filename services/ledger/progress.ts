/** How far one lane is: in memory for whoever waits, in `ledger_positions` for the views, and counted again now and then. */
import type { LaneWorld } from './lane-world.ts';
import type { TableRows } from './table-rows.ts';

interface State {
  /** Every record below is in. */
  position: number;
  end: number;
  readThrough: number;
  /** What was reported last; undefined before the first time. */
  reported: { readonly position: number; readonly readThrough: number } | undefined;
  /** Rows written since `verifiedTo`. */
  counted: number;
  verifiedTo: number;
}

const COLUMNS = ['topic', 'partition', 'position', 'read_through', 'version'];

export class Progress {
  readonly #topic: string;
  /** Where rows are counted again; undefined where they cannot be. */
  readonly #table: string | undefined;
  readonly #world: LaneWorld;
  readonly #states = new Map<number, State>();
  #reportedAt = Number.NEGATIVE_INFINITY;
  #verifiedAt: number;
  #version = 0;

  constructor(topic: string, table: string | undefined, world: LaneWorld) {
    this.#topic = topic;
    this.#table = table;
    this.#world = world;
    this.#verifiedAt = world.now();
  }

  start(partition: number, position: number): void {
    this.#states.set(partition, {
      position,
      end: position,
      readThrough: 0,
      reported: undefined,
      counted: 0,
      verifiedTo: position,
    });
  }

  /** The position that `ledger_positions` holds, once it also holds a time; -1 before. */
  reported(partition: number): number {
    const reported = this.#states.get(partition)?.reported;
    return reported === undefined || reported.readThrough === 0 ? -1 : reported.position;
  }

  /** After the commit of a batch. */
  advance(
    rows: TableRows,
    next: ReadonlyMap<number, number>,
    seen: ReadonlyMap<number, { readonly end: number; readonly readThrough: number }>,
  ): void {
    for (const partition of rows.partitions) this.#states.get(partition)!.counted += 1;
    for (const [partition, position] of next) this.#states.get(partition)!.position = position;
    this.look(seen);
  }

  /** After an answer without records, too. Time through which we have read never goes back. */
  look(seen: ReadonlyMap<number, { readonly end: number; readonly readThrough: number }>): void {
    for (const [partition, { end, readThrough }] of seen) {
      const state = this.#states.get(partition)!;
      state.end = end;
      state.readThrough = Math.max(state.readThrough, readThrough);
    }
  }

  /** Between batches: says how fresh we are and verifies, each at its own pace. */
  async idle(): Promise<void> {
    const { now, bounds } = this.#world;
    const first = [...this.#states.keys()].some((partition) => this.reported(partition) < 0);
    if (first || now() - this.#reportedAt >= bounds.heartbeatMs) await this.report();
    if (now() - this.#verifiedAt >= bounds.verifyMs) await this.verify();
  }

  async report(): Promise<void> {
    const { clickhouse, database, retry, listener, now, epoch } = this.#world;
    this.#reportedAt = now();
    const changed = [...this.#states].filter(
      ([, state]) => state.reported?.position !== state.position || state.reported.readThrough !== state.readThrough,
    );
    if (changed.length === 0) return;
    this.#version = Math.max(this.#version + 1, now());
    const version = this.#version;
    const lines = changed.map(
      ([partition, { position, readThrough }]) =>
        `${this.#topic}\t${partition}\t${position}\t${readThroughText(readThrough)}\t${version}\n`,
    );
    const token = `positions|${this.#topic}|${version}|${epoch}`;
    await retry(() =>
      clickhouse.insert({
        table: `${database}.ledger_positions`,
        columns: COLUMNS,
        body: Buffer.from(lines.join('')),
        token,
      }),
    );
    for (const [partition, state] of changed) {
      const { position, readThrough, end } = state;
      state.reported = { position, readThrough };
      listener.position?.({ topic: this.#topic, partition, position, end, readThrough });
    }
  }

  async verify(): Promise<void> {
    const { clickhouse, retry, listener, now } = this.#world;
    this.#verifiedAt = now();
    const table = this.#table;
    if (table === undefined) return;
    for (const [partition, state] of this.#states) {
      const { verifiedTo: first, position: end, counted: expected } = state;
      if (first === end) continue;
      const [row] = await retry(() =>
        clickhouse.query<{ found: number }>(
          `SELECT uniqExact(src_offset) AS found FROM ${table} WHERE src_partition = {partition:UInt16} AND src_offset >= {first:UInt64} AND src_offset < {end:UInt64}`,
          { partition, first, end },
        ),
      );
      const found = row?.found ?? 0;
      listener.verified?.({ topic: this.#topic, partition, first, end, expected, found });
      // A difference is reported again each time, until somebody has dealt with it.
      if (found !== expected) continue;
      state.verifiedTo = end;
      state.counted -= expected;
    }
  }
}

function readThroughText(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').slice(0, -1);
}
