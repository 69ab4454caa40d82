import type { Command } from 'commander';
import type { OptionValue } from '../../platform/config/load.ts';
import { formatDuration } from '../../platform/config/units.ts';
import { GROUPS, withExamples, type CliContext, type Verb } from '../verb.ts';

/** `config print` and `config check`: what is set, and by whom. */
export const configVerb: Verb = { register };

function register(program: Command, context: CliContext): void {
  const config = program.command('config').description('show and check the configuration').helpGroup(GROUPS.operate);
  withExamples(
    config
      .command('print')
      .description('every option with its value and where the value comes from; secrets are masked')
      .option('--changed', 'only options that differ from their default')
      .action((options: { changed?: boolean }) => print(context, options.changed === true)),
    [
      ['tributary config print', 'All options, their values and their origins.'],
      ['tributary config print --changed --json', 'What this installation sets, for a script.'],
    ],
  );
  withExamples(
    config
      .command('check')
      .description('read the configuration as every command would, and list all mistakes at once')
      .action(() => check(context)),
    [['tributary config check --config production.yaml', 'Before a roll-out; exit code 2 when something is wrong.']],
  );
}

function print({ output, settings }: CliContext, changedOnly: boolean): void {
  const { values, notes } = settings();
  const chosen = values.filter(({ origin }) => !changedOnly || origin.kind !== 'default');
  if (output.json) {
    for (const value of chosen) output.datum(asRecord(value), '');
  } else {
    output.table(
      [
        { title: 'OPTION', cell: ({ option }) => option.key },
        { title: 'VALUE', cell: inWords, elastic: true },
        {
          title: 'FROM',
          cell: ({ origin }) => origin.place,
          paint: (words, { origin }, paint) => (origin.kind === 'default' ? paint.dim(words) : paint.cyan(words)),
        },
      ],
      chosen,
    );
  }
  for (const note of notes) output.talk(output.talkPaint.yellow(`note: ${note}`));
}

function check({ output, settings }: CliContext): void {
  const { values, file, notes } = settings();
  const set = values.filter(({ origin }) => origin.kind !== 'default').length;
  for (const note of notes) output.talk(output.talkPaint.yellow(`note: ${note}`));
  output.datum(
    { valid: true, file, options: values.length, set, notes },
    `The configuration is valid: ${set} of ${values.length} options set${file === null ? '' : `, file ${file}`}.`,
  );
}

function asRecord(value: OptionValue): Record<string, unknown> {
  const { option, origin } = value;
  const masked = option.facts.secret && value.value !== null ? value.shown : value.value;
  return { key: option.key, value: masked, unit: option.facts.unit, origin: origin.kind, place: origin.place };
}

function inWords(value: OptionValue): string {
  const words = value.shown;
  const { unit } = value.option.facts;
  if (unit === 'ms' && typeof value.value === 'number' && value.value >= 1_000) {
    return `${words} (${formatDuration(value.value)})`;
  }
  return words === '' ? "''" : words;
}
