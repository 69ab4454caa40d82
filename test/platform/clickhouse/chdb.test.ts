import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChdb, type Chdb } from '../../../services/platform/clickhouse/chdb.ts';
import { connectClickHouse, type ClickHouse } from '../../../services/platform/clickhouse/client.ts';
import { readEndpoint } from '../../../services/platform/clickhouse/endpoint.ts';
import { eventually } from './eventually.ts';

let directory: string;
let chdb: Chdb;
let owner: ClickHouse;
let reader: ClickHouse;
const crashes: number[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tributary-chdb-'));
  chdb = await startChdb({
    directory,
    limits: { executionMsMax: 1_000, resultRowsMax: 1_000 },
    listener: { crashed: ({ delayMs }) => void crashes.push(delayMs) },
  });
  owner = connectClickHouse({ url: chdb.url, user: 'owner', password: chdb.ownerSecret });
  reader = connectClickHouse({ url: chdb.url, user: 'reader', password: chdb.readerSecret });
  await owner.command('CREATE DATABASE tributary ENGINE = Atomic');
  await owner.command(
    'CREATE TABLE tributary.t (n UInt64, s String) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 100, fsync_after_insert = 1',
  );
});

afterAll(async () => {
  await owner.close();
  await reader.close();
  await chdb.close();
  await rm(directory, { recursive: true, force: true });
});

const rows = (from: number, to: number): Uint8Array =>
  Buffer.from(Array.from({ length: to - from }, (_, index) => `${from + index}\trow\\t${from + index}\n`).join(''));
const insert = (from: number, to: number, token: string): Promise<void> =>
  owner.insert({ table: 'tributary.t', columns: ['n', 's'], body: rows(from, to), token });
const count = async (): Promise<number> =>
  (await owner.query<{ n: number }>('SELECT count() AS n FROM tributary.t'))[0]!.n;

describe('the embedded ClickHouse', () => {
  it('answers the ordinary client: rows, parameters, formats', async () => {
    expect(await owner.ping()).toBe(true);
    await insert(0, 3, 'first');
    const found = await owner.query(
      'SELECT n, s FROM tributary.t WHERE s = {s:String} OR n IN {ns:Array(UInt64)} ORDER BY n',
      {
        s: 'row\t1',
        ns: [2],
      },
    );
    expect(found).toEqual([
      { n: 1, s: 'row\t1' },
      { n: 2, s: 'row\t2' },
    ]);
    expect(await owner.queryText('SELECT 1 AS a', 'CSVWithNames')).toBe('"a"\n1\n');
  });

  it('binds parameters of statements that run at once, each to its own values', async () => {
    const wanted = Array.from({ length: 40 }, (_, index) => `value ${index}`);
    const got = await Promise.all(
      wanted.map((value) => reader.query<{ v: string }>('SELECT {v:String} AS v', { v: value })),
    );
    expect(got.map((answer) => answer[0]!.v)).toEqual(wanted);
  });

  it('counts a repeated token once, and a token never sticks to the next insert', async () => {
    const before = await count();
    await insert(100, 110, 'again');
    await insert(100, 110, 'again');
    await insert(110, 120, 'other');
    expect(await count()).toBe(before + 20);
  });

  it('says what ClickHouse says when a statement is wrong, and what to do', async () => {
    await expect(owner.query('SELECT * FROM tributary.nope')).rejects.toMatchObject({
      code: 'QUERY_REFUSED',
      facts: { number: 60 },
    });
    await expect(reader.command('CREATE TABLE tributary.x (a Int8) ENGINE = Memory')).rejects.toThrow('Only reading');
    await expect(reader.query("SELECT * FROM numbers(1) WHERE file('/etc/hostname') != ''")).rejects.toThrow(
      'reaches outside',
    );
  });

  it('keeps readers within their limits of time and rows, and away from settings', async () => {
    await expect(reader.query('SELECT max(sipHash64(number)) FROM numbers(100000000000)')).rejects.toThrow('Timeout');
    await expect(reader.query('SELECT number FROM numbers(5000000)')).rejects.toThrow('Limit for result exceeded');
    await expect(reader.query('SELECT 1 SETTINGS max_execution_time = 100')).rejects.toThrow('readonly');
  });

  it('lets nobody in without the secret', async () => {
    const stranger = connectClickHouse({ url: chdb.url, user: 'owner', password: 'guess' });
    await expect(stranger.query('SELECT 1')).rejects.toThrow('Authentication failed');
    await stranger.close();
  });

  it('tells its own user where it is, in a file nobody else can read', async () => {
    expect(readEndpoint(directory)).toEqual({
      url: chdb.url,
      pid: process.pid,
      owner: chdb.ownerSecret,
      reader: chdb.readerSecret,
    });
    expect((await stat(join(directory, 'endpoint.json'))).mode & 0o777).toBe(0o600);
  });

  it('refuses a second owner and says where the first one is', async () => {
    await expect(startChdb({ directory })).rejects.toMatchObject({
      code: 'CLICKHOUSE_OWNED',
      facts: { url: chdb.url, pid: process.pid },
    });
    expect(await owner.ping()).toBe(true);
  });

  it('comes back at the same address after a crash, with every acknowledged row', async () => {
    const before = await count();
    const first = chdb.pid!;
    await insert(1000, 1500, 'crash');
    process.kill(first, 'SIGKILL');
    await eventually(async () => chdb.pid !== undefined && chdb.pid !== first && (await owner.ping()));
    expect(await count()).toBe(before + 500);
    expect(crashes).toEqual([100]);
  });
});

describe('a second owner that is patient', () => {
  it('takes over when the first one closes', async () => {
    const home = await mkdtemp(join(tmpdir(), 'tributary-chdb-'));
    const first = await startChdb({ directory: home });
    const second = startChdb({ directory: home, ownedMsMax: 30_000 });
    await first.close();
    await (await second).close();
    await rm(home, { recursive: true, force: true });
  });
});

describe('the process of the embedded ClickHouse', () => {
  it('ends by itself when its owner is killed, and leaves the directory free', async () => {
    const home = await mkdtemp(join(tmpdir(), 'tributary-chdb-'));
    const { engine, owner } = await ownedElsewhere(home);
    owner.kill('SIGKILL');
    await eventually(() => Promise.resolve(!isAlive(engine)));
    const next = await startChdb({ directory: join(home, 'a') });
    await next.close();
    expect(await readFile(join(home, 'a', 'endpoint.json')).catch(() => 'gone')).toBe('gone');
    await rm(home, { recursive: true, force: true });
  });
});

describe('an engine that cannot hear that its owner is dead', () => {
  it('is ended by the next owner, who then has the directory', async () => {
    const home = await mkdtemp(join(tmpdir(), 'tributary-chdb-'));
    const { engine, owner } = await ownedElsewhere(home);
    // Stopped, it is as deaf as one whose event loop waits for a call into the engine.
    process.kill(engine, 'SIGSTOP');
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    const next = await startChdb({ directory: join(home, 'a') });
    expect(next.pid).not.toBe(engine);
    // Dead at once; whoever inherited it takes a moment to take notice.
    await eventually(() => Promise.resolve(!isAlive(engine)));
    await next.close();
    const left = await readdir(join(home, 'a'));
    expect(left.filter((name) => name.startsWith('engine-'))).toEqual([]);
    await rm(home, { recursive: true, force: true });
  });

  it('is killed by its own owner when it does not close in time', async () => {
    const home = await mkdtemp(join(tmpdir(), 'tributary-chdb-'));
    const chdb = await startChdb({ directory: join(home, 'a') });
    const engine = chdb.pid!;
    process.kill(engine, 'SIGSTOP');
    await chdb.close();
    expect(isAlive(engine)).toBe(false);
    await rm(home, { recursive: true, force: true });
  });
});

/** An engine in `home`/a that another process owns. */
async function ownedElsewhere(home: string) {
  const module = new URL('../../../services/platform/clickhouse/chdb.ts', import.meta.url).pathname;
  const script = join(home, 'owner.ts');
  await writeFile(
    script,
    `import { startChdb } from '${module}';\nconst c = await startChdb({ directory: '${home}/a' });\nconsole.log(c.pid);\n`,
  );
  const owner = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(owner.stdout, 'data')) as [Buffer];
  return { engine: Number(line.toString()), owner };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
