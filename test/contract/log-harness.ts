/** What the contract suite needs of a log besides the port. What an implementation cannot do stays undefined. */
import type { Log, TopicPartition, TopicSpec, Fetched, Isolation } from '../../services/core/streams/log.ts';
import { RecordBatchBuilder } from '../../services/core/streams/record-batch.ts';
import type { Header, RecordBatch } from '../../services/core/streams/record-batch.ts';
import type { CommitStep } from '../../services/platform/log-port/steps.ts';

export interface LogHarness {
  readonly log: Log;
  /** Another client of the same log, as far from the first as the implementation allows. */
  readonly other: Log;
  /** Called at the steps of transactions of `log`; tests replace it. */
  setStep(onStep: ((step: CommitStep) => void | Promise<void>) | undefined): void;
  /** Abandons whatever is open, as a crash does, and opens the log anew: `log` and `other` are new objects. */
  restart(): Promise<void>;
  /** Moves the log's clock. */
  readonly advance?: (ms: number) => void;
  readonly compact?: (place: TopicPartition) => Promise<void>;
  readonly expire?: () => Promise<void>;
  close(): Promise<void>;
}

const text = new TextEncoder();
const utf8 = new TextDecoder();

export interface SentRecord {
  readonly key?: string | null;
  readonly value?: string | null;
  readonly timestamp?: number;
  readonly headers?: readonly Header[];
}

export function batchOf(...records: readonly (SentRecord | string)[]): RecordBatch {
  const builder = new RecordBatchBuilder();
  for (const sent of records) {
    const record = typeof sent === 'string' ? { value: sent } : sent;
    const { key = 'key', value = null, timestamp = 1_700_000_000_000, headers } = record;
    builder.append(
      timestamp,
      key === null ? null : text.encode(key),
      value === null ? null : text.encode(value),
      undefined,
      headers,
    );
  }
  return builder.finish();
}

let created = 0;

/** A topic nobody else uses, as a real broker keeps those of earlier tests. */
export async function freshTopic(log: Log, spec: Partial<TopicSpec> = {}): Promise<string> {
  created += 1;
  const name = `contract-${process.pid}-${created}`;
  await log.createTopics([
    {
      name,
      partitions: 2,
      cleanup: 'delete',
      retentionMs: null,
      timestampType: 'CreateTime',
      maxMessageBytes: 1_000_000,
      ...spec,
    },
  ]);
  return name;
}

export interface SeenRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
}

export function seen({ records }: Fetched): SeenRecord[] {
  return Array.from({ length: records.length }, (_, index) => {
    const key = records.key(index);
    const value = records.value(index);
    return {
      offset: records.offset(index),
      timestamp: records.timestamp(index),
      key: key === null ? null : utf8.decode(key),
      value: value === null ? null : utf8.decode(value),
    };
  });
}

/** Reads from `offset` until a fetch answers with nothing new. */
export async function readAll(
  log: Log,
  place: TopicPartition,
  isolation: Isolation = 'read_committed',
  offset?: number,
): Promise<SeenRecord[]> {
  const all: SeenRecord[] = [];
  let position = offset ?? (await log.endOffsets([place]))[0]!.logStartOffset;
  for (;;) {
    const [answer] = await log.fetch([{ ...place, offset: position, maxBytes: 1_000_000 }], {
      isolation,
      maxWaitMs: 0,
    });
    all.push(...seen(answer!));
    if (answer!.nextOffset === position) return all;
    position = answer!.nextOffset;
  }
}

export async function values(log: Log, place: TopicPartition, isolation?: Isolation): Promise<(string | null)[]> {
  return (await readAll(log, place, isolation)).map((record) => record.value);
}

/** What a promise was rejected with: a fault's code. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return String((error as { code?: unknown }).code ?? error);
  }
  return 'resolved';
}
