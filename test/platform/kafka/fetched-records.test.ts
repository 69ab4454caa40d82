import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readFetched } from '../../../services/platform/kafka/fetched-records.ts';
import { sealBatch } from '../../../services/platform/record-batch/seal.ts';
import { dataBatch, joined, marker, valuesOf } from './record-bytes.ts';

const PLACE = { topic: 't', partition: 3 };
const a = { id: 7, epoch: 0 };
const b = { id: 8, epoch: 0 };

test('runs of plain batches are read from inside a batch on, and the position is behind the last whole one', () => {
  const bytes = joined(dataBatch(5, ['a', 'b', 'c']), dataBatch(9, ['d']), dataBatch(10, ['cut']));
  const { records, nextOffset, cutBytes } = readFetched(PLACE, bytes.subarray(0, bytes.length - 1), 6, []);
  expect(valuesOf(records)).toEqual(['b', 'c', 'd']);
  expect(nextOffset).toBe(10);
  expect(cutBytes).toBe(dataBatch(10, ['cut']).length);
});

test('a position is behind a hole that compaction left at a batch’s end, and behind an emptied batch', () => {
  const holed = dataBatch(0, ['kept', 'gone', 'gone']);
  // As the cleaner leaves it: the records are fewer, the last offset stays.
  const emptied = dataBatch(0, ['kept']);
  new DataView(emptied.buffer).setInt32(23, 2);
  const resealed = reseal(emptied);
  expect(readFetched(PLACE, resealed, 0, []).nextOffset).toBe(readFetched(PLACE, holed, 0, []).nextOffset);
  expect(readFetched(PLACE, resealed, 1, [])).toMatchObject({ nextOffset: 3, records: { length: 0 } });
});

test('a damaged batch is named with its place (L10)', () => {
  const bytes = dataBatch(12, ['fine']);
  bytes[bytes.length - 1]! ^= 1;
  expect(() => readFetched(PLACE, bytes, 12, [])).toThrow(
    expect.objectContaining({ code: 'LOG_DAMAGED', facts: { topic: 't', partition: 3, offset: 12 } }),
  );
});

test('a key of four zero bytes is no marker', () => {
  const bytes = joined(dataBatch(0, ['x'], a, '\0\0\0\0'), dataBatch(1, ['y'], a), marker(2, 'abort', 7));
  expect(valuesOf(readFetched(PLACE, bytes, 0, [{ producerId: 7, firstOffset: 0 }]).records)).toEqual([]);
});

test('overlapping transactions whose list is in the order of their ends', () => {
  const bytes = joined(
    ...[dataBatch(0, ['a0'], a), dataBatch(1, ['b1'], b), marker(2, 'abort', 8), dataBatch(3, ['plain'])],
    ...[dataBatch(4, ['a4'], a), marker(5, 'abort', 7), dataBatch(6, ['b6'], b), marker(7, 'commit', 8)],
  );
  const aborted = [
    { producerId: 8, firstOffset: 1 },
    { producerId: 7, firstOffset: 0 },
  ];
  const { records, nextOffset } = readFetched(PLACE, bytes, 0, aborted);
  expect(valuesOf(records)).toEqual(['plain', 'b6']);
  expect(nextOffset).toBe(8);
});

test('what is read of random transactions is what a naive reader of the whole log keeps', () => {
  const step = fc.record({
    producer: fc.integer({ min: 1, max: 4 }),
    what: fc.constantFrom('write', 'write', 'commit', 'abort', 'plain'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(40), (steps, from) => {
      const open = new Map<number, { firstOffset: number; values: string[] }>();
      const aborted: { producerId: number; firstOffset: number; lastOffset: number }[] = [];
      const left = new Set<string>();
      const batches: Uint8Array[] = [];
      const all: { offset: number; value: string }[] = [];
      let offset = 0;
      for (const { producer, what } of steps) {
        const value = String(offset);
        const transaction = open.get(producer);
        if (what === 'plain') batches.push(dataBatch(offset, [value]));
        else if (what === 'write') {
          batches.push(dataBatch(offset, [value], { id: producer, epoch: 0 }));
          open.set(producer, {
            firstOffset: transaction?.firstOffset ?? offset,
            values: [...(transaction?.values ?? []), value],
          });
        } else {
          if (transaction === undefined) continue;
          batches.push(marker(offset, what, producer));
          if (what === 'abort') {
            aborted.push({ producerId: producer, firstOffset: transaction.firstOffset, lastOffset: offset });
            for (const each of transaction.values) left.add(each);
          }
          open.delete(producer);
          offset += 1;
          continue;
        }
        all.push({ offset, value });
        offset += 1;
      }
      // Up to the last stable offset, as a broker gives it, and only what ends at or behind the position is named.
      const stable = Math.min(offset, ...[...open.values()].map(({ firstOffset }) => firstOffset));
      const start = Math.min(from, stable);
      const named = aborted.filter(({ lastOffset, firstOffset }) => lastOffset >= start && firstOffset < stable);
      const bytes = joined(...batches.slice(0, stable).slice(start));
      const { records, nextOffset } = readFetched(PLACE, bytes, start, named);
      const wanted = all.filter((each) => each.offset >= start && each.offset < stable && !left.has(each.value));
      expect(valuesOf(records)).toEqual(wanted.map(({ value }) => value));
      expect(nextOffset).toBe(stable);
    }),
    { numRuns: 300 },
  );
});

function reseal(bytes: Uint8Array): Uint8Array {
  sealBatch(bytes, { baseOffset: 0, appendTime: null });
  return bytes;
}
