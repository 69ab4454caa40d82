/**
 * Compacts a partition in slices that never hold the event loop for long: first it learns the last offset of each key
 * in the part not yet compacted, then it walks the partition and writes what is kept, small batches grown together.
 *
 * 1. Old records of a key go before its tombstone does, because the walk ascends: a crash never revives a key.
 * 2. Only this module changes batches that exist, and only in the owner's process: a slice read is a slice written.
 * 3. Reading and appending go on meanwhile; offsets keep their meaning (L8).
 */
import { RecordBatchBuilder } from '../../core/streams/record-batch.ts';
import { copyRecords } from '../../core/streams/record-compaction.ts';
import { parseRecords } from '../../core/streams/record-set.ts';
import { LatestKeys } from '../log-port/latest-keys.ts';
import { sealBatch } from '../record-batch/seal.ts';
import { batchesFrom } from './partition-io.ts';
import type { Housework } from './housework.ts';
import type { FoundPartition } from './partition-io.ts';
import { placeKey } from './store.ts';

/** Keys held in memory by one run; the rest is compacted by the next. */
const KEYS_MAX = 1_000_000;
/** A run is worth it when so many records, and this share of what is kept, are new. */
const FRESH_RECORDS_MIN = 5_000;
const FRESH_SHARE_MIN = 0.5;
const SLICE_MS = 5;
const SLICE_BYTES = 1024 * 1024;
/** Batches below the first size are joined up to the second. */
const SMALL_BATCH_BYTES = 16 * 1024;
const JOINED_BATCH_BYTES = 64 * 1024;
/** Offset deltas are i32. */
const SPAN_MAX = 2 ** 30;

export interface CompactionOptions {
  /** How long tombstones stay, ms; null = for ever. */
  readonly tombstoneMs: number | null;
  /** Compacts even when little is new. */
  readonly always: boolean;
}

export async function compactPartition(
  housework: Housework,
  place: FoundPartition,
  options: CompactionOptions,
): Promise<void> {
  const { store } = housework;
  store.refresh();
  const { nextOffset, compactedThrough, compactedRecords } = store.partition(place.id);
  const fresh = nextOffset - compactedThrough;
  const due = fresh >= Math.max(FRESH_RECORDS_MIN, compactedRecords * FRESH_SHARE_MIN);
  if (!due && !options.always) return;
  const latest = new LatestKeys();
  const through = await learn(housework, place, latest, compactedThrough, nextOffset);
  const { tombstoneMs } = options;
  const tombstonesBelow =
    tombstoneMs === null ? 0 : (store.firstReceivedSince(place.id, housework.now() - tombstoneMs) ?? nextOffset);
  let kept = 0;
  for (let at = 0; at < through;) {
    if (housework.stopping()) return;
    store.refresh();
    const slice = new Slice(place.id);
    at = slice.read(batchesFrom(store, place, at), latest, { through, tombstonesBelow });
    kept += slice.kept;
    if (slice.removed.length > 0) {
      await housework.write(() => {
        for (const key of slice.removed) void store.batches.remove(key);
        for (const { key, bytes } of slice.written) void store.batches.put(key, bytes as Buffer);
      });
    }
    await housework.pause();
  }
  await housework.write(() => {
    store.putPartition(place.id, { ...store.partition(place.id), compactedThrough: through, compactedRecords: kept });
  });
}

/** Notes the keys from `from` on and returns the offset it came to. */
async function learn(
  housework: Housework,
  place: FoundPartition,
  latest: LatestKeys,
  from: number,
  end: number,
): Promise<number> {
  let at = from;
  while (at < end && latest.size < KEYS_MAX && !housework.stopping()) {
    housework.store.refresh();
    const until = performance.now() + SLICE_MS;
    let reached = end;
    for (const [baseOffset, batch] of batchesFrom(housework.store, place, at)) {
      if (baseOffset >= end) break;
      if (performance.now() > until || latest.size >= KEYS_MAX) {
        reached = baseOffset;
        break;
      }
      latest.observe(parseRecords([batch], { from: at }).records);
    }
    at = reached;
    await housework.pause();
  }
  return at;
}

/** What one slice of the walk changes. Runs of batches that are thinned out or small become one batch. */
class Slice {
  readonly removed: Uint8Array[] = [];
  readonly written: { readonly key: Uint8Array; readonly bytes: Uint8Array }[] = [];
  kept = 0;
  readonly #id: number;
  readonly #builder = new RecordBatchBuilder();
  #run: { readonly base: number; readonly keys: Uint8Array[]; thinned: boolean } | undefined;

  constructor(id: number) {
    this.#id = id;
  }

  /** Returns the offset where the next slice begins. */
  read(
    batches: Iterable<readonly [number, Uint8Array]>,
    latest: LatestKeys,
    bounds: { readonly through: number; readonly tombstonesBelow: number },
  ): number {
    const until = performance.now() + SLICE_MS;
    let bytes = 0;
    let next = bounds.through;
    for (const [base, batch] of batches) {
      if (base >= bounds.through || bytes > SLICE_BYTES || performance.now() > until) {
        next = Math.min(base, bounds.through);
        break;
      }
      bytes += batch.length;
      const { records } = parseRecords([batch], { from: 0 });
      const outdated = latest.outdated(records, bounds.tombstonesBelow);
      this.kept += records.length - outdated.size;
      const thinned = outdated.size > 0;
      if (!thinned && batch.length >= SMALL_BATCH_BYTES) {
        this.#endRun();
        continue;
      }
      if (this.#run !== undefined && base - this.#run.base > SPAN_MAX) this.#endRun();
      this.#run ??= { base, keys: [], thinned: false };
      this.#run.thinned ||= thinned;
      this.#run.keys.push(placeKey(this.#id, base));
      copyRecords(records, (offset) => !outdated.has(offset), this.#run.base, this.#builder);
      if (this.#builder.byteLength >= JOINED_BATCH_BYTES) this.#endRun();
    }
    this.#endRun();
    return next;
  }

  #endRun(): void {
    const run = this.#run;
    this.#run = undefined;
    // A lone batch that stays whole is left where it is.
    if (run !== undefined && (run.thinned || run.keys.length > 1)) {
      this.removed.push(...run.keys);
      if (this.#builder.count > 0) {
        const { bytes } = this.#builder.finish();
        sealBatch(bytes, { baseOffset: run.base, appendTime: null });
        this.written.push({ key: placeKey(this.#id, run.base), bytes });
      }
    }
    this.#builder.reset();
  }
}
