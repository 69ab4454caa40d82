/**
 * Events sent to the running product on schedule, and when a read-committed reader in this process holds the change each made.
 * Events are sent whatever came back: waiting for answers would hide what it measures. What else the product tells at the same
 * time is counted by its key and not decoded, so that reading it costs the measurement little.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FetchRequest, Log } from '../../services/core/streams/log.ts';
import type { UpProcess } from '../faults/up-process.ts';
import { ownRecords } from './own-records.ts';
import { RandomRows } from './random-rows.ts';
import { RowWriter } from './row-writer.ts';
import { openUpLog, type UpDirectory } from './up-directory.ts';

/** Milliseconds; NaN without any change. */
export interface Latencies {
  readonly events: number;
  readonly changes: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** From schedule to acknowledged (flushed); the change cannot be there before. */
  readonly appendP50: number;
  readonly appendP99: number;
}

/** Changes of customers that are not the probe's own, by the first byte of their key. */
export interface Others {
  count: number;
  /** When the last of them was held, ms of this process. */
  lastAt: number;
}

const START_MS_MAX = 120_000;
const TICK_MS = 2;
const WAIT_MS = 500;
/** After the last event, for its change to arrive. */
const TAIL_MS = 2_000;
/** Of the customers of `RandomRows` that have no prefix of their own. */
const OWN_FIRST_BYTE = 'c'.charCodeAt(0);

/** Resolves when all tasks of the process work. */
export async function running(up: UpProcess): Promise<void> {
  const deadline = performance.now() + START_MS_MAX;
  while (!up.running) {
    if (!up.alive || performance.now() > deadline) throw new Error(`it did not start:\n${up.lines.join('\n')}`);
    await sleep(TICK_MS);
  }
}

export class LiveProbe {
  /** Pairs: when it was to be sent, and how long it took. */
  readonly #changes: { readonly at: number; readonly ms: number }[] = [];
  readonly #appends: { readonly at: number; readonly ms: number }[] = [];
  readonly others: Others = { count: 0, lastAt: 0 };
  readonly startAt = Date.now() + 100;
  readonly #stop = new AbortController();
  readonly #log: Log;
  readonly #made: UpDirectory;
  readonly #sending: Promise<void>;
  readonly #reading: Promise<void>;

  /** `rate`: events per second, drawn of so many customers. */
  constructor(log: Log, made: UpDirectory, rate: number, customers: number) {
    this.#log = log;
    this.#made = made;
    this.#sending = this.#send(rate, customers);
    this.#reading = this.#read();
    // Whoever stops the probe hears of it.
    this.#sending.catch(() => undefined);
    this.#reading.catch(() => undefined);
  }

  /** Stops sending, waits for what is still to come, and stops reading. Throws what went wrong meanwhile. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#sending;
    await this.#reading;
  }

  /** Of events that were to be sent in [from, until), ms of this process. */
  between(from: number, until: number): Latencies {
    const within = (pairs: readonly { readonly at: number; readonly ms: number }[]): number[] =>
      pairs.flatMap(({ at, ms }) => (at >= from && at < until ? [ms] : [])).sort((a, b) => a - b);
    const [changes, appends] = [within(this.#changes), within(this.#appends)];
    return {
      ...{ events: appends.length, changes: changes.length },
      ...{ p50: quantile(changes, 0.5), p99: quantile(changes, 0.99), max: quantile(changes, 1) },
      ...{ appendP50: quantile(appends, 0.5), appendP99: quantile(appends, 0.99) },
    };
  }

  async #send(rate: number, customers: number): Promise<void> {
    const { topics, config, registry } = this.#made;
    const writer = new RowWriter(this.#log, topics, config.topics.partitions, ownRecords(registry));
    const rows = new RandomRows(1, customers, `probe-${this.startAt}`);
    const dueAt = (sent: number): number => this.startAt + Math.floor((sent * 1000) / rate);
    let sent = 0;
    for (;;) {
      // What was due when it was stopped is still sent.
      const stopped = this.#stop.signal.aborted;
      const now = Date.now();
      const first = sent;
      for (; dueAt(sent) <= now; sent++) writer.add(rows.next(dueAt(sent)));
      await writer.flush();
      const flushedAt = Date.now();
      for (let index = first; index < sent; index++) {
        const at = this.startAt + (index * 1000) / rate;
        this.#appends.push({ at, ms: flushedAt - at });
      }
      if (stopped) return;
      if (flushedAt - now < TICK_MS) await sleep(TICK_MS);
    }
  }

  async #read(): Promise<void> {
    const { registry, topics, config } = this.#made;
    // On Kafka a reader that waits must not hold up the sender's connection.
    const log = config.log.kind === 'kafka' ? await openUpLog(config, false) : this.#log;
    const positions: FetchRequest[] = Array.from({ length: config.topics.partitions }, (_, partition) => ({
      ...{ topic: topics.changes, partition, offset: 0, maxBytes: 1 << 20 },
    }));
    let until = Infinity;
    while (Date.now() < until) {
      const answers = await log.fetch(positions, { isolation: 'read_committed', maxWaitMs: WAIT_MS });
      const now = Date.now();
      answers.forEach(({ records, nextOffset }, index) => {
        for (let at = 0; at < records.length; at++) {
          if (records.key(at)?.[0] !== OWN_FIRST_BYTE) {
            this.others.count += 1;
            this.others.lastAt = now;
            continue;
          }
          const { cause, effectiveAt } = registry.decode('change', records.value(at));
          // Timers wait for the clock by design (T3), and a late event's change is dated by its customer's own now (T2).
          if (cause === 'event') this.#changes.push({ at: effectiveAt, ms: now - effectiveAt });
        }
        positions[index] = { ...positions[index]!, offset: nextOffset };
      });
      if (until === Infinity && this.#stop.signal.aborted) until = Date.now() + TAIL_MS;
    }
    if (log !== this.#log) await log.close();
  }
}

/** Of ascending values; NaN without any. */
function quantile(values: readonly number[], share: number): number {
  return Math.round(values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN);
}
