import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fault } from '../../../services/core/faults.ts';
import { LAYOUT, RecordBatchBuilder } from '../../../services/core/streams/record-batch.ts';
import type { Header, RecordBatch, RecordSet } from '../../../services/core/streams/record-batch.ts';
import { compactedBatch } from '../../../services/core/streams/record-compaction.ts';
import { parseRecords } from '../../../services/core/streams/record-set.ts';
import { controlBatch, isIntact, sealBatch } from '../../../services/platform/record-batch/seal.ts';

interface PlainRecord {
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
}

const bytes = fc.option(fc.uint8Array({ maxLength: 200 }), { nil: null });
const plainRecord: fc.Arbitrary<PlainRecord> = fc.record({
  timestamp: fc.oneof(
    fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }),
    fc.integer({ min: -1, max: 2 ** 51 }),
  ),
  key: bytes,
  value: bytes,
  headers: fc.array(fc.record({ key: fc.string(), value: bytes }), { maxLength: 3 }),
});
const plainRecords = fc.array(plainRecord, { minLength: 1, maxLength: 40 });

function build(records: readonly PlainRecord[], builder = new RecordBatchBuilder(64)): RecordBatch {
  for (const { timestamp, key, value, headers } of records) builder.append(timestamp, key, value, undefined, headers);
  return builder.finish();
}

function plain(set: RecordSet): (PlainRecord & { offset: number })[] {
  return Array.from({ length: set.length }, (_, index) => ({
    offset: set.offset(index),
    timestamp: set.timestamp(index),
    key: set.key(index),
    value: set.value(index),
    headers: set.headers(index),
  }));
}

function sealed(records: readonly PlainRecord[], baseOffset: number): Uint8Array {
  const batch = build(records);
  sealBatch(batch.bytes, { baseOffset, appendTime: null });
  return batch.bytes;
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

const at = (timestamp: number, key = 'k', value: string | null = 'v'): PlainRecord => ({
  timestamp,
  key: new TextEncoder().encode(key),
  value: value === null ? null : new TextEncoder().encode(value),
  headers: [],
});

describe('writing and reading', () => {
  test('what goes in comes out, from one chunk or several, at or after any offset', () => {
    fc.assert(
      fc.property(fc.array(plainRecords, { minLength: 1, maxLength: 4 }), fc.nat(150), (batches, from) => {
        let next = 0;
        const all: unknown[] = [];
        const parts = batches.map((records) => {
          all.push(...records.map((record, index) => ({ offset: next + index, ...record })));
          const part = sealed(records, next);
          next += records.length;
          return part;
        });
        const wanted = all.slice(from);
        for (const chunks of [parts, [concatenated(parts)]]) {
          const parsed = parseRecords(chunks, { from });
          expect(plain(parsed.records)).toEqual(wanted);
          expect(parsed.nextOffset).toBe(Math.max(from, next));
        }
      }),
    );
  });

  test('a finished batch stays as it is while its builder goes on', () => {
    const builder = new RecordBatchBuilder();
    const first = build([at(1, 'a', 'first')], builder);
    const copy = first.bytes.slice();
    expect(first.bytes.length).toBe(builder.byteLength);
    builder.reset();
    expect(builder.count).toBe(0);
    build([at(2, 'b', 'second')], builder);
    expect(first.bytes).toEqual(copy);
  });

  test('a value in two parts is one value', () => {
    const builder = new RecordBatchBuilder();
    builder.append(1, null, Uint8Array.of(1, 2), Uint8Array.of(3));
    expect(parseRecords([builder.finish().bytes], { from: 0 }).records.value(0)).toEqual(Uint8Array.of(1, 2, 3));
  });

  test('an empty batch, a broken timestamp and a tombstone with a second part are bugs', () => {
    const builder = new RecordBatchBuilder();
    expect(() => builder.finish()).toThrow('at least one record');
    expect(() => builder.append(1.5, null, null)).toThrow('whole number');
    expect(() => builder.append(Number.NaN, null, null)).toThrow('whole number');
    expect(() => builder.append(1, null, null, Uint8Array.of(1))).toThrow('tombstone');
  });

  test('records of a LogAppendTime batch carry the log’s own time', () => {
    const { bytes: batch } = build([at(5), at(7)]);
    sealBatch(batch, { baseOffset: 10, appendTime: 99 });
    const { records } = parseRecords([batch], { from: 0 });
    expect([records.timestamp(0), records.timestamp(1), records.offset(1)]).toEqual([99, 99, 11]);
  });

  test('control records occupy offsets and yield nothing', () => {
    const control = controlBatch('commit', 5, { baseOffset: 1, appendTime: null, producer: { id: 3, epoch: 0 } });
    const parsed = parseRecords([sealed([at(1)], 0), control, sealed([at(2)], 2)], { from: 0 });
    expect(plain(parsed.records).map((record) => record.offset)).toEqual([0, 2]);
    expect(parseRecords([control], { from: 1 })).toMatchObject({ nextOffset: 2, records: { length: 0 } });
  });

  test('batches that are not accepted yield nothing', () => {
    const aborted = build([at(1)]).bytes;
    sealBatch(aborted, { baseOffset: 0, appendTime: null, producer: { id: 7, epoch: 1 } });
    const accepts = (producerId: number): boolean => producerId !== 7;
    const parsed = parseRecords([aborted, sealed([at(2)], 1)], { from: 0, accepts });
    expect(plain(parsed.records).map((record) => record.offset)).toEqual([1]);
  });

  test('nothing at or beyond the end is given', () => {
    const chunks = [sealed([at(1), at(2)], 0), sealed([at(3)], 2)];
    expect(parseRecords(chunks, { from: 0, end: 2 })).toMatchObject({ nextOffset: 2, records: { length: 2 } });
    expect(parseRecords(chunks, { from: 0, end: 1 })).toMatchObject({ nextOffset: 1, records: { length: 1 } });
  });

  test('a batch that is cut off is left for the next fetch', () => {
    const whole = concatenated([sealed([at(1)], 0), sealed([at(2)], 1)]);
    for (const cut of [1, 5, 40]) {
      const parsed = parseRecords([whole.subarray(0, whole.length - cut)], { from: 0 });
      expect(parsed).toMatchObject({ nextOffset: 1, records: { length: 1 } });
    }
  });

  test('compressed batches are refused by name', () => {
    const batch = sealed([at(1)], 4);
    new DataView(batch.buffer).setInt16(LAYOUT.attributes, 3);
    expect(() => parseRecords([batch], { from: 0 })).toThrow(expect.objectContaining({ code: 'TOPIC_MISMATCH' }));
  });

  test('bytes that are no batch either parse or are called damaged, and never read beyond the end', () => {
    fc.assert(
      fc.property(plainRecords, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }), (records, flips) => {
        const batch = sealed(records, 0);
        for (const [place, byte] of flips) batch[place % batch.length] = byte;
        try {
          plain(parseRecords([batch], { from: 0 }).records);
        } catch (error) {
          if (error instanceof RangeError) return;
          expect(error).toBeInstanceOf(Fault);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('sealing', () => {
  test('any single flipped bit is found', () => {
    const batch = sealed([at(1), at(2, 'key', null)], 42);
    expect(isIntact(batch, 42)).toBe(true);
    expect(isIntact(batch, 43)).toBe(false);
    for (let bit = 0; bit < batch.length * 8; bit += 1) {
      // The leader epoch (bytes 12 to 15) is outside of Kafka's checksum and means nothing here.
      if (bit >= 96 && bit < 128) continue;
      batch[bit >> 3]! ^= 1 << (bit & 7);
      expect(isIntact(batch, 42), `bit ${bit}`).toBe(false);
      batch[bit >> 3]! ^= 1 << (bit & 7);
    }
    expect(isIntact(batch.subarray(0, 30), 42)).toBe(false);
  });
});

describe('compacting', () => {
  test('kept records stay as they are, under their old offsets', () => {
    fc.assert(
      fc.property(plainRecords, fc.integer(), (records, mask) => {
        const batch = sealed(records, 100);
        const keeps = (offset: number): boolean => ((mask >> (offset % 31)) & 1) === 1;
        const before = parseRecords([batch], { from: 0 }).records;
        const expected = plain(before).filter((record) => keeps(record.offset));
        const kept = compactedBatch(before, keeps, 100, new RecordBatchBuilder());
        if (kept === undefined) {
          expect(expected).toEqual([]);
          return;
        }
        sealBatch(kept.bytes, { baseOffset: 100, appendTime: null });
        expect(isIntact(kept.bytes, 100)).toBe(true);
        const parsed = parseRecords([kept.bytes], { from: 0 });
        expect(plain(parsed.records)).toEqual(expected);
        expect(parsed.nextOffset).toBe(expected.at(-1)!.offset + 1);
      }),
    );
  });

  test('offsets of a batch rise', () => {
    const builder = new RecordBatchBuilder();
    builder.append(1, null, null, undefined, undefined, 4);
    expect(() => builder.append(1, null, null, undefined, undefined, 4)).toThrow('rise');
  });
});

/** kafkajs's own codec, by deep path: an implementation that is not ours and that talks to real brokers. */
interface KafkaDecoded {
  readonly firstOffset: string;
  readonly maxTimestamp: string;
  readonly records: readonly {
    offset: string;
    timestamp: string;
    key: Buffer | null;
    value: Buffer | null;
    headers: Record<string, Buffer | Buffer[] | null>;
  }[];
}
const require = createRequire(import.meta.url);
const KafkaDecoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object;
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder') as (d: object) => Promise<KafkaDecoded>;
const kafkaBatch = require('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch(fields: object): Promise<{ buffer: Buffer }>;
};
const kafkaRecord = require('kafkajs/src/protocol/recordBatch/record/v0') as (fields: object) => object;

describe('against kafkajs', () => {
  test('kafkajs reads what is written here', async () => {
    await fc.assert(
      fc.asyncProperty(plainRecords, async (records) => {
        const batch = sealed(records, 7);
        // kafkajs dispatches on the magic byte before it gets here, so the decoder starts at the base offset.
        const decoded = await decodeBatch(new KafkaDecoder(Buffer.from(batch)));
        expect(decoded.firstOffset).toBe('7');
        expect(
          decoded.records.map(({ offset, timestamp, key, value }) => [offset, timestamp, key, value].map(plainOf)),
        ).toEqual(
          records.map(({ timestamp, key, value }, index) =>
            [String(7 + index), String(timestamp), key, value].map(plainOf),
          ),
        );
        records.forEach(({ headers }, index) => {
          expect(Object.keys(decoded.records[index]!.headers).sort()).toEqual(
            [...new Set(headers.map((header) => header.key))].sort(),
          );
        });
      }),
    );
  });

  test('what kafkajs writes is read here, checksum included', async () => {
    await fc.assert(
      fc.asyncProperty(plainRecords, async (records) => {
        const first = records[0]!.timestamp;
        const { buffer } = await kafkaBatch.RecordBatch({
          firstTimestamp: first,
          maxTimestamp: Math.max(...records.map((record) => record.timestamp)),
          lastOffsetDelta: records.length - 1,
          records: records.map(({ timestamp, key, value }, offsetDelta) =>
            kafkaRecord({
              offsetDelta,
              timestampDelta: timestamp - first,
              key: key === null ? null : Buffer.from(key),
              value: value === null ? null : Buffer.from(value),
              headers: { origin: 'kafkajs' },
            }),
          ),
        });
        const batch = new Uint8Array(buffer);
        expect(isIntact(batch, 0)).toBe(true);
        const parsed = plain(parseRecords([batch], { from: 0 }).records);
        expect(parsed.map(({ timestamp, key, value }) => ({ timestamp, key, value }))).toEqual(
          records.map(({ timestamp, key, value }) => ({ timestamp, key, value })),
        );
        expect(parsed[0]!.headers).toEqual([{ key: 'origin', value: new TextEncoder().encode('kafkajs') }]);
      }),
    );
  });
});

function plainOf(value: string | Uint8Array | null): string | null {
  return value === null || typeof value === 'string' ? value : Buffer.from(value).toString('hex');
}
