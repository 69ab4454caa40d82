/**
 * The life of a transactional producer: which calls are legal when (L5). It knows nothing of batches.
 *
 * 1. idle → open → idle …; a rejected call leads to `failed`, from which only `close` leads on.
 * 2. A failed producer answers every further call with the fault that failed it, so a fenced one stays fenced (L4).
 * 3. One call at a time: two at once would leave the order of batches to chance.
 */
import { assert } from '../../core/faults.ts';
import { logClosed } from './faults.ts';

export class TransactionLife {
  #phase: 'idle' | 'open' | 'failed' | 'closed' = 'idle';
  #cause: Error | undefined;
  #busy = false;

  get open(): boolean {
    return this.#phase === 'open';
  }

  begin(): void {
    this.#refuseEnded();
    assert(this.#phase === 'idle', 'a producer has one transaction at a time');
    this.#phase = 'open';
  }

  /** Runs one call of an open transaction; if it throws, the producer has failed. */
  async inside<T>(call: () => Promise<T>): Promise<T> {
    this.#refuseEnded();
    assert(this.#phase === 'open', 'a transaction was begun');
    assert(!this.#busy, 'a producer serves one call at a time');
    this.#busy = true;
    try {
      return await call();
    } catch (error) {
      this.#phase = 'failed';
      this.#cause = error instanceof Error ? error : new Error('A call of a transaction failed', { cause: error });
      throw error;
    } finally {
      this.#busy = false;
    }
  }

  /** As `inside`, for the call that ends the transaction. */
  async ending<T>(call: () => Promise<T>): Promise<T> {
    const result = await this.inside(call);
    this.#phase = 'idle';
    return result;
  }

  /** True when this call closed it, false when it was closed before. */
  close(): boolean {
    if (this.#phase === 'closed') return false;
    this.#phase = 'closed';
    return true;
  }

  #refuseEnded(): void {
    if (this.#phase === 'closed') throw logClosed();
    if (this.#phase === 'failed') throw this.#cause ?? logClosed();
  }
}
