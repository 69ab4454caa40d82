/** How much is kept per customer: the last value of each key of the changelog, as a new owner restores it. */
import { isMetaKey, isPageKey, keyOf } from '../../services/core/streams/changelog-keys.ts';
import type { Log } from '../../services/core/streams/log.ts';
import type { RecordSet } from '../../services/core/streams/record-batch.ts';

export interface StateSize {
  readonly customers: number;
  /** Key and value bytes. */
  readonly bytesPerCustomer: number;
  readonly bytesMedian: number;
  readonly bytesLargest: number;
  /** All records of the changelog as it stands, overtaken ones included. */
  readonly records: number;
  readonly megabytes: number;
}

export async function stateSize(log: Log, changelog: string, partitions: number): Promise<StateSize> {
  const pages = new Map<string, number>();
  let records = 0;
  let bytes = 0;
  await eachRecord(log, changelog, partitions, (set, index) => {
    const key = set.key(index);
    if (key === null) return;
    const value = set.value(index);
    const size = key.length + (value?.length ?? 0);
    records += 1;
    bytes += size;
    if (isMetaKey(key) || !isPageKey(key)) return;
    const name = Buffer.from(key).toString('latin1');
    if (value === null) pages.delete(name);
    else pages.set(name, size);
  });
  const customers = new Map<string, number>();
  for (const [name, size] of pages) {
    const customer = keyOf(Buffer.from(name, 'latin1'));
    customers.set(customer, (customers.get(customer) ?? 0) + size);
  }
  const sizes = [...customers.values()].sort((a, b) => a - b);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return {
    customers: customers.size,
    bytesPerCustomer: Math.round(total / customers.size),
    bytesMedian: sizes[Math.floor(sizes.length / 2)] ?? 0,
    bytesLargest: sizes.at(-1) ?? 0,
    records,
    megabytes: Math.round(bytes / 1e5) / 10,
  };
}

/** Every committed record of a topic, partition by partition. */
export async function eachRecord(
  log: Log,
  topic: string,
  partitions: number,
  visit: (records: RecordSet, index: number) => void,
): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    const [end] = await log.endOffsets([{ topic, partition }]);
    let offset = end!.logStartOffset;
    while (offset < end!.lastStableOffset) {
      const [fetched] = await log.fetch([{ topic, partition, offset, maxBytes: 1 << 20 }], {
        isolation: 'read_committed',
        maxWaitMs: 0,
      });
      const { records, nextOffset } = fetched!;
      for (let index = 0; index < records.length; index++) visit(records, index);
      offset = nextOffset;
    }
  }
}
