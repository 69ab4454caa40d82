/** Writing rows of the log into one table so that each is there exactly once (the protocol of the ledger's DESIGN.md). */
import type { ClickHouse } from '../platform/clickhouse/client.ts';
import type { Retry } from './retry.ts';
import type { TableRows } from './table-rows.ts';

export interface TargetTable {
  /** With its database. */
  readonly name: string;
  readonly columns: readonly string[];
}

/**
 * One table within one assignment of partitions.
 *
 * `epoch` makes tokens of different assignments differ: a token of before a crash may be known to ClickHouse while its rows
 * are not, so presence is decided by reading rows, never by trusting a token across a restart.
 */
export class TableWriter {
  readonly #clickhouse: ClickHouse;
  readonly #table: TargetTable;
  readonly #epoch: string;
  /** Per partition the greatest offset found at assignment: up to there, rows may be there already. */
  readonly #foundThrough = new Map<number, number>();
  readonly #alreadyThere: (rows: number) => void;

  constructor(clickhouse: ClickHouse, table: TargetTable, epoch: string, alreadyThere: (rows: number) => void) {
    this.#clickhouse = clickhouse;
    this.#table = table;
    this.#epoch = epoch;
    this.#alreadyThere = alreadyThere;
  }

  /** Reads how far each partition's rows reach; resolves with the greatest offset of each that has any. */
  async assigned(partitions: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const found = await this.#clickhouse.query<{ p: number; last: number }>(
      `SELECT src_partition AS p, max(src_offset) AS last FROM ${this.#table.name} WHERE src_partition IN {partitions:Array(UInt16)} GROUP BY p`,
      { partitions },
    );
    for (const { p, last } of found) this.#foundThrough.set(p, last);
    return this.#foundThrough;
  }

  /** Writes the rows that are not there; resolves when all of them are. Throws what the port throws; then nothing is known. */
  async write(rows: TableRows, retry: Retry): Promise<void> {
    const suspects = rows.filter(
      (index) => rows.offsets[index]! <= (this.#foundThrough.get(rows.partitions[index]!) ?? -1),
    );
    let missing = suspects.length === 0 ? rows : await this.#missing(rows, suspects, retry);
    // The first attempt acknowledged: done. A repeat may have been swallowed as one while its rows were lost in a crash
    // between token and rows: look, and write what is missing under another token.
    for (let round = 0; missing.length > 0; round += 1) {
      const attempts = await this.#insert(missing, round, retry);
      if (attempts === 1) return;
      missing = await this.#missing(missing, missing, retry);
    }
  }

  /** Inserts until acknowledged; resolves with the number of attempts. */
  async #insert(rows: TableRows, round: number, retry: Retry): Promise<number> {
    const { name, columns } = this.#table;
    const spans = rows.spans().map(({ partition, first, last, count }) => `${partition}:${first}-${last}x${count}`);
    const token = `${name}|${spans.join(',')}|${this.#epoch}+${round}`;
    let attempts = 0;
    await retry(() => {
      attempts += 1;
      return this.#clickhouse.insert({ table: name, columns, body: rows.body, token });
    });
    return attempts;
  }

  /** The rows that ClickHouse does not have, looking only where `suspects` lie. */
  async #missing(rows: TableRows, suspects: TableRows, retry: Retry): Promise<TableRows> {
    const there = new Map<number, Set<number>>();
    for (const { partition, first, last } of suspects.spans())
      there.set(partition, await retry(() => this.#offsetsThere(partition, first, last)));
    const missing = rows.filter((index) => there.get(rows.partitions[index]!)?.has(rows.offsets[index]!) !== true);
    if (missing.length < rows.length) this.#alreadyThere(rows.length - missing.length);
    return missing;
  }

  async #offsetsThere(partition: number, first: number, last: number): Promise<Set<number>> {
    const found = await this.#clickhouse.query<{ o: number }>(
      `SELECT DISTINCT src_offset AS o FROM ${this.#table.name}
       WHERE src_partition = {partition:UInt16} AND src_offset BETWEEN {first:UInt64} AND {last:UInt64}`,
      { partition, first, last },
    );
    return new Set(found.map(({ o }) => o));
  }
}
