import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { RecordBatchBuilder } from '../../../services/core/streams/record-batch.ts';
import { startChdb } from '../../../services/platform/clickhouse/chdb.ts';
import { connectClickHouse } from '../../../services/platform/clickhouse/client.ts';
import { migrate } from '../../../services/platform/clickhouse/migrations.ts';
import { packagePath } from '../../../services/platform/config/package-root.ts';
import { openEmbeddedLog } from '../../../services/platform/embedded-log/embedded-log.ts';
import { loadConfig } from '../../../services/platform/config/load.ts';
import { openRegistry } from '../../../services/platform/registry/registry.ts';
import { jsonLines, runCli, startCli, temporaryFolder } from '../run-cli.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

interface Found {
  readonly level: string;
  readonly message: string;
  readonly fix?: string;
}

/** What `doctor` finds, by check; the first finding of each. */
async function doctor(data: string, ...more: readonly string[]) {
  return doctorIn({}, data, ...more);
}

async function doctorIn(environment: Readonly<Record<string, string>>, data: string, ...more: readonly string[]) {
  const { code, stdout } = await runCli(['doctor', '--json', '--data', data, ...more], { environment });
  const findings = jsonLines(stdout) as unknown as readonly (Found & { readonly check: string })[];
  for (const { level, fix } of findings) if (level !== 'ok') expect(fix).toMatch(/^[^ ].{10,}\.$|^ALTER TABLE /);
  const by = (check: string): Found | undefined => findings.find((finding) => finding.check === check);
  return { code, findings, by };
}

async function append(data: string, topic: string, key: string, value: Uint8Array): Promise<void> {
  const log = await openEmbeddedLog({ directory: join(data, 'log'), owner: false });
  const batch = new RecordBatchBuilder();
  batch.append(Date.now(), Buffer.from(key), value);
  await log.append({ topic, partition: 0 }, batch.finish());
  await log.close();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Asks again until it is so; a minute is far more than it needs. */
async function eventually<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`It never came to be: ${JSON.stringify(answer)}`);
    await delay(100);
  }
}

describe('doctor, before anything exists', () => {
  it('tries the engine, makes nothing, and has nothing else to look at', async () => {
    const { code, findings, by } = await doctor(join(folder.path, 'nothing'), '--set', 'http.port=0');
    expect(code).toBe(0);
    expect(by('data directory')?.message).toContain('nothing is in');
    expect(by('clickhouse')?.message).toMatch(/^embedded engine 2\d\.\d+\S* works here/);
    expect(findings.map(({ check }) => check)).not.toContain('topics');
    const again = await doctor(join(folder.path, 'nothing'), '--set', 'http.port=0');
    expect(again.by('data directory')?.message).toContain('nothing is in');
  });
});

describe('doctor, on data at rest', () => {
  const data = join(folder.path, 'rest');

  it('finds topics and schemas in place, nothing published, and what waits to be worked', async () => {
    expect((await runCli(['topics', 'apply', '--data', data])).code).toBe(0);
    await runCli(['send', 'interactions', '{"customerId":"c-1","kind":"contact","channel":"phone"}', '--data', data]);
    const { code, by } = await doctor(data, '--set', 'http.port=0');
    expect(code).toBe(0);
    expect(by('data directory')?.message).toContain('nothing runs on it now');
    expect(by('topics')).toMatchObject({ level: 'ok', message: '13 as planned, 4 partitions for customers' });
    expect(by('schemas')).toMatchObject({ level: 'ok', message: expect.stringMatching(/^9 ids/) as string });
    expect(by('definitions')).toMatchObject({ level: 'warn', message: 'no segment is published' });
    expect(by('coverage')).toMatchObject({ level: 'ok', message: expect.stringContaining('interaction 20') as string });
    expect(by('running')).toMatchObject({ level: 'warn', message: 'nothing runs, 1 record waits' });
  });

  it('names a definition that every reader refuses, until a later one of the key is accepted', async () => {
    const log = await openEmbeddedLog({ directory: join(data, 'log'), owner: false });
    const registry = await openRegistry(log, loadConfig({ environment: {} }).config);
    await log.close();
    const refused = registry.encode('definition', {
      ...{ kind: 'segment', key: 'frequent-caller', basedOn: null, author: null, reason: null },
      ...{ publishedAt: Date.now(), effectiveFrom: null, body: '{"key":"frequent-caller"}' },
    });
    await append(data, 'segments.definitions.v1', 'frequent-caller', refused);
    const { by } = await doctor(data, '--set', 'http.port=0');
    expect(by('definitions')?.level).toBe('warn');
    expect(by('definitions')?.message).toMatch(/^frequent-caller at offset \d+ is refused: ./);
    expect((await runCli(['segments', 'apply', 'schemas/segments', '--data', data], { cwd: process.cwd() })).code).toBe(
      0,
    );
    const mended = await doctor(data, '--set', 'http.port=0');
    expect(mended.by('definitions')).toMatchObject({
      level: 'ok',
      message: '31 segments, 9 groups and 5 tables published, none refused',
    });
  });

  it('fails for a topic that is not as configured, with the fix', async () => {
    const { code, by } = await doctor(data, '--set', 'http.port=0', '--set', 'topics.partitions=8');
    expect(code).toBe(1);
    expect(by('topics')).toMatchObject({
      level: 'fail',
      message: 'customer.interactions.v1: partitions is 4, wanted is 8',
      fix: 'Set topics.partitions to 4: the partitions of a topic in use cannot change.',
    });
  });

  it('fails for a damaged record, with its place', async () => {
    const secret = `recognisable-${'x'.repeat(40)}`;
    await append(data, 'customer.surveys.v1', 'c-9', Buffer.from(secret));
    const file = join(data, 'log', 'data.mdb');
    const bytes = readFileSync(file);
    const descriptor = openSync(file, 'r+');
    for (let at = bytes.indexOf(secret); at >= 0; at = bytes.indexOf(secret, at + 1)) writeSync(descriptor, '#', at);
    closeSync(descriptor);
    const { code, by } = await doctor(data, '--set', 'http.port=0');
    expect(code).toBe(1);
    expect(by('log intact')).toMatchObject({
      level: 'fail',
      message: expect.stringContaining('customer.surveys.v1/0 offset 0') as string,
    });
  });
});

describe('doctor, with a ClickHouse server', () => {
  const data = join(folder.path, 'none');
  const server = (url: string, password: string) => ({
    TRIBUTARY_CLICKHOUSE_URL: url,
    TRIBUTARY_CLICKHOUSE_USER: 'owner',
    TRIBUTARY_CLICKHOUSE_PASSWORD: password,
    TRIBUTARY_HTTP_PORT: '0',
  });

  // The embedded engine speaks the same protocol as a server, so it stands for one here.
  it('checks the schema, the settings of the user and the windows of the tables', async () => {
    const engine = await startChdb({ directory: join(folder.path, 'server') });
    const clickhouse = connectClickHouse({ url: engine.url, user: 'owner', password: engine.ownerSecret });
    const clickhouseFindings = async () => {
      const { findings } = await doctorIn(server(engine.url, engine.ownerSecret), data);
      return findings.filter(({ check }) => check === 'clickhouse');
    };
    try {
      expect(await clickhouseFindings()).toEqual([
        expect.objectContaining({
          level: 'warn',
          message: expect.stringMatching(/^statements not applied yet: \d+; views not as .*: \d+$/) as string,
        }),
      ]);
      const schema = { database: 'tributary', zone: 'UTC', currency: 'USD', minimumN: 30, cluster: null };
      await migrate(clickhouse, packagePath('schemas', 'clickhouse'), schema);
      expect(await clickhouseFindings()).toEqual([expect.objectContaining({ level: 'ok' })]);
      await clickhouse.command('ALTER TABLE tributary.facts MODIFY SETTING non_replicated_deduplication_window = 7');
      expect(await clickhouseFindings()).toEqual([
        expect.objectContaining({
          level: 'warn',
          message: 'facts: non_replicated_deduplication_window is 7, wanted is 10000',
          fix: 'ALTER TABLE tributary.facts MODIFY SETTING non_replicated_deduplication_window = 10000',
        }),
      ]);
    } finally {
      await clickhouse.close();
      await engine.close();
    }
  });

  it('fails when it does not answer, and goes on with the other checks', async () => {
    const { code, by } = await doctorIn(server(`http://127.0.0.1:${await freePort()}`, 'x'), data);
    expect(code).toBe(1);
    expect(by('clickhouse')?.message).toMatch(/^CLICKHOUSE_UNAVAILABLE: ClickHouse does not answer/);
    expect(by('node')?.level).toBe('ok');
  });
});

describe('doctor, while it runs', () => {
  it('tells what runs, how far it is behind, what was refused and what is not acted on yet', async () => {
    const data = join(folder.path, 'running');
    const port = await freePort();
    const http = ['--set', `http.port=${port}`];
    const up = startCli(['up', '--data', data, ...http]);
    const ended = once(up, 'close');
    try {
      await eventually(
        () =>
          fetch(`http://127.0.0.1:${port}/readyz`).then(
            (answer) => answer.ok,
            () => false,
          ),
        (ready) => ready,
      );
      const identity = {
        customerId: 'c-1',
        otherId: 'c-2',
        action: 'link',
        idKind: 'crm',
        otherIdKind: 'login',
        method: 'login',
      };
      expect((await runCli(['send', 'identities', JSON.stringify(identity), '--data', data])).stderr).toBe('');
      const erase = { customerId: 'c-1', kind: 'erase' };
      expect((await runCli(['send', 'profiles', JSON.stringify(erase), '--data', data])).stderr).toBe('');
      await append(data, 'customer.purchases.v1', 'c-3', Buffer.from('no avro'));
      const { code, by } = await eventually(
        () => doctor(data, ...http),
        (found) =>
          found.by('running')?.message.includes('no records wait') === true && found.by('clickhouse')?.level === 'ok',
      );
      expect(code).toBe(0);
      expect(by('http port')?.message).toContain('answered by a running Tributary');
      expect(by('data directory')?.message).toContain(`process ${up.pid} on`);
      expect(by('running')?.message).toMatch(/^process \d+ runs, no records wait, its clock is .* behind the host's$/);
      expect(by('not acted on')).toMatchObject({
        level: 'warn',
        message: 'identity links 1, erasures 1 in all 2 facts: journaled, not carried out yet',
      });
      expect(by('dead letters')).toMatchObject({
        level: 'warn',
        message: 'RECORD_UNDECODABLE 1',
      });
      expect(by('clickhouse')?.message).toMatch(/^engine of process \d+, 2\d\..* schema and settings as wanted$/);
    } finally {
      up.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    }
  }, 120_000);
});
