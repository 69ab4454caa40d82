/**
 * All deployables in one process: the log, the segmenter, the ledger with its engine, the probes.
 *
 * Order of start: log (owned) → topics → schemas → segmenter → ClickHouse → ledger → probes. ClickHouse may be away or fail to
 * start: segments and topics go on, the ledger catches up. Order of stop is the reverse, within the bound of the drain.
 */
import { join } from 'node:path';
import { Fault } from '../core/faults.ts';
import type { Log } from '../core/streams/log.ts';
import { createLedger, type Ledger } from '../ledger/ledger.ts';
import { startChdb, type Chdb } from '../platform/clickhouse/chdb.ts';
import { connectClickHouse, type ClickHouse } from '../platform/clickhouse/client.ts';
import { migrate, type SchemaOptions } from '../platform/clickhouse/migrations.ts';
import type { Config } from '../platform/config/options.ts';
import { packagePath, packageVersion } from '../platform/config/package-root.ts';
import { machineHost } from '../platform/host/machine-host.ts';
import { startHttpServer, type HttpServer } from '../platform/http/server.ts';
import { openRegistry, type Registry } from '../platform/registry/registry.ts';
import { Health, type Dependency } from '../platform/telemetry/health.ts';
import type { Logger } from '../platform/telemetry/logger.ts';
import { createMetrics, type Metrics } from '../platform/telemetry/metrics.ts';
import { applyTopics } from '../platform/topics/apply-topics.ts';
import { topicNames } from '../platform/topics/topic-plan.ts';
import { startSegmenter, type RunningSegmenter } from '../segmenter/segmenter.ts';
import { sampleTasks, tellLedger, tellSegmenter, tellTasks } from './telling.ts';

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
const REFRESH_MS = 5_000;
const LIVENESS_MS = 10_000;

export function analyticsDirectory(config: Config): string {
  return join(config.data.directory, 'analytics');
}

/** What is filled into the schema of ClickHouse. */
export function ledgerSchema({ clickhouse: { database }, workspace }: Config): SchemaOptions {
  return { database, zone: workspace.timezone, currency: workspace.currency, minimumN: 30, cluster: null };
}

export async function startStandalone(options: StandaloneOptions): Promise<Standalone> {
  const { config, log, logger } = options;
  const metrics = createMetrics({ version: packageVersion() });
  const health = new Health();
  const logHealth = health.dependency('log', { required: true });
  const tasksHealth = health.dependency('segmenter', { required: true });
  const ledgerHealth = health.dependency('clickhouse', { required: false });
  await applyTopics(log, config.topics, Date.now);
  const registry = await openRegistry(log, topicNames(config.topics).schemas);
  logHealth.ok();

  const live = Promise.withResolvers<undefined>();
  const liveTasks = new Set<number>();
  const segmenter = await startSegmenter({
    ...{ log, registry, config, host: machineHost, software: packageVersion(), replayUntil: options.replayUntil },
    tasks: tellTasks(metrics, logger, (partition) => {
      liveTasks.add(partition);
      if (liveTasks.size === config.topics.partitions) live.resolve(undefined);
    }),
    segmenter: tellSegmenter(metrics, Date.now),
  });
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
    sampleTasks(metrics, segmenter, Date.now());
  }, SAMPLE_MS);
  const refreshing = setInterval(() => {
    registry
      .refresh()
      .catch((error: unknown) =>
        logger.bind({ component: 'registry' }).warn({ error }, 'schema ids could not be read again'),
      );
  }, REFRESH_MS);

  let http: HttpServer | undefined;
  const stop = async (): Promise<boolean> => {
    clearInterval(sampling);
    clearInterval(refreshing);
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

interface Analytics {
  readonly reader: Promise<ClickHouse>;
  ledger(): Ledger;
  stop(): Promise<void>;
}

/** ClickHouse and the ledger, started beside everything else: nothing waits for them. */
function startAnalytics(
  config: Config,
  log: Log,
  registry: Registry,
  logger: Logger,
  metrics: Metrics,
  health: Dependency,
): Analytics {
  const stopping = new AbortController();
  const told = tellLedger(metrics, logger, Date.now);
  let engine: Chdb | undefined;
  let writer: ClickHouse | undefined;
  let ledger: Ledger | undefined;
  let running: Promise<void> = Promise.resolve();
  const start = async (): Promise<ClickHouse> => {
    engine = config.clickhouse.url === null ? await startEngine(config, logger) : undefined;
    writer = connect(config, engine, 'owner');
    const { database } = config.clickhouse;
    await migrate(writer, packagePath('schemas', 'clickhouse'), ledgerSchema(config));
    ledger = createLedger({
      ...{ log, clickhouse: writer, topics: topicNames(config.topics), database, listener: told },
      decode: {
        fact: (value) => registry.decode('fact', value),
        change: (value) => registry.decode('change', value),
        definition: (value) => registry.decode('definition', value),
        refresh: () => registry.refresh(),
      },
      effectiveAfterMs: config.definitions.effectiveAfterMs,
      bounds: { batchRows: config.ledger.batchRows, batchMs: config.ledger.batchMs },
    });
    running = ledger.run(stopping.signal).catch((error: unknown) => {
      health.failed(faultOf(error));
      logger.bind({ component: 'ledger' }).error({ error }, 'the ledger ended; segments and topics go on');
    });
    health.ok();
    return connect(config, engine, 'reader');
  };
  const reader = start();
  reader.catch((error: unknown) => {
    health.degraded(faultOf(error));
    logger.bind({ component: 'ledger' }).error({ error }, 'there is no ClickHouse; segments and topics go on');
  });
  return {
    reader,
    ledger: () => ledger!,
    stop: async () => {
      stopping.abort();
      const opened = await reader.catch(() => undefined);
      await running;
      await opened?.close();
      await writer?.close();
      await engine?.close();
    },
  };
}

function startEngine(config: Config, logger: Logger): Promise<Chdb> {
  const log = logger.bind({ component: 'clickhouse' });
  return startChdb({
    directory: analyticsDirectory(config),
    database: config.clickhouse.database,
    listener: {
      crashed: ({ delayMs }) => log.warn({ delayMs }, 'the engine ended unasked and is started again'),
      healed: (attempts) => log.info({ attempt: attempts }, 'the engine answers again'),
    },
  });
}

function connect(config: Config, engine: Chdb | undefined, name: 'owner' | 'reader'): ClickHouse {
  const { url, user, password } = config.clickhouse;
  // Without a database of its own: the private one does not exist before the first migration.
  if (engine === undefined) return connectClickHouse({ url: url!, user, password: password ?? '' });
  const secret = name === 'owner' ? engine.ownerSecret : engine.readerSecret;
  return connectClickHouse({ url: engine.url, user: name, password: secret });
}

function faultOf(error: unknown): Fault {
  return error instanceof Fault
    ? error
    : new Fault('PROCESSING_FAILED', error instanceof Error ? error.message : String(error), { cause: error });
}
