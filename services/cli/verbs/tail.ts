import type { Command } from 'commander';
import { wholeNumber } from '../arguments.ts';
import type { TailOptions } from '../tail.ts';
import { GROUPS, withExamples, type CliContext, type Verb } from '../verb.ts';

/** `tail`: what a topic holds, and what comes. */
export const tailVerb: Verb = { register };

function register(program: Command, context: CliContext): void {
  const command = program
    .command('tail')
    .description('show the records of a topic as they come: segment changes, or any other topic')
    .helpGroup(GROUPS.look)
    .argument('[topic]', 'a topic by its name, or by its key in the configuration, as changes or facts', 'changes')
    .option('--from-beginning', 'start with the oldest record that is kept')
    .option('--limit <count>', 'end after so many records', wholeNumber(1))
    .option('--no-follow', 'end at the present end of the topic')
    .option('--key <customer>', 'only records of this customer')
    .action(async (topic: string, options: TailOptions) => {
      const { tail } = await import('../tail.ts');
      await tail(topic, options, context);
    });
  withExamples(command, [
    ['tributary tail', 'Segment changes from now on, with their reasons.'],
    ['tributary tail --from-beginning --key c-1017 --no-follow', 'What has happened to one customer.'],
    ['tributary tail facts --json | jq .value.event', 'The journal, one JSON document a line.'],
  ]);
}
