/**
 * All deployables in one process: the log, the segmenter, the ledger with its engine, the probes.
 *
 * Order of start: log (owned) → topics → schemas → segmenter → ClickHouse → ledger → probes. ClickHouse may be away or fail to
 * start: segments and topics go on, the ledger catches up. Order of stop is the reverse, within the bound of the drain.
 */
import type { Log } from '../core/streams/log.ts';
import type { ClickHouse } from '../platform/clickhouse/client.ts';
import type { Config } from '../platform/config/options.ts';
import { packageVersion } from '../platform/config/package-root.ts';
import { startHttpServer, type HttpServer } from '../platform/http/server.ts';
import { openRegistry, type Registry } from '../platform/registry/registry.ts';
import { Health } from '../platform/telemetry/health.ts';
import type { Logger } from '../platform/telemetry/logger.ts';
import { createMetrics, type Metrics } from '../platform/telemetry/metrics.ts';
import { applyTopics } from '../platform/topics/apply-topics.ts';
import { checkStart } from '../platform/topics/check-start.ts';
import { APPLICATION, type RunningSegmenter } from '../segmenter/segmenter.ts';
import { startAnalytics } from './analytics.ts';
import { faultOf } from './fault-of.ts';
import { startSegmenting } from './segmenting.ts';
import { startThreads } from './threads.ts';

export interface StandaloneOptions {
  readonly config: Config;
  readonly log: Log;
  readonly logger: Logger;
  /** Serves probes and metrics; off for work that ends by itself. */
  readonly probes: boolean;
  /** Asks for a replay of what the inputs hold now (T4), up to this instant, ms UTC. */
  readonly replayUntil?: number | undefined;
}

export interface Standalone {
  readonly registry: Registry;
  readonly segmenter: RunningSegmenter;
  readonly metrics: Metrics;
  /** Address of the probes; undefined without them. */
  readonly url: string | undefined;
  /** Resolves when every task is past its replay. */
  readonly live: Promise<void>;
  /** Rejects with the fault that ends the whole; never resolves. */
  readonly failed: Promise<never>;
  /** Resolves with a reader of the views, or rejects with the reason why there is none. */
  readonly analytics: Promise<ClickHouse>;
  /** Resolves when all that is on the topics now is in ClickHouse. */
  caughtUp(signal?: AbortSignal): Promise<void>;
  /** Drains and closes everything but the log. */
  stop(): Promise<boolean>;
}

const SAMPLE_MS = 1_000;
const LIVENESS_MS = 10_000;

export async function startStandalone(options: StandaloneOptions): Promise<Standalone> {
  const { config, log, logger } = options;
  const metrics = createMetrics({ version: packageVersion() });
  const health = new Health();
  const logHealth = health.dependency('log', { required: true });
  const registryHealth = health.dependency('registry', { required: false });
  const tasksHealth = health.dependency('segmenter', { required: true });
  const ledgerHealth = health.dependency('clickhouse', { required: false });
  await checkStart(log, config, APPLICATION);
  await applyTopics(log, config, Date.now);
  const registry = await openRegistry(log, config);
  logHealth.ok();
  const live = Promise.withResolvers<undefined>();
  const liveTasks = new Set<number>();
  const shared = {
    ...{ config, logger, metrics, registryHealth, replayUntil: options.replayUntil },
    wentLive: (partition: number) => {
      liveTasks.add(partition);
      if (liveTasks.size === config.topics.partitions) live.resolve(undefined);
    },
  };
  const segmenter =
    config.segmenter.threads > 1 ? await startThreads(shared) : await startSegmenting({ ...shared, log, registry });
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  segmenter.failed.catch((error: unknown) => {
    tasksHealth.failed(faultOf(error));
    failed.reject(error);
  });

  const analytics = startAnalytics(config, log, registry, logger, metrics, ledgerHealth);
  const watchdog = health.watchdog('event loop', LIVENESS_MS);
  const sampling = setInterval(() => {
    watchdog.feed();
    const gauges = [...segmenter.gauges().values()];
    if (gauges.length > 0 && gauges.every(({ stage }) => stage === 'running' || stage === 'committing'))
      tasksHealth.ok();
  }, SAMPLE_MS);

  let http: HttpServer | undefined;
  const stop = async (): Promise<boolean> => {
    clearInterval(sampling);
    await http?.close();
    const drained = await segmenter.stop(config.shutdown.drainMs);
    await analytics.stop();
    metrics.close();
    return drained;
  };
  try {
    if (options.probes) http = await startHttpServer({ ...config.http, health, metrics, version: packageVersion() });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ registry, segmenter, metrics, url: http?.url, failed: failed.promise, live: live.promise },
    analytics: analytics.reader,
    caughtUp: async (signal) => {
      await analytics.reader;
      await analytics.ledger().caughtUp(signal);
    },
    stop,
  };
}
