/**
 * ClickHouse rows per second through the whole path of the ledger: log, decoding, rows, engine, positions. One contact in
 * three belongs to an issue, so issues are recomputed as they are in earnest.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fact } from '../../services/core/domain/events/fact.ts';
import { RecordBatchBuilder } from '../../services/core/streams/record-batch.ts';
import { createLedger } from '../../services/ledger/ledger.ts';
import { startChdb } from '../../services/platform/clickhouse/chdb.ts';
import { connectClickHouse } from '../../services/platform/clickhouse/client.ts';
import { migrate } from '../../services/platform/clickhouse/migrations.ts';
import { packagePath } from '../../services/platform/config/package-root.ts';
import { MemoryLog } from '../../services/platform/memory-log/memory-log.ts';
import { localRegistry, type Registry } from '../../services/platform/registry/registry.ts';

export interface LedgerBench {
  readonly facts: number;
  readonly seconds: number;
  readonly factsPerSecond: number;
  /** Rows of all tables that come from facts. */
  readonly rowsPerSecond: number;
  readonly ledgerCpuSeconds: number;
  /** All measures of all segments, over all facts. */
  readonly segmentMetricsMs: number;
}

const TOPICS = { facts: 'facts', changes: 'changes', definitions: 'definitions' };
const PARTITIONS = 4;
const SEGMENTS = 12;

export async function benchLedger(facts = 200_000): Promise<LedgerBench> {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
  const registry = localRegistry();
  const log = await filledLog(registry, facts);
  const chdb = await startChdb({ directory });
  const clickhouse = connectClickHouse({ url: chdb.url, user: 'owner', password: chdb.ownerSecret });
  const schema = { database: 'tributary', zone: 'UTC', currency: 'EUR', minimumN: 30, cluster: null };
  await migrate(clickhouse, packagePath('schemas', 'clickhouse'), schema);
  const ledger = createLedger({
    log,
    clickhouse,
    topics: TOPICS,
    decode: {
      fact: (value) => registry.decode('fact', value),
      change: (value) => registry.decode('change', value),
      definition: (value) => registry.decode('definition', value),
      refresh: () => registry.refresh(),
    },
  });
  const stop = new AbortController();
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const running = ledger.run(stop.signal);
  await Promise.race([ledger.caughtUp(), running]);
  const seconds = (performance.now() - startedAt) / 1000;
  const used = process.cpuUsage(cpu);
  const [row] = await clickhouse.query<{ n: number }>(
    'SELECT (SELECT count() FROM tributary.facts) + (SELECT count() FROM tributary.issue_facts) AS n',
  );
  const metricsFrom = performance.now();
  await clickhouse.query('SELECT * FROM tributary_v1.segment_metrics');
  const segmentMetricsMs = Math.round(performance.now() - metricsFrom);
  stop.abort();
  await running;
  await clickhouse.close();
  await chdb.close();
  rmSync(directory, { recursive: true, force: true });
  return {
    facts,
    seconds: Math.round(seconds * 100) / 100,
    factsPerSecond: Math.round(facts / seconds),
    rowsPerSecond: Math.round(row!.n / seconds),
    ledgerCpuSeconds: Math.round((used.user + used.system) / 10_000) / 100,
    segmentMetricsMs,
  };
}

async function filledLog(registry: Registry, facts: number): Promise<MemoryLog> {
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
  await log.append({ topic: TOPICS.definitions, partition: 0 }, definitions(registry));
  const perBatch = 1_000;
  for (let from = 0; from < facts; from += perBatch) {
    const builder = new RecordBatchBuilder();
    for (let index = from; index < Math.min(facts, from + perBatch); index += 1) {
      const fact = contact(index);
      builder.append(fact.decidedAt, Buffer.from(fact.customerId), registry.encode('fact', fact));
    }
    await log.append({ topic: TOPICS.facts, partition: (from / perBatch) % PARTITIONS }, builder.finish());
  }
  return log;
}

function definitions(registry: Registry): ReturnType<RecordBatchBuilder['finish']> {
  const builder = new RecordBatchBuilder();
  for (let number = 1; number <= SEGMENTS; number += 1) {
    const key = `segment-${number}`;
    const body = JSON.stringify({ key, name: key, enter: { count: { event: 'purchase' }, atLeast: number } });
    const record = {
      kind: 'segment',
      key,
      basedOn: null,
      author: null,
      reason: null,
      publishedAt: 0,
      effectiveFrom: null,
      body,
    } as const;
    builder.append(0, null, registry.encode('definition', record));
  }
  return builder.finish();
}

const FROM = Date.UTC(2026, 0, 1);

/** Over one year, 10,000 customers in up to three segments each. */
function contact(index: number): Fact {
  const customerId = `customer-${(index * 7_919) % 10_000}`;
  const instant = FROM + index * 150_000;
  const kinds = ['contact', 'ticket_opened', 'ticket_resolved', 'page_view', 'feature_use', 'product_view'] as const;
  const kind = kinds[index % kinds.length]!;
  const aboutIssue = index % kinds.length < 2 || kind === 'ticket_resolved';
  return {
    customerId,
    sourceId: customerId,
    life: 1,
    seq: index % 20,
    instant,
    asOf: instant,
    decidedAt: instant,
    rulesOffset: 3,
    segments: [1 + (index % 4), 5 + (index % 4), 9 + (index % 4)],
    entered: [],
    exited: [],
    late: false,
    tooLate: false,
    history: false,
    input: 'interactions',
    offset: index,
    appendedAt: instant,
    event: {
      eventId: `event-${index}`,
      source: 'bench',
      importId: null,
      occurredAt: instant,
      receivedAt: instant + 100,
      customerId,
      accountId: null,
      properties: {},
      kind,
      channel: index % 2 === 0 ? 'email' : 'phone',
      platform: null,
      name: null,
      direction: 'inbound',
      actor: 'customer',
      handledBy: 'agent',
      visibility: 'public',
      issueId: aboutIssue ? `issue-${Math.floor(index / 12)}` : null,
      conversationId: `conversation-${Math.floor(index / 4)}`,
      sessionId: null,
      category: 'billing',
      subcategory: null,
      intent: null,
      productId: 'product-1',
      featureId: null,
      campaignId: null,
      offerId: null,
      language: 'en',
      sentiment: 0.2,
      sentimentModel: null,
      durationMs: 60_000,
      text: null,
      textLength: null,
      contact: null,
      ticket: null,
      digital: null,
      device: null,
      place: null,
    },
  };
}

if (import.meta.filename === process.argv[1])
  process.stdout.write(`${JSON.stringify(await benchLedger(Number(process.argv[2] ?? 200_000)))}\n`);
