/** Batches that Java's clients packed are read, and they read what is packed here. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fetchArtifacts } from '../../../infra/local-kafka/artifacts.ts';
import { openKafkaLog } from '../../../services/platform/kafka/kafka-log.ts';
import type { Codec } from '../../../services/platform/kafka/codecs.ts';
import { batchOf, freshTopic, values } from '../../contract/log-harness.ts';
import { hasJavaAndMaven, testBroker } from '../../kafka/broker.ts';
import { kafkaOptions } from './kafka-options.ts';

const broker = (await hasJavaAndMaven()) ? await testBroker() : undefined;
const jars = broker === undefined ? '' : join((await fetchArtifacts(() => undefined)).kafka, '*');
/** Repeats and does not: lines of all lengths. */
const LINES = Array.from(
  { length: 2_000 },
  (_, index) => `line ${index} ${'ab'.repeat(index % 50)} ${Math.sin(index)}`,
);

describe.skipIf(broker === undefined)('batches packed by others', async () => {
  const log = broker === undefined ? undefined! : await openKafkaLog(kafkaOptions(broker));
  afterAll(() => log.close());

  test.each(['gzip', 'snappy', 'lz4', 'zstd'])('by Java with %s are read', async (codec) => {
    const topic = await freshTopic(log, { partitions: 1 });
    const words = ['--bootstrap-server', broker!.brokers, '--topic', topic, '--compression-codec', codec];
    await java('org.apache.kafka.tools.ConsoleProducer', words, `${LINES.join('\n')}\n`);
    expect(await values(log, { topic, partition: 0 })).toEqual(LINES);
  });

  test.each<Codec>(['lz4', 'zstd'])('here with %s are read by Java, aborted ones are not', async (compression) => {
    const packing = await openKafkaLog(kafkaOptions(broker!, { compression }));
    const topic = await freshTopic(packing, { partitions: 1 });
    const place = { topic, partition: 0 };
    const producer = await packing.transactionalProducer(`packed-${compression}`);
    producer.begin();
    await producer.append(place, batchOf(...LINES.map((line) => `aborted ${line}`)));
    await producer.abort();
    producer.begin();
    await producer.append(place, batchOf(...LINES));
    await producer.commit();
    await producer.close();
    const words = ['--bootstrap-server', broker!.brokers, '--topic', topic, '--from-beginning'];
    const read = await java('org.apache.kafka.tools.consumer.ConsoleConsumer', [
      ...words,
      ...['--isolation-level', 'read_committed', '--max-messages', String(LINES.length), '--timeout-ms', '30000'],
    ]);
    expect(read.trimEnd().split('\n')).toEqual(LINES);
    await packing.close();
  });
});

/** Runs a tool of Kafka; resolves with what it wrote. */
function java(tool: string, words: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('java', ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-cp', jars, tool, ...words]);
    const out: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (data: Buffer) => out.push(data));
    child.stderr.on('data', (data: Buffer) => errors.push(data));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out).toString());
      else reject(new Error(`${tool} ended with ${code}: ${Buffer.concat(errors).toString()}`));
    });
    child.stdin.end(input);
  });
}
