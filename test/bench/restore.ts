/** From the start of the process `tributary up` until all its tasks run, with the state of many customers to read back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../services/core/streams/log.ts';
import { UpProcess } from '../faults/up-process.ts';
import { ownRecords } from './own-records.ts';
import { RandomRows } from './random-rows.ts';
import { RowWriter } from './row-writer.ts';
import { stateSize } from './state-size.ts';
import { takeAll } from './take-all.ts';
import { makeUpDirectory, openUpLog, type Place, type UpDirectory } from './up-directory.ts';

export interface RestoreResult {
  readonly customers: number;
  /** Of the changelog. */
  readonly records: number;
  readonly megabytes: number;
  /** From process start until the last task runs. */
  readonly seconds: number;
  /** Of that, the reading of the changelog by the slowest task. */
  readonly restoreSeconds: number;
}

const EVENTS_PER_CUSTOMER = 3;
const BATCH_BYTES = 400_000;
const RUNNING_MS_MAX = 120_000;

export async function benchRestore(customers: number, place: Place): Promise<RestoreResult> {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
  try {
    const made = await makeUpDirectory(directory, place, async (up, log) => {
      await append(log, up, customers);
      await takeAll(log, up);
    });
    const log = await openUpLog(made.config, false);
    const size = await stateSize(log, made.topics.changelog, made.config.topics.partitions);
    await log.close();
    const startedAt = performance.now();
    const up = new UpProcess(made.configFile);
    while (!up.running && up.alive && performance.now() - startedAt < RUNNING_MS_MAX) await sleep(1);
    const seconds = (performance.now() - startedAt) / 1000;
    const ran = up.running;
    up.kill('SIGKILL');
    await up.ended;
    if (!ran) throw new Error(`it did not run:\n${up.lines.join('\n')}`);
    return {
      ...{ customers: size.customers, records: size.records, megabytes: size.megabytes },
      seconds: Math.round(seconds * 100) / 100,
      restoreSeconds: Math.round(Math.max(...up.restoreMs)) / 1000,
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function append(log: Log, { topics, config, registry }: UpDirectory, customers: number): Promise<void> {
  const writer = new RowWriter(log, topics, config.topics.partitions, ownRecords(registry));
  const rows = new RandomRows(1, customers, 'restore');
  for (let round = 0; round < EVENTS_PER_CUSTOMER; round++)
    for (let customer = 0; customer < customers; customer++)
      if (writer.add(rows.next(Date.now(), customer)) > BATCH_BYTES) await writer.flush();
  await writer.flush();
}
