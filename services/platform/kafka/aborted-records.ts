/**
 * Which batches of an answer belong to aborted transactions. The broker names each such transaction by its first offset,
 * in the order in which they ended; a batch is judged by the transactions that began at or before it and whose marker
 * has not passed yet. So the list is sorted first, and a marker is known by the batch's control bit, not by its look.
 */
import type { AbortedTransaction } from './fetch-call.ts';

export class AbortedRecords {
  readonly #pending: readonly AbortedTransaction[];
  #next = 0;
  readonly #open = new Set<number>();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#pending = aborted.length < 2 ? aborted : [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** Batches must be asked for in ascending order of offset. */
  holds(batch: { readonly producerId: number; readonly lastOffset: number; readonly transactional: boolean }): boolean {
    this.#begin(batch.lastOffset);
    return batch.transactional && this.#open.has(batch.producerId);
  }

  /** A transaction's end marker was met. */
  ended(producerId: number, lastOffset: number): void {
    this.#begin(lastOffset);
    this.#open.delete(producerId);
  }

  #begin(lastOffset: number): void {
    while (this.#next < this.#pending.length && this.#pending[this.#next]!.firstOffset <= lastOffset) {
      this.#open.add(this.#pending[this.#next]!.producerId);
      this.#next += 1;
    }
  }
}
