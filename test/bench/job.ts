/**
 * The benchmark job (job.md): a file of events through the segmenter, on a log in memory or embedded; prints one JSON line.
 * The runtime, the evaluator and the changelog are the product's; `--records own` also writes the product's own records.
 */
import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { PlanSource } from '../../services/core/domain/evaluation/applied-rules.ts';
import type { DefinitionRecord } from '../../services/core/domain/events/definition-record.ts';
import { App } from '../../services/core/streams/app.ts';
import { silentListener } from '../../services/core/streams/listener.ts';
import type { Log, TopicSpec } from '../../services/core/streams/log.ts';
import { partitionFor } from '../../services/core/streams/partitioner.ts';
import { RecordBatchBuilder, type RecordSet } from '../../services/core/streams/record-batch.ts';
import { TASK_DEFAULTS } from '../../services/core/streams/task-options.ts';
import { machineHost } from '../../services/platform/host/machine-host.ts';
import { MemoryLog } from '../../services/platform/memory-log/memory-log.ts';

import { DefinitionsFeed } from '../../services/segmenter/definitions-feed.ts';
import { segmenterTopology, type SegmenterTopics } from '../../services/segmenter/topology.ts';
import { referenceSegments } from '../model/reference-job.ts';
import { frame, jobWire, unframe } from './job-wire.ts';
import { silentSegmenterListener } from './silent.ts';

const PARTITIONS = 4;
const HOUR_MS = 3_600_000;
const LOAD_RECORDS = 2_000;
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
}

export interface JobResult {
  readonly log: string;
  readonly events: number;
  readonly transitions: number;
  readonly digest: string;
  readonly factsDigest: string;
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
    directory === undefined
      ? new MemoryLog({ now: () => Date.now() })
      : await (await import('../../services/platform/embedded-log/embedded-log.ts')).openEmbeddedLog({ directory, owner: true });
  try {
    await log.createTopics(Object.values(TOPICS).map(spec));
    const loaded = await load(log, options.events);
    await publish(log, options.segments);
    const measured = await run(log, loaded.lastInstant);
    const told = await digests(log, loaded.lastInstant - HOUR_MS);
    return {
      log: options.log,
      events: loaded.count,
      ...told,
      eventsPerSecond: Math.round(loaded.count / measured.wallSeconds),
      eventsPerCpuSecond: Math.round(loaded.count / measured.cpuSeconds),
      ...measured,
      peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
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

/** Appends the file's events in its order, 2,000 to a batch. */
async function load(log: Log, path: string): Promise<{ count: number; lastInstant: number }> {
  const lines = createInterface({ input: createReadStream(path).pipe(createGunzip()) });
  const batches = new Map<string, RecordBatchBuilder>();
  let count = -1;
  let lastInstant = 0;
  for await (const line of lines) {
    count += 1;
    if (count === 0) continue;
    const [eventId, customerId, at, type, kind, channel, issueId, orderId, amount, currency, score] = line.split(
      ',',
    ) as [string, ...string[]];
    lastInstant = Number(at);
    const header = { eventId, customerId, occurredAt: lastInstant };
    const [topic, value] =
      type === 'interaction'
        ? [
            TOPICS.interactions,
            frame('interaction', { ...header, kind, channel, issueId: issueId === '' ? null : issueId }),
          ]
        : type === 'purchase'
          ? [TOPICS.purchases, frame('purchase', { ...header, orderId, amountMinor: Number(amount), currency })]
          : [TOPICS.surveys, frame('survey', { ...header, kind, score: Number(score) })];
    const key = Buffer.from(customerId!);
    const place = `${topic} ${partitionFor(key, PARTITIONS)}`;
    let batch = batches.get(place);
    if (batch === undefined) batches.set(place, (batch = new RecordBatchBuilder()));
    batch.append(lastInstant, key, value);
    if (batch.count >= LOAD_RECORDS) await flush(log, place, batch);
  }
  for (const [place, batch] of batches) if (batch.count > 0) await flush(log, place, batch);
  return { count, lastInstant };
}

async function flush(log: Log, place: string, batch: RecordBatchBuilder): Promise<void> {
  const [topic, partition] = place.split(' ') as [string, string];
  await log.append({ topic, partition: Number(partition) }, batch.finish());
  batch.reset();
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
): Promise<Pick<JobResult, 'wallSeconds' | 'cpuSeconds' | 'customers' | 'stateBytesPerCustomer'>> {
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
    wire: jobWire(),
    plans: new PlanSource(),
    limits: { latenessMs: 7 * 24 * HOUR_MS, futureMs: NO_LIMIT_MS, dedupWindowMs: 24 * HOUR_MS, dedupIdsMax: 1_000 },
    listener: silentSegmenterListener,
    declaredInstant: lastInstant,
    tellMemberships: false,
  });
  const live = new Set<number>();
  let allLive!: () => void;
  const done = new Promise<void>((resolve) => (allLive = resolve));
  const app = new App({
    log,
    host: machineHost,
    topology,
    options: { ...TASK_DEFAULTS, commitMinMs: 0 },
    listener: {
      ...silentListener,
      wentLive: (partition) => {
        live.add(partition);
        if (live.size === PARTITIONS) allLive();
      },
    },
    replay: { declaredInstant: lastInstant, broadcastEnd: feed.nextOffset },
  });
  await app.start();
  await Promise.race([done, app.failed]);
  const gauges = [...app.gauges().values()];
  await app.stop(10_000);
  const wallSeconds = (performance.now() - started) / 1000;
  const used = process.cpuUsage(cpu);
  const customers = gauges.reduce((sum, gauge) => sum + gauge.keys, 0);
  const resting = gauges.reduce((sum, gauge) => sum + gauge.restingBytes, 0);
  return {
    wallSeconds,
    cpuSeconds: (used.user + used.system) / 1e6,
    customers,
    stateBytesPerCustomer: Math.round(resting / customers),
  };
}

/** sha256 of the sorted lines `customer|segment|kind|effectiveAt` and `eventId|s1,s2,…` up to the cut. */
async function digests(log: Log, cut: number): Promise<Pick<JobResult, 'transitions' | 'digest' | 'factsDigest'>> {
  const changes: string[] = [];
  await each(log, TOPICS.changes, (records, i) => {
    const change = unframe('change', records.value(i)!) as {
      customerId: string;
      segment: number;
      kind: string;
      effectiveAt: number;
    };
    if (change.effectiveAt <= cut)
      changes.push(`${change.customerId}|${change.segment}|${change.kind}|${change.effectiveAt}`);
  });
  const facts: string[] = [];
  await each(log, TOPICS.facts, (records, i) => {
    const fact = unframe('fact', records.value(i)!) as { eventId: string; occurredAt: number; segments: number[] };
    if (fact.occurredAt <= cut) facts.push(`${fact.eventId}|${fact.segments.join(',')}`);
  });
  return { transitions: changes.length, digest: digest(changes), factsDigest: digest(facts) };
}

function digest(lines: string[]): string {
  const hash = createHash('sha256');
  for (const line of lines.sort()) hash.update(`${line}\n`);
  return hash.digest('hex');
}

async function each(log: Log, topic: string, visit: (records: RecordSet, index: number) => void): Promise<void> {
  for (let partition = 0; partition < PARTITIONS; partition++) {
    let offset = 0;
    for (;;) {
      const [fetched] = await log.fetch([{ topic, partition, offset, maxBytes: 1 << 20 }], {
        isolation: 'read_committed',
        maxWaitMs: 0,
      });
      if (fetched === undefined) break;
      for (let i = 0; i < fetched.records.length; i++) visit(fetched.records, i);
      offset = fetched.nextOffset;
      if (offset >= fetched.lastStableOffset) break;
    }
  }
}
