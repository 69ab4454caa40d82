/**
 * From the instant at which an event was to be sent until a read-committed reader in another process than the product holds the
 * change that the event made. The product is `tributary up` with everything on, ledger included; sender and reader share a
 * process of their own. Events are sent on schedule, whatever came back: waiting for answers would hide what it measures.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FetchRequest, Log } from '../../services/core/streams/log.ts';
import { UpProcess } from '../faults/up-process.ts';
import { ownRecords } from './own-records.ts';
import { RandomRows } from './random-rows.ts';
import { RowWriter } from './row-writer.ts';
import { makeUpDirectory, openUpLog, type Place, type UpDirectory } from './up-directory.ts';

export interface LatencyOptions extends Place {
  /** Events per second. */
  readonly rate: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** Milliseconds. */
export interface LatencyResult {
  readonly rate: number;
  readonly events: number;
  readonly changes: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** From schedule to acknowledged (flushed); the change cannot be there before. */
  readonly appendP50: number;
  readonly appendP99: number;
}

/** Customers per event and second: few enough that most get several events and so move between segments. */
const CUSTOMERS_SHARE = 1;
const START_MS_MAX = 60_000;
const TICK_MS = 2;
const WAIT_MS = 500;
/** After the last event, for its change to arrive. */
const TAIL_MS = 2_000;

export async function benchLatency(options: LatencyOptions): Promise<LatencyResult> {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
  try {
    const made = await makeUpDirectory(directory, options);
    const log = await openUpLog(made.config, false);
    const up = new UpProcess(made.configFile);
    try {
      await running(up);
      return await measure(log, made, options);
    } finally {
      up.kill('SIGTERM');
      await up.ended;
      await log.close();
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function running(up: UpProcess): Promise<void> {
  const deadline = performance.now() + START_MS_MAX;
  while (!up.running) {
    if (!up.alive || performance.now() > deadline) throw new Error(`it did not start:\n${up.lines.join('\n')}`);
    await sleep(TICK_MS);
  }
}

async function measure(log: Log, made: UpDirectory, options: LatencyOptions): Promise<LatencyResult> {
  const { rate, warmUpSeconds, seconds } = options;
  const stop = new AbortController();
  const startAt = Date.now() + 100;
  const from = startAt + warmUpSeconds * 1000;
  const until = from + seconds * 1000;
  const latencies: number[] = [];
  const told = made.config.log.kind === 'kafka' ? await openUpLog(made.config, false) : log;
  const reading = readChanges(told, made, stop.signal, (effectiveAt, now) => {
    if (effectiveAt >= from && effectiveAt < until) latencies.push(now - effectiveAt);
  });
  const appended: number[] = [];
  const { partitions } = made.config.topics;
  const writer = new RowWriter(log, made.topics, partitions, ownRecords(made.registry));
  const rows = new RandomRows(1, rate * CUSTOMERS_SHARE, `latency-${startAt}`);
  let sent = 0;
  for (;;) {
    const now = Date.now();
    const due = Math.floor(((Math.min(now, until) - startAt) * rate) / 1000);
    const first = sent;
    for (; sent < due; sent++) writer.add(rows.next(startAt + Math.floor((sent * 1000) / rate)));
    await writer.flush();
    const flushedAt = Date.now();
    for (let index = first; index < sent; index++) {
      const at = startAt + (index * 1000) / rate;
      if (at >= from) appended.push(flushedAt - at);
    }
    if (now >= until) break;
    if (flushedAt - now < TICK_MS) await sleep(TICK_MS);
  }
  await Promise.race([sleep(TAIL_MS), reading]);
  stop.abort();
  await reading;
  if (told !== log) await told.close();
  latencies.sort((a, b) => a - b);
  appended.sort((a, b) => a - b);
  return {
    ...{ rate, events: appended.length, changes: latencies.length },
    ...{ p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99), max: quantile(latencies, 1) },
    ...{ appendP50: quantile(appended, 0.5), appendP99: quantile(appended, 0.99) },
  };
}

async function readChanges(
  log: Log,
  { registry, topics, config }: UpDirectory,
  signal: AbortSignal,
  seen: (effectiveAt: number, now: number) => void,
): Promise<void> {
  const positions: FetchRequest[] = Array.from({ length: config.topics.partitions }, (_, partition) => ({
    ...{ topic: topics.changes, partition, offset: 0, maxBytes: 1 << 20 },
  }));
  while (!signal.aborted) {
    const answers = await log.fetch(positions, { isolation: 'read_committed', maxWaitMs: WAIT_MS, signal });
    const now = Date.now();
    answers.forEach(({ records, nextOffset }, index) => {
      for (let at = 0; at < records.length; at++) {
        const { cause, effectiveAt } = registry.decode('change', records.value(at));
        // Timers wait for the clock by design (T3), and a late event's change is dated by its customer's own now (T2).
        if (cause === 'event') seen(effectiveAt, now);
      }
      positions[index] = { ...positions[index]!, offset: nextOffset };
    });
  }
}

/** Of ascending values; NaN without any. */
function quantile(values: readonly number[], share: number): number {
  return Math.round(values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN);
}
