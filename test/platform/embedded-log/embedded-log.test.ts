/** What the embedded log promises beyond the port: damage, a full disk, backups, housework. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { restoreBackup } from '../../../services/platform/embedded-log/backup.ts';
import { openEmbeddedLog } from '../../../services/platform/embedded-log/embedded-log.ts';
import type { EmbeddedLog, EmbeddedLogOptions } from '../../../services/platform/embedded-log/embedded-log.ts';
import { LogStore } from '../../../services/platform/embedded-log/store.ts';
import { batchOf, codeOf, freshTopic, readAll, values } from '../../contract/log-harness.ts';

let home: string;
let directory: string;
let log: EmbeddedLog | undefined;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tributary-log-'));
  directory = join(home, 'here');
});
afterEach(async () => {
  await log?.close();
  log = undefined;
  rmSync(home, { recursive: true, force: true });
});

/** A place that is not inside the log. */
const beside = (name: string): string => join(home, name);

async function open(options: Partial<EmbeddedLogOptions> = {}): Promise<EmbeddedLog> {
  log = await openEmbeddedLog({ directory, owner: true, maintainEveryMs: 0, ballastBytes: 0, ...options });
  return log;
}

/** Damages every copy: pages that were written anew leave their former ones behind. */
function flipByteOf(file: string, text: string): void {
  const bytes = readFileSync(file);
  expect(bytes.indexOf(text)).toBeGreaterThan(0);
  const descriptor = openSync(file, 'r+');
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
    writeSync(descriptor, Buffer.from('#'), 0, 1, at);
  }
  closeSync(descriptor);
}

test('a damaged record is named with its place and never served; other partitions go on (L10)', async () => {
  const opened = await open();
  const topic = await freshTopic(opened);
  await opened.append({ topic, partition: 0 }, batchOf('sound'));
  const { baseOffset } = await opened.append({ topic, partition: 0 }, batchOf('a very recognisable value'));
  await opened.append({ topic, partition: 1 }, batchOf('elsewhere'));
  flipByteOf(join(directory, 'data.mdb'), 'a very recognisable value');
  await expect(readAll(opened, { topic, partition: 0 })).rejects.toMatchObject({
    code: 'LOG_DAMAGED',
    facts: { topic, partition: 0, offset: baseOffset, file: join(directory, 'data.mdb') },
  });
  expect(await values(opened, { topic, partition: 1 })).toEqual(['elsewhere']);
});

test('a commit that was on its way when a newer owner opened the id is refused inside its transaction (L4)', async () => {
  const opened = await open();
  const place = { topic: await freshTopic(opened), partition: 0 };
  const older = await opened.transactionalProducer('task');
  older.begin();
  await older.append(place, batchOf('zombie'));
  const opening = opened.transactionalProducer('task');
  expect(await codeOf(older.commit())).toBe('LOG_FENCED');
  await opening;
  expect(await values(opened, place)).toEqual([]);
});

test('a log that a newer program wrote is refused', async () => {
  await (await open()).close();
  const store = new LogStore(directory);
  await store.root.transaction(() => void store.settings.put('format', 99));
  await store.root.close();
  expect(await codeOf(open())).toBe('STATE_UNREADABLE');
});

test('a backup taken while writing goes on is the log at one instant, and comes back whole', async () => {
  const opened = await open();
  const places = [0, 1].map((partition) => ({ topic: '', partition }));
  const topic = await freshTopic(opened);
  const producer = await opened.transactionalProducer('writer');
  const stop = new AbortController();
  const writing = (async () => {
    for (let number = 0; !stop.signal.aborted; number += 1) {
      producer.begin();
      for (const { partition } of places) await producer.append({ topic, partition }, batchOf(String(number)));
      await producer.commit();
    }
  })();
  const end = async (): Promise<number> => (await opened.endOffsets([{ topic, partition: 0 }]))[0]!.highWatermark;
  await expect.poll(end).toBeGreaterThan(5);
  const backup = beside('backup');
  expect(await opened.backup(backup)).toBe(statSync(join(backup, 'data.mdb')).size);
  stop.abort();
  await writing;
  expect(await codeOf(opened.backup(backup))).toBe('DIRECTORY_NOT_EMPTY');

  const restored = beside('restored');
  const { records } = await restoreBackup(backup, restored);
  const copy = await openEmbeddedLog({ directory: restored, owner: true, ballastBytes: 0 });
  const [left, right] = await Promise.all(places.map(({ partition }) => values(copy, { topic, partition })));
  await copy.close();
  expect(left).toEqual(right);
  expect(left!.length).toBeGreaterThan(5);
  expect(records).toBe(left!.length * 2);
  expect(await codeOf(restoreBackup(backup, restored))).toBe('DIRECTORY_NOT_EMPTY');
});

test('a backup that is not whole or was damaged is refused', async () => {
  const opened = await open();
  const topic = await freshTopic(opened);
  await opened.append({ topic, partition: 0 }, batchOf('a very recognisable value'));
  expect(await codeOf(restoreBackup(directory, beside('r0')))).toBe('BACKUP_UNUSABLE');
  const backup = beside('backup');
  expect(await codeOf(opened.backup(join(directory, 'inside')))).toBe('USAGE');
  await opened.backup(backup);
  flipByteOf(join(backup, 'data.mdb'), 'a very recognisable value');
  expect(await codeOf(restoreBackup(backup, beside('r1')))).toBe('LOG_DAMAGED');
  writeFileSync(join(backup, 'data.mdb'), 'cut');
  expect(await codeOf(restoreBackup(backup, beside('r2')))).toBe('BACKUP_UNUSABLE');
});

test('pages that retention freed are used again: the file does not grow with what passed through', async () => {
  let now = 1_750_000_000_000;
  const opened = await open({ now: () => now });
  const place = { topic: await freshTopic(opened, { retentionMs: 600_000 }), partition: 0 };
  const size = (): number => statSync(join(directory, 'data.mdb')).size;
  let early = 0;
  for (let round = 0; round < 40; round += 1) {
    for (let part = 0; part < 4; part += 1) await opened.append(place, batchOf('x'.repeat(250_000 + round)));
    now += 300_000;
    await opened.maintain();
    if (round === 9) early = size();
  }
  expect((await readAll(opened, place)).length).toBeLessThan(20);
  expect(size()).toBeLessThan(early * 1.5);
}, 60_000);

test('housework compacts when enough is new, and joins what it leaves into few batches', async () => {
  const opened = await open();
  const place = { topic: await freshTopic(opened, { cleanup: 'compact' }), partition: 0 };
  const producer = await opened.transactionalProducer('writer');
  const write = async (rounds: number, mark: string): Promise<void> => {
    for (let round = 0; round < rounds; round += 1) {
      producer.begin();
      const records = Array.from({ length: 100 }, (_, key) => ({
        key: `key-${(round * 7 + key) % 150}`,
        value: `${mark}-${round}`,
      }));
      await producer.append(place, batchOf(...records));
      await producer.commit();
    }
  };
  await write(10, 'little');
  await opened.maintain();
  expect((await readAll(opened, place)).length).toBe(1_000);
  await write(60, 'enough');
  const expected = new Map((await readAll(opened, place)).map((record) => [record.key, record]));
  await opened.maintain();
  const kept = await readAll(opened, place);
  expect(kept).toEqual([...expected.values()].sort((a, b) => a.offset - b.offset));
  const store = new LogStore(directory);
  expect([...store.batches.getKeys()].length).toBeLessThan(5);
  await store.root.close();
  await write(1, 'after');
  expect((await readAll(opened, place)).length).toBe(kept.length + 100);
});

test('a full disk refuses input, keeps what was there, lets tasks end, and goes on by itself when there is room', async (context) => {
  const disk = beside('disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk], { stdio: 'pipe' });
  } catch {
    return context.skip('a small file system cannot be mounted here: needs root');
  }
  try {
    const opened = await open({ directory: disk, ballastBytes: 4 * 1024 * 1024 });
    const place = { topic: await freshTopic(opened), partition: 0 };
    await opened.append(place, batchOf('before'));
    const producer = await opened.transactionalProducer('task');
    let appended = 0;
    const fill = async (): Promise<void> => {
      for (;;) {
        await opened.append(place, batchOf('x'.repeat(500_000)));
        appended += 1;
      }
    };
    expect(await codeOf(fill())).toBe('LOG_FULL');
    expect(appended).toBeGreaterThan(5);
    expect(await codeOf(opened.append(place, batchOf('refused')))).toBe('LOG_FULL');
    producer.begin();
    await producer.append(place, batchOf('the task says goodbye'));
    await producer.commit();
    const found = await values(opened, place);
    expect(found).toHaveLength(appended + 2);
    expect([found[0], found.at(-1)]).toEqual(['before', 'the task says goodbye']);

    execFileSync('mount', ['-o', 'remount,size=96m', disk]);
    const again = (): Promise<string> => codeOf(opened.append(place, batchOf('after')));
    await expect.poll(again, { timeout: 20_000, interval: 100 }).toBe('resolved');
    expect(statSync(join(disk, 'ballast')).size).toBe(4 * 1024 * 1024);
    await opened.close();
  } finally {
    execFileSync('umount', ['-l', disk]);
  }
  return undefined;
});
