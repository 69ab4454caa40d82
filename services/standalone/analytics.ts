/** ClickHouse and the ledger beside the segmenter: started without anybody waiting, away without anybody stopping. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../core/faults.ts';
import type { Log } from '../core/streams/log.ts';
import { createLedger, type Ledger } from '../ledger/ledger.ts';
import { startChdb, type Chdb } from '../platform/clickhouse/chdb.ts';
import { connectClickHouse, type ClickHouse } from '../platform/clickhouse/client.ts';
import { migrate, type SchemaOptions } from '../platform/clickhouse/migrations.ts';
import type { Config } from '../platform/config/options.ts';
import { packagePath } from '../platform/config/package-root.ts';
import type { Registry } from '../platform/registry/registry.ts';
import type { Dependency } from '../platform/telemetry/health.ts';
import type { Logger } from '../platform/telemetry/logger.ts';
import type { Metrics } from '../platform/telemetry/metrics.ts';
import { topicNames } from '../platform/topics/topic-plan.ts';
import { faultOf } from './fault-of.ts';
import { tellLedger } from './telling.ts';

/** A query of another command may hold the engine's directory for a moment when this process starts. */
const OWNED_MS_MAX = 30_000;
const MIGRATE_AGAIN_MS = 5_000;
/** Pauses before a ledger that failed starts again. */
const AGAIN_MS_MIN = 1_000;
const AGAIN_MS_MAX = 30_000;
const MEMBERS_EVERY_MS = 30_000;

export function analyticsDirectory(config: Config): string {
  return join(config.data.directory, 'analytics');
}

/** What is filled into the schema of ClickHouse. */
export function ledgerSchema({ clickhouse: { database }, workspace }: Config): SchemaOptions {
  return { database, zone: workspace.timezone, currency: workspace.currency, minimumN: 30, cluster: null };
}

export interface Analytics {
  readonly reader: Promise<ClickHouse>;
  ledger(): Ledger;
  stop(): Promise<void>;
}

/** ClickHouse and the ledger, started beside everything else: nothing waits for them. */
export function startAnalytics(
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
    const clickhouse = writer;
    await migrated(clickhouse, config, health, logger, stopping.signal);
    const create = (): Ledger => {
      ledger = createLedger({
        ...{ log, clickhouse, topics: topicNames(config.topics), database, listener: told },
        decode: {
          fact: (value) => registry.decode('fact', value),
          change: (value) => registry.decode('change', value),
          definition: (value) => registry.decode('definition', value),
          refresh: () => registry.refresh(),
        },
        effectiveAfterMs: config.definitions.effectiveAfterMs,
        zone: config.workspace.timezone,
        bounds: { batchRows: config.ledger.batchRows, batchMs: config.ledger.batchMs },
      });
      health.ok();
      return ledger;
    };
    running = keepRunning(create(), create, health, logger, stopping.signal);
    const views = connect(config, engine, 'reader');
    void countMembers(views, config, metrics, stopping.signal);
    return views;
  };
  const reader = start();
  reader.catch((error: unknown) => {
    if (stopping.signal.aborted) return;
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

/** Positions are kept with what was written, so a ledger that failed is simply made again; what would fail for ever ends it. */
async function keepRunning(
  first: Ledger,
  again: () => Ledger,
  health: Dependency,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const own = logger.bind({ component: 'ledger' });
  let delayMs = AGAIN_MS_MIN;
  for (let ledger = first; ; ledger = again()) {
    const startedAt = performance.now();
    try {
      await ledger.run(signal);
      return;
    } catch (error) {
      const fault = faultOf(error);
      if (fault.action === 'stop') {
        health.failed(fault);
        own.error({ error }, 'the ledger ended; segments and topics go on');
        return;
      }
      delayMs = performance.now() - startedAt > AGAIN_MS_MAX ? AGAIN_MS_MIN : Math.min(AGAIN_MS_MAX, delayMs * 2);
      health.degraded(fault);
      own.warn({ error, delayMs }, 'the ledger starts again from what it has written');
    }
    // It rejects when the stop comes first.
    await delay(delayMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
  }
}

/** A server that does not answer yet is waited for; what it refuses is not tried again. */
async function migrated(
  writer: ClickHouse,
  config: Config,
  health: Dependency,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      await migrate(writer, packagePath('schemas', 'clickhouse'), ledgerSchema(config));
      return;
    } catch (error) {
      if (!(error instanceof Fault) || error.action !== 'retry') throw error;
      health.degraded(error);
      logger.bind({ component: 'ledger' }).warn({ error, delayMs: MIGRATE_AGAIN_MS }, 'ClickHouse does not answer yet');
      await delay(MIGRATE_AGAIN_MS, undefined, { signal });
    }
  }
}

/** The gauge of members, as ClickHouse knows them: no newer than the ledger's watermark, which is a metric beside it. */
async function countMembers(views: ClickHouse, config: Config, metrics: Metrics, signal: AbortSignal): Promise<void> {
  const sql = `SELECT segment, toString(members) AS members FROM ${config.clickhouse.database}_v1.segment_sizes`;
  while (!signal.aborted) {
    const sizes = await views.query<{ segment: string; members: string }>(sql).catch(() => []);
    for (const { segment, members } of sizes) {
      metrics.segmentMembers.at({ segment: metrics.segmentLabel(segment) }).set(Number(members));
    }
    await delay(MEMBERS_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

function startEngine(config: Config, logger: Logger): Promise<Chdb> {
  const log = logger.bind({ component: 'clickhouse' });
  return startChdb({
    directory: analyticsDirectory(config),
    ownedMsMax: OWNED_MS_MAX,
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
