import { INPUTS } from '../../../core/domain/events/header.ts';
import type { Log, TopicPartition } from '../../../core/streams/log.ts';
import type { DescribedGroup } from '../../../platform/kafka/describe-group.ts';
import { placed, positionTrouble, type Placed } from '../../../platform/topics/check-start.ts';
import { LEDGER_GROUP } from '../../../ledger/ledger.ts';
import { APPLICATION } from '../../../segmenter/segmenter.ts';
import { partitionsOf } from '../../read-topic.ts';
import { formatCount } from '../../text.ts';
import type { Check, Finding } from '../check.ts';

/** As the alarm of the same name (infra/docs/operating.md). */
const BEHIND_RECORDS = 50_000;

/** Who works on which partitions, how far each is, and whether each can go on from where it was. */
export const groupCheck: Check = {
  name: 'group',
  needsLog: true,
  run: async ({ installation }) => {
    const operations = await installation.operations();
    const log = await installation.log();
    if (operations === undefined || log === undefined) return [];
    const { topics, config } = installation;
    const inputs = await existing(
      log,
      INPUTS.map((input) => topics[input]),
    );
    if (inputs.length === 0) return [];
    const tasks = await progress(log, APPLICATION, inputs);
    const ledger = await progress(log, LEDGER_GROUP, await existing(log, [topics.facts, topics.changes]));
    const described = await operations.group(config.kafka.idPrefix + APPLICATION);
    return [
      ...members(described, inputs, tasks),
      ...tasks.flatMap((place) => judged(place, 'the task')),
      ...ledger.flatMap((place) => judged(place, 'the ledger')),
    ];
  },
};

interface Place extends Placed {
  readonly waiting: number;
}

async function existing(log: Log, topics: readonly string[]): Promise<readonly TopicPartition[]> {
  const specs = await log.describeTopics(topics);
  const there = topics.filter((_, index) => specs[index] !== undefined);
  return (await Promise.all(there.map((topic) => partitionsOf(log, topic)))).flat();
}

async function progress(log: Log, group: string, places: readonly TopicPartition[]): Promise<readonly Place[]> {
  return (await placed(log, group, places)).map((place) => {
    const { position, logStartOffset, lastStableOffset } = place;
    return { ...place, waiting: Math.max(0, lastStableOffset - Math.max(logStartOffset, position)) };
  });
}

function members(
  { state, members: present }: DescribedGroup,
  inputs: readonly TopicPartition[],
  places: readonly Place[],
): readonly Finding[] {
  const waiting = places.reduce((sum, place) => sum + place.waiting, 0);
  const wait = waiting === 0 ? 'no records wait' : `${formatCount(waiting)} records wait`;
  if (present.length === 0) {
    const message = `no process is a member, ${wait}`;
    return [waiting === 0 ? { level: 'ok', message } : { level: 'warn', message, fix: 'Start `tributary up`.' }];
  }
  const owned = present.map(({ memberId, host, partitions }) => {
    const numbers = [...new Set([...partitions.values()].flat())].sort((a, b) => a - b);
    return { who: `${memberId} at ${host.replace(/^\//, '')}`, numbers };
  });
  const found = owned.map(({ who, numbers }): Finding => {
    const what = numbers.length === 0 ? 'a spare, without partitions' : `partitions ${numbers.join(', ')}`;
    return { level: 'ok', message: `member ${who}: ${what}` };
  });
  const taken = new Set(owned.flatMap(({ numbers }) => numbers));
  const free = [...new Set(inputs.map(({ partition }) => partition))].filter((partition) => !taken.has(partition));
  if (state !== 'Stable') {
    const fix = 'Run this again in a few seconds; if it stays so, a process hangs while it gives partitions up.';
    return [...found, { level: 'warn', message: `partitions are being handed over (${state}), ${wait}`, fix }];
  }
  if (free.length > 0) {
    const fix = 'Run this again in a few seconds; if it stays so, start the processes again, one after the other.';
    return [...found, { level: 'warn', message: `nobody works on partitions ${free.join(', ')}`, fix }];
  }
  return [...found, { level: 'ok', message: `every partition has a member, ${wait}` }];
}

function judged(place: Place, who: string): readonly Finding[] {
  const trouble = positionTrouble(place);
  if (trouble !== undefined) {
    const { message, fix } = trouble;
    return [{ level: 'fail', message: `${message} (${who})`, fix: `${fix.charAt(0).toUpperCase()}${fix.slice(1)}.` }];
  }
  const { topic, partition, position, logStartOffset, waiting } = place;
  if (waiting === 0) return [];
  const from = Math.max(position, logStartOffset);
  const message = `${topic}-${partition}: ${formatCount(waiting)} records wait for ${who}, from ${from} on`;
  if (waiting < BEHIND_RECORDS) return [{ level: 'ok', message }];
  return [{ level: 'warn', message, fix: 'See TributaryBehind in infra/docs/operating.md.' }];
}
