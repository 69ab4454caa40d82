/**
 * The benchmark job (job.md): a file of events through the segmenter, on a log in memory, embedded or on Kafka; prints one JSON line.
 * The runtime, the evaluator and the changelog are the product's; `--records own` also writes the product's own records.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DefinitionRecord } from '../../services/core/domain/events/definition-record.ts';
import type { Log, TopicSpec } from '../../services/core/streams/log.ts';
import { RecordBatchBuilder } from '../../services/core/streams/record-batch.ts';
import { openEmbeddedLog } from '../../services/platform/embedded-log/embedded-log.ts';
import { openKafkaLog } from '../../services/platform/kafka/kafka-log.ts';
import { MemoryLog } from '../../services/platform/memory-log/memory-log.ts';
import { localRegistry } from '../../services/platform/registry/registry.ts';
import { referenceSegments } from '../model/reference-job.ts';
import { HOUR_MS, jobRecords, jobTopics, PARTITIONS, startJob, type JobTopics, type RecordsName } from './job-app.ts';
import { jobKafka, runOnKafka, type Spent } from './job-kafka.ts';
import { rowsOf, type JobRecords } from './job-records.ts';
import { RowWriter } from './row-writer.ts';
import { eachRecord, stateSize } from './state-size.ts';

const LOAD_BYTES = 200_000;

export interface JobOptions {
  readonly events: string;
  readonly segments: string;
  readonly log: 'memory' | 'embedded' | 'kafka';
  readonly records: RecordsName;
  /** Of the broker, `host:port`, for Kafka. */
  readonly brokers: string;
  /** Members of the group, each a thread; more than one on Kafka only. */
  readonly threads: number;
  /** On Kafka; more than one come and go. */
  readonly processes: number;
}

export interface JobResult {
  readonly log: string;
  readonly threads: number;
  readonly records: string;
  readonly events: number;
  readonly transitions: number;
  readonly digest: string;
  readonly factsDigest: string;
  /** sha256 of the whole values of the changes up to the cut, sorted by customer and sequence: later ones are decided live. */
  readonly changesDigest: string;
  /** Undefined where processes were killed: what those took is not known. */
  readonly eventsPerSecond?: number;
  readonly eventsPerCpuSecond?: number;
  readonly wallSeconds?: number;
  readonly cpuSeconds?: number;
  readonly peakRssMb?: number;
  readonly processes?: number;
  readonly killed?: number;
  readonly customers: number;
  readonly stateBytesPerCustomer: number;
}

export async function runJob(options: JobOptions): Promise<JobResult> {
  const directory = options.log === 'embedded' ? mkdtempSync(join(tmpdir(), 'tributary-bench-')) : undefined;
  const prefix = options.log === 'kafka' ? `bench-${process.pid}-${Date.now()}.` : 'bench.';
  const topics = jobTopics(prefix);
  const log = await openJobLog(options, directory, prefix);
  const records = jobRecords(options.records);
  try {
    await createJobTopics(log, topics);
    const { count, lastInstant } = await load(log, topics, options.events, records);
    await publishToJob(log, topics, jobDefinitions(options.segments));
    const measured =
      options.log === 'kafka'
        ? await runOnKafka({ ...options, prefix, lastInstant }, options.processes)
        : await runHere(log, topics, lastInstant, records);
    const told = await digests(log, topics, lastInstant - HOUR_MS, records);
    const { customers, bytesPerCustomer } = await stateSize(log, topics.changelog, PARTITIONS);
    return {
      ...{ log: options.log, threads: options.threads, records: options.records, events: count },
      ...told,
      ...('killed' in measured ? measured : rates(count, measured)),
      customers,
      stateBytesPerCustomer: bytesPerCustomer,
    };
  } finally {
    await log.close();
    if (directory !== undefined) rmSync(directory, { recursive: true });
  }
}

function rates(events: number, spent: Spent): Spent & Pick<JobResult, 'eventsPerSecond' | 'eventsPerCpuSecond'> {
  const { wallSeconds, cpuSeconds } = spent;
  return {
    eventsPerSecond: Math.round(events / wallSeconds),
    eventsPerCpuSecond: Math.round(events / cpuSeconds),
    ...spent,
  };
}

async function openJobLog(options: JobOptions, directory: string | undefined, prefix: string): Promise<Log> {
  if (options.log === 'kafka') return openKafkaLog(jobKafka(options.brokers, prefix));
  return directory === undefined ? new MemoryLog({ now: Date.now }) : openEmbeddedLog({ directory, owner: true });
}

export function createJobTopics(log: Log, topics: JobTopics): Promise<void> {
  return log.createTopics((Object.values(topics) as string[]).map((name) => spec(name, topics)));
}

function spec(name: string, topics: JobTopics): TopicSpec {
  return {
    name,
    partitions: name === topics.definitions ? 1 : PARTITIONS,
    cleanup: name === topics.changelog ? 'compact' : 'delete',
    retentionMs: null,
    timestampType: 'CreateTime',
    maxMessageBytes: 1_500_000,
  };
}

/** Appends the file's events in its order. */
async function load(
  log: Log,
  topics: JobTopics,
  path: string,
  records: JobRecords,
): Promise<{ readonly count: number; readonly lastInstant: number }> {
  const writer = new RowWriter(log, topics, PARTITIONS, records);
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

export async function publishToJob(
  log: Log,
  topics: JobTopics,
  definitions: readonly DefinitionRecord[],
): Promise<void> {
  const registry = localRegistry();
  const builder = new RecordBatchBuilder();
  for (const record of definitions)
    builder.append(record.publishedAt, Buffer.from(record.key), registry.encode('definition', record));
  await log.append({ topic: topics.definitions, partition: 0 }, builder.finish());
}

/** The segments and the completeness `always`, in force before the first event. */
export function jobDefinitions(path: string): readonly DefinitionRecord[] {
  return [...wholeFeeds(), ...referenceSegments(path).map((segment) => definitionOf(segment))];
}

/** All inputs are whole since always. */
export function wholeFeeds(): readonly DefinitionRecord[] {
  return ['interactions', 'purchases', 'surveys'].map((input) => ({
    ...FOUNDED,
    kind: 'coverage',
    key: input,
    body: JSON.stringify({ input, kinds: '*', since: 'always' }),
  }));
}

export function definitionOf(segment: Readonly<Record<string, unknown>>): DefinitionRecord {
  return { ...FOUNDED, kind: 'segment', key: segment['key'] as string, body: JSON.stringify(segment) };
}

const FOUNDED = { basedOn: null, author: null, reason: null, publishedAt: 0, effectiveFrom: 0 } as const;

/** From the start of the application until every input is consumed, start and warm-up included. */
async function runHere(log: Log, topics: JobTopics, lastInstant: number, records: JobRecords): Promise<Spent> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const live = new Set<number>();
  const done = Promise.withResolvers<undefined>();
  const job = await startJob(log, topics, lastInstant, records, (partition) => {
    live.add(partition);
    if (live.size === PARTITIONS) done.resolve(undefined);
  });
  await Promise.race([done.promise, job.failed]);
  await job.stop();
  const used = process.cpuUsage(cpu);
  return {
    wallSeconds: (performance.now() - started) / 1000,
    cpuSeconds: (used.user + used.system) / 1e6,
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

/** sha256 of the sorted lines `customer|segment|kind|effectiveAt` and `eventId|s1,s2,…` up to the cut. */
async function digests(
  log: Log,
  topics: JobTopics,
  cut: number,
  told: JobRecords,
): Promise<Pick<JobResult, 'transitions' | 'digest' | 'factsDigest' | 'changesDigest'>> {
  const changes: string[] = [];
  const values: string[] = [];
  await eachRecord(log, topics.changes, PARTITIONS, (records, i) => {
    const value = records.value(i)!;
    const { customerId, seq, segment, kind, effectiveAt } = told.change(value);
    if (effectiveAt > cut) return;
    values.push(`${customerId}|${String(seq).padStart(9, '0')}|${Buffer.from(value).toString('latin1')}`);
    changes.push(`${customerId}|${segment}|${kind}|${effectiveAt}`);
  });
  const facts: string[] = [];
  await eachRecord(log, topics.facts, PARTITIONS, (records, i) => {
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
