/**
 * One customer with very many events (an account that many people share) beside others: what is kept of it as it grows, what the
 * others wait while it is busy, and what explain says of its precision. Others are measured alone, beside the same load from
 * many customers, and beside the same load from the one.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SegmentNow } from '../../services/core/domain/evaluation/explain.ts';
import type { Log } from '../../services/core/streams/log.ts';
import { packagePath } from '../../services/platform/config/package-root.ts';
import { UpProcess } from '../faults/up-process.ts';
import { LiveProbe, running } from './live-probe.ts';
import { ownRecords } from './own-records.ts';
import { RandomRows } from './random-rows.ts';
import { RowWriter } from './row-writer.ts';
import { stateSize } from './state-size.ts';
import { takeAll } from './take-all.ts';
import { makeUpDirectory, openUpLog, type Place, type UpDirectory } from './up-directory.ts';

export interface HotKeyOptions extends Place {
  /** Of the one customer, before the others are measured. */
  readonly events: number;
  /** Events per second of the others. */
  readonly rate: number;
  /** Events per second of the one, or of the many in its place. */
  readonly hotRate: number;
  readonly warmUpSeconds: number;
  /** Of each of the three measurements. */
  readonly seconds: number;
}

export interface HotKeyResult {
  readonly events: number;
  /** Key and value of all of its pages after a hundredth, a tenth and all of the events. */
  readonly bytesAt1Percent: number;
  readonly bytesAt10Percent: number;
  readonly bytesAtAll: number;
  readonly aloneP50: number;
  readonly aloneP99: number;
  readonly crowdP50: number;
  readonly crowdP99: number;
  readonly hotP50: number;
  readonly hotP99: number;
  /** Beside the one by alone. */
  readonly ratioP50: number;
  readonly ratioP99: number;
  /** Conditions of all segments, as explained. */
  readonly conditions: number;
  /** Of them, those that say since when events are known, because older ones were dropped. */
  readonly saidSince: number;
}

/** Its events so far lie in the days before, so that none is too late. */
const HISTORY_MS = 6 * 24 * 3_600_000;
/** Customers by the first letter of their ids; the probe's have its own. */
const HOT_PREFIX = 'h';
const HOT_ID = `${HOT_PREFIX}0000000`;
const CROWD_PREFIX = 'm';
const CROWD = 50_000;
const BATCH_BYTES = 400_000;
const TICK_MS = 5;

export async function benchHotKey(options: HotKeyOptions): Promise<HotKeyResult> {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
  try {
    const sizes: number[] = [];
    const made = await makeUpDirectory(directory, options, async (up, log) => {
      const startAt = Date.now() - HISTORY_MS;
      const rows = new RandomRows(1, 1, 'hot', HOT_PREFIX);
      let done = 0;
      for (const share of [0.01, 0.1, 1]) {
        const until = Math.round(options.events * share);
        await append(
          log,
          up,
          rows,
          done,
          until,
          (index) => startAt + Math.floor((index * HISTORY_MS) / options.events),
        );
        done = until;
        await takeAll(log, up);
        sizes.push((await stateSize(log, up.topics.changelog, up.config.topics.partitions)).bytesLargest);
      }
    });
    return { ...(await besideOthers(made, options)), ...sizesOf(sizes), events: options.events };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function sizesOf(sizes: readonly number[]): Pick<HotKeyResult, 'bytesAt1Percent' | 'bytesAt10Percent' | 'bytesAtAll'> {
  const [bytesAt1Percent = NaN, bytesAt10Percent = NaN, bytesAtAll = NaN] = sizes;
  return { bytesAt1Percent, bytesAt10Percent, bytesAtAll };
}

async function append(
  log: Log,
  { topics, config, registry }: UpDirectory,
  rows: RandomRows,
  from: number,
  until: number,
  at: (index: number) => number,
): Promise<void> {
  const writer = new RowWriter(log, topics, config.topics.partitions, ownRecords(registry));
  for (let index = from; index < until; index++)
    if (writer.add(rows.next(at(index))) > BATCH_BYTES) await writer.flush();
  await writer.flush();
}

async function besideOthers(
  made: UpDirectory,
  options: HotKeyOptions,
): Promise<Omit<HotKeyResult, 'events' | 'bytesAt1Percent' | 'bytesAt10Percent' | 'bytesAtAll'>> {
  const { rate, hotRate, warmUpSeconds, seconds } = options;
  const log = await openUpLog(made.config, false);
  const up = new UpProcess(made.configFile);
  try {
    await running(up);
    const probe = new LiveProbe(log, made, rate, rate);
    await sleep(warmUpSeconds * 1000);
    const alone = await during(seconds, (until) => sleep(until - Date.now()));
    const crowd = await during(seconds, (until) =>
      load(log, made, new RandomRows(2, CROWD, 'crowd', CROWD_PREFIX), hotRate, until),
    );
    // What is left of the crowd is not the hot one's.
    await sleep(warmUpSeconds * 1000);
    const hot = await during(seconds, (until) =>
      load(log, made, new RandomRows(3, 1, 'busy', HOT_PREFIX), hotRate, until),
    );
    await probe.stop();
    const explained = await explain(made);
    const [first, second, third] = [alone, crowd, hot].map(([from, until]) => probe.between(from, until));
    const conditions = explained.flatMap((segment) => segment.conditions);
    return {
      ...{ aloneP50: first!.p50, aloneP99: first!.p99, crowdP50: second!.p50, crowdP99: second!.p99 },
      ...{ hotP50: third!.p50, hotP99: third!.p99 },
      ratioP50: third!.p50 / first!.p50,
      ratioP99: third!.p99 / first!.p99,
      conditions: conditions.length,
      saidSince: conditions.filter(({ since }) => since !== null).length,
    };
  } finally {
    up.kill('SIGTERM');
    await up.ended;
    await log.close();
  }
}

async function during(
  seconds: number,
  work: (until: number) => Promise<unknown>,
): Promise<readonly [from: number, until: number]> {
  const from = Date.now();
  const until = from + seconds * 1000;
  await work(until);
  return [from, until];
}

/** Sends on schedule until an instant. */
async function load(
  log: Log,
  { topics, config, registry }: UpDirectory,
  rows: RandomRows,
  rate: number,
  until: number,
): Promise<void> {
  const writer = new RowWriter(log, topics, config.topics.partitions, ownRecords(registry));
  const startAt = Date.now();
  let sent = 0;
  for (let now = startAt; now < until; now = Date.now()) {
    for (const due = ((now - startAt) * rate) / 1000; sent < due; sent++) writer.add(rows.next(now));
    await writer.flush();
    await sleep(TICK_MS);
  }
}

/** What `customer show` says of all segments of the one. */
async function explain({ configFile }: UpDirectory): Promise<readonly SegmentNow[]> {
  const args = [
    packagePath('services', 'cli', 'bin.ts'),
    'customer',
    'show',
    HOT_ID,
    '--all',
    '--json',
    '--config',
    configFile,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let words = '';
  child.stdout.on('data', (chunk: Buffer) => (words += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`customer show ended with ${code}`);
  return (JSON.parse(words) as { readonly segments: readonly SegmentNow[] }).segments;
}
