import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Check, Finding } from './check.ts';

/** Nothing of this version can have run earlier. */
const EARLIEST = Date.UTC(2026, 0, 1);
const OBSERVED_MS = 200;
const JUMP_MS = 50;
const FILE_SKEW_MS = 2_000;

/** Append times are the host's: a clock that is wrong or jumps moves windows and lateness (T1, T3, T5). */
export const clockCheck: Check = {
  name: 'clock',
  run: async () => {
    const wall = Date.now();
    const steady = performance.now();
    if (wall < EARLIEST) return wrong(`the clock says ${new Date(wall).toISOString()}`);
    await delay(OBSERVED_MS);
    const jump = Date.now() - wall - (performance.now() - steady);
    if (Math.abs(jump) > JUMP_MS) return wrong(`the clock moved by ${Math.round(jump)} ms against steady time`);
    const skew = await fileSkew();
    if (Math.abs(skew) > FILE_SKEW_MS) return wrong(`files are dated ${Math.round(skew)} ms off the clock`);
    return { level: 'ok', message: `${new Date().toISOString()}, steady, files agree` };
  },
};

function wrong(message: string): Finding {
  return { level: 'warn', message, fix: 'Let the machine take its time from NTP (chrony, systemd-timesyncd).' };
}

async function fileSkew(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-doctor-'));
  try {
    const file = join(folder, randomUUID());
    await writeFile(file, '');
    return (await stat(file)).mtimeMs - Date.now();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
