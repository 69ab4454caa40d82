/**
 * Time and turns, from outside: the core has no timers. The program gives the machine's, the test driver gives virtual
 * ones and so decides every interleaving.
 */
export interface Host {
  /** The host's time, ms UTC. */
  now(): number;
  /** Resolves after `ms` or as soon as the signal aborts; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Lets everything else that is ready run first (timers, sockets, other tasks). */
  yield(): Promise<void>;
}

/** A bell one waiter listens to. Ringing while nobody waits is remembered until the next wait. */
export class Bell {
  readonly #host: Host;
  #rung = false;
  #waiter: (() => void) | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  ring(): void {
    this.#rung = true;
    this.#waiter?.();
  }

  /** Resolves when rung, at the latest after `ms`. */
  async wait(ms: number): Promise<void> {
    if (!this.#rung && ms > 0) {
      const over = new AbortController();
      const rung = new Promise<void>((resolve) => (this.#waiter = resolve));
      await Promise.race([rung, this.#host.sleep(ms, over.signal)]);
      this.#waiter = undefined;
      over.abort();
    }
    this.#rung = false;
  }
}
