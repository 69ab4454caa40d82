/**
 * From the instant at which an event was to be sent until a read-committed reader in another process than the product holds the
 * change that the event made. The product is `tributary up` with everything on, ledger included; sender and reader share a
 * process of their own (live-probe.ts).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UpProcess } from '../faults/up-process.ts';
import { LiveProbe, running, type Latencies } from './live-probe.ts';
import { makeUpDirectory, openUpLog, type Place } from './up-directory.ts';

export interface LatencyOptions extends Place {
  /** Events per second. */
  readonly rate: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

export interface LatencyResult extends Latencies {
  readonly rate: number;
}

/** Customers per event and second: few enough that most get several events and so move between segments. */
const CUSTOMERS_SHARE = 1;

export async function benchLatency(options: LatencyOptions): Promise<LatencyResult> {
  const { rate, warmUpSeconds, seconds } = options;
  const directory = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
  try {
    const made = await makeUpDirectory(directory, options);
    const log = await openUpLog(made.config, false);
    const up = new UpProcess(made.configFile);
    try {
      await running(up);
      const probe = new LiveProbe(log, made, rate, rate * CUSTOMERS_SHARE);
      const from = probe.startAt + warmUpSeconds * 1000;
      const until = from + seconds * 1000;
      await sleep(until - Date.now());
      await probe.stop();
      return { rate, ...probe.between(from, until) };
    } finally {
      up.kill('SIGTERM');
      await up.ended;
      await log.close();
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}
