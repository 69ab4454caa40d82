import type { Command } from 'commander';
import type { Log, TopicSpec } from '../../core/streams/log.ts';
import type { Config } from '../../platform/config/options.ts';
import { formatDuration } from '../../platform/config/units.ts';
import type { AppliedTopics, TopicsPreview } from '../../platform/topics/apply-topics.ts';
import { isNewLog, openLog } from '../open-log.ts';
import { GROUPS, withExamples, type CliContext, type Verb } from '../verb.ts';
import { goBy } from '../workspace.ts';

/** `topics apply`: create or check topics, register schemas. */
export const topicsVerb: Verb = { register };

/** One line of the diff, and one document of `--json`. */
interface Step {
  readonly step: 'create' | 'differs' | 'register' | 'cover' | 'uncovered' | 'in place';
  readonly name: string;
  readonly detail: string;
}

function register(program: Command, context: CliContext): void {
  const topics = program.command('topics').description('create and check topics and schemas').helpGroup(GROUPS.operate);
  withExamples(
    topics
      .command('apply')
      .description('create the topics that are missing, check the others, register the schemas; again does nothing')
      .option('--dry-run', 'only show what would be done')
      .action((options: { dryRun?: true }) => apply(context, options.dryRun === true)),
    [
      ['tributary topics apply --dry-run', 'What is missing, what differs and how to correct it.'],
      ['tributary topics apply', 'Before the first start, and after each upgrade.'],
    ],
  );
}

async function apply(context: CliContext, dryRun: boolean): Promise<void> {
  const loaded = context.settings();
  const { config } = loaded;
  const isNew = isNewLog(config);
  // Nothing is there yet: as nothing may be made either, an empty log in memory stands for it.
  const log =
    dryRun && isNew ? await openLog(inMemory(config), { owner: true }) : await openLog(config, { owner: isNew });
  try {
    if (!dryRun) await goBy(log, loaded, { owner: isNew });
    await (dryRun ? preview(log, config, context) : run(log, config, context));
  } finally {
    await log.close();
  }
}

async function preview(log: Log, config: Config, context: CliContext): Promise<void> {
  const { previewTopics } = await import('../../platform/topics/apply-topics.ts');
  const found = await previewTopics(log, config);
  show(context, [...differing(found), ...stepsOf(found)]);
  context.output.talk('Nothing was changed (--dry-run).');
}

async function run(log: Log, config: Config, context: CliContext): Promise<void> {
  const { applyTopics } = await import('../../platform/topics/apply-topics.ts');
  const applied = await applyTopics(log, config, () => Date.now());
  show(context, [...stepsOf(applied), ...uncovered(applied)]);
}

function inMemory(config: Config): Config {
  return { ...config, log: { ...config.log, kind: 'memory' } };
}

function show({ output }: CliContext, steps: readonly Step[]): void {
  const paints = {
    create: output.paint.green,
    register: output.paint.green,
    cover: output.paint.green,
    differs: output.paint.red,
    uncovered: output.paint.yellow,
    'in place': output.paint.dim,
  };
  output.table(
    [
      { title: 'STEP', cell: ({ step }) => step, paint: (words, { step }) => paints[step](words) },
      { title: 'NAME', cell: ({ name }) => name },
      { title: 'DETAIL', cell: ({ detail }) => detail, elastic: true },
    ],
    steps,
  );
  const work = steps.filter(({ step }) => step !== 'in place').length;
  if (work === 0) output.talk('Everything is in place.');
}

function stepsOf({ created, existing, registered, covered }: TopicsPreview | AppliedTopics): readonly Step[] {
  return [
    ...created.map(({ spec }): Step => ({ step: 'create', name: spec.name, detail: inWords(spec) })),
    ...registered.map(({ subject, id, version }): Step => {
      return {
        step: 'register',
        name: subject,
        detail: id === null ? `version ${version}` : `version ${version}, id ${id}`,
      };
    }),
    ...covered.map((input): Step => ({ step: 'cover', name: input, detail: 'whole from its creation on' })),
    ...existing.map(({ spec }): Step => ({ step: 'in place', name: spec.name, detail: inWords(spec) })),
  ];
}

function differing({ differences }: TopicsPreview): readonly Step[] {
  return differences.map(({ topic, setting, found, wanted, fix }): Step => {
    return { step: 'differs', name: topic, detail: `${setting} is ${found}, wanted is ${wanted}; ${fix}` };
  });
}

function uncovered(applied: AppliedTopics): readonly Step[] {
  return applied.uncovered.map((input): Step => {
    const detail = 'has records, but nobody declared since when it is whole: absences over it stay unknown';
    return { step: 'uncovered', name: input, detail };
  });
}

function inWords({ partitions, cleanup, retentionMs, timestampType, maxMessageBytes }: TopicSpec): string {
  const kept = retentionMs === null ? 'without limit' : formatDuration(retentionMs);
  const count = `${partitions} ${partitions === 1 ? 'partition' : 'partitions'}`;
  return [
    count,
    cleanup,
    `${cleanup === 'compact' ? 'tombstones' : 'kept'} ${kept}`,
    timestampType,
    `${maxMessageBytes / 1024} KB`,
  ].join(', ');
}
