import type { REFERENCE_PAGES } from '../reference.ts';
import { writeFileSync } from 'node:fs';
import { Argument, type Command } from 'commander';
import { packagePath } from '../../platform/config/package-root.ts';
import { GROUPS, withExamples, type CliContext, type Verb } from '../verb.ts';

/** `reference`: the pages on options and metrics and the schema of definitions, as this version has them. */
export const referenceVerb: Verb = { register };

const PAGES = ['configuration', 'metrics', 'schema'] as const;

function register(program: Command, context: CliContext): void {
  const command = program
    .command('reference')
    .description(
      'print the reference page of all options or all metrics (Markdown), or the schema of definitions (JSON)',
    )
    .helpGroup(GROUPS.operate)
    .addArgument(new Argument('[page]', 'which page').choices(PAGES).default('configuration'))
    .option('--write', 'write all of them to their places in this checkout instead')
    .action(async (page: (typeof PAGES)[number], options: { write?: boolean }) => {
      const { REFERENCE_PAGES } = await import('../reference.ts');
      if (options.write === true) writePages(REFERENCE_PAGES, context);
      else context.output.raw(REFERENCE_PAGES[page].text());
    });
  withExamples(command, [
    ['tributary reference', 'Every option with unit, default and range.'],
    ['tributary reference metrics > metrics.md', 'Every metric, for a dashboard.'],
    ['tributary reference schema > definition.schema.json', 'What an editor completes and checks definitions by.'],
  ]);
}

type Pages = typeof REFERENCE_PAGES;

function writePages(pages: Pages, { output }: CliContext): void {
  for (const { file, text } of Object.values(pages)) {
    writeFileSync(packagePath(...file), text());
    output.talk(`wrote ${file.join('/')}`);
  }
}
