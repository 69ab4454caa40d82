/** Which offset holds the last record of each key: the knowledge a compaction works from (L8). */
import type { RecordSet } from '../../core/streams/record-batch.ts';

export class LatestKeys {
  readonly #offsets = new Map<string, number>();

  get size(): number {
    return this.#offsets.size;
  }

  /** Sets must come in ascending order of offset. */
  observe(records: RecordSet): void {
    for (let index = 0; index < records.length; index += 1) {
      const key = records.key(index);
      if (key !== null) this.#offsets.set(latin1(key), records.offset(index));
    }
  }

  /**
   * Offsets of the set that are out of date: a newer record has their key, or they are tombstones below
   * `tombstonesBelow` (their retention is over). Records without a key cannot be compacted and stay.
   */
  outdated(records: RecordSet, tombstonesBelow: number): ReadonlySet<number> {
    const outdated = new Set<number>();
    for (let index = 0; index < records.length; index += 1) {
      const key = records.key(index);
      if (key === null) continue;
      const offset = records.offset(index);
      const latest = this.#offsets.get(latin1(key)) ?? offset;
      const expired = offset < tombstonesBelow && records.value(index) === null;
      if (latest > offset || expired) outdated.add(offset);
    }
    return outdated;
  }
}

/** One character a byte: equal strings exactly for equal keys. */
function latin1(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}
