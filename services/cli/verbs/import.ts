import { basename } from 'node:path';
import type { Command } from 'commander';
import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/streams/log.ts';
import type { ImportOptions, ImportResult } from '../../ingest/import/import-file.ts';
import type { Config } from '../../platform/config/options.ts';
import type { Registry } from '../../platform/registry/registry.ts';
import { openLog, settledConfig } from '../open-log.ts';
import { startProgress, type Progress } from '../progress.ts';
import { counted } from '../text.ts';
import { GROUPS, withExamples, type CliContext, type Verb } from '../verb.ts';
import { goBy } from '../workspace.ts';

/** `import`: a CSV file to events, by a mapping. */
export const importVerb: Verb = { register };

/** Rejects told on the screen by a dry run, and first events shown. */
const SHOWN_MAX = 10;

interface Options {
  readonly map: string;
  readonly dryRun?: true;
  readonly rejects?: string;
}

function register(program: Command, context: CliContext): void {
  const command = program
    .command('import <file>')
    .description('import the history of a shop or a help desk from a CSV file (plain or gzip)')
    .helpGroup(GROUPS.bring)
    .requiredOption('--map <mapping>', 'the YAML file that says what the columns mean; see infra/docs/import.md')
    .option('--dry-run', 'show the first events and every problem; write nothing')
    .option('--rejects <file>', 'where rows that cannot be used are written (default: <file>.rejects.csv here)')
    .action((file: string, options: Options) =>
      options.dryRun === true ? dryRun(file, options, context) : run(file, options, context),
    );
  withExamples(command, [
    [
      'tributary import orders.csv --map orders.yaml --dry-run',
      'What would come of it: the first events, the rows that would be rejected, all mistakes of the mapping.',
    ],
    [
      'tributary segments apply schemas/segments && tributary import orders.csv.gz --map orders.yaml',
      'Into an empty data directory: the history is replayed, changes get their historical instants.',
    ],
    [
      'tributary import tickets.csv --map tickets.yaml',
      'Into a system that has events: added as history. The same import again does nothing, after a stop it goes on.',
    ],
  ]);
}

async function dryRun(file: string, { map }: Options, context: CliContext): Promise<void> {
  const { output } = context;
  const { prepareImport } = await import('../../ingest/import/import-file.ts');
  const { coverageInWords, eventInWords, showCounts, tellMoney } = await import('../import/summary.ts');
  let rejected = 0;
  const reading = reader(context);
  const config = await settledConfig(context);
  const prepared = await prepareImport({
    ...optionsOf(file, map, config, context),
    onRead: reading.read,
    reject: ({ row, column, reason }) => {
      if (rejected++ >= SHOWN_MAX) return;
      const place = column === '' ? `row ${row}` : `row ${row}, ${column}`;
      if (output.json) output.datum({ reject: { row, column, reason } }, '');
      else output.talk(`${output.talkPaint.yellow('rejected')} ${place}: ${reason}`);
    },
  });
  reading.progress.end();
  try {
    if (rejected > SHOWN_MAX) output.talk(`… and ${counted(rejected - SHOWN_MAX, 'more row')}`);
    let shown = 0;
    for (const event of prepared.events) {
      if (shown++ < SHOWN_MAX)
        output.datum({ row: event.row, input: event.input, event: event.event }, eventInWords(event));
    }
    const { counts, coverage, importId } = prepared;
    if (output.json) output.datum({ dryRun: true, importId, counts, coverage }, '');
    else {
      output.words();
      showCounts(output, counts);
      for (const entry of coverage) output.words(`whole: ${coverageInWords(entry)}`);
    }
    tellMoney(output, counts, config.workspace.currency);
    output.talk('Nothing was written (--dry-run).');
  } finally {
    await prepared.close();
  }
}

async function run(file: string, { map, rejects: path }: Options, context: CliContext): Promise<void> {
  const { output, signal } = context;
  const loaded = context.settings();
  const { checkMapping, importFile } = await import('../../ingest/import/import-file.ts');
  const { RejectsFile } = await import('../../ingest/import/rejects-file.ts');
  // A mistake in the mapping is told before a data directory is made for it.
  await checkMapping(optionsOf(file, map, loaded.config, context));
  const { log, isOwner } = await ownOrJoin(loaded.config);
  try {
    const config = await goBy(log, loaded, { owner: isOwner });
    const { registry, names } = await prepareTopics(log, config);
    const rejects = await RejectsFile.replace(path ?? `${basename(file)}.rejects.csv`);
    const reading = reader(context);
    let appending: Progress | undefined;
    const result = await importFile(
      { log, registry, topics: names, now: Date.now },
      {
        ...optionsOf(file, map, config, context),
        mayReplay: isOwner,
        reject: (reject) => rejects.add(reject),
        onRead: reading.read,
        onAppended: (events, total) => {
          reading.progress.end();
          appending ??= startProgress(output, { label: 'appending', unit: 'events', total });
          appending.to(events);
        },
      },
    ).finally(async () => {
      reading.progress.end();
      appending?.end();
      await rejects.close();
    });
    await tell(result, rejects.path, config, context);
    if (result.mode === 'replay' && isOwner) await replay(log, registry, config, result, context);
    else if (isOwner && result.counts !== undefined)
      output.talk('The history is in the log; `tributary up` folds it in.');
    if (signal.aborted) throw new Fault('INTERRUPTED', 'Stopped; the import itself is complete');
  } finally {
    await log.close();
  }
}

function optionsOf(
  file: string,
  mappingFile: string,
  { workspace }: Config,
  { signal }: CliContext,
): Omit<ImportOptions, 'reject'> {
  return { file, mappingFile, baseCurrency: workspace.currency, signal };
}

function reader({ output }: CliContext): {
  readonly read: (done: number, total: number) => void;
  readonly progress: Progress;
} {
  let total: number | undefined;
  let progress: Progress = { to: () => undefined, advance: () => undefined, end: () => undefined };
  return {
    read: (done, of) => {
      if (total === undefined)
        progress = startProgress(output, { label: 'reading', unit: 'bytes', total: (total = of) });
      progress.to(done);
    },
    get progress() {
      return progress;
    },
  };
}

/** An import into a running system joins its log; alone, it owns it. */
async function ownOrJoin(config: Config): Promise<{ readonly log: Log; readonly isOwner: boolean }> {
  try {
    return { log: await openLog(config, { owner: true }), isOwner: true };
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'LOG_OWNED') throw error;
    return { log: await openLog(config, { owner: false }), isOwner: false };
  }
}

async function prepareTopics(log: Log, config: Config) {
  const { applyTopics } = await import('../../platform/topics/apply-topics.ts');
  const { topicNames } = await import('../../platform/topics/topic-plan.ts');
  const { openRegistry } = await import('../../platform/registry/registry.ts');
  await applyTopics(log, config, Date.now);
  const names = topicNames(config.topics);
  return { names, registry: await openRegistry(log, config) };
}

async function tell(result: ImportResult, rejectsPath: string, config: Config, { output }: CliContext): Promise<void> {
  const { counts, importId, mode, events, before, coverage } = result;
  const { coverageInWords, showCounts, tellMoney } = await import('../import/summary.ts');
  const rejects = counts === undefined || counts.rejected === 0 ? null : rejectsPath;
  if (output.json) output.datum({ importId, mode, events, before, counts: counts ?? null, coverage, rejects }, '');
  else if (counts === undefined) {
    output.words(
      `This file was imported with this mapping before (${counted(events, 'event')}); nothing was left to do.`,
    );
  } else {
    showCounts(output, counts);
    for (const entry of coverage) output.words(`whole: ${coverageInWords(entry)}`);
    if (before > 0) output.words(`An earlier run had appended ${counted(before, 'event')}; this one went on there.`);
  }
  if (counts !== undefined) tellMoney(output, counts, config.workspace.currency);
  if (rejects !== null) output.talk(`Rows that could not be used are in ${rejects}.`);
}

async function replay(log: Log, registry: Registry, config: Config, { events }: ImportResult, context: CliContext) {
  const { output, signal } = context;
  const { runReplay } = await import('../import/replay.ts');
  const progress = startProgress(output, { label: 'replaying', unit: 'events', total: events });
  const isOver = await runReplay({
    ...{ log, registry, config, signal, until: Date.now() },
    onProgress: (records) => progress.to(records),
  }).finally(() => progress.end());
  if (!isOver) throw new Fault('INTERRUPTED', 'Stopped during the replay');
  output.talk('The history is replayed; `tributary up` goes on from here.');
}
