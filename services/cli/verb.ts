import type { Command } from 'commander';
import type { Flag } from '../platform/config/sources.ts';
import type { LoadedConfig } from '../platform/config/load.ts';
import type { Output } from './output.ts';

/**
 * What every verb gets. Options of all verbs (`--data`, `--config`, `--set`, `--json`, `--verbose`) are already dealt
 * with: `settings()` and `output` know them.
 */
export interface CliContext {
  readonly output: Output;
  /**
   * Aborted when the person asks to stop (first Ctrl-C, SIGTERM) or the reader of stdout goes away. A verb that runs
   * until stopped returns then; a verb that is stopped half-way leaves things consistent and throws INTERRUPTED
   * (`interrupted()`). A second signal ends the process at once.
   */
  readonly signal: AbortSignal;
  readonly input: NodeJS.ReadableStream;
  readonly verbose: boolean;
  /**
   * The configuration, read anew at each call. `flags` are a verb's own options that stand for an option of the
   * configuration, as `{ key: 'http.port', value: '0', place: '--port' }`. Throws CONFIG_INVALID.
   */
  settings(flags?: readonly Flag[]): LoadedConfig;
}

/**
 * One command, or one group of commands. The file `verbs/<name>.ts` exports one; `verbs.ts` lists them.
 *
 * A verb registers itself with `describe`, sets an async action, throws a `Fault` when it fails (the exit code follows
 * from its code) and returns when it is done. What is heavy is imported inside the action, so that `--help` and
 * completion stay fast.
 */
export interface Verb {
  register(program: Command, context: CliContext): void;
}

/** Headings of `tributary --help`. */
export const GROUPS = {
  start: 'Start:',
  bring: 'Bring events in:',
  look: 'Look:',
  operate: 'Operate:',
} as const;

/** Adds examples to `--help`; each is a command line and what it is for. */
export function withExamples(
  command: Command,
  examples: readonly (readonly [line: string, purpose: string])[],
): Command {
  const lines = examples.map(([line, purpose]) => `  $ ${line}\n      ${purpose}`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}
