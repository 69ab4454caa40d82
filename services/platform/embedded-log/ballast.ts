/**
 * A few megabytes kept on the disk so that a full one leaves room for the task that runs: its transaction in progress,
 * its goodbye, and the pages LMDB needs to delete anything at all.
 *
 * 1. When a write finds the disk full, the file is given up. Until there is room for it again, new input is refused
 *    (LOG_FULL) while transactions of tasks may still use what was given up.
 * 2. Room is looked for at most once per `ROOM_CHECK_MS`, by whoever wants to write: work goes on by itself (F21).
 */
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../core/faults.ts';

const ROOM_CHECK_MS = 500;
/** Below so much free space a write that failed is put down to the full disk: more than any one transaction writes. */
const TIGHT_BYTES = 64 * 1024 * 1024;
/** Free space must exceed the ballast by this factor before it is taken again. */
const ROOM_FACTOR = 2;

export class Ballast {
  readonly #path: string;
  readonly #directory: string;
  readonly #bytes: number;
  readonly #now: () => number;
  #released = false;
  #checkedAt = -Infinity;

  /** `bytes` 0 keeps none: only the owner of the directory does. */
  constructor(directory: string, bytes: number, now: () => number) {
    this.#directory = directory;
    this.#path = join(directory, 'ballast');
    this.#bytes = bytes;
    this.#now = now;
  }

  /** Takes the space, if there is plenty of it. */
  take(): void {
    if (this.#bytes === 0 || this.#held() || !this.#roomy()) return;
    const file = openSync(this.#path, 'w');
    try {
      // Written, not only declared: a sparse file would hold nothing back.
      const chunk = Buffer.alloc(64 * 1024, 1);
      for (let written = 0; written < this.#bytes; written += chunk.length) writeSync(file, chunk);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }

  release(): void {
    this.#released = true;
    this.#checkedAt = this.#now();
    rmSync(this.#path, { force: true });
  }

  /** Throws LOG_FULL while the disk is known to be full: for input that can wait where it is. */
  refuseInputWhenFull(): void {
    if (!this.#released) return;
    if (this.#now() - this.#checkedAt >= ROOM_CHECK_MS) {
      this.#checkedAt = this.#now();
      if (this.#roomy()) {
        this.#released = false;
        this.take();
        return;
      }
    }
    throw new Fault('LOG_FULL', 'The disk is full', { facts: { directory: this.#directory } });
  }

  /** A write went well; where no ballast is kept, that is the sign that there is room again. */
  wrote(): void {
    if (this.#bytes === 0) this.#released = false;
  }

  /** Whether so little is free that a transaction may not have fitted. */
  isTight(): boolean {
    return this.#freeBytes() < TIGHT_BYTES;
  }

  #held(): boolean {
    return (statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0) >= this.#bytes;
  }

  #roomy(): boolean {
    return this.#freeBytes() > Math.max(this.#bytes, 1024 * 1024) * ROOM_FACTOR;
  }

  #freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.#directory);
    return bavail * bsize;
  }
}
