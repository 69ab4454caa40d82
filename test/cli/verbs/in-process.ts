/** One verb run in this process: faster than the real command, and what it throws can be looked at. */
import { PassThrough, Readable } from 'node:stream';
import { buildProgram } from '../../../services/cli/program.ts';
import type { Verb } from '../../../services/cli/verb.ts';

export interface Said {
  /** All of stdout and stderr. */
  readonly data: string;
  readonly talk: string;
}

/** Rejects with the fault of the verb. `directory` is the working directory; nothing of our environment reaches it. */
export async function runVerb(
  verb: Verb,
  directory: string,
  words: readonly string[],
  stdin: readonly string[] = [],
): Promise<Said> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const said = { data: '', talk: '' };
  stdout.on('data', (chunk) => (said.data += String(chunk)));
  stderr.on('data', (chunk) => (said.talk += String(chunk)));
  const { command } = buildProgram([verb], {
    stdout,
    stderr,
    stdin: Readable.from(stdin),
    environment: {},
    workingDirectory: directory,
    signal: new AbortController().signal,
    closed: () => undefined,
  });
  await command.parseAsync(words, { from: 'user' });
  return said;
}

export function linesOf(words: string): readonly string[] {
  return words.split('\n').filter((line) => line !== '');
}
