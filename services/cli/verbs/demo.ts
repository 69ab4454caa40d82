import type { Command } from 'commander';
import { Fault } from '../../core/faults.ts';
import { GROUPS, withExamples, type CliContext, type Verb } from '../verb.ts';

/** `demo`: real data, replayed to now, then live. */
export const demoVerb: Verb = { register };

interface Options {
  readonly once?: true;
  readonly seed: string;
  readonly rate: string;
}

function register(program: Command, context: CliContext): void {
  withExamples(
    program
      .command('demo')
      .description('see a real shop and a real support desk move between segments, then live ones')
      .helpGroup(GROUPS.start)
      .option('--once', 'end after the report')
      .option('--seed <n>', 'who is who, and what the simulator does', '1')
      .option('--rate <events/s>', 'how much happens live', '5')
      .action((options: Options) => demo(context, options)),
    [
      ['tributary demo', 'In the directory .tributary-demo, which is made anew each time; Ctrl-C ends.'],
      ['tributary demo --once', 'Only the history and the report.'],
    ],
  );
}

async function demo(context: CliContext, { once, seed, rate }: Options): Promise<void> {
  const { prepareStage } = await import('../demo/stage.ts');
  const { config, values } = context.settings();
  const directory = values.find(({ option }) => option.key === 'data.directory');
  const stage = await prepareStage(config, directory?.origin.kind === 'flag');
  const { runDemo } = await import('../demo/run.ts');
  const options = { once: once === true, seed: positive(seed, '--seed'), eventsPerSecond: positive(rate, '--rate') };
  await runDemo(stage, options, context.output, context.signal);
}

function positive(text: string, option: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new Fault('USAGE', `${option} takes a number above 0, not ${text}`);
  return value;
}
