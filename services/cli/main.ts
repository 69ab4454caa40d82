import { CommanderError } from 'commander';
import { Fault } from '../core/faults.ts';
import { EXIT, exitCodeOf, type ExitCode } from './exit-codes.ts';
import { reportFault } from './fault-report.ts';
import { buildProgram, type Program } from './program.ts';
import { watchSignals } from './signals.ts';
import { VERBS } from './verbs.ts';

/** Runs one command line in this process and answers with its exit code. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  const { code, program } = await run(argv);
  await program.context.output.flushed();
  return code;
}

async function run(argv: readonly string[]): Promise<{ readonly code: ExitCode; readonly program: Program }> {
  const stop = new AbortController();
  const reader = { gone: false };
  const program = buildProgram(VERBS, {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    environment: process.env,
    workingDirectory: process.cwd(),
    signal: stop.signal,
    closed: () => {
      reader.gone = true;
      stop.abort(new Fault('INTERRUPTED', 'The reader of the output has gone'));
    },
  });
  const unwatch = watchSignals(stop, program.context);
  try {
    await program.command.parseAsync([...argv], { from: 'user' });
    return { code: EXIT.ok, program };
  } catch (error) {
    // Whoever closed the pipe has what it wanted: `tributary … | head` is a success.
    if (reader.gone && isInterruption(error)) return { code: EXIT.ok, program };
    return { code: ended(error, program), program };
  } finally {
    unwatch();
  }
}

function ended(error: unknown, { context }: Program): ExitCode {
  // The library has already written its help or message, and says by its code which of them.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  context.output.status('');
  reportFault(context.output, error, context.verbose);
  return exitCodeOf(error);
}

function isInterruption(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === 'AbortError' || (error instanceof Fault && error.code === 'INTERRUPTED'))
  );
}
