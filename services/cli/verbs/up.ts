import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/streams/log.ts';
import type { Config } from '../../platform/config/options.ts';
import type { Logger } from '../../platform/telemetry/logger.ts';
import { openLog } from '../open-log.ts';
import { GROUPS, withExamples, type CliContext, type Verb } from '../verb.ts';
import { goBy } from '../workspace.ts';

const AGAIN_MS = 1_000;

/** `up`: everything in one process, until it is stopped. */
export const upVerb: Verb = { register };

function register(program: Command, context: CliContext): void {
  withExamples(
    program
      .command('up')
      .description('run everything in one process: tasks, ledger and probes, until Ctrl-C')
      .helpGroup(GROUPS.start)
      .option('--threads <n>', 'threads that run tasks, on Kafka (default: 1)')
      .action((options: { readonly threads?: string }) => up(context, options)),
    [
      ['tributary up', 'In the data directory .tributary; other commands work beside it.'],
      ['tributary up --data /var/lib/tributary --set http.port=9090', 'Another place and port.'],
      ['tributary up --log kafka --threads 2', 'On Kafka, two members of the group in one process.'],
    ],
  );
}

async function up(context: CliContext, { threads }: { readonly threads?: string }): Promise<void> {
  const { cliLogger } = await import('../log-lines.ts');
  const { startStandalone } = await import('../../standalone/standalone.ts');
  const loaded = context.settings(
    threads === undefined ? [] : [{ key: 'segmenter.threads', value: threads, place: '--threads' }],
  );
  const logger = cliLogger(context, loaded.config);
  const own = logger.bind({ component: 'standalone' });
  const log = await openWhenThere(loaded.config, own, context.signal);
  try {
    const config = await goBy(log, loaded, { owner: true });
    const replayUntil = await replayWanted(log, config);
    const running = await startStandalone({ config, log, logger, probes: true, replayUntil });
    own.info(
      { directory: config.data.directory, ...(running.url === undefined ? {} : { url: running.url }) },
      'started',
    );
    try {
      await Promise.race([stopAsked(context.signal), running.failed]);
    } finally {
      own.info({}, 'stopping: work under way is finished');
      const drained = await running.stop();
      if (!drained) own.warn({}, 'the time to drain was over; what is not committed is worked again at the next start');
      own.info({}, 'stopped');
    }
  } finally {
    await log.close();
  }
}

/** Brokers may come up after us: they are waited for as long as any call to them may take (`kafka.retryMs`). */
async function openWhenThere(config: Config, logger: Logger, signal: AbortSignal): Promise<Log> {
  const over = performance.now() + (config.log.kind === 'kafka' ? config.kafka.retryMs : 0);
  for (;;) {
    try {
      return await openLog(config, {
        owner: true,
        onFault: (error) => logger.warn({ error }, 'what the log does in the background failed; it is tried again'),
      });
    } catch (error) {
      const away = error instanceof Fault && error.code === 'LOG_UNAVAILABLE';
      if (!away || signal.aborted || performance.now() >= over) throw error;
      logger.warn({ error, delayMs: AGAIN_MS }, 'the brokers do not answer yet; they are waited for');
      // It rejects when the stop comes first; the next attempt sees that.
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** An import into an empty log is a replay (T4), also when it was stopped before that began. */
async function replayWanted(log: Log, config: Config): Promise<number | undefined> {
  const { replayAskedFor, unfinishedImports } = await import('../../ingest/import/import-progress.ts');
  const { importCommand } = await import('../import/command.ts');
  const { topicNames } = await import('../../platform/topics/topic-plan.ts');
  const { imports } = topicNames(config.topics);
  const asked = await replayAskedFor(log, imports);
  if (asked === 'unfinished') {
    const stopped = (await unfinishedImports(log, imports)).filter(({ mode }) => mode === 'replay');
    const commands = stopped.map(({ from }) => importCommand(from, config));
    throw new Fault('IMPORT_REFUSED', 'An import into this data directory was stopped half-way', {
      next: `Run it again first, it goes on where it was: ${commands.join(' and ')}.`,
    });
  }
  return asked === 'ready' ? Date.now() : undefined;
}

function stopAsked(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
