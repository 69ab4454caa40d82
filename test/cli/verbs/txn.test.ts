import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchArtifacts } from '../../../infra/local-kafka/artifacts.ts';
import { txnVerb } from '../../../services/cli/verbs/txn.ts';
import { openKafkaLog, type KafkaLog } from '../../../services/platform/kafka/kafka-log.ts';
import { ownBroker } from '../../kafka/broker.ts';
import { oneRecord, orphanTransaction } from '../../kafka/open-transactions.ts';
import { kafkaOptions } from '../../platform/kafka/kafka-options.ts';
import { linesOf, runVerb } from './in-process.ts';

/** A broker that believes producers, as all did before 3.6: only so a transaction can be orphaned on purpose. */
const broker = await ownBroker({ settings: { 'transaction.partition.verification.enable': 'false' } });
const INPUT = 'customer.purchases.v1';

/** A busy machine needs longer than usual. */
const eventually = <T>(ask: () => Promise<T>) => expect.poll(ask, { timeout: 20_000 });

interface Shown {
  readonly name: string;
  readonly transactionalId?: string;
  readonly producerId: number;
  readonly state: string;
  readonly whose: string;
  readonly hanging?: string;
  readonly ageMs: number;
  readonly places: readonly { readonly topic: string; readonly partition: number; readonly holdsReaders: boolean }[];
}

describe.skipIf(broker === undefined)('tributary txn', () => {
  const options = kafkaOptions(broker ?? { brokers: '' }, { idPrefix: 'shop-' });
  let log: KafkaLog;

  beforeAll(async () => {
    log = await openKafkaLog(options);
    const spec = {
      cleanup: 'delete',
      retentionMs: null,
      timestampType: 'CreateTime',
      maxMessageBytes: 1_000_000,
    } as const;
    await log.createTopics(['elsewhere', INPUT].map((name) => ({ ...spec, name, partitions: 2 })));
  });
  afterAll(async () => {
    await log.close();
    await broker!.close();
  });

  const tributary = (...words: readonly string[]) => {
    const settings = ['--log', 'kafka', '--set', `kafka.brokers=${broker!.brokers}`, '--set', 'kafka.idPrefix=shop-'];
    return runVerb(txnVerb, tmpdir(), [...settings, ...words]);
  };
  const listed = async (...words: readonly string[]): Promise<readonly Shown[]> => {
    const { data } = await tributary('--json', 'txn', 'list', ...words);
    return linesOf(data).map((line) => JSON.parse(line) as Shown);
  };
  const one = async (id: string) => (await listed()).find(({ name }) => name === id);
  const read = async (place: { topic: string; partition: number }, offset: number) => {
    const request = { ...place, offset, maxBytes: 1_000_000 };
    const [fetched] = await log.fetch([request], { isolation: 'read_committed', maxWaitMs: 0 });
    return fetched!;
  };

  it('lists what is open: whose, since when, and where readers wait', async () => {
    const producer = await log.transactionalProducer('tributary-1');
    producer.begin();
    await producer.append({ topic: INPUT, partition: 1 }, oneRecord());
    await producer.sendOffsets('tributary', [{ topic: INPUT, partition: 1, offset: 0 }]);
    await eventually(() => one('shop-tributary-1')).toMatchObject({
      whose: 'task 1',
      state: 'Ongoing',
      places: [{ topic: '__consumer_offsets' }, { topic: INPUT }],
    });
    await eventually(async () => (await one('shop-tributary-1'))?.places[1]).toMatchObject({ holdsReaders: true });
    const { data } = await tributary('txn', 'list');
    expect(data).toMatch(
      /^shop-tributary-1 +\d+\/0 +Ongoing +\S+ m?s +task 1 +__consumer_offsets-\d+@0, customer\.purchases\.v1-1@0$/m,
    );
    await producer.abort();
    await producer.close();
    expect(await one('shop-tributary-1')).toBeUndefined();
    expect((await listed('--all')).find(({ name }) => name === 'shop-tributary-1')?.state).toBe('CompleteAbort');
  });

  it('aborts one of ours whose owner is gone, and fences what is left of it', async () => {
    const place = { topic: INPUT, partition: 0 };
    const producer = await log.transactionalProducer('tributary-0');
    producer.begin();
    await producer.append(place, oneRecord());
    await eventually(() => one('shop-tributary-0')).toBeDefined();
    const { data } = await tributary('txn', 'abort', 'shop-tributary-0');
    expect(data).toBe('shop-tributary-0: aborted\n');
    expect(await one('shop-tributary-0')).toBeUndefined();
    const { records, lastStableOffset, highWatermark } = await read(place, 0);
    expect([records.length, lastStableOffset]).toEqual([0, highWatermark]);
    await expect(producer.commit()).rejects.toMatchObject({ code: 'LOG_FENCED' });
    await producer.close();
  });

  it('takes one away from a member that works on it only with --yes', async () => {
    const joined = await log.joinGroup('tributary', [INPUT], {
      assigned: () => undefined,
      lost: () => Promise.resolve(),
    });
    const producer = await log.transactionalProducer('tributary-1');
    producer.begin();
    await producer.append({ topic: INPUT, partition: 1 }, oneRecord());
    await eventually(() => one('shop-tributary-1')).toBeDefined();
    const refused = tributary('txn', 'abort', 'shop-tributary-1');
    await expect(refused).rejects.toThrow(
      /^shop-tributary-1 is in use by member \S+ at 127\.0\.0\.1; --yes takes it away/,
    );
    expect(await one('shop-tributary-1')).toBeDefined();
    expect((await tributary('txn', 'abort', 'shop-tributary-1', '--yes')).data).toContain('aborted');
    await joined.leave();
    await producer.close();
  });

  it('asks for --yes where a command may still run', async () => {
    const producer = await log.transactionalProducer('tributary-import-spring');
    producer.begin();
    await producer.append({ topic: INPUT, partition: 0 }, oneRecord());
    await eventually(() => one('shop-tributary-import-spring')).toMatchObject({ whose: 'import' });
    await expect(tributary('txn', 'abort', 'shop-tributary-import-spring')).rejects.toMatchObject({ code: 'USAGE' });
    await producer.abort();
    await producer.close();
  });

  it('does nothing to one of others, and prints what does', async () => {
    const others = await openKafkaLog({ ...options, idPrefix: '' });
    const producer = await others.transactionalProducer("billing's");
    producer.begin();
    await producer.append({ topic: 'elsewhere', partition: 0 }, oneRecord());
    await eventually(() => one("billing's")).toMatchObject({ whose: 'foreign' });
    const { data, talk } = await tributary('txn', 'abort', "billing's");
    expect(data).toBe(
      `kafka-transactions.sh --bootstrap-server ${broker!.brokers} forceTerminateTransaction --transactionalId 'billing'\\''s'\n`,
    );
    expect(talk).toContain('Nothing was done');
    await kafkaTool(data);
    expect(await one("billing's")).toBeUndefined();
    await producer.close();
    await others.close();
  });

  it('marks one that hangs, with where readers wait, and prints what ends it', async () => {
    const place = { topic: INPUT, partition: 1 };
    const { lastStableOffset } = await read(place, 0);
    const producerId = await orphanTransaction(options, 'shop-tributary-7', place);
    await eventually(async () => (await listed()).length).toBe(1);
    const [shown] = await listed();
    expect(shown).toMatchObject({
      ...{ name: `producer:${producerId}`, transactionalId: 'shop-tributary-7', whose: 'task 7' },
      ...{ hanging: 'orphaned', places: [{ ...place, firstOffset: lastStableOffset, holdsReaders: true }] },
    });
    const { data, talk } = await tributary('txn', 'list');
    expect(data).toMatch(/Orphaned, hangs/);
    expect(talk).toContain(`no coordinator will end it; readers wait at ${INPUT}-1@${lastStableOffset}`);
    const { data: command } = await tributary('txn', 'abort', `producer:${producerId}`);
    expect(command).toBe(
      `kafka-transactions.sh --bootstrap-server ${broker!.brokers} abort --topic ${INPUT} --partition 1 --start-offset ${lastStableOffset}\n`,
    );
    await kafkaTool(command);
    expect(await listed()).toEqual([]);
    const after = await read(place, lastStableOffset);
    expect(after.lastStableOffset).toBe(after.highWatermark);
  });

  it('says so where there is nothing to see', async () => {
    const { data, talk } = await tributary('txn', 'list');
    expect([data, talk]).toEqual(['', 'No transaction is open.\n']);
    await expect(tributary('txn', 'abort', 'shop-nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const { talk: rest } = await tributary('txn', 'abort', 'shop-tributary-1');
    expect(rest).toMatch(/no open transaction \(\w+\); nothing was done/);
  });

  it('says why nothing can be seen', async () => {
    const nowhere = runVerb(txnVerb, tmpdir(), ['--log', 'kafka', '--set', 'kafka.brokers=127.0.0.1:1', 'txn', 'list']);
    await expect(nowhere).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    await expect(runVerb(txnVerb, tmpdir(), ['txn', 'list'])).rejects.toMatchObject({ code: 'USAGE' });
  });

  /** The very command that was printed, by Kafka's own tool. */
  async function kafkaTool(command: string): Promise<void> {
    const { kafka } = await fetchArtifacts(() => undefined);
    const tool = `java -XX:TieredStopAtLevel=1 -cp '${kafka}/*' org.apache.kafka.tools.TransactionsCommand`;
    const { stderr } = await promisify(execFile)('sh', ['-c', command.replace('kafka-transactions.sh', tool)]);
    expect(stderr).not.toMatch(/Exception/);
  }
});
