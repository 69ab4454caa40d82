import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../core/faults.ts';
import type { EndOffset, Log, TopicPartition } from '../core/streams/log.ts';
import type { Header } from '../core/streams/record-batch.ts';

/** A record as the verbs show it. Bytes are views that stay valid as long as the record is referenced. */
export interface TopicRecord extends TopicPartition {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
}

export interface ReadOptions {
  /** Where to start; or offsets by partition number, those not named at their beginning. */
  readonly from: 'beginning' | 'end' | Readonly<Record<number, number>>;
  /** Goes on with what is appended, until the signal; without it the reading ends at the present end. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
  /** Only these; all of the topic without it. */
  readonly partitions?: readonly number[] | undefined;
}

const FETCH_BYTES = 1024 * 1024;
const WAIT_MS = 1_000;
const RETRY_MS = 250;

/** Partitions of a topic. Throws TOPIC_UNKNOWN. */
export async function partitionsOf(log: Log, topic: string): Promise<readonly TopicPartition[]> {
  const [spec] = await log.describeTopics([topic]);
  if (spec === undefined) throw new Fault('TOPIC_UNKNOWN', `There is no topic ${topic}`, { facts: { topic } });
  return Array.from({ length: spec.partitions }, (_, partition) => ({ topic, partition }));
}

/**
 * The committed records of a topic, ascending within each partition. It starts from what is there when it is called, so a
 * record appended later is never missed. Ends when told by the signal, or at the end it saw when it does not follow.
 */
export async function* readTopic(log: Log, topic: string, options: ReadOptions): AsyncGenerator<TopicRecord> {
  const { signal, follow, from } = options;
  const all = await partitionsOf(log, topic);
  const chosen = all.filter(({ partition }) => options.partitions?.includes(partition) ?? true);
  const ends = await log.endOffsets(chosen);
  const positions = ends.map((end) => ({ ...end, offset: startOf(end, from) }));
  const stopped = (): boolean => signal.aborted;
  while (!stopped()) {
    const open = follow ? positions : positions.filter((position) => position.offset < position.lastStableOffset);
    if (open.length === 0) return;
    const requests = open.map(({ partition, offset }) => ({ topic, partition, offset, maxBytes: FETCH_BYTES }));
    const answers = await fetchPatiently(log, requests, signal);
    for (const [index, answer] of answers.entries()) {
      const position = open[index]!;
      const { records, partition } = answer;
      for (let at = 0; at < records.length; at++) {
        if (stopped()) return;
        const offset = records.offset(at);
        if (!follow && offset >= position.lastStableOffset) break;
        yield {
          ...{ topic, partition, offset, timestamp: records.timestamp(at) },
          ...{ key: records.key(at), value: records.value(at), headers: records.headers(at) },
        };
      }
      position.offset = answer.nextOffset;
    }
  }
}

function startOf({ partition, lastStableOffset, logStartOffset }: EndOffset, from: ReadOptions['from']): number {
  if (from === 'end') return lastStableOffset;
  const asked = typeof from === 'object' ? from[partition] : undefined;
  return Math.max(logStartOffset, asked ?? logStartOffset);
}

/** A log that does not answer for a while is waited for: whoever follows a topic wants to go on by itself. */
async function fetchPatiently(log: Log, requests: Parameters<Log['fetch']>[0], signal: AbortSignal) {
  for (;;) {
    try {
      return await log.fetch(requests, { isolation: 'read_committed', maxWaitMs: WAIT_MS, signal });
    } catch (error) {
      if (!(error instanceof Fault && error.action === 'retry')) throw error;
      try {
        await delay(RETRY_MS, undefined, { signal });
      } catch {
        // Only the signal ends the delay early: the person wants to stop.
        return [];
      }
    }
  }
}
