import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchArtifacts } from '../../../infra/local-kafka/artifacts.ts';
import { loadConfig } from '../../../services/platform/config/load.ts';
import { openKafkaLog, type KafkaLog } from '../../../services/platform/kafka/kafka-log.ts';
import { applyTopics } from '../../../services/platform/topics/apply-topics.ts';
import { ownBroker } from '../../kafka/broker.ts';
import { oneRecord, orphanTransaction } from '../../kafka/open-transactions.ts';
import { administering, expire, setTopic } from '../../kafka/topic-admin.ts';
import { kafkaOptions } from '../../platform/kafka/kafka-options.ts';
import { jsonLines, runCli, temporaryFolder } from '../run-cli.ts';

const broker = await ownBroker({ settings: { 'transaction.partition.verification.enable': 'false' } });
const [PURCHASES, SURVEYS] = ['customer.purchases.v1', 'customer.surveys.v1'] as const;

interface Found {
  readonly check: string;
  readonly level: string;
  readonly message: string;
  readonly fix?: string;
}

describe.skipIf(broker === undefined)('doctor, on Kafka', () => {
  const folder = temporaryFolder();
  const options = kafkaOptions(broker ?? { brokers: '' }, { idPrefix: 'tributary-' });
  let log: KafkaLog;

  beforeAll(async () => {
    log = await openKafkaLog(options);
  });
  afterAll(async () => {
    await log.close();
    await broker!.close();
    folder.remove();
  });

  /** ClickHouse is left out of it: its own check fails at once, for an address where nothing is. */
  async function doctor(brokers = broker!.brokers): Promise<readonly Found[]> {
    const words = ['doctor', '--json', '--log', 'kafka', '--data', join(folder.path, 'data'), '--set', 'http.port=0'];
    const settings = ['--set', `kafka.brokers=${brokers}`, '--set', 'clickhouse.url=http://127.0.0.1:1'];
    const { stdout } = await runCli([...words, ...settings]);
    const found = jsonLines(stdout) as unknown as readonly Found[];
    for (const { level, fix } of found) if (level !== 'ok') expect(fix).toMatch(/^[A-Z`].{10,}/);
    return found;
  }
  const of = (found: readonly Found[], check: string) => found.filter((one) => one.check === check);

  it('knows cluster, release and clock before there is anything of ours', async () => {
    const found = await doctor();
    expect(of(found, 'brokers')).toEqual([
      {
        check: 'brokers',
        level: 'ok',
        message: expect.stringMatching(/^cluster \S+, 1 broker, Kafka 4\.\d+$/) as string,
      },
    ]);
    expect(of(found, 'broker clocks')).toMatchObject([
      { level: 'ok', message: expect.stringMatching(/^the controller's agrees within \S+ m?s; no record/) as string },
    ]);
    expect(of(found, 'topics')).toMatchObject([{ level: 'warn' }]);
    expect(found.filter(({ level }) => level === 'fail').map(({ check }) => check)).toEqual(['clickhouse']);
  });

  it('tells who works on what, and what waits for whom', async () => {
    await applyTopics(log, loadConfig({ environment: {}, workingDirectory: folder.path }).config, Date.now);
    for (let count = 0; count < 3; count += 1) await log.append({ topic: PURCHASES, partition: 2 }, oneRecord());
    await log.commitGroupPositions('tributary', [{ topic: PURCHASES, partition: 2, offset: 1 }]);
    const nobody = of(await doctor(), 'group');
    expect(nobody[0]).toMatchObject({ level: 'warn', message: 'no process is a member, 2 records wait' });
    const listener = { assigned: () => undefined, lost: () => Promise.resolve() };
    const member = await log.joinGroup('tributary', [PURCHASES, SURVEYS], listener);
    const found = await doctor();
    expect(of(found, 'group').map(({ level, message }) => [level, message])).toEqual([
      ['ok', expect.stringMatching(/^member test-\S+ at 127\.0\.0\.1: partitions 0, 1, 2, 3$/)],
      ['ok', 'every partition has a member, 2 records wait'],
      ['ok', `${PURCHASES}-2: 2 records wait for the task, from 1 on`],
    ]);
    expect(of(found, 'replication')).toMatchObject([
      { level: 'warn', message: 'one replica, so a lost disk is lost data: 13 topics' },
    ]);
    expect(of(found, 'transactions')).toMatchObject([
      { level: 'ok', message: 'transactional ids of ours: 1, open transactions: 0, none hangs' },
    ]);
    await member.leave();
  });

  it('names what is wrong with topics, positions and transactions, each with the fix', async () => {
    await administering(broker!.brokers, async (admin) => {
      await setTopic(admin, SURVEYS, 'message.timestamp.type', 'CreateTime');
      await expire(admin, PURCHASES, 2, 3);
    });
    const producerId = await orphanTransaction(options, 'tributary-tributary-0', { topic: SURVEYS, partition: 1 });
    const found = await doctor();
    const [topic] = of(found, 'topics').filter(({ message }) => message.includes('timestampType'));
    expect(topic).toMatchObject({
      level: 'fail',
      message: `${SURVEYS}: timestampType is CreateTime, wanted is LogAppendTime`,
    });
    expect(of(found, 'group')).toContainEqual({
      ...{ check: 'group', level: 'fail', fix: expect.stringMatching(/^Restore the topic with its offsets/) as string },
      message: `${PURCHASES}-2: the position is 1, the log begins at 3: 2 offsets are gone (the task)`,
    });
    const [hanging] = of(found, 'transactions');
    expect(hanging).toMatchObject({
      level: 'fail',
      fix: expect.stringContaining(`txn abort producer:${producerId}`) as string,
    });
    expect(hanging!.message).toMatch(
      new RegExp(
        `^transaction producer:${producerId} hangs since .*: no coordinator will end it; readers wait at ${SURVEYS}-1 at 0$`,
      ),
    );
    await kafkaTool(topic!.fix!.split(' The topic: ')[1]!);
    expect(await log.describeTopics([SURVEYS])).toMatchObject([{ timestampType: 'LogAppendTime' }]);
  });

  it('says of each check that it could not look, where no broker answers', async () => {
    const found = await doctor('127.0.0.1:1');
    expect(of(found, 'brokers')).toMatchObject([
      { level: 'fail', message: 'Broker 127.0.0.1:1 cannot be reached (ECONNREFUSED)' },
    ]);
    for (const check of ['topics', 'schemas', 'transactions', 'group', 'replication', 'broker clocks']) {
      const [only, ...more] = of(found, check);
      expect([more, only!.level]).toEqual([[], 'warn']);
      expect(only!.message).toMatch(/^not looked at: Broker 127\.0\.0\.1:1/);
    }
  });

  it('warns of an address that does not answer while others do', async () => {
    const found = of(await doctor(`127.0.0.1:1,${broker!.brokers}`), 'brokers');
    expect(found.map(({ level }) => level)).toEqual(['warn', 'ok']);
  });
});

/** The very command that was printed, by Kafka's own tool. */
async function kafkaTool(command: string): Promise<void> {
  const { kafka } = await fetchArtifacts(() => undefined);
  const tool = `java -XX:TieredStopAtLevel=1 -cp '${kafka}/*' kafka.admin.ConfigCommand`;
  const { stderr } = await promisify(execFile)('sh', ['-c', command.replace('kafka-configs.sh', tool)]);
  expect(stderr).not.toMatch(/Exception/);
}
