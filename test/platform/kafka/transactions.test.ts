import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKafkaLog, type KafkaLog } from '../../../services/platform/kafka/kafka-log.ts';
import { KafkaOperations } from '../../../services/platform/kafka/operations.ts';
import { surveyTransactions } from '../../../services/platform/kafka/transactions.ts';
import { testBroker } from '../../kafka/broker.ts';
import { oneRecord } from '../../kafka/open-transactions.ts';
import { kafkaOptions } from './kafka-options.ts';

const broker = await testBroker();
const TEN_MINUTES = 600_000;

describe.skipIf(broker === undefined)('a survey of transactions', () => {
  const options = kafkaOptions(broker ?? { brokers: '' }, { idPrefix: `survey-${randomUUID()}-` });
  const topic = `survey-${randomUUID()}`;
  let log: KafkaLog;
  let operations: KafkaOperations;

  beforeAll(async () => {
    log = await openKafkaLog(options);
    operations = new KafkaOperations(options);
    await log.createTopics([
      {
        ...{ name: topic, partitions: 3, cleanup: 'delete', retentionMs: null },
        ...{ timestampType: 'CreateTime', maxMessageBytes: 1_000_000 },
      },
    ]);
  });
  afterAll(async () => {
    operations.close();
    await log.close();
  });

  /** Of this file: the broker is shared. */
  const ours = async (now = Date.now()) => {
    const { transactions, unseen } = await surveyTransactions(operations, [topic], now);
    return { unseen, transactions: transactions.filter((one) => one.transactionalId?.startsWith(options.idPrefix)) };
  };

  it('takes none for orphaned while they come and go', async () => {
    let over = false;
    const busy = [0, 1, 2].map(async (partition) => {
      const producer = await log.transactionalProducer(`busy-${partition}`);
      while (!over) {
        producer.begin();
        await producer.append({ topic, partition }, oneRecord());
        await producer.commit();
      }
      await producer.close();
    });
    let seenOpen = 0;
    for (let round = 0; round < 30; round += 1) {
      const { transactions } = await surveyTransactions(operations, [topic], Date.now());
      const here = transactions.filter(({ places }) => places.some((place) => place.topic === topic));
      expect(here.filter(({ hanging }) => hanging !== undefined)).toEqual([]);
      seenOpen += transactions.filter(({ open }) => open).length;
    }
    over = true;
    await Promise.all(busy);
    expect(seenOpen).toBeGreaterThan(0);
  });

  it('calls overdue what its coordinator should have ended long ago', async () => {
    const producer = await log.transactionalProducer('late');
    producer.begin();
    await producer.append({ topic, partition: 0 }, oneRecord());
    const late = async (now: number) =>
      (await ours(now)).transactions.find(({ transactionalId }) => transactionalId?.endsWith('late') === true);
    await expect.poll(() => late(Date.now()), { timeout: 20_000 }).toMatchObject({ open: true, timeoutMs: 20_000 });
    expect((await late(Date.now()))?.hanging).toBeUndefined();
    expect((await late(Date.now() + TEN_MINUTES))?.hanging).toBe('overdue');
    await producer.abort();
    await producer.close();
  });

  it('shows who else waits at a partition: only the oldest transaction holds readers', async () => {
    const [first, second] = [await log.transactionalProducer('first'), await log.transactionalProducer('second')];
    for (const producer of [first, second]) {
      producer.begin();
      await producer.append({ topic, partition: 1 }, oneRecord());
      // One behind the other: appends of different producers have no order of their own.
      await expect
        .poll(
          async () => {
            const { transactions } = await ours();
            const mine = transactions.find(
              (one) => one.transactionalId === options.idPrefix + producer.transactionalId,
            );
            return mine?.places[0]?.firstOffset;
          },
          { timeout: 20_000 },
        )
        .toBeDefined();
    }
    const { transactions } = await ours();
    const holding = transactions.filter(({ places }) => places.some(({ holdsReaders }) => holdsReaders));
    expect(holding.map(({ transactionalId }) => transactionalId)).toEqual([`${options.idPrefix}first`]);
    for (const producer of [first, second]) {
      await producer.abort();
      await producer.close();
    }
  });

  it('keeps what it saw apart from what it could not see', async () => {
    const { transactions, unseen } = await surveyTransactions(operations, ['no-such-topic'], Date.now());
    expect(unseen.filter(({ what }) => what.includes('no-such-topic'))).toEqual([]);
    expect(transactions.length).toBeGreaterThan(0);
  });

  it('fails as a whole where nobody answers', async () => {
    const nowhere = new KafkaOperations({ ...options, brokers: ['127.0.0.1:1'] });
    await expect(surveyTransactions(nowhere, [topic], Date.now())).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    nowhere.close();
  });
});
