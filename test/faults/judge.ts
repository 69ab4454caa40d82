/** What is looked at when everything has come to rest. Each returns what is wrong, in words. */
import { spawn } from 'node:child_process';
import type { Log } from '../../services/core/streams/log.ts';
import { packagePath } from '../../services/platform/config/package-root.ts';
import type { Progress } from './progress.ts';
import type { Traffic } from './traffic.ts';
import type { Witness } from './witness.ts';

const FAILURES_SHOWN = 20;

/** `tributary verify`: journal, state, changes and ClickHouse, computed again. */
export async function verify(configFile: string, say: (line: string) => void): Promise<readonly string[]> {
  const args = [packagePath('services', 'cli', 'bin.ts'), 'verify', '--config', configFile];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const tell = (chunk: Buffer): void => say(chunk.toString().trimEnd());
  child.stdout.on('data', tell);
  child.stderr.on('data', tell);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return code === 0 ? [] : [`verify ended with ${code}`];
}

/** The reader was given exactly what stands in the log, and what the sender had acknowledged stands there too. */
export async function compare(
  log: Log,
  progress: Progress,
  witness: Witness,
  traffic: Traffic,
): Promise<readonly string[]> {
  const failures = witness.complaints.slice(0, FAILURES_SHOWN);
  for (const place of progress.told)
    failures.push(...(await witness.seen.compare(log, place, true)).slice(0, FAILURES_SHOWN));
  for (const place of progress.inputs)
    failures.push(...(await traffic.acknowledged.compare(log, place, false)).slice(0, FAILURES_SHOWN));
  return failures;
}
