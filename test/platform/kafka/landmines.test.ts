/**
 * What kafkajs 2.2.4 gets wrong, shown on kafkajs itself (so that it is noticed when one is gone), and that it is not so here. What
 * cannot be shown without a broker is in `landmines-broker.test.ts`; that a failed producer can only be closed, that rebalances are
 * awaited and that fenced owners leave no trace is in the contract of the log.
 */
import { createRequire } from 'node:module';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { expect, test } from 'vitest';
import { RecordBatchBuilder } from '../../../services/core/streams/record-batch.ts';
import { nextSequence } from '../../../services/platform/kafka/batch-bytes.ts';
import type { AbortedTransaction } from '../../../services/platform/kafka/fetch-call.ts';
import { readFetched } from '../../../services/platform/kafka/fetched-records.ts';
import { KAFKAJS_VERSION, requireKnownKafkajs } from '../../../services/platform/kafka/kafkajs-guard.ts';
import { quietenQueues } from '../../../services/platform/kafka/quiet-queue.ts';
import { MARKERS } from '../../../services/platform/kafka/transactional-producer.ts';
import { sealBatch } from '../../../services/platform/record-batch/seal.ts';
import { dataBatch, joined, marker, valuesOf } from './record-bytes.ts';

const require = createRequire(import.meta.url);
const part = (path: string): unknown => require(`kafkajs/src/${path}`);

interface KafkajsMessage {
  readonly offset: string;
  readonly value: Buffer;
}
interface KafkajsBatch {
  readonly messages: readonly KafkajsMessage[];
  lastOffset(): string;
}
const Decoder = part('protocol/decoder.js') as new (buffer: Buffer) => object;
const decodeMessages = part('protocol/requests/fetch/v4/decodeMessages.js') as (
  decoder: object,
) => Promise<readonly KafkajsMessage[]>;
const Batch = part('consumer/batch.js') as new (topic: string, offset: string, partition: object) => KafkajsBatch;

const PLACE = { topic: 't', partition: 0 };
const a = { id: 7, epoch: 0 };
const b = { id: 8, epoch: 0 };

/** The bytes as kafkajs's consumer takes them. */
async function readByKafkajs(bytes: Uint8Array, from: number, aborted: readonly AbortedTransaction[] = []) {
  const sized = Buffer.alloc(4 + bytes.length);
  sized.writeInt32BE(bytes.length);
  sized.set(bytes, 4);
  const messages = await decodeMessages(new Decoder(sized));
  const abortedTransactions = aborted.map(({ producerId, firstOffset }) => ({
    producerId: String(producerId),
    firstOffset: String(firstOffset),
  }));
  return new Batch('t', String(from), { partition: 0, highWatermark: '500', abortedTransactions, messages });
}

const shown = (batch: KafkajsBatch): readonly string[] => batch.messages.map(({ value }) => value.toString());

test('aborted records of overlapping transactions leak to a committed reader; not here', async () => {
  const bytes = joined(
    ...[dataBatch(0, ['a0'], a), dataBatch(1, ['b1'], b), marker(2, 'abort', 8), dataBatch(3, ['kept'])],
    ...[dataBatch(4, ['a4'], a), marker(5, 'abort', 7)],
  );
  // As a broker names them: in the order of their ends.
  const aborted = [
    { producerId: 8, firstOffset: 1 },
    { producerId: 7, firstOffset: 0 },
  ];
  expect(shown(await readByKafkajs(bytes, 0, aborted))).toContain('a0');
  expect(valuesOf(readFetched(PLACE, bytes, 0, aborted).records)).toEqual(['kept']);
});

test('a key of four zero bytes passes for an abort marker; not here', async () => {
  const bytes = joined(dataBatch(0, ['x'], a, '\0\0\0\0'), dataBatch(1, ['y'], a), marker(2, 'abort', 7));
  const aborted = [{ producerId: 7, firstOffset: 0 }];
  expect(shown(await readByKafkajs(bytes, 0, aborted))).toContain('y');
  expect(readFetched(PLACE, bytes, 0, aborted).records.length).toBe(0);
});

test('a hole that compaction left moves the position by one offset; here by the whole hole', async () => {
  const bytes = dataBatch(0, ['kept']);
  new DataView(bytes.buffer).setInt32(23, 499);
  sealBatch(bytes, { baseOffset: 0, appendTime: null });
  expect(Number((await readByKafkajs(bytes, 1)).lastOffset()) + 1).toBe(2);
  expect(readFetched(PLACE, bytes, 1, []).nextOffset).toBe(500);
});

test('a batch of 130,000 records throws; not here', async () => {
  const builder = new RecordBatchBuilder();
  for (let index = 0; index < 130_000; index += 1) builder.append(1, null, Uint8Array.of(1));
  const { bytes } = builder.finish();
  sealBatch(bytes, { baseOffset: 0, appendTime: null });
  await expect(readByKafkajs(bytes, 0)).rejects.toThrow(RangeError);
  expect(readFetched(PLACE, bytes, 0, []).records.length).toBe(130_000);
});

test('four times the messages take far more than four times the time to group; here nothing is grouped', () => {
  const group = part('producer/groupMessagesPerPartition.js') as (parameters: object) => unknown;
  const quickest = (count: number): number => {
    const messages = Array.from({ length: count }, () => ({ value: 'x' }));
    const parameters = { topic: 't', partitionMetadata: [{}], messages, partitioner: () => 0 };
    const times = [1, 2, 3].map(() => {
      const started = performance.now();
      group(parameters);
      return performance.now() - started;
    });
    return Math.min(...times);
  };
  expect(quickest(12_000) / quickest(3_000)).toBeGreaterThan(6);
});

test('a sequence begins at 0 again behind the largest number; here it goes on as brokers count', async () => {
  interface EosManager {
    initProducerId(): Promise<void>;
    updateSequence(topic: string, partition: number, increment: number): void;
    getSequence(topic: string, partition: number): number;
  }
  const createEosManager = part('producer/eosManager/index.js') as (parameters: object) => EosManager;
  const controller = { initProducerId: () => Promise.resolve({ producerId: '1', producerEpoch: 0 }) };
  const manager = createEosManager({
    logger: { debug: () => undefined },
    cluster: {
      refreshMetadataIfNecessary: () => Promise.resolve(),
      findControllerBroker: () => Promise.resolve(controller),
    },
    transactional: false,
  });
  await manager.initProducerId();
  manager.updateSequence('t', 0, 2_147_483_600);
  manager.updateSequence('t', 0, 100);
  expect(manager.getSequence('t', 0)).toBe(0);
  expect(nextSequence(2_147_483_600, 100)).toBe(52);
});

test('an idle connection sets a timer again and again; here only while requests wait', () => {
  const queue = (): RequestQueue & { throttleCheckTimeoutId: unknown } =>
    new RequestQueue({ logger: { debug: () => undefined }, requestTimeout: 1_000 }) as never;
  const plain = queue();
  plain.scheduleCheckPendingRequests();
  expect(plain.throttleCheckTimeoutId).not.toBeNull();
  plain.destroy();
  quietenQueues();
  const quiet = queue();
  quiet.scheduleCheckPendingRequests();
  expect(quiet.throttleCheckTimeoutId).toBeNull();
  (quiet.pending as unknown[]).push({});
  quiet.scheduleCheckPendingRequests();
  expect(quiet.throttleCheckTimeoutId).not.toBeNull();
  quiet.destroy();
});

test('another version of kafkajs, or another content, is refused with what differs', () => {
  const other = { code: 'LOG_UNSUPPORTED', mistakes: expect.arrayContaining(['kafkajs is 2.3.0']) as unknown };
  expect(() => requireKnownKafkajs(() => JSON.stringify({ version: '2.3.0' }))).toThrow(expect.objectContaining(other));
  const changed = (path: string): string => (path === 'package.json' ? `{"version":"${KAFKAJS_VERSION}"}` : '// other');
  expect(() => requireKnownKafkajs(changed)).toThrow(
    expect.objectContaining({
      mistakes: expect.arrayContaining([
        `kafkajs/src/network/connection.js is not the file of ${KAFKAJS_VERSION}`,
      ]) as unknown,
    }),
  );
  expect(() => requireKnownKafkajs()).not.toThrow();
});

test('a transaction that meets the end of the last one pauses for 300 ms; here for a millisecond', async () => {
  type Retry = (
    options: object,
  ) => (call: (bail: unknown, count: number, pauseMs: number) => Promise<number>) => Promise<number>;
  const retry = part('retry/index.js') as Retry;
  const pauseMs = await retry(part('retry/defaults.js') as object)((_bail, _count, pause) => Promise.resolve(pause));
  expect(pauseMs).toBeGreaterThanOrEqual(240);
  expect(MARKERS.firstMs).toBe(1);
});
