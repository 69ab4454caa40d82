/**
 * Programs of others beside Tributary, on a real broker with a real registry: a Java producer feeds it; a Java consumer, a plain
 * kafkajs consumer and kcat read what it says. None of them knows anything of Tributary but topics and schemas.
 */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChildProcess } from 'node:child_process';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetched } from '../../infra/local-kafka/artifacts.ts';
import { javaCommand } from '../../infra/local-kafka/machine.ts';
import { packagePath } from '../../services/platform/config/package-root.ts';
import { runCli, startCli, temporaryFolder } from '../cli/run-cli.ts';
import { hasJavaAndMaven, testBroker } from './broker.ts';

interface Seen {
  readonly key: string;
  readonly partition: number;
  readonly value: Readonly<Record<string, unknown>>;
}

const CUSTOMERS = 40;
const NEIGHBOUR = packagePath('test', 'kafka', 'java', 'Neighbour.java');
const SEGMENT = `key: buyer
name: Buyer
goal: Shows that what others send is counted.
enter:
  count: { event: purchase, within: 30d }
  atLeast: 1
`;

const broker = await testBroker();
const hasJava = await hasJavaAndMaven();
/** Running a source file needs the compiler, which a JRE does not have. */
const hasCompiler =
  hasJava && spawnSync(javaCommand(), ['--list-modules'], { encoding: 'utf8' }).stdout.includes('jdk.compiler');
if (!hasCompiler)
  process.stderr.write('SKIPPED: interoperability with Java, for which this machine has no JDK or no Maven\n');

describe.skipIf(broker === undefined || !hasCompiler)('beside programs of others', () => {
  const folder = temporaryFolder();
  const prefix = `interop-${randomUUID().slice(0, 8)}.`;
  const topic = (name: string) => `${prefix}${name}`;
  const settings = () => [
    ...['--log', 'kafka', '--data', join(folder.path, 'data'), '--set', `kafka.brokers=${broker!.brokers}`],
    ...['--set', `registry.url=${broker!.registryUrl}`, '--set', `topics.prefix=${prefix}`],
    ...['--set', `kafka.idPrefix=${prefix}`, '--set', 'http.port=0'],
  ];
  let jars: string;
  let running: ChildProcess | undefined;
  let sent: readonly Seen[];

  const java = (...words: readonly string[]): readonly Seen[] => {
    const all = ['-cp', join(jars, '*'), NEIGHBOUR, words[0]!, broker!.brokers, broker!.registryUrl, ...words.slice(1)];
    const { stdout, stderr, status } = spawnSync(javaCommand(), all, { encoding: 'utf8', maxBuffer: 1 << 26 });
    expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Seen);
  };

  beforeAll(async () => {
    jars = await fetched(packagePath('test', 'kafka', 'java', 'pom.xml'), "Kafka's client and Avro", () => undefined);
    mkdirSync(join(folder.path, 'segments'));
    writeFileSync(join(folder.path, 'segments', 'buyer.yaml'), SEGMENT);
    for (const words of [
      ['topics', 'apply'],
      ['segments', 'apply', join(folder.path, 'segments')],
    ]) {
      const { code, stderr } = await runCli([...words, ...settings()]);
      expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    }
    running = startCli(['up', ...settings()]);
    running.stdout!.resume();
    running.stderr!.resume();
    sent = java('produce', topic('customer.purchases.v1'), String(CUSTOMERS));
  }, 120_000);

  afterAll(async () => {
    const ended = new Promise((resolve) => running?.once('exit', resolve));
    running?.kill('SIGTERM');
    await ended;
    folder.remove();
  });

  it('takes what a Java producer sends with its own partitioner, and a Java consumer reads every change', async () => {
    expect(sent).toHaveLength(CUSTOMERS);
    const changes = await until(
      () => java('consume', topic('segments.changes.v1')),
      (seen) => seen.length >= CUSTOMERS,
    );
    expect(changes).toHaveLength(CUSTOMERS);
    expect(new Set(changes.map(({ value }) => `${String(value['segment'])} ${String(value['kind'])}`))).toEqual(
      new Set(['buyer entered']),
    );
    // The task of a customer's partition is the one that answered: key, murmur2 and partition agree all the way.
    const places = (all: readonly Seen[]) => new Map(all.map(({ key, partition }) => [key, partition]));
    expect(places(changes)).toEqual(places(sent));
    expect(new Set(sent.map(({ partition }) => partition)).size).toBe(4);
  });

  it('is read by a plain kafkajs consumer with the registry', async () => {
    const registry = new SchemaRegistry({ host: broker!.registryUrl });
    const kafka = new Kafka({ brokers: [broker!.brokers], logLevel: logLevel.NOTHING });
    const consumer = kafka.consumer({ groupId: topic('subscriber'), readUncommitted: false });
    const seen: { topic: string; key: string; value: Record<string, unknown> }[] = [];
    await consumer.connect();
    await consumer.subscribe({
      topics: [topic('segments.changes.v1'), topic('segments.memberships.v1')],
      fromBeginning: true,
    });
    await consumer.run({
      eachMessage: async ({ topic: from, message }) => {
        const value = (await registry.decode(message.value!)) as Record<string, unknown>;
        seen.push({ topic: from, key: message.key!.toString(), value });
      },
    });
    await until(
      () => seen.length,
      (count) => count >= 2 * CUSTOMERS,
    );
    await consumer.disconnect();
    for (const { key, value } of seen) expect(value['customerId']).toBe(key);
    const members = seen.filter((each) => each.topic === topic('segments.memberships.v1'));
    expect(members).toHaveLength(CUSTOMERS);
    for (const { value } of members) expect(value['segments']).toMatchObject([{ segment: 'buyer' }]);
  });

  const hasKcat = spawnSync('kcat', ['-V']).status === 0;
  if (!hasKcat) process.stderr.write('SKIPPED: kcat is not on this machine\n');
  it.skipIf(!hasKcat)('is read by kcat', () => {
    const words = ['-b', broker!.brokers, '-C', '-t', topic('segments.changes.v1'), '-e', '-q', '-f', '%k\\n'];
    const { stdout } = spawnSync('kcat', words, { encoding: 'utf8' });
    expect(new Set(stdout.trim().split('\n'))).toEqual(new Set(sent.map(({ key }) => key)));
  });
});

async function until<T>(look: () => T, isThere: (found: T) => boolean): Promise<T> {
  const deadline = Date.now() + 50_000;
  for (;;) {
    const found = look();
    if (isThere(found)) return found;
    if (Date.now() > deadline) throw new Error('it has not come within 50 s');
    await sleep(100);
  }
}
