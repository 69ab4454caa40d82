import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect, describe, it } from 'vitest';
import { packagePath } from '../../services/platform/config/package-root.ts';

async function start(...args: readonly string[]) {
  const child = spawn(process.execPath, [packagePath('test', 'cli', 'stubborn.ts'), 'stubborn', ...args], {
    stdio: 'pipe',
  });
  const heard = { words: '' };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (heard.words += String(chunk)));
  await hears(child, heard, 'ready');
  return { child, heard };
}

async function hears(child: ChildProcess, heard: { readonly words: string }, words: string): Promise<void> {
  while (!heard.words.includes(words)) await Promise.race([once(child.stdout!, 'data'), once(child.stderr!, 'data')]);
}

describe('a signal', () => {
  it('asks first, says how to stop at once, and ends the process at the second', async () => {
    const { child, heard } = await start();
    child.kill('SIGINT');
    await hears(child, heard, 'asked');
    // The notice comes after the time in which a second signal counts as the same key press.
    await hears(child, heard, 'press Ctrl-C again');
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([130, null]);
    expect(heard.words).toContain('committed work is safe');
  });

  it('counts once when a terminal and a launcher pass on the same key press', async () => {
    const { child, heard } = await start();
    child.kill('SIGINT');
    await hears(child, heard, 'asked');
    child.kill('SIGINT');
    await hears(child, heard, 'press Ctrl-C again');
    expect(child.exitCode).toBeNull();
    child.kill('SIGKILL');
    await once(child, 'close');
  });

  it('ends the process by itself when the stop takes longer than it may', async () => {
    const { child, heard } = await start('--set', 'shutdown.drainMs=0');
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([130, null]);
    expect(heard.words).toContain('The stop took too long');
  });
});
