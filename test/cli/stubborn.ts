/** A command that does not end when it is asked to: what signals do to it is what the test looks at. */
import { buildProgram } from '../../services/cli/program.ts';
import { watchSignals } from '../../services/cli/signals.ts';
import type { Verb } from '../../services/cli/verb.ts';

const stubborn: Verb = {
  register: (program, { output, signal }) => {
    signal.addEventListener('abort', () => output.datum(null, 'asked'));
    program.command('stubborn').action(async () => {
      output.datum(null, 'ready');
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    });
  },
};

const stop = new AbortController();
const { command, context } = buildProgram([stubborn], {
  ...{ stdout: process.stdout, stderr: process.stderr, stdin: process.stdin, environment: process.env },
  ...{ workingDirectory: process.cwd(), signal: stop.signal, closed: () => undefined },
});
watchSignals(stop, context);
await command.parseAsync(process.argv.slice(2), { from: 'user' });
