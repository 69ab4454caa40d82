/** The broker is killed while it is used, and comes back with what it held: calls go on, nothing is lost or there twice. */
import { afterAll, describe, expect, test } from 'vitest';
import type { GroupListener } from '../../../services/core/streams/log.ts';
import { openKafkaLog } from '../../../services/platform/kafka/kafka-log.ts';
import { batchOf, codeOf, freshTopic, readAll, values } from '../../contract/log-harness.ts';
import { ownBroker } from '../../kafka/broker.ts';
import { kafkaOptions } from './kafka-options.ts';

let broker = await ownBroker();

describe.skipIf(broker === undefined)('a broker that dies and comes back', async () => {
  const open = (retryMs: number) =>
    openKafkaLog(kafkaOptions(broker!, { retryMs, transactionMs: 60_000, requestMs: 5_000, connectMs: 2_000 }));
  const log = broker === undefined ? undefined! : await open(60_000);
  const hasty = broker === undefined ? undefined! : await open(300);
  afterAll(async () => {
    await log.close();
    await hasty.close();
    await broker?.close();
  });
  const bounce = async (): Promise<void> => {
    process.kill(broker!.pid, 'SIGKILL');
    broker = await broker!.start();
  };

  test('what is appended meanwhile is there once, in order; a waiting fetch is woken by it', async () => {
    const place = { topic: await freshTopic(log, { partitions: 1 }), partition: 0 };
    await log.append(place, batchOf('before'));
    const waiting = log.fetch([{ ...place, offset: 1, maxBytes: 10_000 }], {
      isolation: 'read_committed',
      maxWaitMs: 60_000,
    });
    const back = bounce();
    const sent = Array.from({ length: 30 }, (_, index) => String(index));
    await Promise.all(sent.map((value) => log.append(place, batchOf(value))));
    await back;
    expect(await values(log, place)).toEqual(['before', ...sent]);
    expect((await waiting)[0]!.records.length).toBeGreaterThan(0);
  });

  test('a transaction that was open goes on and is there once, positions too', async () => {
    const topic = await freshTopic(log);
    const [left, right] = [0, 1].map((partition) => ({ topic, partition }));
    const producer = await log.transactionalProducer('survivor');
    producer.begin();
    await producer.append(left!, batchOf('l1'));
    const back = bounce();
    await producer.append(left!, batchOf('l2'));
    await producer.append(right!, batchOf('r1'));
    await producer.sendOffsets('readers', [{ ...left!, offset: 5 }]);
    await back;
    await producer.commit();
    await producer.close();
    expect(await values(log, left!)).toEqual(['l1', 'l2']);
    expect(await values(log, right!)).toEqual(['r1']);
    expect((await log.groupPositions('readers', [left!]))[0]!.offset).toBe(5);
  });

  test('a commit that the broker dies under has happened whole or not at all, and the next owner sees which', async () => {
    const place = { topic: await freshTopic(log, { partitions: 1 }), partition: 0 };
    const producer = await hasty.transactionalProducer('torn');
    producer.begin();
    await producer.append(place, batchOf('a', 'b'));
    const committed = codeOf(producer.commit());
    await bounce();
    const code = await committed;
    await producer.close();
    const next = await log.transactionalProducer('torn');
    const found = (await readAll(log, place)).map(({ value }) => value);
    expect(found).toEqual(found.length === 0 ? [] : ['a', 'b']);
    if (code === 'resolved') expect(found).toHaveLength(2);
    else expect(code).toBe('LOG_UNAVAILABLE');
    await next.close();
  });

  test('who does not want to wait is told which broker does not answer', async () => {
    const place = { topic: await freshTopic(log, { partitions: 1 }), partition: 0 };
    process.kill(broker!.pid, 'SIGKILL');
    const failed = await hasty.append(place, batchOf('x')).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failed).toMatchObject({ code: 'LOG_UNAVAILABLE', facts: { broker: broker!.brokers } });
    broker = await broker!.start();
    // Its fate is unknown, so it may be there; what is appended next is there once in any case.
    await log.append(place, batchOf('y'));
    expect((await values(log, place)).filter((value) => value === 'y')).toHaveLength(1);
  });

  test('members of a group keep their partitions', async () => {
    const topic = await freshTopic(log, { partitions: 4 });
    const owned = new Set<number>();
    let lost = 0;
    const listener: GroupListener = {
      assigned: (partitions) => partitions.forEach((partition) => owned.add(partition)),
      lost: (partitions) => {
        lost += partitions.length;
        for (const partition of partitions) owned.delete(partition);
        return Promise.resolve();
      },
    };
    const member = await log.joinGroup('steady', [topic], listener);
    expect([...owned].sort()).toEqual([0, 1, 2, 3]);
    await bounce();
    await expect.poll(() => codeOf(log.append({ topic, partition: 0 }, batchOf('x')))).toBe('resolved');
    expect(owned.size).toBe(4);
    expect(lost).toBe(0);
    await member.leave();
  });
});
