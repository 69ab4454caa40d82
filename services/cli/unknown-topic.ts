import { nearestName } from '../core/domain/language/mistakes.ts';
import { Fault } from '../core/faults.ts';
import type { Log } from '../core/streams/log.ts';

/** That there is no such topic: which was probably meant, and what there is. `keys`: the short names of ours. */
export async function unknownTopic(log: Log, topic: string, keys: readonly string[]): Promise<Fault> {
  const topics = await log.listTopics();
  const nearest = nearestName(topic, [...keys, ...topics]);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return new Fault('TOPIC_UNKNOWN', `There is no topic ${topic}${hint}`, {
    facts: { topic },
    // Without any topic the one that is missing is surely one of ours.
    next: topics.length === 0 ? undefined : `Name one of ${keys.join(', ')}, or a topic of the log by its whole name.`,
  });
}
