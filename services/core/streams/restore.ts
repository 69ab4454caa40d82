/** Reads a task's changelog partition to its last stable offset into the state, and the last meta record with it. */
import { isMetaKey, isPageKey } from './changelog-keys.ts';
import type { Host } from './host.ts';
import type { Log } from './log.ts';
import { decodeMeta, type Meta } from './meta.ts';
import type { StateStore } from './state.ts';

const FETCH_BYTES = 4 * 1024 * 1024;
const WAIT_MS = 100;
/** Records between two looks at the host's time. */
const RECORDS_PER_LOOK = 256;
const TURN_MS = 5;

export interface Restored {
  /** undefined: the task has never committed. */
  readonly meta: Meta | undefined;
  readonly records: number;
}

/** Must run after fencing: then nobody can write to the partition any more, and its last stable offset is its end. */
export async function restore<V>(
  log: Log,
  host: Host,
  changelog: string,
  partition: number,
  state: StateStore<V>,
): Promise<Restored> {
  const [end] = await log.endOffsets([{ topic: changelog, partition }]);
  let meta: { readonly bytes: Uint8Array; readonly offset: number } | undefined;
  let records = 0;
  let until = host.now() + TURN_MS;
  for (let offset = end!.logStartOffset; offset < end!.lastStableOffset;) {
    const [answer] = await log.fetch([{ topic: changelog, partition, offset, maxBytes: FETCH_BYTES }], {
      isolation: 'read_committed',
      maxWaitMs: WAIT_MS,
    });
    const set = answer!.records;
    for (let index = 0; index < set.length; index++) {
      const key = set.key(index)!;
      const value = set.value(index);
      if (isPageKey(key)) state.load(key, value);
      else if (isMetaKey(key) && value !== null) meta = { bytes: value, offset: set.offset(index) };
      records += 1;
      if (records % RECORDS_PER_LOOK === 0 && host.now() >= until) {
        await host.yield();
        until = host.now() + TURN_MS;
      }
    }
    offset = answer!.nextOffset;
  }
  state.restored();
  return {
    meta: meta === undefined ? undefined : decodeMeta(meta.bytes, { changelog, partition, offset: meta.offset }),
    records,
  };
}
