/** The newest records of a topic: what a quick look can afford to read. */
import type { Log } from '../../core/streams/log.ts';
import { partitionsOf, readTopic, type TopicRecord } from '../read-topic.ts';

export interface Newest {
  readonly records: AsyncGenerator<TopicRecord>;
  /** Whether older records are left out. */
  readonly cut: boolean;
}

/** At most about `offsetsMax` offsets of the topic, those at the ends of the partitions. Undefined where there is no such topic. */
export async function newest(
  log: Log,
  topic: string,
  offsetsMax: number,
  signal: AbortSignal,
): Promise<Newest | undefined> {
  const [exists] = await log.describeTopics([topic]);
  if (exists === undefined) return undefined;
  const ends = await log.endOffsets(await partitionsOf(log, topic));
  const share = Math.ceil(offsetsMax / ends.length);
  const starts = ends.map(({ partition, lastStableOffset, logStartOffset }) => {
    return { partition, first: logStartOffset, start: Math.max(logStartOffset, lastStableOffset - share) };
  });
  const from = Object.fromEntries(starts.map(({ partition, start }) => [partition, start]));
  return {
    records: readTopic(log, topic, { from, follow: false, signal }),
    cut: starts.some(({ first, start }) => start > first),
  };
}
