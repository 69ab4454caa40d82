/**
 * chDB in this process: one writing connection, one for the owner's own reads, and a few that can only read.
 *
 * Invariants:
 *  G1  One call at a time on each connection; the engine would only queue it on a thread of the pool.
 *  G2  No setting outlives its call: it stands in the statement's own SETTINGS clause. `SET` is used once, when a
 *      reader's connection is opened, and `readonly` is its last word.
 *  G3  A connection is closed only when nothing runs on it.
 */
import { createRequire } from 'node:module';
import type * as Chdb from 'chdb';
import { Fault } from '../../../core/faults.ts';
import { quote, type InsertStatement } from './statement.ts';

export interface EngineLimits {
  /** Readers' connections: how many readers' statements run at once. */
  readonly readers: number;
  /** Longest run of one reader's statement, ms. */
  readonly executionMsMax: number;
  /** Memory of one reader's statement, bytes. */
  readonly memoryBytesMax: number;
  /** Memory of the engine as a whole, bytes. */
  readonly engineBytesMax: number;
  readonly resultRowsMax: number;
  readonly resultBytesMax: number;
}

export interface Reply {
  readonly bytes: Uint8Array;
  readonly writtenRows: number;
}

export type Settings = Readonly<Record<string, string>>;

/** An error of the engine, with ClickHouse's own number and text. */
export class EngineError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const ABORTED = 236;
const STD_EXCEPTION = 1001;

export class Engine {
  readonly #writer: Connection;
  readonly #owner: Connection;
  readonly #readers: readonly Connection[];

  private constructor(writer: Connection, owner: Connection, readers: readonly Connection[]) {
    this.#writer = writer;
    this.#owner = owner;
    this.#readers = readers;
  }

  /**
   * Opens the directory. Throws CLICKHOUSE_UNSUPPORTED when the engine cannot be loaded on this machine,
   * CLICKHOUSE_REFUSED when the directory cannot be opened.
   */
  static async open(directory: string, limits: EngineLimits): Promise<Engine> {
    const { Session } = loadChdb();
    const connect = (): Connection => {
      try {
        const session = new Session(directory, {
          connectionArgs: [`--max_server_memory_usage=${limits.engineBytesMax}`],
        });
        return new Connection(session);
      } catch (error) {
        throw openFault(error, directory);
      }
    };
    const writer = connect();
    const readers: Connection[] = [];
    for (let index = 0; index < limits.readers; index += 1) {
      const reader = connect();
      await reader.restrict(limits);
      readers.push(reader);
    }
    return new Engine(writer, connect(), readers);
  }

  /** A statement that only reads; `reader` binds it to the limits of a reader's connection. */
  read(sql: string, format: string, settings: Settings, database: string | undefined, reader: boolean): Promise<Reply> {
    const pool = reader ? this.#readers : [this.#owner];
    const connection = pool.reduce((least, one) => (one.waiting < least.waiting ? one : least));
    return connection.run(sql + settingsClause(settings), format, database);
  }

  /** A definition, a mutation, INSERT … SELECT: one at a time. */
  command(sql: string, settings: Settings, database: string | undefined): Promise<Reply> {
    // Behind a CREATE the clause would set options of the table, so it goes with an INSERT … SELECT alone.
    const clause = /^\s*INSERT\b/i.test(sql) ? settingsClause(settings) : '';
    return this.#writer.run(sql + clause, 'TabSeparated', database);
  }

  insert(
    statement: InsertStatement,
    settings: Settings,
    body: Uint8Array,
    database: string | undefined,
  ): Promise<Reply> {
    return this.#writer.insert(statement, settings, body, database);
  }

  async close(): Promise<void> {
    await Promise.all([this.#writer, this.#owner, ...this.#readers].map((connection) => connection.close()));
    await loadChdb().drainPending();
  }
}

/** One native connection and the queue in front of it (G1). */
class Connection {
  readonly #session: Chdb.Session;
  #tail: Promise<unknown> = Promise.resolve();
  #database = 'default';
  waiting = 0;

  constructor(session: Chdb.Session) {
    this.#session = session;
  }

  async restrict(limits: EngineLimits): Promise<void> {
    const limit = [
      `max_execution_time=${limits.executionMsMax / 1000}`,
      `max_memory_usage=${limits.memoryBytesMax}`,
      `max_result_rows=${limits.resultRowsMax}`,
      `max_result_bytes=${limits.resultBytesMax}`,
      `result_overflow_mode='throw'`,
      `readonly=1`,
    ];
    await this.#one(`SET ${limit.join(', ')}`, 'TabSeparated');
  }

  run(sql: string, format: string, database: string | undefined): Promise<Reply> {
    return this.#queued(async () => {
      await this.#use(database);
      return this.#one(sql, format);
    });
  }

  insert(
    statement: InsertStatement,
    settings: Settings,
    body: Uint8Array,
    database: string | undefined,
  ): Promise<Reply> {
    return this.#queued(async () => {
      await this.#use(database);
      const { table, columns, format } = statement;
      const all = typed({ ...settings, ...statement.settings });
      const parameters = { table, values: body, format: format as 'TSV', settings: all };
      const summary = await engineCall(() =>
        this.#session.insert(columns.length === 0 ? parameters : { ...parameters, columns }),
      );
      return { bytes: new Uint8Array(0), writtenRows: summary.rowsWritten };
    });
  }

  /** Waits for what runs (G3), then closes. */
  async close(): Promise<void> {
    await this.#queued(() => {
      this.#session.close();
      return Promise.resolve();
    });
  }

  async #use(database: string | undefined): Promise<void> {
    const wanted = database ?? 'default';
    if (wanted === this.#database) return;
    await this.#one(`USE ${'`' + wanted.replaceAll('`', '') + '`'}`, 'TabSeparated');
    this.#database = wanted;
  }

  async #one(sql: string, format: string): Promise<Reply> {
    const result = await engineCall(() => this.#session.queryAsync(sql, { format }));
    return { bytes: result.bytes(), writtenRows: 0 };
  }

  #queued<T>(work: () => Promise<T>): Promise<T> {
    this.waiting += 1;
    const turn = this.#tail.then(work).finally(() => (this.waiting -= 1));
    // The queue goes on after a failure; whoever asked for the failed call hears of it from `turn`.
    this.#tail = turn.catch(() => undefined);
    return turn;
  }
}

let loaded: typeof Chdb | undefined;

function loadChdb(): typeof Chdb {
  try {
    // Required here, not imported above: a machine without the engine must get a sentence, not a stack trace.
    loaded ??= createRequire(import.meta.url)('chdb') as typeof Chdb;
    return loaded;
  } catch (error) {
    throw new Fault('CLICKHOUSE_UNSUPPORTED', `The embedded ClickHouse engine cannot be loaded: ${messageOf(error)}`, {
      facts: { platform: process.platform, arch: process.arch },
      cause: error,
    });
  }
}

/** The engine writes the reason, a lock for one, to stderr; its owner reads it there. */
function openFault(error: unknown, directory: string): Error {
  return new Fault('CLICKHOUSE_REFUSED', `The analytics directory cannot be opened: ${messageOf(error)}`, {
    facts: { directory },
    cause: error,
  });
}

async function engineCall<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const message = messageOf(error);
    const code = /Code: (\d+)/.exec(message)?.[1];
    if (code !== undefined) throw new EngineError(Number(code), message);
    // Without a number it comes from the binding: a connection that is being closed, which passes when the engine is back.
    const closed = error instanceof Error && 'code' in error && error.code === 'CHDB_CLOSED';
    const [number, name] = closed ? [ABORTED, 'ABORTED'] : [STD_EXCEPTION, 'STD_EXCEPTION'];
    throw new EngineError(number, `Code: ${number}. DB::Exception: ${message} (${name})`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function typed(settings: Settings): Record<string, string | number> {
  const pairs = Object.entries(settings).map(([key, value]): [string, string | number] => [key, numberOr(value)]);
  return Object.fromEntries(pairs);
}

function numberOr(value: string): string | number {
  return /^-?\d{1,15}$/.test(value) ? Number(value) : value;
}

function settingsClause(settings: Settings): string {
  const parts = Object.entries(settings).map(([key, value]) => {
    if (!/^\w+$/.test(key)) throw new Fault('QUERY_REFUSED', `${quote(key)} is no name of a setting.`);
    const plain = numberOr(value);
    return `${key}=${typeof plain === 'number' ? plain : quote(plain)}`;
  });
  return parts.length === 0 ? '' : ` SETTINGS ${parts.join(', ')}`;
}
