import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { wholeNumber } from '../arguments.ts';
import { settledConfig } from '../open-log.ts';
import type { PublishOptions } from '../segments/publish-files.ts';
import { GROUPS, withExamples, type CliContext, type Verb } from '../verb.ts';

/** `segments …`: definitions from the file to what they come to, and who is in them. */
export const segmentsVerb: Verb = { register };

function register(program: Command, context: CliContext): void {
  const segments = program
    .command('segments')
    .description('write, check and publish segment definitions; see them and their members')
    .helpGroup(GROUPS.start);
  registerFiles(segments, context);
  registerLive(segments, context);
}

/** What works on files; no log is asked. */
function registerFiles(segments: Command, context: CliContext): void {
  withExamples(
    segments
      .command('validate [path]')
      .description('every mistake of a file or directory, and what each definition costs')
      .action(async (path: string | undefined) => {
        const { validateSegments } = await import('../segments/validate.ts');
        validateSegments(context, await settledConfig(context), path ?? (await shipped()));
      }),
    [
      ['tributary segments validate my-segments', 'Line, column, what was expected and the nearest name.'],
      ['tributary segments validate my-segments --json', 'One line of JSON per definition.'],
    ],
  );
  withExamples(
    segments
      .command('test [files...]')
      .description('run the tests inside definitions through the live evaluator')
      .action(async (files: readonly string[]) => {
        const { testSegments } = await import('../segments/test-command.ts');
        testSegments(context, await settledConfig(context), files.length > 0 ? files : [await shipped()]);
      }),
    [
      ['tributary segments test my-segments', 'Given events, is everybody where and when they should be?'],
      ['tributary segments test my-segments/gone-quiet.yaml', 'Of one file; what it refers to is found beside it.'],
    ],
  );
  withExamples(
    segments
      .command('fmt [path]')
      .description('write definition files in one form; comments and meaning stay')
      .option('--check', 'only say which files would change')
      .action(async (path: string | undefined, { check }: { check?: true }) => {
        const { formatFiles } = await import('../segments/format-files.ts');
        formatFiles(context, path ?? (await shipped()), { check: check === true });
      }),
    [['tributary segments fmt my-segments --check', 'For a build: fails when a file is written otherwise.']],
  );
}

/** What works on the log. */
function registerLive(segments: Command, context: CliContext): void {
  withExamples(
    segments
      .command('apply <path>')
      .description('publish the definitions of a file or directory; only what changed becomes a new version')
      .option('--dry-run', 'only show what would be published')
      .option('--reason <text>', 'why, kept with the versions')
      .action(async (path: string, options: PublishOptions) => {
        const { publishFiles } = await import('../segments/publish-files.ts');
        await publishFiles(context, path, options);
      }),
    [
      [
        'tributary segments apply schemas/segments --dry-run',
        'What is new, what changed, and every mistake with its line.',
      ],
      [
        "tributary segments apply my-segments --reason 'summer campaign'",
        'In force a few seconds later, without a restart.',
      ],
    ],
  );
  withExamples(
    segments
      .command('list')
      .description('live segments and groups with their number of members')
      .action(async () => {
        const { listSegments } = await import('../segments/list.ts');
        await listSegments(context);
      }),
    [
      ['tributary segments list', 'All live segments, and groups with each of their members.'],
      ['tributary segments list --json', 'One line of JSON per segment, group and member.'],
    ],
  );
  withExamples(
    segments
      .command('show <key>')
      .description('a definition in words, what it costs, and what is said of it for people')
      .option('--files <path>', 'look at this file or directory instead of what is live')
      .action(async (key: string, { files }: { files?: string }) => {
        const { showSegment } = await import('../segments/show.ts');
        await showSegment(context, key, files);
      }),
    [
      ['tributary segments show gone-quiet', 'What it means to be in it, and what to do for its members.'],
      ['tributary segments show care-tier/vip', 'One member of a group.'],
    ],
  );
  withExamples(
    segments
      .command('explain <key>')
      .description('a rule condition by condition; with a customer what it comes to, and what will change it')
      .option('--customer <id>', 'for this customer: in, out or unknown, with values and what is missing')
      .option('--files <path>', 'explain what stands in this file or directory instead of what is live')
      .action(async (key: string, options: { customer?: string; files?: string }) => {
        const { explainSegment } = await import('../segments/explain.ts');
        await explainSegment(context, key, options);
      }),
    [
      ['tributary segments explain repeat-contact', 'The rule as a tree of sentences.'],
      ['tributary segments explain repeat-contact --customer 17850', 'Why, or what is missing, and until when.'],
    ],
  );
  withExamples(
    segments
      .command('members <key>')
      .description('who is in a segment or group, and since when')
      .option('--limit <n>', 'at most so many', wholeNumber(1))
      .action(async (key: string, { limit }: { limit?: number }) => {
        const { listMembers } = await import('../segments/list-members.ts');
        await listMembers(context, key, limit);
      }),
    [['tributary segments members high-spender --limit 10', 'The ten longest-standing members.']],
  );
}

/** The starter catalogue: that of the working directory, else the one that comes with the product. */
async function shipped(): Promise<string> {
  const here = join('schemas', 'segments');
  if (existsSync(here)) return here;
  const { packagePath } = await import('../../platform/config/package-root.ts');
  return packagePath('schemas', 'segments');
}
