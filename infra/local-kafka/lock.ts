/** One after the other over all processes of a machine: a file with the pid of its holder, which appears whole or not at all. */
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Trouble } from './trouble.ts';

const POLL_MS = 100;
/** Longer than any start. */
const PATIENCE_MS = 180_000;

/** Throws Trouble when another holds it for three minutes. A holder that has died is passed over. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!taken(path)) {
    if (holderIsDead(path)) rmSync(path, { force: true });
    if (Date.now() > deadline) {
      const seconds = PATIENCE_MS / 1000;
      throw new Trouble(`Another process has been starting for ${seconds} s`, `End it, then remove ${path}.`);
    }
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function taken(path: string): boolean {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, String(process.pid));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function holderIsDead(path: string): boolean {
  try {
    process.kill(Number(readFileSync(path, 'utf8')), 0);
    return false;
  } catch (error) {
    // Any other error says that the file has gone since: then the lock is simply tried again.
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
