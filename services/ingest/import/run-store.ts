/**
 * External merge sort: sorted runs in temporary files, merged with one block of each in memory.
 *
 * File work is synchronous: it happens between rows of a command that does nothing else, and a file of any usual size
 * never comes here.
 */
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';

const BLOCK_ITEMS = 256;
/** Runs merged at a time; more are merged into one first. Bounds open files and memory. */
const RUNS_MAX = 64;

interface Run {
  readonly path: string;
  readonly file: number;
  /** Where each block begins; the last entry is the end. */
  readonly blocks: readonly number[];
}

export class RunStore<T> {
  readonly #directory: string;
  readonly #compare: (a: T, b: T) => number;
  #runs: Run[] = [];
  #written = 0;

  /** `directory` is the caller's to make and to remove. The order must be total for what comes out to be determined. */
  constructor(directory: string, compare: (a: T, b: T) => number) {
    this.#directory = directory;
    this.#compare = compare;
  }

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  /** Sorts the items in place and writes them as one run. */
  write(items: T[]): void {
    items.sort(this.#compare);
    if (this.#runs.length >= RUNS_MAX) {
      const merged = this.merged();
      this.#runs = [this.#writeRun(merged)];
    }
    this.#runs.push(this.#writeRun(items));
  }

  /** All items in order. Ends the store: its files are removed as they are used up. */
  *merged(): Generator<T> {
    const heads = this.#runs.map((run) => {
      const items = this.#itemsOf(run);
      return { items, next: items.next() };
    });
    this.#runs = [];
    // Few runs: finding the least of them by looking at each is as fast as a heap.
    for (;;) {
      let least: (typeof heads)[number] | undefined;
      for (const head of heads) {
        if (head.next.done === true) continue;
        if (least === undefined || this.#compare(head.next.value, least.next.value as T) < 0) least = head;
      }
      if (least === undefined) return;
      yield least.next.value as T;
      least.next = least.items.next();
    }
  }

  #writeRun(items: Iterable<T>): Run {
    const path = join(this.#directory, `run-${this.#written++}`);
    const file = openSync(path, 'wx+');
    const blocks = [0];
    let end = 0;
    const flush = (block: readonly T[]): void => {
      const bytes = serialize(block);
      for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, bytes.length - done, end + done);
      end += bytes.length;
      blocks.push(end);
    };
    let block: T[] = [];
    for (const item of items) {
      if (block.push(item) < BLOCK_ITEMS) continue;
      flush(block);
      block = [];
    }
    if (block.length > 0) flush(block);
    return { path, file, blocks };
  }

  *#itemsOf({ path, file, blocks }: Run): Generator<T, undefined> {
    try {
      for (let index = 1; index < blocks.length; index++) {
        const start = blocks[index - 1]!;
        const bytes = Buffer.allocUnsafe(blocks[index]! - start);
        for (let done = 0; done < bytes.length;) done += readSync(file, bytes, done, bytes.length - done, start + done);
        yield* deserialize(bytes) as T[];
      }
    } finally {
      closeSync(file);
      unlinkSync(path);
    }
    return undefined;
  }
}
