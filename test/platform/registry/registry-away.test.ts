/** `tributary up` while its registry is away: what it knows goes on, what it does not know waits, and everybody is told. */
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../../infra/local-kafka/ports.ts';
import { partitionFor } from '../../../services/core/streams/partitioner.ts';
import { RecordBatchBuilder } from '../../../services/core/streams/record-batch.ts';
import { loadConfig } from '../../../services/platform/config/load.ts';
import { openEmbeddedLog, type EmbeddedLog } from '../../../services/platform/embedded-log/embedded-log.ts';
import { writeFrame } from '../../../services/platform/registry/frame.ts';
import { schemaOf } from '../../../services/platform/registry/record-schemas.ts';
import { openRegistry, type Registry } from '../../../services/platform/registry/registry.ts';
import { startCli, temporaryFolder } from '../../cli/run-cli.ts';
import { testBroker } from '../../kafka/broker.ts';
import { purchase } from './events.ts';
import { Relay } from './relay.ts';

const INPUT = 'customer.purchases.v1';
const FACTS = 'customer.facts.v1';
const PARTITIONS = 4;
const text = new TextEncoder();
const broker = await testBroker();

interface Told {
  readonly ready: boolean;
  readonly dependencies: readonly {
    readonly name: string;
    readonly condition: string;
    readonly fault: { code: string } | null;
  }[];
}

describe.skipIf(broker === undefined)('up, with a registry that goes away', () => {
  const folder = temporaryFolder();
  const relay = new Relay(broker?.registryUrl ?? 'http://127.0.0.1:1');
  let url: string;
  let running: ChildProcess;
  let log: EmbeddedLog;
  let registry: Registry;

  beforeAll(async () => {
    await relay.mend();
    const [port] = await freePorts(1);
    url = `http://127.0.0.1:${port!}`;
    const data = join(folder.path, 'data');
    const set = [`registry.url=${relay.url}`, 'registry.timeoutMs=5000', `http.port=${port!}`];
    running = startCli(['up', '--data', data, ...set.flatMap((each) => ['--set', each])]);
    running.stdout!.resume();
    running.stderr!.resume();
    await until(async () => (await fetch(`${url}/readyz`)).ok);
    log = await openEmbeddedLog({ directory: join(data, 'log'), owner: false });
    registry = await openRegistry(log, loadConfig({ environment: { TRIBUTARY_REGISTRY_URL: relay.url } }).config);
  });

  afterAll(async () => {
    await log.close();
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGTERM');
    await ended;
    await relay.cut();
    folder.remove();
  });

  const append = async (customerId: string, schemaId?: number): Promise<void> => {
    const key = text.encode(customerId);
    const value = registry.encode('purchase', { ...purchase, customerId, eventId: randomUUID() });
    if (schemaId !== undefined) writeFrame(value, schemaId);
    const builder = new RecordBatchBuilder();
    builder.append(Date.now(), key, value);
    await log.append({ topic: INPUT, partition: partitionFor(key, PARTITIONS) }, builder.finish());
  };
  const factsOf = async (customerId: string): Promise<number> => {
    const partition = partitionFor(text.encode(customerId), PARTITIONS);
    const [end] = await log.endOffsets([{ topic: FACTS, partition }]);
    return end!.lastStableOffset;
  };
  const told = async () => {
    const { ready, dependencies } = (await (await fetch(`${url}/healthz`)).json()) as Told;
    return { ready, ...dependencies.find(({ name }) => name === 'registry')! };
  };
  const failures = async (): Promise<number> => {
    const page = await (await fetch(`${url}/metrics`)).text();
    return Number(/^tributary_registry_failures_total (\d+)/m.exec(page)?.[1] ?? 0);
  };

  it('holds back what it cannot read yet, goes on elsewhere, says so, and loses nothing', async () => {
    expect(await told()).toMatchObject({ ready: true, condition: 'ok' });
    const schema = { ...schemaOf('purchase'), aliases: [`Order${randomUUID().slice(0, 8)}`] };
    const answer = await fetch(`${broker!.registryUrl}/subjects/${randomUUID()}/versions`, {
      ...{ method: 'POST', body: JSON.stringify({ schema: JSON.stringify(schema) }) },
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    });
    const { id } = (await answer.json()) as { id: number };
    await relay.cut();

    // Two customers of different partitions.
    await append('anna', id);
    await append('ben');
    await until(async () => (await told()).condition === 'degraded' && (await failures()) > 1);
    expect(await told()).toMatchObject({ ready: true, fault: { code: 'REGISTRY_UNAVAILABLE' } });
    await until(async () => (await factsOf('ben')) > 0);
    expect(await factsOf('anna')).toBe(0);

    await relay.mend();
    await until(async () => (await factsOf('anna')) > 0);
    await until(async () => (await told()).condition === 'ok');
    const deadLetters = Array.from({ length: PARTITIONS }, (_, partition) => ({
      topic: 'customer.dead-letters.v1',
      partition,
    }));
    for (const { highWatermark } of await log.endOffsets(deadLetters)) expect(highWatermark).toBe(0);
  });
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  // What does not answer yet is not so yet.
  while (!(await isSo().catch(() => false))) {
    if (Date.now() > deadline) throw new Error('it has not become so within 30 s');
    await sleep(50);
  }
}
