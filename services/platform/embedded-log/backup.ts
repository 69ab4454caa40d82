/** Copies of the whole log: taken while it runs, put back into an empty directory, checked record by record. */
import {
  copyFileSync,
  existsSync,
  fsyncSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Fault } from '../../core/faults.ts';
import { LAYOUT } from '../../core/streams/record-batch.ts';
import { Ballast } from './ballast.ts';
import { batchesFrom, findPartition } from './partition-io.ts';
import { LogStore } from './store.ts';
import { WriteQueue } from './write-queue.ts';

const MANIFEST = 'backup.json';

interface Manifest {
  readonly kind: 'tributary-log-backup';
  readonly createdAt: string;
  readonly bytes: number;
}

/** Writes a consistent copy into an empty directory outside of every log; the manifest comes last, so a copy without one is not whole. */
export async function writeBackup(store: LogStore, directory: string, now: number): Promise<number> {
  refuseInside(resolve(directory));
  refuseFilled(directory);
  mkdirSync(directory, { recursive: true });
  await store.root.backup(directory, true);
  const file = join(directory, 'data.mdb');
  syncFile(file);
  const { size } = statSync(file);
  const manifest: Manifest = { kind: 'tributary-log-backup', createdAt: new Date(now).toISOString(), bytes: size };
  writeFileSync(join(directory, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
  return size;
}

/**
 * Puts a backup into an empty directory and reads every record of it. Throws BACKUP_UNUSABLE when there is none or it is not
 * whole, LOG_DAMAGED when a record is not as it was. Returns the records found and when the backup was taken.
 */
export async function restoreBackup(
  from: string,
  to: string,
): Promise<{ readonly records: number; readonly createdAt: string }> {
  const manifest = readManifest(from);
  const file = join(from, 'data.mdb');
  if (!existsSync(file) || statSync(file).size !== manifest.bytes) {
    throw new Fault('BACKUP_UNUSABLE', `The backup in ${from} is not whole`, { facts: { directory: from } });
  }
  refuseFilled(to);
  mkdirSync(to, { recursive: true });
  copyFileSync(file, join(to, 'data.mdb'));
  syncFile(join(to, 'data.mdb'));
  const store = new LogStore(to);
  const queue = new WriteQueue(store, new Ballast(to, 0, Date.now));
  try {
    await queue.run(() => {
      store.checkFormat();
      // The copy has the owner of the original in it, who may well be alive.
      void store.settings.remove('owner');
    });
    return { records: countRecords(store), createdAt: manifest.createdAt };
  } finally {
    await queue.close();
    await store.root.close();
  }
}

/** Reads every batch of the log; throws LOG_DAMAGED at the first that is not as it was written. */
function countRecords(store: LogStore): number {
  let records = 0;
  store.refresh();
  for (const topic of [...store.topics.getKeys()]) {
    for (let partition = 0; partition < store.topic(topic).spec.partitions; partition += 1) {
      for (const [, batch] of batchesFrom(store, findPartition(store, { topic, partition }), 0)) {
        records += new DataView(batch.buffer, batch.byteOffset, batch.length).getInt32(LAYOUT.count);
      }
    }
  }
  return records;
}

function readManifest(directory: string): Manifest {
  const none = (cause?: unknown): Fault => {
    return new Fault('BACKUP_UNUSABLE', `There is no backup in ${directory}`, { facts: { directory }, cause });
  };
  const path = join(directory, MANIFEST);
  if (!existsSync(path)) throw none();
  let manifest: Partial<Manifest>;
  try {
    manifest = JSON.parse(readFileSync(path, 'utf8')) as Partial<Manifest>;
  } catch (cause) {
    throw none(cause);
  }
  const { kind, bytes, createdAt } = manifest;
  if (kind !== 'tributary-log-backup' || typeof bytes !== 'number' || createdAt === undefined) throw none();
  return { kind, bytes, createdAt };
}

/**
 * Throws USAGE for a place inside a directory that a log lives in: a copy there is lost with the original, and is taken for
 * a part of it by whoever moves or removes it.
 */
function refuseInside(directory: string): void {
  for (let at = directory; ; at = dirname(at)) {
    const isLog = existsSync(join(at, 'data.mdb')) && !existsSync(join(at, MANIFEST));
    if (isLog || existsSync(join(at, 'log', 'data.mdb'))) {
      throw new Fault('USAGE', `${directory} is inside the data directory ${isLog ? dirname(at) : at}`, {
        facts: { directory },
        next: 'Choose a folder outside of it, best on another disk; nothing was written.',
      });
    }
    if (at === dirname(at)) return;
  }
}

function refuseFilled(directory: string): void {
  if (!existsSync(directory) || readdirSync(directory).length === 0) return;
  throw new Fault('DIRECTORY_NOT_EMPTY', `${directory} is not empty`, { facts: { directory } });
}

function syncFile(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
