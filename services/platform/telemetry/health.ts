/**
 * What this process knows of its own condition, told by the components themselves and read by the probes.
 *  H1  Live: every watchdog was fed in time. It depends on nothing outside of the process.
 *  H2  Ready: every *required* dependency is ok. A ClickHouse that is away degrades, and ready stays true.
 *  H3  Each state carries its age, and when it was last ok: a stale "ok" is seen as stale.
 */
import type { Fault } from '../../core/faults.ts';

type Condition = 'starting' | 'ok' | 'degraded' | 'failed';

export interface Dependency {
  ok(): void;
  degraded(fault: Fault): void;
  failed(fault: Fault): void;
}

interface DependencyReport {
  readonly name: string;
  readonly required: boolean;
  readonly condition: Condition;
  /** How long it has been in this condition. */
  readonly ageMs: number;
  /** Since it last said ok; null = never yet. */
  readonly lastOkAgeMs: number | null;
  readonly fault: { readonly code: string; readonly next: string } | null;
}

export interface HealthReport {
  readonly status: 'ok' | 'degraded' | 'starting' | 'failed';
  readonly live: boolean;
  readonly ready: boolean;
  readonly uptimeMs: number;
  readonly dependencies: readonly DependencyReport[];
  readonly silent: readonly string[];
  readonly figures: Readonly<Record<string, number | string | null>>;
}

interface Known {
  readonly required: boolean;
  condition: Condition;
  since: number;
  lastOk: number | null;
  fault: Fault | null;
}

/** `now` is monotonic, ms. */
export class Health {
  readonly #now: () => number;
  readonly #started: number;
  readonly #dependencies = new Map<string, Known>();
  readonly #watchdogs = new Map<string, { fed: number; readonly silenceMsMax: number }>();
  readonly #figures = new Map<string, () => number | string | null>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#started = now();
  }

  /** Registers what this process needs (`required`) or only uses. It is `starting` until it says otherwise. */
  dependency(name: string, { required }: { readonly required: boolean }): Dependency {
    const known: Known = { required, condition: 'starting', since: this.#now(), lastOk: null, fault: null };
    this.#dependencies.set(name, known);
    const become = (condition: Condition, fault: Fault | null): void => {
      if (known.condition !== condition) known.since = this.#now();
      if (condition === 'ok') known.lastOk = this.#now();
      known.condition = condition;
      known.fault = fault;
    };
    return {
      ok: () => become('ok', null),
      degraded: (fault) => become('degraded', fault),
      failed: (fault) => become('failed', fault),
    };
  }

  /** A loop that must turn: `feed` at each turn, `end` when it stops for good. */
  watchdog(name: string, silenceMsMax: number): { feed(): void; end(): void } {
    const watched = { fed: this.#now(), silenceMsMax };
    this.#watchdogs.set(name, watched);
    return {
      feed: () => {
        watched.fed = this.#now();
      },
      end: () => {
        if (this.#watchdogs.get(name) === watched) this.#watchdogs.delete(name);
      },
    };
  }

  /** A number that people ask for first (lag, watermark age); read when a report is made. */
  figure(name: string, read: () => number | string | null): void {
    this.#figures.set(name, read);
  }

  report(): HealthReport {
    const now = this.#now();
    const dependencies = [...this.#dependencies].map(([name, known]): DependencyReport => {
      const fault = known.fault === null ? null : { code: known.fault.code, next: known.fault.next };
      const lastOkAgeMs = known.lastOk === null ? null : Math.round(now - known.lastOk);
      const { required, condition } = known;
      return { name, required, condition, ageMs: Math.round(now - known.since), lastOkAgeMs, fault };
    });
    const silent = [...this.#watchdogs].flatMap(([name, dog]) => (now - dog.fed > dog.silenceMsMax ? [name] : []));
    const required = dependencies.filter((dependency) => dependency.required);
    const ready = required.every(({ condition }) => condition === 'ok');
    return {
      status: overall(dependencies, required, silent),
      live: silent.length === 0,
      ready,
      uptimeMs: Math.round(now - this.#started),
      dependencies,
      silent,
      figures: Object.fromEntries([...this.#figures].map(([name, read]) => [name, read()])),
    };
  }
}

function overall(
  all: readonly DependencyReport[],
  required: readonly DependencyReport[],
  silent: readonly string[],
): HealthReport['status'] {
  if (silent.length > 0 || required.some(({ condition }) => condition === 'failed')) return 'failed';
  if (required.some(({ condition }) => condition === 'starting')) return 'starting';
  return all.every(({ condition }) => condition === 'ok') ? 'ok' : 'degraded';
}
