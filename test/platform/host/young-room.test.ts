/** A process that makes room goes on as itself: same id, same words, its own options kept. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'young-room-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('starts again in its own place, once, with its words and options', async () => {
  const program = join(folder, 'program.mjs');
  const room = new URL('../../../services/platform/host/young-room.ts', import.meta.url).href;
  writeFileSync(
    program,
    `import { makeRoom } from ${JSON.stringify(room)};
    makeRoom();
    const { pid, execArgv, argv } = process;
    process.stdout.write(JSON.stringify({ pid, execArgv, words: argv.slice(2) }));`,
  );
  const child = spawn(process.execPath, ['--no-warnings', program, 'up', '--data', 'a b'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await Promise.all([text(child.stdout), once(child, 'close')]);
  expect(child.exitCode).toBe(0);
  expect(JSON.parse(said)).toEqual({
    pid: child.pid,
    execArgv: ['--min-semi-space-size=64', '--max-semi-space-size=64', '--no-parallel-scavenge', '--no-warnings'],
    words: ['up', '--data', 'a b'],
  });
});
