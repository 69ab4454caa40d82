import type { Command } from 'commander';
import { place, places, wholeNumber, type Place } from '../arguments.ts';
import type { DismissChoice, ListChoice, RetryChoice } from '../dead-letters/actions.ts';
import { GROUPS, withExamples, type CliContext, type Verb } from '../verb.ts';

/** `dead-letters list|show|retry|dismiss`: records that could not be used, why, another try, and an end. */
export const deadLettersVerb: Verb = { register };

const actions = () => import('../dead-letters/actions.ts');
const SHOWN_MAX = 50;
const ATTEMPTS_MAX = 3;

function register(program: Command, context: CliContext): void {
  const group = program
    .command('dead-letters')
    .description('records that could not be used: list them, show one, try them again, mark them as dealt with')
    .helpGroup(GROUPS.operate);
  withExamples(
    filtered(group.command('list').description('the newest dead letters nobody has dealt with, and why they are there'))
      .option('--all', 'also those that were put back or dismissed')
      .option('--limit <count>', 'how many at most', wholeNumber(1), SHOWN_MAX)
      .action(async (options: ListChoice) => (await actions()).list(options, context)),
    [
      ['tributary dead-letters list', 'The newest 50.'],
      ['tributary dead-letters list --code SCHEMA_UNKNOWN --json', 'All it can tell about one kind, for a script.'],
    ],
  );
  withExamples(
    group
      .command('show')
      .description('everything about one dead letter, its content decoded as far as possible')
      .argument('<place>', 'partition and offset, as the list shows them', place)
      .action(async (at: Place) => (await actions()).show(at, context)),
    [['tributary dead-letters show 2:17', 'Headers, key and content of one.']],
  );
  withExamples(
    filtered(group.command('retry').description('put dead letters back to where they came from, each once'))
      .argument('[places...]', 'partition and offset of each, as the list shows them', places)
      .option('--all', 'all that the filters let through')
      .option('--attempts <count>', 'leave out what was tried so often already', wholeNumber(1), ATTEMPTS_MAX)
      .option('--again', 'also what was put back before')
      .option('--dry-run', 'only say what would happen')
      .action(async (chosen: readonly Place[], options: RetryChoice) =>
        (await actions()).retry(chosen, options, context),
      ),
    [
      ['tributary dead-letters retry 2:17 3:4', 'Two of them.'],
      ['tributary dead-letters retry --all --code SCHEMA_UNKNOWN', 'After the missing schema was registered.'],
    ],
  );
  withExamples(
    filtered(group.command('dismiss').description('mark dead letters as dealt with, and say why; nothing is deleted'))
      .argument('[places...]', 'partition and offset of each, as the list shows them', places)
      .option('--all', 'all that the filters let through')
      .requiredOption('--reason <text>', 'why, kept with the mark')
      .action(async (chosen: readonly Place[], options: DismissChoice) =>
        (await actions()).dismiss(chosen, options, context),
      ),
    [
      ["tributary dead-letters dismiss 2:17 --reason 'sent again by hand, ticket 4711'", 'One of them.'],
      [
        "tributary dead-letters dismiss --all --code RECORD_UNDECODABLE --reason 'test of the new producer'",
        'Gone from the list and from what doctor counts; `list --all` shows them.',
      ],
    ],
  );
}

function filtered(command: Command): Command {
  return command
    .option('--code <code>', 'only those with this fault code, as RECORD_UNDECODABLE')
    .option('--topic <topic>', 'only those that came from this topic');
}
