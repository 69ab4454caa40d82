/** From what the parts tell to metrics and log lines. Nothing of a customer passes through here. */
import { Fault } from '../core/faults.ts';
import type { TaskGauges, TaskListener } from '../core/streams/listener.ts';
import type { LedgerListener } from '../ledger/listener.ts';
import type { SchemaGateListener } from '../platform/registry/schema-gate.ts';
import type { Dependency } from '../platform/telemetry/health.ts';
import type { Logger } from '../platform/telemetry/logger.ts';
import type { Metrics } from '../platform/telemetry/metrics.ts';
import type { SegmenterListener } from '../segmenter/listener.ts';
import { faultOf } from './fault-of.ts';

export function tellTasks(metrics: Metrics, logger: Logger, wentLive: (partition: number) => void): TaskListener {
  const log = (partition: number): Logger => logger.bind({ component: 'segmenter', task: partition });
  return {
    stage: (partition, stage) => log(partition).debug({ state: stage }, 'the task moved on'),
    restored: (partition, { records, keys, ms }) => {
      metrics.restore.observe(ms / 1000);
      log(partition).info({ records, count: keys, durationMs: Math.round(ms) }, 'state restored');
    },
    committed: (_partition, { ms }) => metrics.transaction.observe(ms / 1000),
    restarted: (partition, error, backoffMs) => {
      metrics.producerReinits.at({}).add(1);
      log(partition).warn({ error, delayMs: backoffMs }, 'the task starts again from its last commit');
    },
    rolledBack: (partition, error) => {
      metrics.transactionAborts.at({}).add(1);
      log(partition).warn({ error }, 'work since the last commit was dropped and is done again');
    },
    deadLettered: (partition, { topic, offset }, fault) => {
      log(partition).error(
        { topic, offset, error: fault },
        'a record failed three times alone and went to the dead letters',
      );
    },
    timerParked: (partition, key, _due, fault) => {
      log(partition).error({ customer: key, error: fault }, 'a timer failed three times alone and rests');
    },
    wentLive: (partition) => {
      log(partition).info({}, 'the replay is over, the task is live');
      wentLive(partition);
    },
    alarm: (partition, sentence, facts) => {
      const topic = facts['topic'];
      log(partition).error(topic === undefined ? {} : { topic: String(topic) }, sentence);
    },
  };
}

/** What is told of the registry: records that wait for it, and ids that do not mean any more what we mean by them. */
interface RegistryTelling extends SchemaGateListener {
  verified(): void;
  doubtful(error: unknown): void;
}

export function tellRegistry(metrics: Metrics, logger: Logger, health: Dependency): RegistryTelling {
  const log = logger.bind({ component: 'registry' });
  metrics.registryMismatch.at({}).set(0);
  // A mismatch is the worse of two alarms: an answer does not take it back, only the next check does.
  let mismatch = false;
  return {
    waiting: (error, delayMs) => {
      metrics.registryFailures.at({}).add(1);
      if (!mismatch) health.degraded(faultOf(error));
      log.warn({ error, delayMs }, 'records wait for the schema they were written with');
    },
    answered: () => {
      if (!mismatch) health.ok();
    },
    verified: () => {
      mismatch = false;
      metrics.registryMismatch.at({}).set(0);
      health.ok();
    },
    doubtful: (error) => {
      if (error instanceof Fault && error.code === 'SCHEMA_MISMATCH') {
        mismatch = true;
        metrics.registryMismatch.at({}).set(1);
        health.failed(error);
        log.error({ error }, 'the registry means other schemas by our ids');
      } else {
        metrics.registryFailures.at({}).add(1);
        if (!mismatch) health.degraded(faultOf(error));
        log.warn({ error }, 'the schema ids could not be checked');
      }
    },
  };
}

export function tellSegmenter(metrics: Metrics, logger: Logger, now: () => number): SegmenterListener {
  return {
    applied: (input, { late, tooLate }) => {
      metrics.records.at({ topic: input }).add(1);
      if (tooLate) metrics.tooLate.at({}).add(1);
      else if (late) metrics.late.at({}).add(1);
    },
    skipped: (_input, why) => {
      if (why === 'duplicate') metrics.duplicates.at({}).add(1);
      if (why === 'conflict') metrics.conflicts.at({}).add(1);
    },
    deadLetter: (_input, code) => metrics.deadLetters.at({ reason: code }).add(1),
    notActedOn: (kind) => metrics.notActedOn.at({ input: kind }).add(1),
    changed: (segment, kind, _cause, appendedAt) => {
      metrics.changes.at({ segment: metrics.segmentLabel(segment), change: kind }).add(1);
      if (appendedAt !== null) metrics.changeLatency.observe(Math.max(0, now() - appendedAt) / 1000);
    },
    definitionsUnread: (error) => {
      const log = logger.bind({ component: 'segmenter' });
      log.warn({ error }, 'definitions cannot be read now; those in force go on');
    },
    idsForgotten: () => metrics.dedupForgotten.at({}).add(1),
  };
}

export function tellLedger(metrics: Metrics, logger: Logger, now: () => number): LedgerListener {
  const log = logger.bind({ component: 'ledger' });
  const readThrough = new Map<string, number>();
  return {
    committed: ({ topic, rows, ms }) => {
      metrics.sinkRows.at({ table: topic }).add(rows);
      metrics.sinkInsert.observe(ms / 1000);
    },
    position: (position) => {
      readThrough.set(`${position.topic} ${position.partition}`, position.readThrough);
      metrics.sinkWatermarkLag.at({}).set(Math.max(0, now() - Math.min(...readThrough.values())) / 1000);
    },
    retrying: (fault, delayMs) => {
      metrics.sinkRetries.at({}).add(1);
      log.warn({ error: fault, delayMs }, 'the ledger waits and tries again');
    },
    undecodable: ({ topic, partition, offset }, error) => {
      log.error({ topic, partition, offset, error }, 'a record could not be read and is not in ClickHouse');
    },
    verified: ({ topic, partition, expected, found }) => {
      if (expected !== found)
        log.error({ topic, partition, rows: found, records: expected }, 'ClickHouse does not hold what was read');
    },
  };
}

/** Gauges that are looked at, not told; to be called now and then. */
export function sampleTasks(metrics: Metrics, tasks: ReadonlyMap<number, TaskGauges>, now: number): void {
  for (const [number, gauges] of tasks) {
    const partition = String(number);
    metrics.clockLag.at({ partition }).set(Math.max(0, now - gauges.clock) / 1000);
    metrics.lagRecords.at({ topic: 'all', partition }).set(gauges.lagRecords);
    metrics.customers.at({ partition }).set(gauges.keys);
    metrics.stateBytes.at({ partition }).set(gauges.restingBytes);
    metrics.timersPending.at({ partition }).set(gauges.timersPending);
    metrics.rulesOffset.at({ partition }).set(gauges.broadcast);
  }
}
