/** `tributary up` as a process that can be killed, and what its log lines said until then. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { packagePath } from '../../services/platform/config/package-root.ts';

interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly component?: string;
  readonly task?: number;
  readonly state?: string;
  readonly durationMs?: number;
}

export class UpProcess {
  readonly #child: ChildProcess;
  /** What each task said last of its stage; lines are written at once, so what was said before a kill arrives. */
  readonly stages = new Map<number, string>();
  /** How long each task took to read its state back. */
  readonly restoreMs: number[] = [];
  /** Transactions that its tasks have finished. */
  commits = 0;
  /** Lines of level error, and words that are no log line. */
  readonly errors: { readonly component: string | undefined; readonly message: string; readonly line: string }[] = [];
  /** All it said, for a person who looks into a failure. */
  readonly lines: string[] = [];
  readonly warnings = new Map<string, number>();
  /** Exit code, or the signal that ended it; all lines have come by then. */
  readonly ended: Promise<number | NodeJS.Signals>;

  constructor(configFile: string) {
    this.#child = spawn(
      process.execPath,
      [packagePath('services', 'cli', 'bin.ts'), 'up', '--config', configFile, '--verbose'],
      { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env['PATH'], HOME: process.env['HOME'] } },
    );
    createInterface({ input: this.#child.stderr! }).on('line', (line) => this.#read(line));
    this.ended = new Promise((resolve) =>
      this.#child.once('close', (code, signal) => resolve(code ?? signal ?? 'SIGKILL')),
    );
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether it is still there to be killed. */
  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Whether all tasks it has have got to work. */
  get running(): boolean {
    return (
      this.stages.size > 0 && [...this.stages.values()].every((stage) => stage === 'running' || stage === 'committing')
    );
  }

  get committing(): number {
    return [...this.stages.values()].filter((stage) => stage === 'committing').length;
  }

  kill(signal: 'SIGKILL' | 'SIGTERM'): void {
    this.#child.kill(signal);
  }

  /** Kills the engine's process, its only child; false when there is none, or the system does not tell. */
  killEngine(): boolean {
    const { pid } = this.#child;
    try {
      const [engine] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
      return engine !== undefined && engine !== '' && process.kill(Number(engine), 'SIGKILL');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ESRCH') return false;
      throw error;
    }
  }

  warn(message: string): void {
    this.warnings.set(message, (this.warnings.get(message) ?? 0) + 1);
  }

  #read(line: string): void {
    this.lines.push(line);
    const { level, message, component, task, state, durationMs } = parse(line);
    if (message === 'state restored' && durationMs !== undefined) this.restoreMs.push(durationMs);
    if (task !== undefined && state !== undefined) {
      if (state === 'running' && this.stages.get(task) === 'committing') this.commits += 1;
      this.stages.set(task, state);
    }
    if (level === 'error') this.errors.push({ component, message, line });
    if (level === 'warn') this.warn(message);
  }
}

function parse(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    // A line that the kill cut off, or the command's own words to a person; all else that is no log line is a complaint of
    // the run time.
    const expected = line.startsWith('{') || line.startsWith('Stopping;') || line.trim() === '';
    return { level: expected ? 'none' : 'error', message: line };
  }
}
