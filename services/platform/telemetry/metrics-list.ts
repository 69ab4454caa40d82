/**
 * Every metric of the product, by its stable name: base units, counters end in `_total`. The page
 * `infra/docs/metrics.md` is made from this list. Labels never carry anything of a customer.
 */

interface Declared<K extends 'counter' | 'gauge' | 'histogram', L extends string> {
  readonly kind: K;
  readonly name: string;
  readonly help: string;
  readonly labels: readonly L[];
  /** Upper bounds of a histogram's buckets, ascending, in the metric's unit. */
  readonly buckets?: readonly number[];
}

export type AnyMetric = Declared<'counter' | 'gauge' | 'histogram', string>;

const FAST = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const WIDE = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const LONG = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900];

function counter<const L extends string>(name: string, help: string, labels: readonly L[]): Declared<'counter', L> {
  return { kind: 'counter', name: `tributary_${name}`, help, labels };
}

function gauge<const L extends string>(name: string, help: string, labels: readonly L[]): Declared<'gauge', L> {
  return { kind: 'gauge', name: `tributary_${name}`, help, labels };
}

function histogram(name: string, help: string, buckets: readonly number[]): Declared<'histogram', never> {
  return { kind: 'histogram', name: `tributary_${name}`, help, labels: [], buckets };
}

export const METRICS = {
  buildInfo: gauge('build_info', 'Always 1; the labels say which version runs on which Node.', ['version', 'node']),
  ingestEvents: counter('ingest_events_total', 'Events brought in, by input and result.', ['kind', 'result']),
  ingestAck: histogram('ingest_ack_seconds', 'From receiving an event to its flushed acknowledgement.', FAST),
  records: counter('records_total', 'Input records applied by tasks.', ['topic']),
  lagRecords: gauge('processor_lag_records', 'Input records not yet committed by the task.', ['topic', 'partition']),
  lagSeconds: gauge('processor_lag_seconds', 'Age of the oldest input record not yet committed.', ['partition']),
  clockLag: gauge('clock_lag_seconds', 'Host time less the task clock (T3), which permits timers.', ['partition']),
  changeLatency: histogram('change_latency_seconds', 'From append of an event to its committed change.', FAST),
  changes: counter('changes_total', 'Segment changes written.', ['segment', 'change']),
  segmentMembers: gauge('segment_members', 'Members of a segment now.', ['segment']),
  customers: gauge('customers', 'Customers with state.', ['partition']),
  late: counter('late_total', "Events applied behind the customer's own now (T2).", []),
  tooLate: counter('too_late_total', 'Events beyond the lateness limit: journaled, not folded (T5).', []),
  duplicates: counter('duplicate_total', 'Events dropped because their id was seen (C1).', []),
  conflicts: counter('duplicate_conflict_total', 'Duplicates with other content than the first (C1).', []),
  dedupForgotten: counter('dedup_forgotten_total', 'Event ids forgotten early because of the cap (C1).', []),
  deadLetters: counter('dead_letters_total', 'Records written to the dead letters, by fault code.', ['reason']),
  notActedOn: counter('not_acted_on_total', 'Erasure and identity records journaled but not acted on yet.', ['input']),
  transaction: histogram('transaction_seconds', 'One commit of a task, from begin to durable.', FAST),
  transactionAborts: counter('transaction_aborts_total', 'Commits that failed and were thrown away.', []),
  producerReinits: counter('producer_reinit_total', 'Producers replaced after an error in a transaction.', []),
  rebalances: counter('rebalances_total', 'Times tasks were moved to or from this process.', []),
  restore: histogram('restore_seconds', 'Restoring a task from its changelog.', LONG),
  stateBytes: gauge('state_bytes', 'Bytes of customer state at rest.', ['partition']),
  timersPending: gauge('timers_pending', 'Customers with a timer.', ['partition']),
  rulesOffset: gauge('rules_offset', 'Offset of the newest definition set in force.', ['partition']),
  compileFailures: counter('definition_compile_failures_total', 'Live definitions a task could not compile.', []),
  registryFailures: counter(
    'registry_failures_total',
    'Look-ups of schemas that failed; records waited, nothing was lost.',
    [],
  ),
  registryMismatch: gauge('registry_mismatch', 'Whether the registry means other schemas by our ids: 1 = alarm.', []),
  sinkRows: counter('sink_rows_total', 'Rows the ledger wrote to ClickHouse.', ['table']),
  sinkInsert: histogram('sink_insert_seconds', 'One insert into ClickHouse.', WIDE),
  sinkRetries: counter('sink_retries_total', 'Inserts tried again.', []),
  sinkWatermarkLag: gauge('sink_watermark_lag_seconds', 'How far ClickHouse is behind the log.', []),
  eventLoopDelay: gauge('event_loop_delay_seconds', 'Event loop delay since the last scrape.', ['quantile']),
} as const satisfies Record<string, AnyMetric>;

/** Segments that get a label of their own; the changes of further ones are counted under `other`. */
export const SEGMENT_LABELS_MAX = 500;
