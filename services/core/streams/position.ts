/** Where a task starts: its first meta record, and the checks of a position against the log. */
import { Fault } from '../faults.ts';
import type { TaskListener } from './listener.ts';
import type { Log, TopicPartition, TopicSpec } from './log.ts';
import type { Meta } from './meta.ts';
import type { Topology } from './processor.ts';
import { untouchedRanges } from './slices.ts';
import type { ReplayRequest } from './task-options.ts';

/** What a task must know of its topics. */
export interface TopicBounds {
  /** Per input: the log gives the append time. */
  readonly appendTimed: readonly boolean[];
  bytesMax(topic: string): number;
}

/** Throws TOPIC_UNKNOWN for the first topic that does not exist. */
export async function openTopics<E, V>(log: Log, topology: Topology<E, V>): Promise<TopicBounds> {
  const names = [...topology.inputs, ...topology.outputs, topology.changelog];
  const specs = new Map<string, TopicSpec>();
  for (const [index, spec] of (await log.describeTopics(names)).entries()) {
    const topic = names[index]!;
    if (spec === undefined) throw new Fault('TOPIC_UNKNOWN', `There is no topic ${topic}`, { facts: { topic } });
    specs.set(topic, spec);
  }
  return {
    appendTimed: topology.inputs.map((topic) => specs.get(topic)!.timestampType === 'LogAppendTime'),
    bytesMax: (topic) => specs.get(topic)!.maxMessageBytes,
  };
}

/** The position of a task that has never committed: the beginning of each input, live unless a replay is asked for. */
export async function firstMeta<E, V>(
  log: Log,
  topology: Topology<E, V>,
  partition: number,
  software: string,
  replay: ReplayRequest | undefined,
): Promise<Meta> {
  const ends = await log.endOffsets(inputPartitions(topology, partition));
  return {
    commit: 0,
    positions: Object.fromEntries(ends.map(({ topic, logStartOffset }) => [topic, logStartOffset])),
    replay:
      replay === undefined
        ? null
        : {
            ends: Object.fromEntries(ends.map(({ topic, highWatermark }) => [topic, highWatermark])),
            broadcastEnd: replay.broadcastEnd,
            declaredInstant: replay.declaredInstant,
          },
    clock: 0,
    broadcast: -1,
    ranges: untouchedRanges(),
    processor: undefined,
    software,
  };
}

/**
 * Throws OFFSET_OUT_OF_RANGE when a position is no longer, or not yet, in the log: records are missing, and going on
 * would hide it. A group position beyond the task's own is an alarm: somebody else has moved it.
 */
export async function checkPosition<E, V>(
  log: Log,
  topology: Topology<E, V>,
  partition: number,
  meta: Meta,
  listener: TaskListener,
): Promise<void> {
  const partitions = inputPartitions(topology, partition);
  for (const { topic, logStartOffset, highWatermark } of await log.endOffsets(partitions)) {
    const position = meta.positions[topic] ?? 0;
    if (position >= logStartOffset && position <= highWatermark) continue;
    throw new Fault('OFFSET_OUT_OF_RANGE', `Position ${position} of ${topic}-${partition} is not in the log`, {
      facts: { topic, partition, position, logStartOffset, highWatermark },
    });
  }
  for (const { topic, offset } of await log.groupPositions(topology.application, partitions)) {
    const position = meta.positions[topic] ?? 0;
    if (offset > position) {
      listener.alarm(partition, 'The group position is beyond the position of the task', { topic, offset, position });
    }
  }
}

function inputPartitions<E, V>(topology: Topology<E, V>, partition: number): TopicPartition[] {
  return topology.inputs.map((topic) => ({ topic, partition }));
}
