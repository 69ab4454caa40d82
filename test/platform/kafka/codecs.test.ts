import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BATCH_OVERHEAD_BYTES } from '../../../services/core/streams/record-batch.ts';
import { packBatch, unpackBatch } from '../../../services/platform/kafka/codecs.ts';
import { packLz4, unpackLz4 } from '../../../services/platform/kafka/lz4.ts';
import { unpackSnappy } from '../../../services/platform/kafka/snappy.ts';
import { sealBatch } from '../../../services/platform/record-batch/seal.ts';
import { readFetched } from '../../../services/platform/kafka/fetched-records.ts';
import { dataBatch, joined, valuesOf } from './record-bytes.ts';

const PLACE = { topic: 't', partition: 0, offset: 0 };
const hex = (words: string): Uint8Array => new Uint8Array(Buffer.from(words.replaceAll(' ', ''), 'hex'));

/** Bytes with repetitions near and far, short and long. */
const plain = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 400 })), {
    minLength: 1,
    maxLength: 12,
  })
  .map(
    (parts) =>
      new Uint8Array(
        Buffer.concat(parts.map(([bytes, times]) => Buffer.concat(Array.from({ length: times }, () => bytes)))),
      ),
  );

test('lz4 gives back what it packed', () => {
  fc.assert(
    fc.property(plain, (bytes) => {
      expect(Buffer.from(unpackLz4(packLz4(bytes))).equals(bytes)).toBe(true);
    }),
  );
});

test('lz4 packs what repeats, and keeps what does not nearly as it is', () => {
  const words = new TextEncoder().encode('the same customer, again and again; '.repeat(8_000));
  expect(packLz4(words).length).toBeLessThan(words.length / 20);
  const noise = crypto.getRandomValues(new Uint8Array(65_536));
  expect(packLz4(noise).length).toBeLessThan(noise.length + 20);
});

test('a frame with a checksum behind its content is read, which may refer to blocks before', () => {
  // Two blocks: 10 literals; then a match of 14 from 10 before, and 5 literals.
  const frame = hex(
    '04224d18 4440 00 0b000000 a0 74726962757461727920 09000000 0a 0a00 50 7574617279 00000000 00000000',
  );
  expect(Buffer.from(unpackLz4(frame)).toString()).toBe('tributary tributary tributary');
});

test('snappy is read raw and in the frame of the Java library', () => {
  // Length 29, a literal of 10 bytes, a copy of 19 from 10 before.
  const raw = hex('1d 24 74726962757461727920 4a 0a00');
  expect(Buffer.from(unpackSnappy(raw)).toString()).toBe('tributary tributary tributary');
  const framed = joined(
    hex('82534e4150505900 00000001 00000001'),
    hex(`000000${raw.length.toString(16).padStart(2, '0')}`),
    raw,
  );
  expect(Buffer.from(unpackSnappy(framed)).toString()).toBe('tributary tributary tributary');
});

test.each(['lz4', 'zstd'] as const)('a batch packed with %s is read like a plain one', (codec) => {
  const values = Array.from({ length: 500 }, (_, index) => `value ${index % 7}`);
  const packed = packBatch(dataBatch(0, values), codec);
  expect(packed.length).toBeLessThan(dataBatch(0, values).length / 2);
  sealBatch(packed, { baseOffset: 40, appendTime: null });
  const { records, nextOffset } = readFetched(PLACE, joined(dataBatch(39, ['before']), packed), 41, []);
  expect(valuesOf(records)).toEqual(values.slice(1));
  expect(nextOffset).toBe(540);
});

test('a batch that does not shrink goes out as it is', () => {
  const batch = dataBatch(0, ['x']);
  expect(packBatch(batch, 'lz4')).toBe(batch);
});

test('gzip is read, and what is packed but cannot be unpacked is named', () => {
  const batch = dataBatch(0, ['one', 'two']);
  const body = gzipSync(batch.subarray(BATCH_OVERHEAD_BYTES));
  const packed = joined(batch.subarray(0, BATCH_OVERHEAD_BYTES), body);
  const view = new DataView(packed.buffer);
  view.setInt32(8, packed.length - 12);
  view.setInt16(21, 1);
  expect(valuesOf(readFetched(PLACE, reseal(packed), 0, []).records)).toEqual(['one', 'two']);
  view.setInt16(21, 2);
  expect(() => unpackBatch(packed, PLACE)).toThrow(
    expect.objectContaining({ code: 'LOG_DAMAGED', facts: { ...PLACE, codec: 2 } }),
  );
});

test('bytes that are no compressed records end in a refusal, never in a loop or a claim of memory', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(unpackLz4, unpackSnappy), (bytes, unpack) => {
      const frame = unpack === unpackLz4 ? joined(hex('04224d18604082'), bytes) : bytes;
      try {
        expect(unpack(frame).length).toBeLessThan(200 * 4_200_000);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
  );
});

function reseal(bytes: Uint8Array): Uint8Array {
  sealBatch(bytes, { baseOffset: 0, appendTime: null });
  return bytes;
}
