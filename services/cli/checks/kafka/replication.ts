import type { PartitionView } from '../../../platform/kafka/operations.ts';
import { topicPlan } from '../../../platform/topics/topic-plan.ts';
import type { Check, Finding } from '../check.ts';

const MIN_IN_SYNC = 'min.insync.replicas';
const UNCLEAN = 'unclean.leader.election.enable';
const PLACES_SHOWN = 5;
const REPLICAS_WANTED = 3;

/** Acknowledged is flushed by as many brokers as are in sync, so their number is what an acknowledgement is worth (L1). */
export const replicationCheck: Check = {
  name: 'replication',
  needsLog: true,
  run: async ({ installation }) => {
    const operations = await installation.operations();
    if (operations === undefined) return [];
    const names = topicPlan(installation.config).map(({ spec }) => spec.name);
    const { partitions } = await operations.view(names);
    const topics = topicsOf(partitions);
    if (topics.length === 0) return [];
    return judgeReplicas(partitions, await operations.settings(topics, [MIN_IN_SYNC, UNCLEAN]));
  },
};

/** `settings` by topic and name. */
export function judgeReplicas(
  partitions: readonly PartitionView[],
  settings: ReadonlyMap<string, ReadonlyMap<string, string>>,
): readonly Finding[] {
  const least = (topic: string): number => Number(settings.get(topic)?.get(MIN_IN_SYNC) ?? 1);
  const found = [...standing(partitions, least), ...planned(partitions, least)];
  const unclean = topicsOf(partitions).filter((topic) => settings.get(topic)?.get(UNCLEAN) === 'true');
  if (unclean.length > 0) {
    const message = `a replica that has missed records may become leader of ${unclean.join(', ')}`;
    found.push({ level: 'warn', message, fix: `Set ${UNCLEAN} to false: acknowledged records would be lost.` });
  }
  if (found.length > 0) return found;
  return [{ level: 'ok', message: `${partitions.length} partitions, all replicas in sync` }];
}

/** How it is now. */
function standing(partitions: readonly PartitionView[], least: (topic: string) => number): Finding[] {
  const found: Finding[] = [];
  const orphaned = partitions.filter(({ leader }) => leader < 0);
  const refusing = partitions.filter(({ leader, topic, inSync }) => leader >= 0 && inSync.length < least(topic));
  const behind = partitions.filter((one) => one.inSync.length < one.replicas.length && !refusing.includes(one));
  const fix = 'Bring the missing brokers back; the log line of each says why it is away.';
  if (orphaned.length > 0) found.push({ level: 'fail', message: `without a leader: ${names(orphaned)}`, fix });
  if (refusing.length > 0) {
    found.push({
      level: 'fail',
      message: `fewer in sync than ${MIN_IN_SYNC}, so writes are refused: ${names(refusing)}`,
      fix,
    });
  }
  if (behind.length > 0) found.push({ level: 'warn', message: `replicas not in sync: ${names(behind)}`, fix });
  return found;
}

/** What it was made for. */
function planned(partitions: readonly PartitionView[], least: (topic: string) => number): Finding[] {
  const found: Finding[] = [];
  const single = topicsOf(partitions.filter(({ replicas }) => replicas.length === 1));
  if (single.length > 0) {
    const message = `one replica, so a lost disk is lost data: ${single.length} topics`;
    const fix = `In production: at least ${REPLICAS_WANTED} brokers, kafka.replicationFactor ${REPLICAS_WANTED} before topics are created, ${MIN_IN_SYNC} 2.`;
    found.push({ level: 'warn', message, fix });
  }
  const more = partitions.filter(({ replicas }) => replicas.length > 1);
  const careless = topicsOf(more.filter(({ topic }) => least(topic) < 2));
  if (careless.length > 0) {
    const message = `${MIN_IN_SYNC} is 1, so one broker alone may acknowledge: ${careless.join(', ')}`;
    found.push({ level: 'warn', message, fix: `Set ${MIN_IN_SYNC} of these topics, or of the cluster, to 2.` });
  }
  const brittle = topicsOf(more.filter(({ topic, replicas }) => least(topic) >= replicas.length));
  if (brittle.length > 0) {
    const message = `${MIN_IN_SYNC} is the number of replicas, so one broker away stops writes: ${brittle.join(', ')}`;
    found.push({ level: 'warn', message, fix: `Set ${MIN_IN_SYNC} one lower than the number of replicas.` });
  }
  return found;
}

function topicsOf(partitions: readonly PartitionView[]): readonly string[] {
  return [...new Set(partitions.map(({ topic }) => topic))];
}

function names(partitions: readonly PartitionView[]): string {
  const shown = partitions.slice(0, PLACES_SHOWN).map(({ topic, partition }) => `${topic}-${partition}`);
  const more = partitions.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}
