/** Writing rows of the log into one table so that each is there exactly once (the protocol of the ledger's DESIGN.md). */
import type { ClickHouse } from '../platform/clickhouse/client.ts';

export interface TargetTable {
  /** With its database. */
  readonly name: string;
  readonly columns: readonly string[];
}

/** Rows of one batch for one table, by index; partitions and offsets are their places in the topic. */
export interface TableRows {
  readonly partitions: number[];
  readonly offsets: number[];
  readonly lines: string[];
}

export function emptyRows(): TableRows {
  return { partitions: [], offsets: [], lines: [] };
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

  /** Reads how far each partition's rows reach. */
  async assigned(partitions: readonly number[]): Promise<void> {
    const found = await this.#clickhouse.query<{ p: number; last: number }>(
      `SELECT src_partition AS p, max(src_offset) AS last FROM ${this.#table.name} WHERE src_partition IN {partitions:Array(UInt16)} GROUP BY p`,
      { partitions },
    );
    for (const { p, last } of found) this.#foundThrough.set(p, last);
  }

  /** Writes the rows that are not there; resolves when all of them are. Throws what the port throws; then nothing is known. */
  async write(rows: TableRows, retry: <T>(work: () => Promise<T>) => Promise<T>): Promise<void> {
    const missing = await this.#missing(
      rows,
      (index) => rows.offsets[index]! <= (this.#foundThrough.get(rows.partitions[index]!) ?? -1),
      retry,
    );
    if (missing.lines.length === 0) return;
    let attempts = 0;
    const insert = async (): Promise<void> => {
      attempts += 1;
      await this.#insert(missing, this.#epoch);
    };
    await retry(insert);
    // The first attempt was acknowledged: done. A repeat may have been swallowed as one while its rows were lost in a
    // crash between token and rows: look, and write what is missing under another token.
    for (let round = 1; attempts > 1; round += 1) {
      const lost = await this.#missing(missing, () => true, retry);
      if (lost.lines.length === 0) return;
      attempts = 0;
      await retry(async () => {
        attempts += 1;
        await this.#insert(lost, `${this.#epoch}+${round}`);
      });
    }
  }

  #insert(rows: TableRows, epoch: string): Promise<void> {
    const { name, columns } = this.#table;
    const token = `${name}|${spansOf(rows)}|${epoch}`;
    return this.#clickhouse.insert({ table: name, columns, body: Buffer.from(rows.lines.join('')), token });
  }

  /** The rows that ClickHouse does not have, looking only for those that `suspect` names. */
  async #missing(
    rows: TableRows,
    suspect: (index: number) => boolean,
    retry: <T>(work: () => Promise<T>) => Promise<T>,
  ): Promise<TableRows> {
    const ranges = new Map<number, { first: number; last: number }>();
    rows.offsets.forEach((offset, index) => {
      if (!suspect(index)) return;
      const range = ranges.get(rows.partitions[index]!);
      if (range === undefined) ranges.set(rows.partitions[index]!, { first: offset, last: offset });
      else range.last = offset;
    });
    if (ranges.size === 0) return rows;
    const there = new Map<number, Set<number>>();
    for (const [partition, { first, last }] of ranges)
      there.set(partition, await retry(() => this.#offsetsThere(partition, first, last)));
    const missing = emptyRows();
    rows.offsets.forEach((offset, index) => {
      const partition = rows.partitions[index]!;
      if (there.get(partition)?.has(offset) === true) return;
      missing.partitions.push(partition);
      missing.offsets.push(offset);
      missing.lines.push(rows.lines[index]!);
    });
    if (missing.lines.length < rows.lines.length) this.#alreadyThere(rows.lines.length - missing.lines.length);
    return missing;
  }

  async #offsetsThere(partition: number, first: number, last: number): Promise<Set<number>> {
    const found = await this.#clickhouse.query<{ o: number }>(
      `SELECT DISTINCT src_offset AS o FROM ${this.#table.name} WHERE src_partition = {partition:UInt16} AND src_offset BETWEEN {first:UInt64} AND {last:UInt64}`,
      { partition, first, last },
    );
    return new Set(found.map(({ o }) => o));
  }
}

/** `partition:first-last` of each partition, with the number of rows: two different batches never share a token. */
function spansOf(rows: TableRows): string {
  const spans = new Map<number, { first: number; last: number; count: number }>();
  rows.offsets.forEach((offset, index) => {
    const partition = rows.partitions[index]!;
    const span = spans.get(partition);
    if (span === undefined) spans.set(partition, { first: offset, last: offset, count: 1 });
    else {
      span.last = offset;
      span.count += 1;
    }
  });
  return [...spans].map(([partition, { first, last, count }]) => `${partition}:${first}-${last}x${count}`).join(',');
}
