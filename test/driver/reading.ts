/** What tests read of a run of the counting program. */
import { restore } from '../../services/core/streams/restore.ts';
import { StateStore } from '../../services/core/streams/state.ts';
import { countCodec, type Count, type Said } from './counting.ts';
import type { Driver, Read } from './driver.ts';

export function saidIn(reads: readonly Read[]): Said[] {
  return reads.map(({ value }) => JSON.parse(Buffer.from(value!).toString()) as Said);
}

/** Everything said, as lines to compare byte for byte: timestamps, keys, values. */
export async function lines(driver: Driver, topic: string, partition = 0): Promise<string[]> {
  const reads = await driver.read(topic, partition);
  return reads.map(({ timestamp, key, value }) => `${timestamp} ${key ?? ''} ${Buffer.from(value ?? []).toString()}`);
}

/** What is said of each key, without the clock: the key's own truth, which no schedule may change. */
export async function perKey(driver: Driver, partition = 0): Promise<Record<string, string[]>> {
  const result: Record<string, string[]> = {};
  for (const { what, key, count, sum, at, set } of saidIn(await driver.read('said', partition))) {
    // Junk has no instant, so no place among the key's timers.
    if (what !== 'junk') (result[key] ??= []).push(JSON.stringify({ what, count, sum, at, set }));
  }
  return Object.fromEntries(Object.entries(result).sort());
}

/** The state as a fresh owner would restore it. */
export async function restored(driver: Driver, partition = 0): Promise<StateStore<Count>> {
  const state = new StateStore(countCodec);
  let done = false;
  const restoring = restore(driver.log, driver.host, 'changelog', partition, state).finally(() => (done = true));
  await driver.host.until(() => done);
  await restoring;
  return state;
}

/** Pages of every key, for comparison. */
export function pagesOf(state: StateStore<Count>): Record<string, string[]> {
  const entries = [...state.keys()].sort().map((key) => {
    const pages = state.committed(key) ?? [];
    return [key, pages.map((page) => (page === undefined ? '-' : Buffer.from(page).toString('hex')))] as const;
  });
  return Object.fromEntries(entries);
}
