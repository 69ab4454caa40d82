/** A ledger's world for tests: a log in memory, a real embedded ClickHouse, a registry, and records to put on the topics. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordBatchBuilder } from '../../services/core/streams/record-batch.ts';
import { createLedger, type Ledger, type LedgerOptions } from '../../services/ledger/ledger.ts';
import { startChdb, type Chdb, type ChdbOptions } from '../../services/platform/clickhouse/chdb.ts';
import { connectClickHouse, type ClickHouse } from '../../services/platform/clickhouse/client.ts';
import { migrate, type SchemaOptions } from '../../services/platform/clickhouse/migrations.ts';
import { packagePath } from '../../services/platform/config/package-root.ts';
import { MemoryLog } from '../../services/platform/memory-log/memory-log.ts';
import type { RecordTypes } from '../../services/platform/registry/record-schemas.ts';
import { localRegistry, type Registry } from '../../services/platform/registry/registry.ts';

export const TOPICS = {
  facts: 'customer.facts.v1',
  changes: 'segments.changes.v1',
  definitions: 'segments.definitions.v1',
};
export const SCHEMA: SchemaOptions = {
  database: 'tributary',
  zone: 'UTC',
  currency: 'GBP',
  minimumN: 30,
  cluster: null,
};
const SCHEMA_DIRECTORY = packagePath('schemas', 'clickhouse');
const PARTITIONS = 2;

export interface World {
  readonly log: MemoryLog;
  readonly registry: Registry;
  readonly chdb: Chdb;
  readonly clickhouse: ClickHouse;
  readonly directory: string;
  close(): Promise<void>;
}

export async function openWorld(options: Partial<ChdbOptions> & { schema?: SchemaOptions } = {}): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-ledger-'));
  const chdb = await startChdb({ ...options, directory });
  const clickhouse = connectClickHouse({ url: chdb.url, user: 'owner', password: chdb.ownerSecret });
  await migrate(clickhouse, SCHEMA_DIRECTORY, options.schema ?? SCHEMA);
  const log = await otherLog();
  return {
    log,
    registry: localRegistry(),
    chdb,
    clickhouse,
    directory,
    close: async () => {
      await clickhouse.close();
      await chdb.close();
      await log.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The topics on a new log. */
export async function otherLog(): Promise<MemoryLog> {
  const log = new MemoryLog({ now: () => Date.now() });
  const topic = (name: string, partitions: number) =>
    ({
      name,
      partitions,
      cleanup: 'delete',
      retentionMs: null,
      timestampType: 'CreateTime',
      maxMessageBytes: 4_000_000,
    }) as const;
  await log.createTopics([
    topic(TOPICS.facts, PARTITIONS),
    topic(TOPICS.changes, PARTITIONS),
    topic(TOPICS.definitions, 1),
  ]);
  return log;
}

/** Empties the private tables and starts the topics anew. */
export async function freshTopics(world: World): Promise<World> {
  for (const table of ['facts', 'issue_facts', 'changes', 'memberships', 'issues', 'segments', 'ledger_positions'])
    await world.clickhouse.command(`TRUNCATE TABLE tributary.${table}`);
  return { ...world, log: await otherLog() };
}

export function ledgerOf(world: World, options: Partial<LedgerOptions> = {}): Ledger {
  const { log, clickhouse, registry } = world;
  return createLedger({
    log,
    clickhouse,
    decode: {
      fact: (value) => registry.decode('fact', value),
      change: (value) => registry.decode('change', value),
      definition: (value) => registry.decode('definition', value),
      refresh: () => registry.refresh(),
    },
    topics: TOPICS,
    bounds: { batchMs: 20, heartbeatMs: 200 },
    ...options,
  });
}

/** Runs a ledger until everything on the topics is in, then stops it. */
export async function settle(world: World, options: Partial<LedgerOptions> = {}): Promise<void> {
  const ledger = ledgerOf(world, options);
  const stop = new AbortController();
  const running = ledger.run(stop.signal);
  await Promise.race([ledger.caughtUp(), running]);
  stop.abort();
  await running;
}

type Kind = 'fact' | 'change' | 'definition';
const TOPIC_OF = { fact: TOPICS.facts, change: TOPICS.changes, definition: TOPICS.definitions } as const;

/** Appends records to one partition; returns the offset of the first. */
export async function append<K extends Kind>(
  world: World,
  kind: K,
  partition: number,
  records: readonly RecordTypes[K][],
  timestampMs = 1_700_000_000_000,
): Promise<number> {
  const builder = new RecordBatchBuilder();
  for (const record of records) builder.append(timestampMs, Buffer.from('key'), world.registry.encode(kind, record));
  const { baseOffset } = await world.log.append({ topic: TOPIC_OF[kind], partition }, builder.finish());
  return baseOffset;
}
