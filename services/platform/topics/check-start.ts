/**
 * Whether tasks may start on the topics there are. A topic that was lost must not be made anew in passing: on an empty changelog
 * a task would decide everything again, and tell subscribers so; a position that the log does not reach would skip records.
 */
import { INPUTS } from '../../core/domain/events/header.ts';
import { Fault } from '../../core/faults.ts';
import type { EndOffset, Log, TopicPartition } from '../../core/streams/log.ts';
import type { Config } from '../config/options.ts';
import { compareTopics } from './compare-topics.ts';
import { isInput, topicNames, topicPlan, type PlannedTopic, type TopicKey } from './topic-plan.ts';

/** A group's position in one partition; -1 where it has none. */
export interface Placed extends EndOffset {
  readonly position: number;
}

/** Positions are read first: what is committed meanwhile must not look as if it lay beyond the end. */
export async function placed(log: Log, group: string, places: readonly TopicPartition[]): Promise<readonly Placed[]> {
  const positions = await log.groupPositions(group, places);
  const ends = await log.endOffsets(places);
  return ends.map((end, index) => ({ ...end, position: positions[index]?.offset ?? -1 }));
}

/** Why nobody can go on from a position, and what to do; undefined for a position that is good. */
export function positionTrouble({ topic, partition, position, logStartOffset, highWatermark }: Placed) {
  const place = `${topic}-${partition}`;
  const anew = 'or begin anew with another topics.prefix and import the history';
  if (position >= 0 && position < logStartOffset) {
    const gone = `${logStartOffset - position} offsets are gone`;
    return {
      message: `${place}: the position is ${position}, the log begins at ${logStartOffset}: ${gone}`,
      fix: `restore the topic with its offsets from a backup, ${anew}; then keep records longer (topics.*.retentionMs)`,
    };
  }
  if (position > highWatermark) {
    return {
      message: `${place}: the position is ${position}, the log ends at ${highWatermark}: it is not the topic it was`,
      fix: `restore the topic with its offsets from a backup, ${anew}`,
    };
  }
  return undefined;
}

/**
 * `application` is the group of the tasks. Throws TOPIC_UNKNOWN for topics that are gone, OFFSET_OUT_OF_RANGE for positions
 * outside of the log, TOPIC_MISMATCH for a changelog that was emptied: each with all places and what to do.
 */
export async function checkStart(log: Log, config: Config, application: string): Promise<void> {
  const plan = topicPlan(config);
  const names = topicNames(config.topics);
  const { missing, differences } = await compareTopics(log, plan);
  // `applyTopics` refuses them all; without the planned partitions there is no position to look at.
  if (differences.length > 0) return;
  const there = (keys: readonly TopicKey[]): readonly TopicPartition[] =>
    plan
      .filter(({ key }) => keys.includes(key) && !missing.some((one) => one.key === key))
      .flatMap(({ spec }) =>
        Array.from({ length: spec.partitions }, (_, partition) => ({ topic: spec.name, partition })),
      );
  const inputs = await placed(log, application, there(INPUTS));
  const kept = await log.endOffsets(there(['changelog', 'facts']));
  const hasWorked = inputs.some(({ position }) => position >= 0) || kept.some(({ highWatermark }) => highWatermark > 0);
  if (!hasWorked) return;
  if (missing.length > 0) throw gone(missing);
  const troubles = inputs.flatMap((place) => positionTrouble(place) ?? []);
  if (troubles.length > 0) {
    throw new Fault('OFFSET_OUT_OF_RANGE', 'Tasks cannot go on from where they were', {
      mistakes: troubles.map(({ message, fix }) => `${message}; ${fix}`),
    });
  }
  const emptied = kept.filter(({ topic, partition, highWatermark }) => {
    const committed = inputs.some((input) => input.partition === partition && input.position >= 0);
    return topic === names.changelog && highWatermark === 0 && committed;
  });
  if (emptied.length === 0) return;
  throw new Fault('TOPIC_MISMATCH', 'The state of tasks is gone', {
    mistakes: emptied.map(
      ({ topic, partition }) => `${topic}-${partition} is empty, though its task has committed; ${RESTORE}`,
    ),
  });
}

const RESTORE = 'restore it from a backup: its task would decide everything again and tell it';

function gone(missing: readonly PlannedTopic[]): Fault {
  const count = missing.length === 1 ? 'A topic is' : `${missing.length} topics are`;
  return new Fault('TOPIC_UNKNOWN', `${count} missing, though tasks have worked here`, {
    mistakes: missing.map(({ key, spec: { name } }) => {
      if (key === 'changelog') return `${name}: the state of all tasks; ${RESTORE}`;
      if (isInput(key))
        return `${name}: an input; restore it with its offsets from a backup, or make it anew if it never had records`;
      return `${name}: new in this version, or deleted; \`tributary topics apply\` makes it, empty`;
    }),
  });
}
