/**
 * Engines whose owner has died and that do not end. A call into the engine can block its process, and with it the news that the
 * owner is gone; such a process would keep the directory from every next owner. So each engine is noted in the directory
 * under its own process and its owner's, and the next owner ends what is noted under a dead one. What was acknowledged is on disk:
 * a hard end loses nothing.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './endpoint.ts';

const NOTE = /^engine-(\d+)-of-(\d+)$/;
const LOOK_EVERY_MS = 100;
/** After the kill itself: the kernel frees the directory within milliseconds. */
const DEAD_MS_MAX = 5_000;
/** How a gateway's command line ends; process numbers are used again. */
const GATEWAY = /gateway[\\/]main\.[jt]s\0?\s*$/;

export function noteEngine(directory: string, engine: number): void {
  writeFileSync(join(directory, `engine-${engine}-of-${process.pid}`), '');
}

export function forgetEngine(directory: string, engine: number): void {
  rmSync(join(directory, `engine-${engine}-of-${process.pid}`), { force: true });
}

/** Ends engines of dead owners: those that do not end by themselves within the grace are killed. */
export async function endOrphans(directory: string, graceMs: number): Promise<void> {
  const killedAt = performance.now() + graceMs;
  for (const name of readdirSync(directory)) {
    const [, engine, owner] = NOTE.exec(name)?.map(Number) ?? [];
    if (engine === undefined || owner === undefined || isAlive(owner)) continue;
    while (isEngine(engine) && performance.now() < killedAt) await sleep(LOOK_EVERY_MS);
    if (isEngine(engine)) await kill(engine);
    rmSync(join(directory, name), { force: true });
  }
}

async function kill(engine: number): Promise<void> {
  process.kill(engine, 'SIGKILL');
  const until = performance.now() + DEAD_MS_MAX;
  while (isEngine(engine) && performance.now() < until) await sleep(LOOK_EVERY_MS);
}

/** Whether the process lives and is a gateway, not another that got its number. */
function isEngine(pid: number): boolean {
  if (!isAlive(pid)) return false;
  if (!existsSync('/proc/self/cmdline')) {
    return GATEWAY.test(spawnSync('ps', ['-p', String(pid), '-o', 'args='], { encoding: 'utf8' }).stdout);
  }
  try {
    return GATEWAY.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    // It has ended between the two looks.
    return false;
  }
}
