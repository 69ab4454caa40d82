/**
 * The benchmark job (job.md): a file of events through the segmenter, on a log in memory or embedded; prints one JSON line.
 * The runtime, the evaluator and the changelog are the product's; `--records own` also writes the product's own records.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlanSource } from '../../services/core/domain/evaluation/applied-rules.ts';
import type { DefinitionRecord } from '../../services/core/domain/events/definition-record.ts';
import { App } from '../../services/core/streams/app.ts';
import { silentListener } from '../../services/core/streams/listener.ts';
import type { Log, TopicSpec } from '../../services/core/streams/log.ts';
import { RecordBatchBuilder } from '../../services/core/streams/record-batch.ts';
import { TASK_DEFAULTS } from '../../services/core/streams/task-options.ts';
import { openEmbeddedLog } from '../../services/platform/embedded-log/embedded-log.ts';
import { machineHost } from '../../services/platform/host/machine-host.ts';
import { MemoryLog } from '../../services/platform/memory-log/memory-log.ts';
import { localRegistry } from '../../services/platform/registry/registry.ts';
import { DefinitionsFeed } from '../../services/segmenter/definitions-feed.ts';
import { segmenterTopology, type SegmenterTopics } from '../../services/segmenter/topology.ts';
import { referenceSegments } from '../model/reference-job.ts';
import { rowsOf, type JobRecords } from './job-records.ts';
import { benchRecords } from './job-wire.ts';
import { ownRecords } from './own-records.ts';
import { RowWriter } from './row-writer.ts';
import { silentSegmenterListener } from './silent.ts';
import { eachRecord, stateSize } from './state-size.ts';

const PARTITIONS = 4;
const HOUR_MS = 3_600_000;
const LOAD_BYTES = 200_000;
const NO_LIMIT_MS = 1e15;

const TOPICS: SegmenterTopics & { definitions: string } = {
  interactions: 'bench.interactions',
  purchases: 'bench.purchases',
  surveys: 'bench.surveys',
  profiles: 'bench.profiles',
  identities: 'bench.identities',
  changes: 'bench.changes',
  memberships: 'bench.memberships',
  facts: 'bench.facts',
  deadLetters: 'bench.dead-letters',
  changelog: 'bench.changelog',
  definitions: 'bench.definitions',
};

export interface JobOptions {
  readonly events: string;
  readonly segments: string;
  readonly log: 'memory' | 'embedded';
  /** `bench`: as the benchmark's description has them; `own`: the product's, with explanations and memberships. */
  readonly records: 'bench' | 'own';
}

export interface JobResult {
  readonly log: string;
  readonly records: string;
  readonly events: number;
  readonly transitions: number;
  readonly digest: string;
  readonly factsDigest: string;
  /** sha256 of the whole values of the changes up to the cut, sorted by customer and sequence: later ones are decided live. */
  readonly changesDigest: string;
  readonly eventsPerSecond: number;
  readonly eventsPerCpuSecond: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakRssMb: number;
  readonly customers: number;
  readonly stateBytesPerCustomer: number;
}

export async function runJob(options: JobOptions): Promise<JobResult> {
  const directory = options.log === 'embedded' ? mkdtempSync(join(tmpdir(), 'tributary-bench-')) : undefined;
  const log: Log =
    directory === undefined ? new MemoryLog({ now: Date.now }) : await openEmbeddedLog({ directory, owner: true });
  const records = options.records === 'own' ? ownRecords(localRegistry()) : benchRecords();
  try {
    await log.createTopics(Object.values(TOPICS).map(spec));
    const { count, lastInstant } = await load(log, options.events, records);
    await publish(log, options.segments);
    const measured = await run(log, lastInstant, records);
    const peakRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
    const told = await digests(log, lastInstant - HOUR_MS, records);
    const { customers, bytesPerCustomer } = await stateSize(log, TOPICS.changelog, PARTITIONS);
    const { wallSeconds, cpuSeconds } = measured;
    return {
      ...{ log: options.log, records: options.records, events: count },
      ...told,
      eventsPerSecond: Math.round(count / wallSeconds),
      eventsPerCpuSecond: Math.round(count / cpuSeconds),
      ...measured,
      peakRssMb,
      customers,
      stateBytesPerCustomer: bytesPerCustomer,
    };
  } finally {
    await log.close();
    if (directory !== undefined) rmSync(directory, { recursive: true });
  }
}

function spec(name: string): TopicSpec {
  return {
    name,
    partitions: name === TOPICS.definitions ? 1 : PARTITIONS,
    cleanup: name === TOPICS.changelog ? 'compact' : 'delete',
    retentionMs: null,
    timestampType: 'CreateTime',
    maxMessageBytes: 1_500_000,
  };
}

/** Appends the file's events in its order. */
async function load(log: Log, path: string, records: JobRecords): Promise<{ count: number; lastInstant: number }> {
  const writer = new RowWriter(log, TOPICS, PARTITIONS, records);
  let count = 0;
  let lastInstant = 0;
  for await (const row of rowsOf(path)) {
    count += 1;
    lastInstant = row.at;
    if (writer.add(row) > LOAD_BYTES) await writer.flush();
  }
  await writer.flush();
  return { count, lastInstant };
}

/** The segments and the completeness `always`, in force before the first event. */
async function publish(log: Log, path: string): Promise<void> {
  const builder = new RecordBatchBuilder();
  for (const record of jobDefinitions(path))
    builder.append(record.publishedAt, null, Buffer.from(JSON.stringify(record)));
  await log.append({ topic: TOPICS.definitions, partition: 0 }, builder.finish());
}

export function jobDefinitions(path: string): readonly DefinitionRecord[] {
  const base = { basedOn: null, author: null, reason: null, publishedAt: 0, effectiveFrom: 0 };
  const coverage = ['interactions', 'purchases', 'surveys'].map((input): DefinitionRecord => ({
    ...base,
    kind: 'coverage',
    key: input,
    body: JSON.stringify({ input, kinds: '*', since: 'always' }),
  }));
  const segments = referenceSegments(path).map((segment): DefinitionRecord => ({
    ...base,
    kind: 'segment',
    key: segment['key'] as string,
    body: JSON.stringify(segment),
  }));
  return [...coverage, ...segments];
}

/** From the start of the application until every input is consumed, start and warm-up included. */
async function run(
  log: Log,
  lastInstant: number,
  records: JobRecords,
): Promise<Pick<JobResult, 'wallSeconds' | 'cpuSeconds'>> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const feed = new DefinitionsFeed(
    log,
    TOPICS.definitions,
    (value) => JSON.parse(Buffer.from(value!).toString()) as DefinitionRecord,
    5000,
  );
  await feed.read();
  const topology = segmenterTopology('bench', TOPICS, feed, {
    wire: records.wire,
    plans: new PlanSource(),
    limits: { latenessMs: 7 * 24 * HOUR_MS, futureMs: NO_LIMIT_MS, dedupWindowMs: 24 * HOUR_MS, dedupIdsMax: 1_000 },
    listener: silentSegmenterListener,
    declaredInstant: lastInstant,
    tellMemberships: records.tellMemberships,
  });
  const live = new Set<number>();
  const done = Promise.withResolvers<undefined>();
  const app = new App({
    log,
    host: machineHost,
    topology,
    options: { ...TASK_DEFAULTS, commitMinMs: 0 },
    listener: {
      ...silentListener,
      wentLive: (partition) => {
        live.add(partition);
        if (live.size === PARTITIONS) done.resolve(undefined);
      },
    },
    replay: { declaredInstant: lastInstant, broadcastEnd: feed.end },
  });
  await app.start();
  await Promise.race([done.promise, app.failed]);
  await app.stop(10_000);
  const wallSeconds = (performance.now() - started) / 1000;
  const used = process.cpuUsage(cpu);
  return { wallSeconds, cpuSeconds: (used.user + used.system) / 1e6 };
}

/** sha256 of the sorted lines `customer|segment|kind|effectiveAt` and `eventId|s1,s2,…` up to the cut. */
async function digests(
  log: Log,
  cut: number,
  told: JobRecords,
): Promise<Pick<JobResult, 'transitions' | 'digest' | 'factsDigest' | 'changesDigest'>> {
  const changes: string[] = [];
  const values: string[] = [];
  await eachRecord(log, TOPICS.changes, PARTITIONS, (records, i) => {
    const value = records.value(i)!;
    const { customerId, seq, segment, kind, effectiveAt } = told.change(value);
    if (effectiveAt > cut) return;
    values.push(`${customerId}|${String(seq).padStart(9, '0')}|${Buffer.from(value).toString('latin1')}`);
    changes.push(`${customerId}|${segment}|${kind}|${effectiveAt}`);
  });
  const facts: string[] = [];
  await eachRecord(log, TOPICS.facts, PARTITIONS, (records, i) => {
    const { eventId, occurredAt, segments } = told.fact(records.value(i)!);
    if (occurredAt <= cut) facts.push(`${eventId}|${segments.join(',')}`);
  });
  return {
    transitions: changes.length,
    digest: digest(changes),
    factsDigest: digest(facts),
    changesDigest: digest(values),
  };
}

function digest(lines: string[]): string {
  const hash = createHash('sha256');
  for (const line of lines.sort()) hash.update(`${line}\n`);
  return hash.digest('hex');
}
