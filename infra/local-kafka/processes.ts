/**
 * Processes that outlive their starter. No file says which they are: each carries a mark in its command line and is found by it, so
 * a starter that was killed at any moment leaves nothing that cannot be found, and a pid that was given again to somebody else is
 * never signalled.
 */
import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Trouble } from './trouble.ts';

const POLL_MS = 50;
const TERM_MS = 15_000;
const KILL_MS = 5_000;
const PS_BYTES_MAX = 16 * 1024 * 1024;
const run = promisify(execFile);

export interface Launch {
  readonly command: string;
  readonly words: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory: string;
  /** Takes standard output and standard error. */
  readonly outputFile: string;
}

/** Starts it in a process group of its own, tied to nothing of ours. */
export async function launch({ command, words, environment, directory, outputFile }: Launch): Promise<void> {
  const output = openSync(outputFile, 'w');
  try {
    const child = spawn(command, words, {
      cwd: directory,
      detached: true,
      env: { ...process.env, ...environment },
      stdio: ['ignore', output, output],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
  } finally {
    closeSync(output);
  }
}

/** The pid of the process with this word in its command line. */
export async function pidOf(mark: string): Promise<number | undefined> {
  return process.platform === 'linux' ? pidInProc(mark) : pidFromPs(mark);
}

/** Ends it in good order, by force if it does not end within 15 s. Throws Trouble for one that survives even that. */
export async function end(mark: string): Promise<void> {
  if (await endedAfter('SIGTERM', mark, TERM_MS)) return;
  if (await endedAfter('SIGKILL', mark, KILL_MS)) return;
  throw new Trouble(
    `The process with ${mark} cannot be ended`,
    'Look at it with ps: in state D it waits for its disk.',
  );
}

/** A minimal image has no `ps`, but each Linux has this. */
function pidInProc(mark: string): number | undefined {
  return readdirSync('/proc')
    .map(Number)
    .find((pid) => pid > 0 && commandLine(pid).includes(mark));
}

function commandLine(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    // It has ended since the directory was read.
    return [];
  }
}

async function pidFromPs(mark: string): Promise<number | undefined> {
  const { stdout } = await run('ps', ['-Aww', '-o', 'pid=,args='], { maxBuffer: PS_BYTES_MAX });
  // `ps` does not quote, and the mark is never the last word.
  const line = stdout.split('\n').find((each) => each.includes(` ${mark} `));
  return line === undefined ? undefined : Number.parseInt(line, 10);
}

async function endedAfter(signal: NodeJS.Signals, mark: string, patienceMs: number): Promise<boolean> {
  let pid = await pidOf(mark);
  if (pid !== undefined) signalIfThere(pid, signal);
  for (const deadline = Date.now() + patienceMs; pid !== undefined && Date.now() < deadline; pid = await pidOf(mark)) {
    await sleep(POLL_MS);
  }
  return pid === undefined;
}

function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
