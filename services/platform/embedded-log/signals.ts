/**
 * How processes on one directory tell each other that something was committed: each touches a file of its own (which
 * takes no room on a full disk), and whoever waits watches the folder. A slow look around covers file systems that do not report changes.
 * Nothing is decided by these files: they only say "look".
 */
import { closeSync, futimesSync, mkdirSync, openSync, readdirSync, rmSync, statSync, watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';

const LOOK_AROUND_MS = 250;
/** Files of processes that were killed are removed when they have been silent for so long. */
const FORGOTTEN_MS = 86_400_000;
let opened = 0;

export class Signals {
  readonly #folder: string;
  readonly #name: string;
  readonly #file: number;
  readonly #onSignal: () => void;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(directory: string, onSignal: () => void) {
    this.#folder = join(directory, 'signals');
    mkdirSync(this.#folder, { recursive: true });
    opened += 1;
    this.#name = `${process.pid}-${threadId}-${opened}`;
    this.#file = openSync(join(this.#folder, this.#name), 'w');
    this.#onSignal = onSignal;
  }

  /** Tells the others. */
  send(): void {
    const now = Date.now() / 1000;
    futimesSync(this.#file, now, now);
  }

  /** Begins to listen; called by the first who waits. */
  listen(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(this.#onSignal, LOOK_AROUND_MS).unref();
    this.#watcher = watch(this.#folder, { persistent: false }, (_event, name) => {
      if (name !== this.#name) this.#onSignal();
    });
    // A watch that ends (the kernel's limit, an unmounted folder) leaves the slow look around.
    this.#watcher.on('error', () => this.#watcher?.close());
  }

  /** Removes what killed processes left. A living one that was silent for as long is then found by looking around. */
  sweep(): void {
    for (const name of readdirSync(this.#folder)) {
      const path = join(this.#folder, name);
      const touched = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
      if (name !== this.#name && Date.now() - touched > FORGOTTEN_MS) rmSync(path, { force: true });
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#watcher?.close();
    closeSync(this.#file);
    rmSync(join(this.#folder, this.#name), { force: true });
  }
}
