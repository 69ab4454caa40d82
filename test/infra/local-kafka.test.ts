import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { statusOf, type Status } from '../../infra/local-kafka/instance.ts';
import { javaMajor } from '../../infra/local-kafka/machine.ts';
import { freePorts, requireFree } from '../../infra/local-kafka/ports.ts';
import { brokerIsReady, registryIsReady } from '../../infra/local-kafka/readiness.ts';
import { packagePath } from '../../services/platform/config/package-root.ts';
import { hasJavaAndMaven } from '../kafka/broker.ts';

const MAIN = packagePath('infra', 'local-kafka', 'main.ts');

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(words: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [MAIN, ...words], { env: { ...process.env, ...environment } });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out, err })));
  return { child, ended };
}

const kafka = (...words: readonly string[]) => start(words).ended;

it.each([
  ['openjdk version "17.0.15" 2025-04-15', 17],
  ['java version "1.8.0_292"', 8],
  ['openjdk version "21" 2023-09-19', 21],
  ['nothing of the kind', undefined],
])('reads the version of Java from %s', (words, major) => {
  expect(javaMajor(words)).toBe(major);
});

it('says what is wrong with the words it is given', async () => {
  expect(await kafka('begin')).toMatchObject({ code: 1, err: /start\|stop\|status\|reset/ });
  expect(await kafka('start', '--port', 'x')).toMatchObject({
    code: 1,
    err: expect.stringContaining('--port') as string,
  });
});

const able = await hasJavaAndMaven();

describe.skipIf(!able)('npm run kafka', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-local-kafka-'));
  const anyPorts = ['--port', '0', '--controller-port', '0', '--registry-port', '0'];
  const here = ['--directory', directory, '--json'];

  afterAll(() => kafka('reset', ...here));

  it('starts a broker and a registry that a killed starter left half-way', async () => {
    const killed = start(['start', ...anyPorts, ...here]);
    await until(() => existsSync(join(directory, 'kafka.out')));
    killed.child.kill('SIGKILL');
    await killed.ended;

    const { code, out } = await kafka('start', ...anyPorts, ...here);
    expect(code).toBe(0);
    const { kafka: broker, registry } = JSON.parse(out) as Required<Status>;
    expect(await brokerIsReady(broker!.port)).toBe(true);
    expect(await registryIsReady(registry!.port)).toBe(true);
  });

  it('is there already when it is started again', async () => {
    const before = await statusOf(directory);
    const { code, out } = await kafka('start', ...anyPorts, ...here);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual(before);
  });

  it('refuses a port that is taken, and leaves nothing of the attempt', async () => {
    const { kafka: broker } = await statusOf(directory);
    const other = mkdtempSync(join(tmpdir(), 'tributary-local-kafka-'));
    const refused = await kafka('start', ...anyPorts, '--directory', other, '--port', String(broker!.port));
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(`Port ${broker!.port} of 127.0.0.1 is taken`);
    expect(refused.err).toContain('--port');
    expect(await statusOf(other)).toMatchObject({ kafka: { pid: undefined }, registry: { pid: undefined } });
    await kafka('reset', '--directory', other);
  });

  it('says which setting the broker refuses', async () => {
    const other = mkdtempSync(join(tmpdir(), 'tributary-local-kafka-'));
    const refused = await kafka('start', ...anyPorts, '--directory', other, '--set', 'log.retention.ms=long');
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('log.retention.ms') as string });
    await kafka('reset', '--directory', other);
  });

  it('stops both, frees the ports, and keeps what was written until it is reset', async () => {
    const taken = Object.values(JSON.parse(readFileSync(join(directory, 'ports.json'), 'utf8')) as object) as number[];
    expect(await kafka('stop', ...here)).toMatchObject({ code: 0 });
    expect(await statusOf(directory)).toMatchObject({ kafka: { pid: undefined }, registry: { pid: undefined } });
    for (const port of taken) await requireFree(port, '--port');
    expect(existsSync(join(directory, 'kafka-data', 'meta.properties'))).toBe(true);
    expect(await kafka('status', ...here)).toMatchObject({ code: 1 });

    expect(await kafka('reset', ...here)).toMatchObject({ code: 0 });
    expect(existsSync(directory)).toBe(false);
  });
});

describe('without what it needs', () => {
  it('names Java', async () => {
    const [port] = await freePorts(1);
    const { ended } = start(['start', '--port', String(port)], { JAVA_HOME: '/nowhere' });
    const { code, err } = await ended;
    expect(code).toBe(1);
    expect(err).toContain('/nowhere/bin/java');
    expect(err).toContain('JAVA_HOME');
  });

  it.skipIf(!able)('names Maven, when something has to be fetched', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'tributary-cache-'));
    const { ended } = start(['start'], { XDG_CACHE_HOME: cache, PATH: '/nowhere', JAVA_HOME: javaHome() });
    const { code, err } = await ended;
    expect(code).toBe(1);
    expect(err).toContain('mvn cannot be run');
  });
});

function javaHome(): string {
  const { stderr } = spawnSync('java', ['-XshowSettings:properties', '-version'], { encoding: 'utf8' });
  return /java\.home = (.+)/.exec(stderr)![1]!;
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error('it has not become so within 20 s');
    await sleep(20);
  }
}
