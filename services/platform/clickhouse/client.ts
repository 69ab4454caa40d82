/**
 * The ClickHouse port, and its one implementation: @clickhouse/client over HTTP, to a server or to the embedded engine.
 *
 * Rules kept here: values only as parameters, settings only in a statement's own SETTINGS clause, rows as bytes we wrote
 * ourselves. What the client reports of rows written is not relied on.
 */
import { Readable } from 'node:stream';
import { ClickHouseError, ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import { Fault } from '../../core/faults.ts';

export interface ClickHouse {
  /** Rows of a SELECT as objects; 64-bit integers beyond 2^53 must be read as text. */
  query<Row>(sql: string, params?: Readonly<Record<string, unknown>>): Promise<Row[]>;
  /** The answer as it comes, in the format named. */
  queryText(sql: string, format: string, params?: Readonly<Record<string, unknown>>): Promise<string>;
  /** A definition, a mutation, INSERT … SELECT. */
  command(sql: string, params?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Appends rows; resolves when they are durable. The same token with the same rows is inserted once (while the engine lives). */
  insert(rows: InsertRows): Promise<void>;
  /** Whether it answers at all. */
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

export interface InsertRows {
  readonly table: string;
  readonly columns: readonly string[];
  /** Rows in TabSeparated, one a line, in the order of `columns`. */
  readonly body: Uint8Array;
  readonly token: string;
}

export interface ClickHouseOptions {
  readonly url: string;
  readonly user?: string;
  readonly password?: string;
  /** Where names without a database are looked up. */
  readonly database?: string;
  /** Asks the server to refuse everything but reading. The embedded engine knows its readers by name. */
  readonly readonly?: boolean;
  /** Longest wait for one answer, ms. Inserts need a long one: a cancelled insert has an unknown outcome. */
  readonly requestMsMax?: number;
}

const REQUEST_MS_MAX = 300_000;

/**
 * Numbers of ClickHouse that a later attempt may not meet again: too many parts, memory, timeouts, read-only replica,
 * Keeper and network between its nodes, shutting down.
 */
const PASSING = new Set([
  159, 202, 203, 209, 210, 225, 236, 241, 242, 243, 252, 279, 285, 286, 319, 341, 394, 425, 999, 1002,
]);
/** Numbers that say the statement itself is wrong. */
const WRONG_STATEMENT = new Set([1, 6, 27, 36, 41, 42, 43, 46, 47, 53, 60, 62, 70, 81, 115, 164, 386, 456]);

/**
 * Opens a client; nothing is sent yet. Every method throws CLICKHOUSE_UNAVAILABLE when the same call may succeed later (no
 * answer, overload, restart), QUERY_REFUSED when the statement is wrong, else CLICKHOUSE_REFUSED.
 */
export function connectClickHouse(options: ClickHouseOptions): ClickHouse {
  const client = createClient({
    url: options.url,
    username: options.user ?? 'default',
    password: options.password ?? '',
    ...(options.database === undefined ? {} : { database: options.database }),
    ...(options.readonly === true ? { clickhouse_settings: { readonly: '1' } } : {}),
    request_timeout: options.requestMsMax ?? REQUEST_MS_MAX,
    max_open_connections: 8,
    // It would write to the console; every failure reaches the caller as a fault instead.
    log: { level: ClickHouseLogLevel.OFF },
    keep_alive: { enabled: true, idle_socket_ttl: 5_000 },
  });
  return new HttpClickHouse(client, options.url);
}

class HttpClickHouse implements ClickHouse {
  readonly #client: ClickHouseClient;
  readonly #url: string;

  constructor(client: ClickHouseClient, url: string) {
    this.#client = client;
    this.#url = url;
  }

  async query<Row>(sql: string, params?: Readonly<Record<string, unknown>>): Promise<Row[]> {
    const text = await this.queryText(sql, 'JSONEachRow', params);
    if (text.length === 0) return [];
    const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n');
    return lines.map((line) => JSON.parse(line) as Row);
  }

  async queryText(sql: string, format: string, params?: Readonly<Record<string, unknown>>): Promise<string> {
    return this.#call(async () => {
      const query = `${sql}\nFORMAT ${format}`;
      const { stream } = await this.#client.exec(
        params === undefined ? { query } : { query, query_params: { ...params } },
      );
      return textOf(stream);
    });
  }

  async command(sql: string, params?: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#call(() =>
      this.#client.command(params === undefined ? { query: sql } : { query: sql, query_params: { ...params } }),
    );
  }

  async insert(rows: InsertRows): Promise<void> {
    // Months of history in one batch are many parts: slow, but right; the server's default would refuse it.
    const settings = `async_insert=0, insert_deduplicate=1, max_partitions_per_insert_block=0, insert_deduplication_token='${rows.token}'`;
    const query = `INSERT INTO ${rows.table} (${rows.columns.join(', ')}) SETTINGS ${settings} FORMAT TabSeparated`;
    await this.#call(async () => {
      const values = Readable.from([rows.body], { objectMode: false });
      const { stream } = await this.#client.exec({ query, values });
      await textOf(stream);
    });
  }

  async ping(): Promise<boolean> {
    const answer = await this.#client.ping();
    return answer.success;
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #call<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#fault(error);
    }
  }

  #fault(error: unknown): Fault {
    if (!(error instanceof ClickHouseError)) {
      const message = error instanceof Error ? error.message : String(error);
      return new Fault('CLICKHOUSE_UNAVAILABLE', `ClickHouse does not answer: ${message}`, {
        facts: { url: this.#url },
        cause: error,
      });
    }
    const number = Number(error.code);
    const code = PASSING.has(number)
      ? 'CLICKHOUSE_UNAVAILABLE'
      : WRONG_STATEMENT.has(number)
        ? 'QUERY_REFUSED'
        : 'CLICKHOUSE_REFUSED';
    return new Fault(code, sentence(error.message), {
      facts: { url: this.#url, number, type: error.type },
      cause: error,
    });
  }
}

const SENTENCE_MAX = 500;

/** ClickHouse repeats the whole statement in some messages; the cause keeps it all. */
function sentence(message: string): string {
  const text = message.trim();
  return text.length <= SENTENCE_MAX ? text : `${text.slice(0, SENTENCE_MAX)} …`;
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
