import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import type { TopicPartition } from '../../../services/core/streams/log.ts';
import { openKafkaLog, type KafkaLog } from '../../../services/platform/kafka/kafka-log.ts';
import { ownBroker } from '../../kafka/broker.ts';
import { oneRecord, orphanTransaction } from '../../kafka/open-transactions.ts';
import { kafkaOptions } from './kafka-options.ts';

/** Verification would refuse the write that makes the situation; a broker that skips markers at its start makes it without. */
const broker = await ownBroker({ settings: { 'transaction.partition.verification.enable': 'false' } });

describe.skipIf(broker === undefined)('what a coordinator left open in a partition', () => {
  const options = kafkaOptions(broker ?? { brokers: '' }, { idPrefix: `left-${randomUUID()}-` });
  const topic = `left-${randomUUID()}`;

  afterAll(() => broker?.close());

  const made = async (partition: number): Promise<{ readonly log: KafkaLog; readonly place: TopicPartition }> => {
    const log = await openKafkaLog(options);
    await log.createTopics([
      {
        ...{ name: topic, partitions: 2, cleanup: 'compact', retentionMs: 60_000 },
        ...{ timestampType: 'CreateTime', maxMessageBytes: 1_000_000 },
      },
    ]);
    await orphanTransaction(options, `${options.idPrefix}task-${partition}`, { topic, partition });
    return { log, place: { topic, partition } };
  };

  const keys = async (log: KafkaLog, place: TopicPartition): Promise<readonly string[]> => {
    const [answer] = await log.fetch([{ ...place, offset: 0, maxBytes: 1 << 20 }], {
      isolation: 'read_committed',
      maxWaitMs: 100,
    });
    const { records } = answer!;
    return Array.from({ length: records.length }, (_, index) => Buffer.from(records.key(index)!).toString());
  };

  it('is ended by the next owner of the id, so that it neither holds readers nor shows beside what replaces it', async () => {
    const { log, place } = await made(0);
    const [held] = await log.endOffsets([place]);
    expect(held!.lastStableOffset).toBeLessThan(held!.highWatermark);
    const producer = await log.transactionalProducer('task-0', [place]);
    const [free] = await log.endOffsets([place]);
    expect(free!.lastStableOffset).toBe(free!.highWatermark);
    producer.begin();
    await producer.append(place, oneRecord('again'));
    await producer.commit();
    expect(await keys(log, place)).toEqual(['again']);
    await producer.close();
    await log.close();
  }, 60_000);

  it('would show with the next commit of an owner that does not look', async () => {
    const { log, place } = await made(1);
    const producer = await log.transactionalProducer('task-1');
    producer.begin();
    await producer.append(place, oneRecord('again'));
    await producer.commit();
    expect(await keys(log, place)).toEqual(['k', 'again']);
    await producer.close();
    await log.close();
  }, 60_000);
});
