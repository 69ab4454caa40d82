/** What only several processes can show: kills, a second owner, another process's records. */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openEmbeddedLog } from '../../../services/platform/embedded-log/embedded-log.ts';
import type { EmbeddedLog } from '../../../services/platform/embedded-log/embedded-log.ts';
import { LogStore } from '../../../services/platform/embedded-log/store.ts';
import { batchOf, codeOf, seen, values } from '../../contract/log-harness.ts';

const WRITER = fileURLToPath(new URL('writer.ts', import.meta.url));
const PLACES = [0, 1].map((partition) => ({ topic: 'numbers', partition }));

let directory: string;
let children: Child[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tributary-processes-'));
});
afterEach(() => {
  for (const child of children) child.process.kill('SIGKILL');
  children = [];
  rmSync(directory, { recursive: true });
});

class Child {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  readonly lines: string[] = [];
  readonly ended: Promise<unknown>;
  readonly #reader;

  constructor(verb: string, argument = '') {
    this.process = spawn(process.execPath, [WRITER, verb, directory, argument], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.ended = once(this.process, 'exit');
    this.#reader = createInterface({ input: this.process.stdout });
    this.#reader.on('line', (line) => this.lines.push(line));
    children.push(this);
  }

  async hasWritten(lines: number): Promise<void> {
    await expect.poll(() => this.lines.length, { timeout: 30_000, interval: 2 }).toBeGreaterThanOrEqual(lines);
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.ended;
  }
}

async function withLog<T>(owner: boolean, work: (log: EmbeddedLog) => Promise<T>): Promise<T> {
  const log = await openEmbeddedLog({ directory, owner, ballastBytes: 0 });
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}

test.each(['append', 'appended', 'send-offsets', 'offsets-sent', 'commit', 'committed'])(
  'a process killed at "%s" leaves its transaction whole or not at all, and its directory free',
  async (step) => {
    const child = new Child('die', step);
    await child.ended;
    expect(child.process.signalCode).toBe('SIGKILL');
    await withLog(true, async (log) => {
      const whole = step === 'committed';
      expect(await Promise.all(PLACES.map((place) => values(log, place)))).toEqual(whole ? [['1'], ['1']] : [[], []]);
      expect((await log.groupPositions('numbers', [PLACES[0]!]))[0]!.offset).toBe(whole ? 1 : -1);
    });
  },
);

test('processes killed at random moments lose nothing they acknowledged and repeat nothing (L1, L3)', async () => {
  let next = 0;
  for (let round = 0; round < 6; round += 1) {
    const child = new Child('loop', String(next));
    // The moment is chance: after some acknowledgements, somewhere in the next transaction.
    await child.hasWritten(2 + Math.floor(Math.random() * 20));
    await child.kill();
    const acknowledged = Number(child.lines.filter((line) => /^\d+$/.test(line)).at(-1));
    next = await withLog(true, async (log) => {
      const [left, right] = await Promise.all(PLACES.map((place) => values(log, place)));
      const last = (await log.groupPositions('numbers', [PLACES[0]!]))[0]!.offset;
      expect(last).toBeGreaterThanOrEqual(acknowledged);
      const expected = Array.from({ length: last + 1 }, (_, number) => String(number));
      expect(left).toEqual(expected);
      expect(right).toEqual(expected);
      return last + 1;
    });
  }
});

test('a second owner is refused by name; others may append and read; a dead owner is replaced', async () => {
  const child = new Child('own');
  await child.hasWritten(1);
  const refused = openEmbeddedLog({ directory, owner: true });
  await expect(refused).rejects.toMatchObject({ code: 'LOG_OWNED', facts: { pid: child.process.pid } });
  await withLog(false, async (log) => {
    await log.append(PLACES[0]!, batchOf('from outside'));
    expect(await values(log, PLACES[0]!)).toEqual(['from outside']);
    const listener = { assigned: () => undefined, lost: () => Promise.resolve() };
    expect(await codeOf(log.joinGroup('numbers', ['numbers'], listener))).toBe('LOG_OWNED');
    expect(await codeOf(log.maintain())).toBe('LOG_OWNED');
  });
  await child.kill();
  await withLog(true, async (log) => expect(await values(log, PLACES[0]!)).toEqual(['from outside']));
});

test('an owner gives the directory back when it ends', async () => {
  const child = new Child('own');
  await child.hasWritten(1);
  child.process.stdin.end();
  await child.ended;
  expect(child.process.exitCode).toBe(0);
  await withLog(true, async (log) => expect(await log.listTopics()).toEqual(['numbers']));
});

test('a process id that was given to another process does not count as the owner, a heartbeat elsewhere does', async () => {
  const claim = async (owner: object): Promise<void> => {
    const store = new LogStore(directory);
    await store.root.transaction(() => void store.settings.put('owner', owner));
    await store.root.close();
  };
  await withLog(true, () => Promise.resolve());
  await claim({ pid: process.pid, host: 'elsewhere', processStart: 'boot 1', since: 1 });
  writeFileSync(join(directory, 'owner'), '');
  expect(await codeOf(openEmbeddedLog({ directory, owner: true }))).toBe('LOG_OWNED');
  const longAgo = Date.now() / 1000 - 60;
  utimesSync(join(directory, 'owner'), longAgo, longAgo);
  await withLog(true, () => Promise.resolve());
  const { hostname } = await import('node:os');
  await claim({ pid: process.pid, host: hostname(), processStart: 'an earlier process of this id', since: 1 });
  await withLog(true, () => Promise.resolve());
});

test('records another process appends wake whoever waits here', async () => {
  await withLog(true, async (log) => {
    const child = new Child('append', '20');
    await child.hasWritten(1);
    const received: string[] = [];
    for (let offset = 0; received.length < 20;) {
      const [answer] = await log.fetch([{ ...PLACES[0]!, offset, maxBytes: 1_000 }], {
        isolation: 'read_committed',
        maxWaitMs: 30_000,
      });
      offset = answer!.nextOffset;
      received.push(...seen(answer!).map((record) => record.value ?? ''));
    }
    expect(received).toEqual(Array.from({ length: 20 }, (_, number) => `${child.process.pid}:${number}`));
  });
});

test('two processes that append at once get offsets of their own', async () => {
  await withLog(true, async (log) => {
    const [left, right] = [new Child('append', '100'), new Child('append', '100')];
    await Promise.all([left.ended, right.ended]);
    const found = await values(log, PLACES[0]!);
    expect(found).toHaveLength(200);
    expect(new Set(found).size).toBe(200);
    for (const child of [left, right]) {
      const own = found.filter((value) => value!.startsWith(`${child.process.pid}:`));
      expect(own).toEqual(Array.from({ length: 100 }, (_, number) => `${child.process.pid}:${number}`));
    }
  });
});
