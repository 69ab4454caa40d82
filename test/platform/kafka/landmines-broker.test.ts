/** As `landmines.test.ts`, for what needs a broker. */
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, describe, expect, test } from 'vitest';
import { openKafkaLog } from '../../../services/platform/kafka/kafka-log.ts';
import { batchOf, codeOf, freshTopic } from '../../contract/log-harness.ts';
import { testBroker } from '../../kafka/broker.ts';
import { kafkaOptions } from './kafka-options.ts';

const broker = await testBroker();

describe.skipIf(broker === undefined)('on a broker', async () => {
  const kafka = new Kafka({ brokers: [broker?.brokers ?? 'none:1'], logLevel: logLevel.NOTHING });
  const log = broker === undefined ? undefined! : await openKafkaLog(kafkaOptions(broker));
  afterAll(() => log.close());

  test('a producer whose commit failed is stuck; here it can be closed, and the next goes on', async () => {
    const topic = await freshTopic(log);
    await log.append({ topic, partition: 0 }, batchOf('the topic is ready'));
    const id = `stuck-${process.pid}`;
    const [older, newer] = [1, 2].map(() =>
      kafka.producer({ transactionalId: id, maxInFlightRequests: 1, retry: { retries: 0 } }),
    );
    await older!.connect();
    await newer!.connect();
    const transaction = await older!.transaction();
    await transaction.send({ topic, messages: [{ value: 'x', partition: 0 }] });
    await (await newer!.transaction()).abort();
    await expect(transaction.commit()).rejects.toThrow();
    await expect(transaction.abort()).rejects.toThrow();
    await expect(older!.transaction()).rejects.toThrow();
    await older!.disconnect();
    await newer!.disconnect();

    const ours = await log.transactionalProducer(id);
    ours.begin();
    await ours.append({ topic, partition: 0 }, batchOf('y'));
    const next = await log.transactionalProducer(id);
    expect(await codeOf(ours.commit())).toBe('LOG_FENCED');
    await ours.close();
    next.begin();
    await next.append({ topic, partition: 0 }, batchOf('z'));
    expect(await next.commit()).toHaveLength(1);
    await next.close();
  });

  test('a position out of range is set to another silently; here it is a fault', async () => {
    const topic = await freshTopic(log, { partitions: 1 });
    await log.append({ topic, partition: 0 }, batchOf('first', 'second'));
    const groupId = `lost-${process.pid}`;
    const admin = kafka.admin();
    await admin.connect();
    await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '1000' }] });
    await admin.disconnect();
    const consumer = kafka.consumer({ groupId, sessionTimeout: 6_000 });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const seen = Promise.withResolvers<string>();
    await consumer.run({
      eachMessage: ({ message }) => {
        seen.resolve(message.offset);
        return Promise.resolve();
      },
    });
    expect(await seen.promise).toBe('0');
    await consumer.disconnect();
    const fetched = log.fetch([{ topic, partition: 0, offset: 1000, maxBytes: 1_000 }], {
      isolation: 'read_committed',
      maxWaitMs: 0,
    });
    expect(await codeOf(fetched)).toBe('OFFSET_OUT_OF_RANGE');
  });
});
