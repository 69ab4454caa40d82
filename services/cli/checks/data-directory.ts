import { Fault, FAULTS } from '../../core/faults.ts';
import type { Log } from '../../core/streams/log.ts';
import { topicPlan } from '../../platform/topics/topic-plan.ts';
import { partitionsOf, readTopic } from '../read-topic.ts';
import { formatCount } from '../text.ts';
import type { Check, CheckContext, Finding } from './check.ts';

export const dataDirectoryCheck: Check = {
  name: 'data directory',
  run: async ({ installation }) => {
    if (installation.config.log.kind === 'kafka') return [];
    const { directory } = installation.config.data;
    if ((await installation.open()) === undefined) {
      return { level: 'ok', message: `nothing is in ${directory} yet; \`tributary up\` or \`import\` begins` };
    }
    const owner = await installation.owner();
    const who = owner === undefined ? 'nothing runs on it now' : `process ${owner.pid} on ${owner.host} runs on it`;
    return { level: 'ok', message: `${directory} opens; ${who}` };
  },
};

const OFFSETS_MAX = 1_000;

/** Every batch carries a checksum that is compared whenever it is read (L10). */
export const logIntactCheck: Check = {
  name: 'log intact',
  needsLog: true,
  run: async (context) => {
    const log = await context.installation.log();
    if (log === undefined) return [];
    let read = 0;
    const damaged: Finding[] = [];
    for (const topic of await existing(log, context)) {
      for (const { partition } of await partitionsOf(log, topic)) {
        try {
          read += await readEnd(log, topic, partition, context.signal);
        } catch (error) {
          if (!(error instanceof Fault && error.code === 'LOG_DAMAGED')) throw error;
          damaged.push({ level: 'fail', message: error.message, fix: FAULTS.LOG_DAMAGED.next });
        }
      }
    }
    if (damaged.length > 0) return damaged;
    const message = `${formatCount(read)} records read, the newest of each partition; \`tributary verify\` reads all`;
    return { level: 'ok', message };
  },
};

async function existing(log: Log, { installation }: CheckContext): Promise<readonly string[]> {
  const names = topicPlan(installation.config).map(({ spec }) => spec.name);
  const found = await log.describeTopics(names);
  return names.filter((_, index) => found[index] !== undefined);
}

async function readEnd(log: Log, topic: string, partition: number, signal: AbortSignal): Promise<number> {
  const [end] = await log.endOffsets([{ topic, partition }]);
  const from = { [partition]: (end?.lastStableOffset ?? 0) - OFFSETS_MAX };
  const records = readTopic(log, topic, { from, follow: false, signal, partitions: [partition] });
  let read = 0;
  while ((await records.next()).done !== true) read += 1;
  return read;
}
