/**
 * Time and turns of a run that is decided by a seed alone: nothing happens but what the driver lets happen, one thing at
 * a time. Whatever waits for anything else than this host waits for promises, which are settled between two steps.
 */
import type { Host } from '../../services/core/streams/host.ts';

/** Real turns of the event loop a step may take before the driver calls it stuck. */
const STEPS_MAX = 2_000_000;

interface Sleeper {
  readonly at: number;
  wake(): void;
}

export class VirtualHost implements Host {
  #now: number;
  readonly #chance: () => number;
  readonly #ready: (() => void)[] = [];
  readonly #sleepers = new Set<Sleeper>();

  constructor(seed: number, startMs: number) {
    this.#now = startMs;
    this.#chance = chanceOf(seed);
  }

  now(): number {
    return this.#now;
  }

  yield(): Promise<void> {
    return new Promise((resolve) => this.#ready.push(resolve));
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const cancel = this.schedule(ms, resolve);
      signal.addEventListener('abort', () => {
        cancel();
        resolve();
      });
    });
  }

  /** Calls back after `ms` of this host; returns how to cancel. The shape the logs' waits want. */
  readonly schedule = (ms: number, over: () => void): (() => void) => {
    const sleeper = { at: this.#now + Math.max(0, ms), wake: over };
    this.#sleepers.add(sleeper);
    return () => void this.#sleepers.delete(sleeper);
  };

  /** A whole number from 0 to below `bound`, from the seed. */
  draw(bound: number): number {
    return Math.floor(this.#chance() * bound);
  }

  /** Steps until the condition holds. Throws after `withinMs` of virtual time, saying so. */
  async until(condition: () => boolean | Promise<boolean>, withinMs = 600_000): Promise<void> {
    const limit = this.#now + withinMs;
    for (let step = 0; step < STEPS_MAX; step++) {
      await settle();
      if (await condition()) return;
      if (this.#now > limit) throw new Error(`Not reached within ${withinMs} ms of virtual time`);
      if (!this.#step()) throw new Error('Everything waits for something that never comes');
    }
    throw new Error(`Not reached within ${STEPS_MAX} steps`);
  }

  /** Lets virtual time pass. */
  async pass(ms: number): Promise<void> {
    const at = this.#now + ms;
    this.schedule(ms, () => undefined);
    await this.until(() => this.#now >= at && this.#ready.length === 0, ms + 1_000);
  }

  /** One thing happens: something ready goes on, or time moves to the next sleeper. */
  #step(): boolean {
    // Work takes time: now and then a millisecond passes although something is ready.
    if (this.#ready.length > 0 && this.#chance() < 0.05) this.#moveTo(this.#now + 1);
    if (this.#ready.length > 0) {
      const [resolve] = this.#ready.splice(this.draw(this.#ready.length), 1);
      resolve!();
      return true;
    }
    if (this.#sleepers.size === 0) return false;
    this.#moveTo(Math.min(...[...this.#sleepers].map(({ at }) => at)));
    return true;
  }

  #moveTo(at: number): void {
    this.#now = Math.max(this.#now, at);
    for (const sleeper of [...this.#sleepers]) {
      if (sleeper.at > this.#now) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}

/** Lets every promise that can settle settle. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** mulberry32: small, and the same everywhere. */
export function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
