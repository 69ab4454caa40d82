/**
 * The task clock (T3, T4). It permits timers and stamps decisions (T6); it is never "now" for a customer.
 *
 *  1  It never goes back: a restart starts from the committed clock.
 *  2  Live, it is the least of what the inputs are proven through, less the delay for events on their way. So lag that
 *     is known, in whichever input, holds every timer.
 *  3  An input is proven through T by an end offset asked for at T that we have reached. Else through the append time
 *     of the record that stands at its front (nothing before it is left), where the log itself gives that time.
 */

/** Largest difference seen between the host's time and the log's (T3): shared by all tasks of a process. */
export class AppendSkew {
  #ms: number | undefined;

  /** An answer to an append of our own, as it came. */
  observe(hostMs: number, logAppendTimeMs: number): void {
    const skew = hostMs - logAppendTimeMs;
    if (this.#ms === undefined || skew > this.#ms) this.#ms = skew;
  }

  /** Host time less log time, ms; 0 while no answer has shown it. */
  get ms(): number {
    return this.#ms ?? 0;
  }
}

export interface ClockOptions {
  /** `clock.delay`, ms: how long events may be on their way before they come as late. */
  readonly delayMs: number;
  readonly skew: AppendSkew;
  /** Per input: does the log give the append time? Only then records move the clock (semantics, "append time"). */
  readonly appendTimed: readonly boolean[];
}

export class TaskClock {
  #now: number;
  readonly #options: ClockOptions;
  readonly #proven: Float64Array;
  /** A proof that waits until our position reaches the end it saw; end = Infinity: none. */
  readonly #waitingFor: Float64Array;
  readonly #waitingEnd: Float64Array;

  constructor(committed: number, options: ClockOptions) {
    this.#now = committed;
    this.#options = options;
    const inputs = options.appendTimed.length;
    this.#proven = new Float64Array(inputs).fill(-Infinity);
    this.#waitingFor = new Float64Array(inputs);
    this.#waitingEnd = new Float64Array(inputs).fill(Infinity);
  }

  /** ms UTC. */
  get now(): number {
    return this.#now;
  }

  /** Host time, at the earliest, at which a proof can let a timer of this instant fire. */
  provableAt(due: number): number {
    return due + this.#options.delayMs + this.#options.skew.ms;
  }

  /** T4: the largest instant seen in a replay. */
  advanceTo(instant: number): void {
    if (instant > this.#now) this.#now = instant;
  }

  /** A record with this append time stands at the front of the input. */
  front(input: number, timestamp: number): void {
    if (this.#options.appendTimed[input]! && timestamp > this.#proven[input]!) this.#proven[input] = timestamp;
  }

  /** An end offset asked for at host time `sentAt` was answered. */
  proof(input: number, sentAt: number, end: number, position: number): void {
    const skew = this.#options.skew.ms;
    // Clocks too far apart prove nothing; records still do, and `doctor` says so.
    if (skew > this.#options.delayMs) return;
    // An older proof that still waits is closer to being met than a newer one.
    if (this.#waitingEnd[input]! === Infinity || end <= position) {
      this.#waitingFor[input] = sentAt - skew;
      this.#waitingEnd[input] = end;
    }
    this.reached(input, position);
  }

  /** Everything of the input below this offset is consumed. */
  reached(input: number, position: number): void {
    if (position < this.#waitingEnd[input]!) return;
    this.#waitingEnd[input] = Infinity;
    if (this.#waitingFor[input]! > this.#proven[input]!) this.#proven[input] = this.#waitingFor[input]!;
  }

  /** Takes what is proven into the clock. */
  settle(): void {
    let least = Infinity;
    for (const proven of this.#proven) if (proven < least) least = proven;
    this.advanceTo(Math.floor(least - this.#options.delayMs));
  }
}
