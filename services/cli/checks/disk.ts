import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatBytes } from '../text.ts';
import type { Check, Finding } from './check.ts';

const FREE_FAIL = 64 * 1024 ** 2;
const FREE_WARN = 1024 ** 3;

/** The data directory, or the nearest folder above it that exists: the same disk, as a rule. */
function existing(directory: string): string {
  let at = directory;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  return at;
}

export const diskSpaceCheck: Check = {
  name: 'disk space',
  run: async ({ settings }) => {
    const { directory } = settings.config.data;
    const { bavail, bsize } = await statfs(existing(directory));
    const free = bavail * bsize;
    const message = `${formatBytes(free)} free for ${directory}`;
    const fix = 'Free space on this disk, or put data.directory on another one; a full disk stops every write.';
    if (free < FREE_FAIL) return { level: 'fail', message, fix };
    return free < FREE_WARN ? { level: 'warn', message, fix } : { level: 'ok', message };
  },
};

const FLUSHES = 40;
const BLOCK = Buffer.alloc(4096, 1);
const P50_WARN_MS = 15;

/** Acknowledged means flushed, so the time of a flush is in every acknowledgement and every commit. */
export const flushSpeedCheck: Check = {
  name: 'flush speed',
  run: async ({ settings }) => {
    const place = existing(settings.config.data.directory);
    const folder = join(place, `.tributary-doctor-${randomUUID()}`);
    try {
      await mkdir(folder);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      const fix = 'Give this user the right to write there, or set data.directory.';
      return { level: 'fail', message: `nothing can be written to ${place} (${code})`, fix };
    }
    try {
      return judgeFlushes(await measure(join(folder, 'block')));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function measure(path: string): Promise<readonly number[]> {
  const file = await open(path, 'w');
  const times: number[] = [];
  try {
    for (let flush = 0; flush < FLUSHES; flush++) {
      const start = performance.now();
      await file.write(BLOCK, 0, BLOCK.length, flush * BLOCK.length);
      await file.datasync();
      times.push(performance.now() - start);
    }
  } finally {
    await file.close();
  }
  return times.sort((a, b) => a - b);
}

function judgeFlushes(times: readonly number[]): Finding {
  const p50 = times[Math.floor(times.length / 2)]!;
  const worst = times.at(-1)!;
  const message = `a flush takes ${p50.toFixed(2)} ms (median), ${worst.toFixed(1)} ms at worst of ${times.length}`;
  if (p50 <= P50_WARN_MS) return { level: 'ok', message };
  const fix = 'Use a local SSD for data.directory: each acknowledgement and each commit waits for a flush.';
  return { level: 'warn', message, fix };
}
