/**
 * The embedded ClickHouse: starts the one process that owns it, keeps it alive, ends it.
 *
 * Invariants:
 *  H1  The address and the secrets stay the same over every restart, so clients only have to try again.
 *  H2  A second owner of a directory is refused (CLICKHOUSE_OWNED), by the engine's own lock.
 *  H3  When this process dies the channel closes, and the engine's process ends by itself.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { totalmem } from 'node:os';
import { extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Fault } from '../../core/faults.ts';
import { readEndpoint, removeEndpoint, writeEndpoint } from './endpoint.ts';
import { endOrphans, forgetEngine, noteEngine } from './orphans.ts';
import type { EngineLimits } from './gateway/engine.ts';
import type { FromGateway, ToGateway } from './gateway/messages.ts';

export interface ChdbOptions {
  /** The analytics directory; made if it is not there. */
  readonly directory: string;
  /** Loopback port; 0 (default) = any free one. */
  readonly port?: number;
  /** The database whose tables are private. */
  readonly database?: string;
  readonly limits?: Partial<EngineLimits>;
  /** How long to wait for another owner to go away before it is refused, ms; default 0. A command owns it for seconds. */
  readonly ownedMsMax?: number;
  readonly listener?: ChdbListener;
}

export interface Crash {
  readonly code: number | null;
  readonly signal: string | null;
  /** What the engine's process wrote last. */
  readonly lastWords: string;
  readonly delayMs: number;
}

export interface ChdbListener {
  /** The engine's process ended unasked; it is started again after `delayMs`. */
  crashed?(exit: Crash): void;
  /** It answers again, `attempts` starts later. */
  healed?(attempts: number): void;
}

export interface Chdb {
  readonly url: string;
  /** Secret of the name `owner`. */
  readonly ownerSecret: string;
  /** Secret of the name `reader`, who can only read the views. */
  readonly readerSecret: string;
  /** The engine's process now; undefined while it is being restarted. */
  readonly pid: number | undefined;
  /** Lets running statements finish (at most 8 s), ends the process, removes the endpoint file. */
  close(): Promise<void>;
}

const BODY_BYTES_MAX = 256 * 1024 * 1024;
const OWNED_POLL_MS = 500;
const RESTART_DELAY_MS_MIN = 100;
const RESTART_DELAY_MS_MAX = 5_000;
/** Opening a large directory takes seconds, not minutes. */
const OPEN_MS_MAX = 60_000;
/** An engine that is told to end has this long; it gives itself 8 s. */
const ORPHAN_MS_MAX = 10_000;

const LAST_WORDS_MAX = 4_096;

const GIB = 1024 ** 3;

const LIMITS: EngineLimits = {
  readers: 2,
  executionMsMax: 30_000,
  memoryBytesMax: 2 * GIB,
  engineBytesMax: Math.min(4 * GIB, Math.floor(totalmem() / 2)),
  resultRowsMax: 1_000_000,
  resultBytesMax: BODY_BYTES_MAX,
};

/**
 * Starts the engine and resolves when it answers. Throws CLICKHOUSE_OWNED (H2), CLICKHOUSE_UNSUPPORTED when this machine
 * cannot load it, CLICKHOUSE_REFUSED when the directory cannot be opened.
 */
export async function startChdb(options: ChdbOptions): Promise<Chdb> {
  mkdirSync(options.directory, { recursive: true });
  const supervisor = new Supervisor(options);
  const refusedAt = performance.now() + (options.ownedMsMax ?? 0);
  for (;;) {
    try {
      await supervisor.start();
      return supervisor;
    } catch (error) {
      const owned = error instanceof Fault && error.code === 'CLICKHOUSE_OWNED';
      if (!owned || performance.now() >= refusedAt) throw error;
      await sleep(OWNED_POLL_MS);
    }
  }
}

class Supervisor implements Chdb {
  readonly ownerSecret = randomBytes(24).toString('base64url');
  readonly readerSecret = randomBytes(24).toString('base64url');
  readonly #options: ChdbOptions;
  /** The last words of the engine's process: it writes the reason of a failed start there and nowhere else. */
  #lastWords = '';
  #child: ChildProcess | undefined;
  #port: number;
  #closing = false;
  #timer: NodeJS.Timeout | undefined;
  /** Settles when a restart that is under way has ended one way or the other. */
  #restarting: Promise<void> = Promise.resolve();
  #failures = 0;

  constructor(options: ChdbOptions) {
    this.#options = options;
    this.#port = options.port ?? 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    const child = await this.#open();
    this.#child = child;
    child.once('exit', (code, signal) => this.#ended(code, signal));
    const { ownerSecret: owner, readerSecret: reader } = this;
    writeEndpoint(this.#options.directory, { url: this.url, pid: process.pid, owner, reader });
  }

  /** One process, from its start to its first answer. It is ended again if it does not get there. */
  async #open(): Promise<ChildProcess> {
    const { directory } = this.#options;
    await endOrphans(directory, ORPHAN_MS_MAX);
    const child = forkGateway();
    const { pid } = child;
    if (pid !== undefined) {
      noteEngine(directory, pid);
      child.once('close', () => forgetEngine(directory, pid));
    }
    this.#lastWords = '';
    child.stderr?.setEncoding('utf8').on('data', (words: string) => {
      this.#lastWords = (this.#lastWords + words).slice(-LAST_WORDS_MAX);
    });
    try {
      this.#port = await this.#readyPort(child);
      return child;
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  #readyPort(child: ChildProcess): Promise<number> {
    const { directory, database = 'tributary', limits } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Fault('CLICKHOUSE_UNAVAILABLE', `The embedded engine did not open within ${OPEN_MS_MAX / 1000} s.`));
      }, OPEN_MS_MAX);
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        for (const event of ['message', 'error', 'exit']) child.removeAllListeners(event);
        act();
      };
      child.once('message', (message: FromGateway) => {
        if (message.type === 'ready') settle(() => resolve(message.port));
        // Its last words may still be on their way; they have all come when its pipes are closed.
        else settle(() => child.once('close', () => reject(this.#failure(message))));
      });
      child.once('error', (error) => settle(() => reject(error)));
      child.once('exit', (code, signal) => {
        const how = `code ${String(code)}, signal ${String(signal)}`;
        settle(() =>
          reject(new Fault('CLICKHOUSE_UNAVAILABLE', `The embedded engine ended while it opened (${how}).`)),
        );
      });
      const order: ToGateway = {
        type: 'open',
        directory: join(directory, 'engine'),
        port: this.#port,
        privateDatabase: database,
        bodyBytesMax: BODY_BYTES_MAX,
        limits: { ...LIMITS, ...limits },
        credentials: { owner: this.ownerSecret, reader: this.readerSecret },
      };
      child.send(order);
    });
  }

  #failure(message: Extract<FromGateway, { type: 'failed' }>): Fault {
    const words = this.#lastWords.trim();
    if (words.includes('Cannot lock file')) {
      const { url, pid } = readEndpoint(this.#options.directory) ?? {};
      return new Fault('CLICKHOUSE_OWNED', 'Another process has the analytics directory open.', {
        facts: { directory: this.#options.directory, url, pid },
      });
    }
    return new Fault(message.code, words === '' ? message.message : `${message.message} (${words})`, {
      facts: message.facts,
    });
  }

  #ended(code: number | null, signal: string | null): void {
    this.#child = undefined;
    if (this.#closing) return;
    const delayMs = Math.min(RESTART_DELAY_MS_MAX, RESTART_DELAY_MS_MIN * 2 ** this.#failures);
    this.#failures += 1;
    this.#options.listener?.crashed?.({ code, signal, lastWords: this.#lastWords.trim(), delayMs });
    this.#timer = setTimeout(() => {
      this.#restart();
    }, delayMs);
  }

  #restart(): void {
    this.#restarting = this.start().then(
      () => {
        const attempts = this.#failures;
        this.#failures = 0;
        this.#options.listener?.healed?.(attempts);
      },
      // Whatever kept it from opening, it is tried again, ever more slowly: the ledger waits and loses nothing.
      () => this.#ended(null, null),
    );
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#timer);
    await this.#restarting;
    const child = this.#child;
    if (child !== undefined) {
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      const order: ToGateway = { type: 'close' };
      if (child.connected) child.send(order);
      // It ends by itself in time, unless a call into the engine keeps it from hearing of the order.
      const killing = setTimeout(() => child.kill('SIGKILL'), ORPHAN_MS_MAX);
      await ended;
      clearTimeout(killing);
    }
    removeEndpoint(this.#options.directory);
  }
}

/** The gateway beside this file, as it is here: TypeScript in a checkout, JavaScript in the package. */
function forkGateway(): ChildProcess {
  const path = fileURLToPath(new URL(`./gateway/main${extname(import.meta.url)}`, import.meta.url));
  return fork(path, [], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // The engine's calls each hold a thread of the pool; its clock is UTC whatever the machine's zone.
    env: {
      PATH: process.env['PATH'],
      TMPDIR: process.env['TMPDIR'],
      HOME: process.env['HOME'],
      TZ: 'UTC',
      UV_THREADPOOL_SIZE: '8',
    },
  });
}
