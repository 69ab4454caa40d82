/** Blocks of shell in one session, as a reader types them one after the other into one terminal. */
import { spawn, spawnSync } from 'node:child_process';
import { packagePath } from '../../services/platform/config/package-root.ts';
import type { Block } from './markdown.ts';

export interface Said {
  /** What the block wrote, both streams; undefined when it was never reached. */
  readonly output: string | undefined;
  /** The code it ended with; undefined when it was not reached or did not end in time. */
  readonly code: number | undefined;
}

const MARK = '@@@ tributary readme';

/**
 * Runs the blocks in the root of the repository; the first that fails ends the session. Whatever a block leaves running is
 * stopped at the end, and everything at the latest after `msMax`.
 */
export async function runBlocks(
  blocks: readonly Block[],
  environment: Readonly<Record<string, string>>,
  msMax: number,
): Promise<ReadonlyMap<Block, Said>> {
  const bash = spawn('bash', ['-c', scriptOf(blocks)], {
    cwd: packagePath(),
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let heard = '';
  for (const stream of [bash.stdout, bash.stderr]) stream.on('data', (chunk) => (heard += String(chunk)));
  const timer = setTimeout(() => endSession(bash.pid!), msMax);
  await new Promise((resolve) => bash.once('close', resolve));
  clearTimeout(timer);
  return new Map(blocks.map((block, index) => [block, saidBy(index, heard)]));
}

/** Job control on, as in a terminal: a job in the background is a group of processes, and `kill %1` reaches all of it. */
function scriptOf(blocks: readonly Block[]): string {
  const body = blocks.map(({ text }, index) => {
    return `echo; echo '${MARK} ${index} begins'\n${withoutInstall(text)}\necho; echo '${MARK} ${index} ends'`;
  });
  return [
    'set -em; exec 2>&1',
    // A job that is ended before it has become its program is a copy of this shell, and must not speak for it.
    `trap 'code=$?; [ "$BASHPID" = "$$" ] || exit; for job in $(jobs -p); do kill -TERM -- "-$job"; done; wait; echo; echo "${MARK} code $code"' EXIT`,
    ...body,
  ].join('\n');
}

/** What runs this page has been installed already, and installing again would take its own feet away. */
function withoutInstall(text: string): string {
  return text.replaceAll(/^npm ci$/gm, ': npm ci');
}

function saidBy(index: number, heard: string): Said {
  const begin = `${MARK} ${index} begins\n`;
  const at = heard.indexOf(begin);
  if (at < 0) return { output: undefined, code: undefined };
  const rest = heard.slice(at + begin.length);
  const end = rest.indexOf(`${MARK} ${index} ends\n`);
  if (end >= 0) return { output: rest.slice(0, end), code: 0 };
  const code = new RegExp(`${MARK} code (\\d+)`).exec(rest);
  return { output: rest, code: code === null ? undefined : Number(code[1]) };
}

/** Every process of the session that bash leads: with job control its jobs are groups of their own. */
function endSession(session: number): void {
  const { stdout } = spawnSync('ps', ['-e', '-o', 'pid=,sid='], { encoding: 'utf8' });
  for (const line of stdout.split('\n')) {
    const [pid, sid] = line.trim().split(/\s+/).map(Number);
    if (sid === session && pid !== undefined) tryKill(pid);
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It has ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
