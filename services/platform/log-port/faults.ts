/** The faults of the log port, worded once for every implementation. */
import { Fault } from '../../core/faults.ts';
import type { TopicPartition, TopicSpec } from '../../core/streams/log.ts';

export function topicUnknown(topic: string): Fault {
  return new Fault('TOPIC_UNKNOWN', `There is no topic ${topic}`, { facts: { topic } });
}

export function partitionUnknown({ topic, partition }: TopicPartition, partitions: number): Fault {
  return new Fault('TOPIC_MISMATCH', `Topic ${topic} has ${partitions} partitions, so there is no ${partition}`, {
    facts: { topic, partition, partitions },
  });
}

/** `offset` lies below the log start or above the high watermark (L7). */
export function offsetOutOfRange(
  { topic, partition }: TopicPartition,
  offset: number,
  logStartOffset: number,
  highWatermark: number,
): Fault {
  return new Fault(
    'OFFSET_OUT_OF_RANGE',
    `${topic}/${partition} has offsets from ${logStartOffset} to ${highWatermark}, not ${offset}`,
    { facts: { topic, partition, offset, logStartOffset, highWatermark } },
  );
}

/** Throws RECORD_TOO_LARGE when the batch exceeds the topic's bound, as `max.message.bytes` of Kafka does. */
export function checkBatchBytes({ topic, partition }: TopicPartition, spec: TopicSpec, bytes: number): void {
  if (bytes <= spec.maxMessageBytes) return;
  throw new Fault('RECORD_TOO_LARGE', `A batch of ${bytes} bytes exceeds the ${spec.maxMessageBytes} of ${topic}`, {
    facts: { topic, partition, bytes, limit: spec.maxMessageBytes },
  });
}

export function fenced(transactionalId: string): Fault {
  return new Fault('LOG_FENCED', `A newer producer has taken over ${transactionalId}`, { facts: { transactionalId } });
}

export function logClosed(): Fault {
  return new Fault('LOG_CLOSED', 'The log is closed');
}

/** Throws TOPIC_MISMATCH unless the specification can be kept: at least one partition, bounds above zero. */
export function checkTopicSpec(spec: TopicSpec): void {
  const sound =
    /^[a-zA-Z0-9._-]{1,249}$/.test(spec.name) &&
    Number.isInteger(spec.partitions) &&
    spec.partitions > 0 &&
    spec.maxMessageBytes > 0 &&
    (spec.retentionMs === null || spec.retentionMs >= 0);
  if (sound) return;
  throw new Fault('TOPIC_MISMATCH', `Topic ${spec.name} cannot be created as specified`, {
    facts: { topic: spec.name, partitions: spec.partitions, maxMessageBytes: spec.maxMessageBytes },
  });
}
