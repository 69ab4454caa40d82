import { afterAll, describe, expect, test } from 'vitest';
import { openKafkaLog } from '../../../services/platform/kafka/kafka-log.ts';
import { batchOf, freshTopic, readAll, values } from '../../contract/log-harness.ts';
import { testBroker } from '../../kafka/broker.ts';
import { kafkaOptions } from './kafka-options.ts';

const broker = await testBroker();

describe.skipIf(broker === undefined)('a transaction that says what it will write to', async () => {
  const log = broker === undefined ? undefined! : await openKafkaLog(kafkaOptions(broker));
  afterAll(() => log.close());

  test('may write to less and to more, and is there whole', async () => {
    const topic = await freshTopic(log, { partitions: 3 });
    const places = [0, 1, 2].map((partition) => ({ topic, partition }));
    const producer = await log.transactionalProducer(`expecting-${process.pid}`);
    producer.begin([places[0]!, places[1]!]);
    await producer.append(places[0]!, batchOf('expected'));
    await producer.append(places[2]!, batchOf('not expected'));
    await producer.commit();
    // What was expected is of one transaction only.
    producer.begin();
    await producer.append(places[0]!, batchOf('alone'));
    await producer.commit();
    await producer.close();
    expect(await Promise.all(places.map((place) => values(log, place)))).toEqual([
      ['expected', 'alone'],
      [],
      ['not expected'],
    ]);
    // Announced and not written to: a marker stands there, and readers pass it.
    expect((await log.endOffsets([places[1]!]))[0]).toMatchObject({ highWatermark: 1, lastStableOffset: 1 });
    expect(await readAll(log, places[1]!, 'read_committed', 0)).toEqual([]);
    const [second] = await log.endOffsets([places[2]!]);
    expect(second!.highWatermark).toBe(2);
  });
});
