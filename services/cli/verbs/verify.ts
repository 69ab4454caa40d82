import type { Command } from 'commander';
import { INPUTS, type Input } from '../../core/domain/events/header.ts';
import { Fault } from '../../core/faults.ts';
import type { Difference, Differences } from '../../core/oracle/differences.ts';
import type { PartitionReaders } from '../../core/oracle/readers.ts';
import type { Attached } from '../../platform/clickhouse/attach.ts';
import type { Config } from '../../platform/config/options.ts';
import type { TopicNames } from '../../platform/topics/topic-plan.ts';
import { withLog } from '../open-log.ts';
import { startProgress } from '../progress.ts';
import { counted, formatCount } from '../text.ts';
import type { Source } from '../verify/partition.ts';
import { GROUPS, withExamples, type CliContext, type Verb } from '../verb.ts';

/** `verify`: recompute everything from the journal with the naive evaluator and compare. */
export const verifyVerb: Verb = { register };

/** The ledger's consumer group: its positions say how far ClickHouse must be. */
const LEDGER_GROUP = 'tributary-ledger';

interface Options {
  readonly limit: string;
  readonly clickhouse: boolean;
}

function register(program: Command, context: CliContext): void {
  withExamples(
    program
      .command('verify')
      .description('check that nothing is lost, doubled or wrongly decided; recomputes all of it from the journal')
      .option('--limit <count>', 'differences to show, at most', '20')
      .option('--no-clickhouse', 'leave ClickHouse out')
      .helpGroup(GROUPS.operate)
      .action((options: Options) => verify(context, options)),
    [
      ['tributary verify', 'Inputs, journal, changes, memberships, stored profiles and ClickHouse.'],
      ['tributary verify --json', 'Counts and differences for a program; exit code 3 when there are any.'],
    ],
  );
}

async function verify(context: CliContext, options: Options): Promise<void> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1)
    throw new Fault('USAGE', `--limit is ${options.limit}, not a whole number`);
  const { Differences } = await import('../../core/oracle/differences.ts');
  const differences = new Differences(limit);
  await withLog(context, { owner: false }, async ({ log, config }) => {
    const { readPublished } = await import('../segments/published.ts');
    const { topicNames } = await import('../../platform/topics/topic-plan.ts');
    const { openPartition } = await import('../verify/partition.ts');
    const { verifyPartition } = await import('../../core/oracle/verify.ts');
    const { openAnalytics } = await import('../verify/analytics.ts');
    const { registry } = await readPublished(log, config);
    const topics = topicNames(config.topics);
    const source: Source = { log, registry, topics, signal: context.signal };
    const progress = startProgress(context.output, {
      label: 'Verifying',
      unit: 'facts',
      total: await factsIn(source, config),
    });
    const analytics = options.clickhouse ? await openAnalytics(config) : undefined;
    const totals = new Map<string, number>();
    let before = 0;
    try {
      for (let partition = 0; partition < config.topics.partitions; partition++) {
        const readers = await openPartition(source, partition);
        if (readers === undefined) continue;
        // Read after the position: every set that is in force there is among them.
        const { catalogue } = await readPublished(log, config);
        const counts = await verifyPartition(
          readers,
          {
            topics: oracleTopics(topics),
            sets: catalogue.sets,
            dedupWindowMs: config.dedup.windowMs,
            latenessMs: config.lateness.limitMs,
            progress: (facts) => progress.to(before + facts),
          },
          differences,
        );
        before += counts.facts;
        addTo(totals, { ...counts });
        if (analytics === undefined) continue;
        const { database } = config.clickhouse;
        addTo(totals, await compareLedger(source, database, analytics, readers, differences));
      }
    } finally {
      progress.end();
      await analytics?.close();
    }
    report(context, totals, differences.found, differences.total);
  });
}

async function compareLedger(
  { log, topics }: Source,
  database: string,
  { clickhouse }: Attached,
  readers: PartitionReaders,
  differences: Differences,
): Promise<Counts> {
  const { verifyLedger } = await import('../../core/oracle/verify-ledger.ts');
  const { partition } = readers;
  const places = [topics.facts, topics.changes].map((topic) => ({ topic, partition }));
  const [facts, changes] = await log.groupPositions(LEDGER_GROUP, places);
  // A ledger that never ran has made no tables.
  if (facts!.offset <= 0 && changes!.offset <= 0) return {};
  const counts = await verifyLedger(
    {
      partition,
      positions: { facts: Math.max(0, facts!.offset), changes: Math.max(0, changes!.offset) },
      facts: () => readers.facts(),
      changes: () => readers.changes(),
    },
    { database, facts: topics.facts, changes: topics.changes },
    (sql, params) => clickhouse.query(sql, params),
    differences,
  );
  return { clickhouseFacts: counts.facts, clickhouseChanges: counts.changes, clickhouseStays: counts.stays };
}

type Counts = Readonly<Record<string, number>>;

function addTo(totals: Map<string, number>, counts: Counts): void {
  for (const [name, count] of Object.entries(counts)) totals.set(name, (totals.get(name) ?? 0) + count);
}

async function factsIn({ log, topics }: Source, config: Config): Promise<number> {
  const places = Array.from({ length: config.topics.partitions }, (_, partition) => ({
    topic: topics.facts,
    partition,
  }));
  const ends = await log.endOffsets(places);
  return ends.reduce((sum, { lastStableOffset, logStartOffset }) => sum + lastStableOffset - logStartOffset, 0);
}

function oracleTopics(topics: TopicNames) {
  const { facts, changes, memberships, changelog } = topics;
  const inputs = Object.fromEntries(INPUTS.map((input) => [input, topics[input]])) as Record<Input, string>;
  return { inputs, facts, changes, memberships, changelog };
}

const CHECKED: readonly (readonly [name: string, words: string])[] = [
  ['inputs', 'input records, each in the journal once, a duplicate, a mark or a dead letter'],
  ['deadLetters', 'of them dead letters'],
  ['duplicates', 'of them duplicates'],
  ['historyNotTaken', 'of them imported history where the feed was whole already'],
  ['marks', 'of them marks of imports'],
  ['waiting', 'more that no task has committed yet; they were not looked at'],
  ['facts', 'facts, stamped with the set before them and what they changed'],
  ['late', 'of them late'],
  ['tooLate', 'of them too late to be folded'],
  ['changes', 'changes, recomputed from the journal'],
  ['customers', 'customers'],
  ['profiles', 'stored profiles'],
  ['memberships', 'memberships'],
  ['clickhouseFacts', 'facts in ClickHouse'],
  ['clickhouseChanges', 'changes in ClickHouse'],
  ['clickhouseStays', 'stays in ClickHouse'],
];

function report(
  { output }: CliContext,
  totals: ReadonlyMap<string, number>,
  found: readonly Difference[],
  total: number,
): void {
  const { paint } = output;
  if (output.json) output.datum({ checked: Object.fromEntries(totals), differences: total }, '');
  else {
    for (const [name, words] of CHECKED) {
      const count = totals.get(name);
      const part = words.startsWith('of them ') || words.startsWith('more ');
      if (count === undefined || (part && count === 0)) continue;
      output.words(`${formatCount(count).padStart(12)}  ${part ? paint.dim(words) : words}`);
    }
    if (!totals.has('clickhouseFacts')) output.words(paint.dim('              ClickHouse was not compared'));
    output.words();
  }
  for (const difference of found) {
    const { kind, topic, partition, offset, customerId, expected, found: instead } = difference;
    const place = `${topic} ${partition}${offset === null ? '' : `@${offset}`}`;
    const whose = customerId === null ? '' : `, customer ${customerId}`;
    output.datum(
      difference,
      `${paint.red(kind)} at ${place}${whose}\n    expected ${expected}\n    found    ${instead}`,
    );
  }
  if (total === 0) {
    output.words(paint.green('No difference.'));
    return;
  }
  throw new Fault('VERIFY_DIFFERENCE', `${counted(total, 'difference')}, ${found.length} of them shown`);
}
