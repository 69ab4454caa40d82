import { writeFileSync } from 'node:fs';
import { Argument, type Command } from 'commander';
import { packagePath } from '../../platform/config/package-root.ts';
import { GROUPS, withExamples, type CliContext, type Verb } from '../verb.ts';

/** `reference`: the pages on options and metrics, as this version has them. */
export const referenceVerb: Verb = { register };

const PAGES = ['configuration', 'metrics'] as const;

function register(program: Command, context: CliContext): void {
  const command = program
    .command('reference')
    .description('print the reference page of all options or all metrics (Markdown)')
    .helpGroup(GROUPS.operate)
    .addArgument(new Argument('[page]', 'which page').choices(PAGES).default('configuration'))
    .option('--write', 'write all pages into infra/docs of this checkout instead')
    .action(async (page: (typeof PAGES)[number], options: { write?: boolean }) => {
      const { REFERENCE_PAGES } = await import('../reference.ts');
      if (options.write === true) writePages(REFERENCE_PAGES, context);
      else context.output.raw(REFERENCE_PAGES[page]());
    });
  withExamples(command, [
    ['tributary reference', 'Every option with unit, default and range.'],
    ['tributary reference metrics > metrics.md', 'Every metric, for a dashboard.'],
  ]);
}

function writePages(pages: Readonly<Record<string, () => string>>, { output }: CliContext): void {
  for (const [name, page] of Object.entries(pages)) {
    writeFileSync(packagePath('infra', 'docs', `${name}.md`), page());
    output.talk(`wrote infra/docs/${name}.md`);
  }
}
