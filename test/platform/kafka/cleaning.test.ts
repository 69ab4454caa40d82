/** Compaction and retention as the broker does them (L7, L8): read through holes, and overtaken. */
import { ConfigResourceTypes, ConfigSource, Kafka, logLevel } from 'kafkajs';
import { afterAll, describe, expect, test } from 'vitest';
import { openKafkaLog } from '../../../services/platform/kafka/kafka-log.ts';
import { batchOf, codeOf, freshTopic, readAll, values } from '../../contract/log-harness.ts';
import { testBroker } from '../../kafka/broker.ts';
import { kafkaOptions } from './kafka-options.ts';

const broker = await testBroker();
const PATIENCE = { timeout: 45_000, interval: 200 };

describe.skipIf(broker === undefined)('a topic that the broker cleans', async () => {
  const log = broker === undefined ? undefined! : await openKafkaLog(kafkaOptions(broker));
  afterAll(() => log.close());

  test('keeps the last record of each key with its offset, and is read through its holes', async () => {
    const topic = await freshTopic(log, { cleanup: 'compact', retentionMs: 100, partitions: 1 });
    await hurry(topic, { 'segment.ms': '200', 'min.cleanable.dirty.ratio': '0.01' });
    const place = { topic, partition: 0 };
    const pair = (key: string, value: string | null) => ({ key, value, timestamp: Date.now() });
    await log.append(place, batchOf(pair('a', 'a1'), pair('b', 'b1'), pair('c', 'c1')));
    const aborted = await log.transactionalProducer(`cleaned-${process.pid}`);
    aborted.begin();
    await aborted.append(place, batchOf(pair('c', 'never')));
    await aborted.abort();
    await aborted.close();
    await log.append(place, batchOf(pair('a', 'a2'), pair('b', null)));
    const before = await readAll(log, place);
    // Only segments that are closed are cleaned, and one is closed by a record that comes later.
    const turn = async (): Promise<readonly (string | null)[]> => {
      await log.append(place, batchOf(pair('turn', 't')));
      return (await values(log, place)).filter((value) => value !== 't');
    };
    await expect.poll(turn, PATIENCE).toEqual(['c1', 'a2']);
    const after = (await readAll(log, place)).filter(({ key }) => key !== 'turn');
    expect(before).toEqual(expect.arrayContaining(after));
    // A position in a hole is legal, and leads to what comes behind it.
    expect((await readAll(log, place, 'read_committed', before[1]!.offset)).map(({ value }) => value)).toContain('a2');
    const [ends] = await log.endOffsets([place]);
    expect(ends!.logStartOffset).toBe(0);
  });

  test('drops what is beyond its retention, and whoever was to read it is told', async () => {
    const topic = await freshTopic(log, { retentionMs: 300, timestampType: 'LogAppendTime', partitions: 1 });
    await hurry(topic, { 'segment.ms': '200' });
    const place = { topic, partition: 0 };
    const old = await log.append(place, batchOf('old'));
    const start = async (): Promise<number> => (await log.endOffsets([place]))[0]!.logStartOffset;
    await expect.poll(start, PATIENCE).toBeGreaterThan(old.lastOffset);
    const below = log.fetch([{ ...place, offset: 0, maxBytes: 10 }], { isolation: 'read_committed', maxWaitMs: 0 });
    expect(await codeOf(below)).toBe('OFFSET_OUT_OF_RANGE');
    expect((await log.append(place, batchOf('next'))).baseOffset).toBeGreaterThan(old.lastOffset);
  });

  test('that is both compacted and cut is described as what it is', async () => {
    const topic = await freshTopic(log, { cleanup: 'compact', retentionMs: 60_000 });
    await hurry(topic, { 'cleanup.policy': 'compact,delete', 'retention.ms': '70000' });
    const [spec] = await log.describeTopics([topic]);
    expect(spec).toMatchObject({ cleanup: 'compact,delete', retentionMs: 70_000 });
  });
});

async function hurry(topic: string, settings: Readonly<Record<string, string>>): Promise<void> {
  const admin = new Kafka({ brokers: [broker!.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  // AlterConfigs replaces all settings, so those there are go with it.
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }],
  });
  const own = resources[0]!.configEntries.filter(({ configSource }) => configSource === ConfigSource.TOPIC_CONFIG);
  const all = {
    ...Object.fromEntries(own.map(({ configName, configValue }) => [configName, configValue])),
    ...settings,
  };
  const configEntries = Object.entries(all).map(([name, value]) => ({ name, value }));
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }],
  });
  await admin.disconnect();
}
