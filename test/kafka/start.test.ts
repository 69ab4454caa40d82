/** What `tributary up` refuses to start on, with the fix: nothing is created, nothing is worked. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeEach, afterEach, describe, expect, it } from 'vitest';
import { upVerb } from '../../services/cli/verbs/up.ts';
import type { Fault } from '../../services/core/faults.ts';
import { loadConfig } from '../../services/platform/config/load.ts';
import type { Config } from '../../services/platform/config/options.ts';
import { openKafkaLog, type KafkaLog } from '../../services/platform/kafka/kafka-log.ts';
import { applyTopics } from '../../services/platform/topics/apply-topics.ts';
import { topicNames, topicPlan, type TopicNames } from '../../services/platform/topics/topic-plan.ts';
import { runVerb } from '../cli/verbs/in-process.ts';
import { temporaryFolder } from '../cli/run-cli.ts';
import { kafkaOptions } from '../platform/kafka/kafka-options.ts';
import { testBroker } from './broker.ts';
import { oneRecord } from './open-transactions.ts';
import { administering, expire } from './topic-admin.ts';

const broker = await testBroker();

describe.skipIf(broker === undefined)('tributary up on Kafka', () => {
  const folder = temporaryFolder();
  let settings: readonly string[];
  let config: Config;
  let names: TopicNames;
  let log: KafkaLog;

  beforeEach(async () => {
    const prefix = `start-${randomUUID().slice(0, 8)}.`;
    settings = [`kafka.brokers=${broker!.brokers}`, `topics.prefix=${prefix}`, `kafka.idPrefix=${prefix}`];
    const flags = ['log.kind=kafka', ...settings].map((words) => {
      const [key, value] = words.split('=') as [string, string];
      return { key, value, place: key };
    });
    ({ config } = loadConfig({ flags, environment: {}, workingDirectory: folder.path }));
    names = topicNames(config.topics);
    log = await openKafkaLog(kafkaOptions(broker!, { idPrefix: prefix }));
  });
  afterEach(() => log.close());
  afterAll(() => folder.remove());

  async function refusal(): Promise<Fault> {
    const words = ['--log', 'kafka', '--data', join(folder.path, 'data'), '--set', 'http.port=0'];
    const started = runVerb(upVerb, folder.path, [...words, ...settings.flatMap((one) => ['--set', one]), 'up']);
    return started.then(
      () => expect.unreachable('it started'),
      (fault: unknown) => fault as Fault,
    );
  }

  const planned = (key: string) => topicPlan(config).find((one) => one.key === key)!.spec;
  const admin = (work: Parameters<typeof administering>[1]) => administering(broker!.brokers, work);

  /** As after a commit of the task of partition 0 at this position of the purchases. */
  async function worked(position: number, records = 3): Promise<void> {
    await applyTopics(log, config, Date.now);
    for (let count = 0; count < records; count += 1) {
      await log.append({ topic: names.purchases, partition: 0 }, oneRecord());
    }
    await log.append({ topic: names.changelog, partition: 0 }, oneRecord());
    await log.commitGroupPositions('tributary', [{ topic: names.purchases, partition: 0, offset: position }]);
  }

  it('refuses inputs with different numbers of partitions', async () => {
    await log.createTopics([planned('interactions'), planned('surveys'), { ...planned('purchases'), partitions: 3 }]);
    const { code, mistakes } = await refusal();
    expect(code).toBe('TOPIC_MISMATCH');
    expect(mistakes).toEqual([
      `${names.purchases}: partitions is 3, wanted is 4; give topics.purchases.name a new topic, or delete this one while ` +
        "it is empty: a customer's records must have the same partition in each topic",
    ]);
    expect(await log.describeTopics([names.facts])).toEqual([undefined]);
  });

  it('names the option where all topics agree on another number', async () => {
    await log.createTopics(['interactions', 'purchases'].map((key) => ({ ...planned(key), partitions: 6 })));
    const { mistakes } = await refusal();
    expect(mistakes).toHaveLength(2);
    for (const mistake of mistakes) expect(mistake).toContain('set topics.partitions to 6');
  });

  it('refuses the wrong cleanup, timestamp type, retention and size, all at once', async () => {
    await log.createTopics([
      { ...planned('purchases'), cleanup: 'compact,delete', timestampType: 'CreateTime', maxMessageBytes: 2_000 },
      { ...planned('memberships'), cleanup: 'delete', retentionMs: null },
    ]);
    const { code, message, mistakes } = await refusal();
    expect([code, message]).toEqual(['TOPIC_MISMATCH', '2 topics are not as planned']);
    expect(mistakes.map((mistake) => mistake.split('; ')[1])).toEqual([
      'set cleanup.policy of the topic to delete',
      'set message.timestamp.type of the topic to LogAppendTime',
      'set max.message.bytes of the topic to 1048576, or topics.maxMessageBytes to fit',
      'set cleanup.policy of the topic to compact',
      expect.stringContaining('change the retention of the topic'),
    ]);
  });

  it('does not make anew what is missing where tasks have worked', async () => {
    await worked(1);
    await admin((one) => one.deleteTopics({ topics: [names.changelog, names.deadLetters, names.surveys] }));
    const { code, message, mistakes } = await refusal();
    expect([code, message]).toEqual(['TOPIC_UNKNOWN', '3 topics are missing, though tasks have worked here']);
    expect(mistakes).toEqual([
      expect.stringContaining(`${names.surveys}: an input; restore it`),
      expect.stringContaining(`${names.deadLetters}: new in this version, or deleted; \`tributary topics apply\``),
      expect.stringContaining(`${names.changelog}: the state of all tasks; restore it from a backup`),
    ]);
    expect(await log.describeTopics([names.changelog])).toEqual([undefined]);
  });

  it('refuses an expired position, and one beyond the end', async () => {
    await worked(1);
    await admin((one) => expire(one, names.purchases, 0, 3));
    const expired = await refusal();
    expect(expired.code).toBe('OFFSET_OUT_OF_RANGE');
    expect(expired.mistakes).toEqual([
      expect.stringMatching(
        /purchases\.v1-0: the position is 1, the log begins at 3: 2 offsets are gone; restore the topic/,
      ),
    ]);
    await log.commitGroupPositions('tributary', [{ topic: names.purchases, partition: 0, offset: 9 }]);
    expect((await refusal()).mistakes).toEqual([
      expect.stringMatching(/purchases\.v1-0: the position is 9, the log ends at 3: it is not the topic it was/),
    ]);
  });

  it('refuses a changelog that was emptied: all would be decided again', async () => {
    await worked(1);
    await admin((one) => one.deleteTopics({ topics: [names.changelog] }));
    await log.createTopics([planned('changelog')]);
    const { code, mistakes } = await refusal();
    expect(code).toBe('TOPIC_MISMATCH');
    expect(mistakes).toEqual([expect.stringContaining(`${names.changelog}-0 is empty, though its task has committed`)]);
  });
});
