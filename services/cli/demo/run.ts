/** The demo from its first line to its last: history, replay, report, and live until stopped. */
import type { Log } from '../../core/streams/log.ts';
import { demoAbout, DEMO_SHORT } from '../../ingest/demo/about.ts';
import { demoHistory, type DemoHistory } from '../../ingest/demo/history.ts';
import { createSimulator } from '../../ingest/demo/simulator.ts';
import { appendEvents } from '../../ingest/import/append-events.ts';
import type { Config } from '../../platform/config/options.ts';
import { packagePath } from '../../platform/config/package-root.ts';
import { openRegistry } from '../../platform/registry/registry.ts';
import { applyTopics } from '../../platform/topics/apply-topics.ts';
import { topicNames } from '../../platform/topics/topic-plan.ts';
import { startStandalone, type Standalone } from '../../standalone/standalone.ts';
import { cliLogger } from '../log-lines.ts';
import { openLog } from '../open-log.ts';
import type { Output } from '../output.ts';
import { startProgress } from '../progress.ts';
import { applySegments } from '../segments/apply.ts';
import { namesOf, readDefinitionFiles } from '../segments/definition-files.ts';
import { formatCount } from '../text.ts';
import { keepWorkspace } from '../workspace.ts';
import { changeLine, Liveliest } from './changes.ts';
import { follow, simulate, type Stage } from './live.ts';
import { readReport, showMetrics, showSizes } from './report.ts';
import { lookAt } from './stage.ts';

export interface DemoOptions {
  readonly once: boolean;
  readonly seed: number;
  readonly eventsPerSecond: number;
}

const SHOWN_CHANGES = 8;

export async function runDemo(
  config: Config,
  options: DemoOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const { paint } = output;
  const startedAt = performance.now();
  output.words(`${paint.bold('Tributary')}  customers moving between segments, live`);
  output.words(paint.dim(DEMO_SHORT));
  output.talk(output.talkPaint.dim('reading a shop, a support desk and a survey …'));
  const now = Date.now();
  const history = await demoHistory({ now, seed: options.seed });
  output.words();
  for (const paragraph of demoAbout(history.counts)) output.words(wrapped(paragraph, Math.min(output.width, 110)));
  output.words();
  const log = await openLog(config, { owner: true });
  try {
    await keepWorkspace(log, config.workspace);
    const names = await prepare(log, config, history, now, output);
    const running = await startStandalone({
      ...{ config, log, probes: false, replayUntil: now },
      logger: cliLogger({ output }, config),
    });
    try {
      const stage: Stage = {
        log,
        registry: running.registry,
        topics: topicNames(config.topics),
        partitions: config.topics.partitions,
      };
      await replayed(running, stage, history, names, output, signal);
      await report(running, config, names, output, startedAt, signal);
      if (!options.once) await live(running, stage, history, names, options, output, signal);
    } finally {
      await running.stop();
    }
  } finally {
    await log.close();
  }
}

/** Topics, the starter catalogue and the history; returns names of segments by key. */
async function prepare(
  log: Log,
  config: Config,
  history: DemoHistory,
  now: number,
  output: Output,
): Promise<ReadonlyMap<string, string>> {
  await applyTopics(log, config, Date.now);
  const topics = topicNames(config.topics);
  const registry = await openRegistry(log, config);
  const files = readDefinitionFiles(packagePath('schemas', 'segments'), { zone: config.workspace.timezone });
  await applySegments(log, config, files, { dryRun: false, reason: 'demo', now });
  const progress = startProgress(output, { label: 'appending', unit: 'events', total: history.events.length });
  await appendEvents(
    { log, registry, topics, now: Date.now },
    {
      ...{ importId: `demo-${now}`, mode: 'replay', events: history.events, done: 0 },
      inputs: ['interactions', 'purchases', 'surveys', 'profiles'],
      coverage: history.coverage,
      onProgress: (events) => progress.to(events),
    },
  ).finally(() => progress.end());
  return namesOf(files);
}

/** The replay, with the liveliest changes as they happen; ends when every task is live. */
async function replayed(
  running: Standalone,
  stage: Stage,
  history: DemoHistory,
  names: ReadonlyMap<string, string>,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const liveliest = new Liveliest(2);
  const over = new AbortController();
  const watching = follow(stage, 'beginning', over.signal, (change) => liveliest.add(change));
  const total = history.events.length;
  const progress = startProgress(output, { label: 'replaying', unit: 'events', total });
  const ticking = setInterval(() => {
    const lag = [...running.segmenter.gauges().values()].reduce((sum, { lagRecords }) => sum + lagRecords, 0);
    progress.to(Math.max(0, total - lag));
  }, 200);
  try {
    await Promise.race([running.live, running.failed, asked(signal)]);
    signal.throwIfAborted();
    await running.caughtUp(signal);
  } finally {
    clearInterval(ticking);
    progress.end();
    over.abort();
    await watching;
  }
  output.words(
    `${output.paint.bold('Latest changes')} ${output.paint.dim(`(${formatCount(liveliest.count)} in all; two of each segment at most)`)}`,
  );
  for (const change of liveliest.newest(SHOWN_CHANGES))
    output.words(`  ${changeLine(change, names, output.paint, output.width - 2)}`);
  output.words();
}

async function report(
  running: Standalone,
  config: Config,
  names: ReadonlyMap<string, string>,
  output: Output,
  startedAt: number,
  signal: AbortSignal,
): Promise<void> {
  await running.caughtUp(signal);
  const found = await readReport(await running.analytics);
  showSizes(output, found, names);
  output.words();
  showMetrics(output, found);
  output.words();
  const took = ((performance.now() - startedAt) / 1000).toFixed(1);
  output.words(output.paint.dim(`All of it in ${took} s. Look further, with the same data:`));
  output.words(`  tributary customer show 17850 ${lookAt(config)}`);
  output.words(`  tributary query "SELECT * FROM tributary_v1.segment_sizes" ${lookAt(config)}`);
}

async function live(
  running: Standalone,
  stage: Stage,
  history: DemoHistory,
  names: ReadonlyMap<string, string>,
  options: DemoOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const { paint } = output;
  output.words();
  output.words(
    `${paint.bold('Live now')} ${paint.dim(`(about ${options.eventsPerSecond} events/s from a simulator; Ctrl-C ends)`)}`,
  );
  const stop = new AbortController();
  const ending = AbortSignal.any([signal, stop.signal]);
  const simulator = createSimulator({
    customers: history.customers,
    seed: options.seed,
    now: Date.now(),
    eventsPerSecond: options.eventsPerSecond,
  });
  let shown = 0;
  const watching = follow(stage, 'end', ending, (change) => {
    shown += 1;
    output.words(`  ${changeLine(change, names, paint, output.width - 2)}`);
  });
  try {
    const sending = simulate(stage, simulator, ending);
    await Promise.race([sending, watching, running.failed]);
    stop.abort();
    output.talk(`${formatCount(await sending)} events sent, ${formatCount(shown)} changes seen.`);
  } finally {
    stop.abort();
    await watching;
  }
}

function asked(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function wrapped(text: string, width: number): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join('\n');
}
