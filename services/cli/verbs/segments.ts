import type { Command } from 'commander';
import { Fault } from '../../core/faults.ts';
import type { Catalogue } from '../../core/domain/language/catalogue.ts';
import { conditionInWords } from '../../core/domain/language/sentence.ts';
import { isNewLog, withLog, withPreparedLog } from '../open-log.ts';
import { GROUPS, withExamples, type CliContext, type Verb } from '../verb.ts';
import type { Step } from '../segments/apply.ts';
import { unknownSegment } from '../segments/unknown-segment.ts';

/** `segments list|show|apply|members`: the definitions and who is in them. */
export const segmentsVerb: Verb = { register };

function register(program: Command, context: CliContext): void {
  const segments = program
    .command('segments')
    .description('publish segment definitions, see them and their members')
    .helpGroup(GROUPS.start);
  withExamples(
    segments
      .command('apply <path>')
      .description('publish the definitions of a file or directory; only what changed becomes a new version')
      .option('--dry-run', 'only show what would be published')
      .option('--reason <text>', 'why, kept with the versions')
      .action((path: string, options: { dryRun?: true; reason?: string }) => apply(context, path, options)),
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
      .description('live segments with their number of members')
      .action(() => list(context)),
    [
      ['tributary segments list', 'All live segments.'],
      ['tributary segments list --json', 'One line of JSON per segment.'],
    ],
  );
  withExamples(
    segments
      .command('show <key>')
      .description('a definition in words, as data and with what is said for people')
      .action((key: string) => show(context, key)),
    [['tributary segments show gone-quiet', 'What it means to be in it, and what to do for its members.']],
  );
  withExamples(
    segments
      .command('members <key>')
      .description('who is in a segment, and since when')
      .option('--limit <n>', 'at most so many', parsePositive)
      .action((key: string, options: { limit?: number }) => members(context, key, options.limit)),
    [['tributary segments members high-spender --limit 10', 'The ten longest-standing members.']],
  );
}

function parsePositive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Fault('USAGE', `--limit takes a whole number from 1, not ${text}`);
  return value;
}

async function apply(context: CliContext, path: string, options: { dryRun?: true; reason?: string }): Promise<void> {
  const { definitionsInvalid, lookAtDefinitionFiles } = await import('../segments/definition-files.ts');
  const { applySegments, misfitsOf } = await import('../segments/apply.ts');
  const found = lookAtDefinitionFiles(path);
  if (found.mistakes.length > 0) {
    const misfits = misfitsOf(found, await liveCatalogue(context));
    throw definitionsInvalid(path, [...found.mistakes, ...misfits]);
  }
  const { files } = found;
  // The first thing many do: publish the starter catalogue before anything runs.
  await withPreparedLog(context, async ({ log, config }) => {
    const dryRun = options.dryRun === true;
    const { steps, records, immediate } = await applySegments(log, config, files, {
      dryRun,
      reason: options.reason ?? null,
      now: Date.now(),
    });
    showSteps(context, steps);
    const { output } = context;
    const empty = steps.filter((step) => step.startsEmpty).map((step) => step.key);
    if (empty.length > 0) {
      output.talk(
        output.talkPaint.yellow(`Counted from now on only, as events are there already: ${empty.join(', ')}.`),
      );
      output.talk(
        'What lies before is unknown to these segments, and unknown is not no: `customer show` says since when each is known.',
      );
    }
    if (dryRun) output.talk('Nothing was published (--dry-run).');
    else if (records.length > 0) {
      const soon = `in force in about ${Math.ceil(config.definitions.effectiveAfterMs / 1000)} s where tasks run`;
      output.talk(`Published; ${immediate ? 'in force before the first event' : soon}.`);
    } else output.talk('Nothing to publish.');
  });
}

/** What is live where there is a log; nothing is made where there is none. */
async function liveCatalogue(context: CliContext): Promise<Catalogue> {
  const { readPublished } = await import('../segments/published.ts');
  const { Catalogue: EmptyCatalogue } = await import('../../core/domain/language/catalogue.ts');
  if (isNewLog(context.settings().config)) return new EmptyCatalogue();
  return withLog(context, { owner: false }, async ({ log, config }) => (await readPublished(log, config)).catalogue);
}

function showSteps({ output }: CliContext, steps: readonly Step[]): void {
  const paints = {
    new: output.paint.green,
    changed: output.paint.yellow,
    unchanged: output.paint.dim,
    'not in the files': output.paint.dim,
  };
  output.table(
    [
      { title: 'STEP', cell: ({ step }) => step, paint: (words, { step }) => paints[step](words) },
      { title: 'SEGMENT', cell: ({ key }) => key },
      { title: 'VERSION', cell: ({ version }) => String(version), align: 'right' },
      { title: 'FILE', cell: ({ file }) => file ?? '', elastic: true },
    ],
    steps,
  );
}

async function list(context: CliContext): Promise<void> {
  const { readPublished } = await import('../segments/published.ts');
  const { readMemberships } = await import('../segments/members.ts');
  const { topicNames } = await import('../../platform/topics/topic-plan.ts');
  await withLog(context, { owner: false }, async ({ log, config }) => {
    const { catalogue, registry } = await readPublished(log, config);
    const memberships = await readMemberships(log, topicNames(config.topics).memberships, registry, context.signal);
    const counts = new Map<string, number>();
    for (const { segments } of memberships.values()) {
      for (const { segment } of segments) counts.set(segment, (counts.get(segment) ?? 0) + 1);
    }
    const rows = catalogue.live.map(({ number, version, definition: { key, name, enter } }) => {
      return {
        key,
        name,
        number,
        version,
        members: counts.get(key) ?? 0,
        customers: memberships.size,
        rule: conditionInWords(enter),
      };
    });
    context.output.table(
      [
        { title: 'SEGMENT', cell: ({ key }) => key, paint: (words, _row, paint) => paint.bold(words) },
        { title: 'MEMBERS', cell: ({ members: count }) => String(count), align: 'right' },
        { title: 'VERSION', cell: ({ version }) => String(version), align: 'right' },
        { title: 'RULE', cell: ({ rule }) => rule, elastic: true },
      ],
      rows,
    );
    if (rows.length === 0) context.output.talk('No segment is live; publish some with `tributary segments apply DIR`.');
  });
}

async function show(context: CliContext, key: string): Promise<void> {
  const { readPublished } = await import('../segments/published.ts');
  const { stringify } = await import('yaml');
  await withLog(context, { owner: false }, async ({ log, config }) => {
    const { catalogue } = await readPublished(log, config);
    const live = catalogue.current(key);
    if (live === undefined)
      throw unknownSegment(
        key,
        catalogue.live.map(({ definition }) => definition.key),
      );
    const { definition, number, version, offset } = live;
    const words = conditionInWords(definition.enter);
    const lines = [
      `${context.output.paint.bold(definition.name)} (${key}, number ${number}, version ${version})`,
      `in it: ${words}`,
      `where that is unknown: ${{ out: 'not in it', in: 'in it', hold: 'as it was last known' }[definition.unknown]}`,
      '',
      stringify(definition.about).trimEnd(),
    ];
    context.output.datum({ key, number, version, offset, inWords: words, definition }, lines.join('\n'));
  });
}

async function members(context: CliContext, key: string, limit: number | undefined): Promise<void> {
  const { readPublished } = await import('../segments/published.ts');
  const { membersOf, readMemberships } = await import('../segments/members.ts');
  const { topicNames } = await import('../../platform/topics/topic-plan.ts');
  await withLog(context, { owner: false }, async ({ log, config }) => {
    const { catalogue, registry } = await readPublished(log, config);
    if (catalogue.current(key) === undefined)
      throw unknownSegment(
        key,
        catalogue.live.map(({ definition }) => definition.key),
      );
    const memberships = await readMemberships(log, topicNames(config.topics).memberships, registry, context.signal);
    const found = membersOf(memberships, key);
    context.output.table(
      [
        { title: 'CUSTOMER', cell: ({ customerId }) => customerId, elastic: true },
        { title: 'SINCE', cell: ({ enteredAt }) => new Date(enteredAt).toISOString() },
        { title: 'AS OF', cell: ({ asOf }) => new Date(asOf).toISOString() },
      ],
      found.slice(0, limit ?? found.length),
    );
    context.output.talk(`${found.length} of ${memberships.size} customers are in ${key}.`);
  });
}
