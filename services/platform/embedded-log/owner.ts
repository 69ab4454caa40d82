/**
 * Who owns a data directory: the one process whose tasks run on it. Others may open it, append and read.
 *
 * 1. The decision is made inside a write transaction, so two that start at once cannot both win.
 * 2. An owner is alive while its process is: same machine start, same process id, same start time, so that a reused
 *    process id does not count. Where that cannot be looked up (another machine or container), its heartbeat decides.
 */
import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Fault } from '../../core/faults.ts';
import type { LogStore } from './store.ts';

export const HEARTBEAT_MS = 2_000;
const HEARTBEAT_LOST_MS = 10_000;

export interface Owner {
  readonly pid: number;
  readonly host: string;
  /** When the process started, in the kernel's words; empty where it does not tell. */
  readonly processStart: string;
  /** Since when it owns the directory, ms UTC. */
  readonly since: number;
}

/** The ownership this process holds. */
export class Ownership {
  readonly #store: LogStore;
  readonly #self: Owner;

  constructor(store: LogStore) {
    this.#store = store;
    this.#self = {
      pid: process.pid,
      host: hostname(),
      processStart: processStart(process.pid),
      since: Date.now(),
    };
  }

  /** Takes the directory or throws LOG_OWNED. Inside a transaction. */
  take(): void {
    const owner = livingOwner(this.#store);
    if (owner !== undefined) {
      const since = new Date(owner.since).toISOString();
      throw new Fault('LOG_OWNED', `${this.#store.directory} is owned by process ${owner.pid} since ${since}`, {
        facts: { directory: this.#store.directory, pid: owner.pid, host: owner.host, since },
      });
    }
    void this.#store.settings.put('owner', this.#self);
    writeFileSync(heartbeatFile(this.#store), `${this.#self.pid} on ${this.#self.host}\n`);
  }

  /** Gives the directory back, unless somebody else has taken it. Inside a transaction. */
  give(): void {
    const owner = this.#store.settings.get('owner') as Owner | undefined;
    if (owner?.pid === this.#self.pid && owner.since === this.#self.since) void this.#store.settings.remove('owner');
  }

  /** Shows that the owner lives; at least every `HEARTBEAT_MS`. */
  beat(): void {
    const now = Date.now() / 1000;
    // Only touched: a full disk must not end the owner's life.
    utimesSync(heartbeatFile(this.#store), now, now);
  }
}

/** The owner that a directory has now; undefined when nobody has taken it or its process is gone. */
export function livingOwner(store: LogStore): Owner | undefined {
  const owner = store.settings.get('owner') as Owner | undefined;
  return owner !== undefined && isAlive(owner, store) ? owner : undefined;
}

function isAlive(owner: Owner, store: LogStore): boolean {
  if (owner.host === hostname() && owner.processStart !== '') {
    return processStart(owner.pid) === owner.processStart;
  }
  const beat = statSync(heartbeatFile(store), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.now() - beat < HEARTBEAT_LOST_MS;
}

function heartbeatFile({ directory }: LogStore): string {
  return join(directory, 'owner');
}

/** Boot id and start time of a process, or an empty string when there is none or the system does not tell. */
function processStart(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; the start time is the 22nd field, the 20th behind it.
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    return `${boot} ${started}`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return '';
    throw error;
  }
}
