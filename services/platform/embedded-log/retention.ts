/**
 * Deletes what is older than a topic keeps, by the time the log received it: a history that is imported or replayed
 * with old timestamps is as young as its arrival. Precision is a minute, never early.
 */
import type { Housework } from './housework.ts';
import type { FoundPartition } from './partition-io.ts';
import { placeKey } from './store.ts';

/** Batches removed per transaction: a few milliseconds of the event loop. */
const REMOVED_MAX = 100;

export async function expirePartition(housework: Housework, place: FoundPartition, retentionMs: number): Promise<void> {
  const { store, write } = housework;
  const { id } = place;
  const before = housework.now() - retentionMs;
  store.refresh();
  const firstKept = store.firstReceivedSince(id, before) ?? store.partition(id).nextOffset;
  if (firstKept > store.partition(id).logStartOffset) {
    // First nobody is told of them any more, then they go: a crash in between leaves nothing but work to do.
    await write(() => {
      const state = store.partition(id);
      state.logStartOffset = Math.max(state.logStartOffset, firstKept);
      store.putPartition(id, state);
      store.removeArrivalsBefore(id, before);
    });
  }
  while (!housework.stopping()) {
    store.refresh();
    const range = { start: placeKey(id, 0), end: placeKey(id, store.partition(id).logStartOffset), limit: REMOVED_MAX };
    const keys = [...store.batches.getKeys(range)];
    if (keys.length === 0) return;
    await write(() => {
      for (const key of keys) void store.batches.remove(key);
    });
    await housework.pause();
  }
}
