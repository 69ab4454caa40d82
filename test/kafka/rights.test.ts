/**
 * Each service runs with the rights that `acl print` lists for it and with no other, on a broker that denies whatever is not granted.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Kafka,
  logLevel,
  ResourcePatternTypes,
  type AclEntry,
} from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../infra/local-kafka/ports.ts';
import { rightsOf, SERVICES, type Right } from '../../services/cli/acl/rights.ts';
import { loadConfig } from '../../services/platform/config/load.ts';
import { jsonLines, runCli, startCli, temporaryFolder, type CliResult } from '../cli/run-cli.ts';
import { ownBroker } from './broker.ts';

const [securePort, httpPort] = (await freePorts(2)) as [number, number];
const PASSWORD = 'of-a-test';
/** Besides the services: one who has all of `up` but may write no transaction. */
const USERS = [...SERVICES, 'lame'];

const broker = await ownBroker({
  listeners: [{ name: 'SECURE', protocol: 'SASL_PLAINTEXT', port: securePort }],
  settings: {
    'listener.name.secure.sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.secure.plain.sasl.jaas.config': [
      'org.apache.kafka.common.security.plain.PlainLoginModule required',
      ...USERS.map((user) => `user_${user}="${PASSWORD}"`),
    ]
      .join(' ')
      .concat(';'),
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    // Whoever comes in by the plain listener sets up the test, and is the broker itself.
    'super.users': 'User:ANONYMOUS',
  },
});

const RESOURCES = {
  topic: AclResourceTypes.TOPIC,
  group: AclResourceTypes.GROUP,
  'transactional-id': AclResourceTypes.TRANSACTIONAL_ID,
};
const OPERATIONS = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Create: AclOperationTypes.CREATE,
  Describe: AclOperationTypes.DESCRIBE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
};

function granted(user: string, { resource, name, pattern, operations }: Right): readonly AclEntry[] {
  return operations.map((operation) => ({
    ...{ principal: `User:${user}`, host: '*', permissionType: AclPermissionTypes.ALLOW, resourceName: name },
    resourceType: RESOURCES[resource],
    resourcePatternType: pattern === 'literal' ? ResourcePatternTypes.LITERAL : ResourcePatternTypes.PREFIXED,
    operation: OPERATIONS[operation],
  }));
}

describe.skipIf(broker === undefined)('with the rights that are listed', () => {
  const folder = temporaryFolder();
  const { config } = loadConfig({ environment: {} });
  let running: ChildProcess | undefined;

  const as = (user: string, ...words: readonly string[]): Promise<CliResult> =>
    runCli([...words, ...settings(user)], secret);
  const secret = { environment: { TRIBUTARY_KAFKA_SASL_PASSWORD: PASSWORD } };
  const settings = (user: string) => [
    ...['--log', 'kafka', '--data', join(folder.path, user), '--set', `kafka.brokers=127.0.0.1:${securePort}`],
    ...['--set', 'kafka.sasl.mechanism=plain', '--set', `kafka.sasl.user=${user}`, '--set', `http.port=${httpPort}`],
  ];
  const send = (user: string) =>
    as(user, 'send', 'purchases', '{"customerId":"ben","kind":"order","orderId":"1","amountMinor":1,"currency":"USD"}');

  beforeAll(async () => {
    const acls = [
      ...SERVICES.flatMap((service) => rightsOf(service, config).flatMap((right) => granted(service, right))),
      ...rightsOf('up', config)
        .filter(({ resource }) => resource !== 'transactional-id')
        .flatMap((right) => granted('lame', right)),
      ...granted('subscribe', {
        ...{ resource: 'group', name: 'of-a-subscriber', pattern: 'literal', operations: ['Read'], why: 'its own' },
      }),
    ];
    const admin = new Kafka({ brokers: [broker!.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.createAcls({ acl: acls });
    await admin.disconnect();
    mkdirSync(join(folder.path, 'segments'));
    const rule =
      'key: buyer\nname: Buyer\ngoal: Shows that it works.\nenter: { count: { event: purchase, within: 30d }, atLeast: 1 }\n';
    writeFileSync(join(folder.path, 'segments', 'buyer.yaml'), rule);
  });

  afterAll(async () => {
    const ended = new Promise((resolve) => (running?.exitCode === null ? running.once('exit', resolve) : resolve(0)));
    running?.kill('SIGTERM');
    await ended;
    await broker!.close();
    folder.remove();
  });

  it('apply makes the topics, and publish the segments', async () => {
    succeeded(await as('apply', 'topics', 'apply'));
    succeeded(await as('publish', 'segments', 'apply', join(folder.path, 'segments')));
  });

  it('up works, for an event that produce sends', async () => {
    running = startCli(['up', ...settings('up')], secret);
    running.stdout!.resume();
    running.stderr!.resume();
    await until(async () => (await fetch(`http://127.0.0.1:${httpPort}/readyz`)).ok);
    succeeded(await send('produce'));
  });

  it('inspect sees the change, and finds nothing wrong', async () => {
    const { code, stdout } = await as('inspect', 'tail', 'changes', '--from-beginning', '--limit', '1', '--json');
    expect([code, jsonLines(stdout)[0]]).toMatchObject([
      0,
      { key: 'ben', value: { segment: 'buyer', kind: 'entered' } },
    ]);
    const doctor = await as('inspect', 'doctor', '--json', '--set', 'http.port=0');
    const failed = jsonLines(doctor.stdout).filter(({ level }) => level === 'fail');
    expect([failed, doctor.code]).toEqual([[], 0]);
  });

  it('subscribe reads changes and memberships, in a group of its own', async () => {
    const kafka = new Kafka({
      ...{ brokers: [`127.0.0.1:${securePort}`], logLevel: logLevel.NOTHING, ssl: false },
      sasl: { mechanism: 'plain', username: 'subscribe', password: PASSWORD },
    });
    const consumer = kafka.consumer({ groupId: 'of-a-subscriber' });
    const seen = new Set<string>();
    await consumer.connect();
    await consumer.subscribe({ topics: ['segments.changes.v1', 'segments.memberships.v1'], fromBeginning: true });
    await consumer.run({
      eachMessage: ({ topic }) => {
        seen.add(topic);
        return Promise.resolve();
      },
    });
    await until(() => Promise.resolve(seen.size === 2));
    await consumer.disconnect();
  });

  it('import brings history in', async () => {
    const csv = join(folder.path, 'orders.csv');
    writeFileSync(csv, 'Order,On,Customer,Total\n1001,2026-11-02 10:15,anna,120.00\n');
    writeFileSync(
      join(folder.path, 'orders.yaml'),
      `name: shop
timezone: UTC
customerId: $Customer
occurredAt: { column: On, date: 'YYYY-MM-DD HH:mm' }
events:
  - input: purchases
    kind: order
    fields:
      orderId: $Order
      amountMinor: { column: Total, decimals: 2 }
      currency: USD
coverage:
  - { input: purchases, kinds: '*', since: always }
`,
    );
    succeeded(await as('import', 'import', csv, '--map', join(folder.path, 'orders.yaml')));
  });

  it('retry sends again what had gone to the dead letters', async () => {
    const kafka = new Kafka({ brokers: [broker!.brokers], logLevel: logLevel.NOTHING });
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic: 'customer.purchases.v1', messages: [{ key: 'ben', value: 'no Avro' }] });
    await producer.disconnect();
    const waiting = async () => (await as('inspect', 'dead-letters', 'list', '--json')).stdout.includes('UNDECODABLE');
    await until(waiting);
    const { code, stdout, stderr } = await as('retry', 'dead-letters', 'retry', '--all', '--json');
    succeeded({ code, stdout, stderr });
    expect(stdout).toContain('customer.purchases.v1');
  });

  it('settle sees what is open, and ends it', async () => {
    const transactionalId = 'tributary-tributary-import-left';
    const kafka = new Kafka({ brokers: [broker!.brokers], logLevel: logLevel.NOTHING });
    const producer = kafka.producer({ transactionalId, maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic: '_tributary.imports', messages: [{ key: 'left', value: 'open' }] });
    const listed = await as('settle', 'txn', 'list', '--json');
    succeeded(listed);
    expect(listed.stdout).toContain(transactionalId);
    succeeded(await as('settle', 'txn', 'abort', transactionalId, '--yes'));
    expect((await as('settle', 'txn', 'list', '--json')).stdout).not.toContain(transactionalId);
    await producer.disconnect();
  });

  it('and without them is told which right is missing on what', async () => {
    const sent = await send('publish');
    expect(sent.code).not.toBe(0);
    expect(sent.stderr).toContain('LOG_ACCESS_DENIED');
    expect(sent.stderr).toMatch(/customer\.purchases\.v1/);
    expect(sent.stderr).toContain('tributary acl print');

    const lame = await as('lame', 'up', '--set', 'http.port=0');
    expect(lame.code).not.toBe(0);
    expect(lame.stderr + lame.stdout).toContain('LOG_ACCESS_DENIED');
    expect(lame.stderr + lame.stdout).toMatch(/tributary-/);
  });
});

function succeeded({ code, stderr }: CliResult): void {
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 40_000;
  // What is not reachable yet is not so yet.
  while (!(await isSo().catch(() => false))) {
    if (Date.now() > deadline) throw new Error('it has not become so within 40 s');
    await sleep(50);
  }
}
