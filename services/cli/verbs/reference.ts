import { writeFileSync } from 'node:fs';
import { Argument, type Command } from 'commander';
import { packagePath } from '../../platform/config/package-root.ts';
import { REFERENCE_PAGES } from '../reference.ts';
import { GROUPS, withExamples, type CliContext, type Verb } from '../verb.ts';

/** `reference`: the pages on options and metrics, as this version has them. */
export const referenceVerb: Verb = { register };

function register(program: Command, context: CliContext): void {
  const names = Object.keys(REFERENCE_PAGES).map((file) => file.replace(/\.md$/, ''));
  const command = program
    .command('reference')
    .description('print the reference page of all options or all metrics (Markdown)')
    .helpGroup(GROUPS.operate)
    .addArgument(new Argument('[page]', 'which page').choices(names).default('configuration'))
    .option('--write', 'write all pages into infra/docs of this checkout instead')
    .action((page: string, options: { write?: boolean }) => {
      if (options.write === true) writePages(context);
      else context.output.raw(REFERENCE_PAGES[`${page}.md`]!());
    });
  withExamples(command, [
    ['tributary reference', 'Every option with unit, default and range.'],
    ['tributary reference metrics > metrics.md', 'Every metric, for a dashboard.'],
  ]);
}

function writePages({ output }: CliContext): void {
  for (const [file, page] of Object.entries(REFERENCE_PAGES)) {
    writeFileSync(packagePath('infra', 'docs', file), page());
    output.talk(`wrote infra/docs/${file}`);
  }
}
