import { nearestName } from '../../core/domain/language/mistakes.ts';
import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/streams/log.ts';
import { readTopic } from '../read-topic.ts';

/** Ids looked at, at most: it is a hint, not a search. */
const IDS_MAX = 200_000;
/** Ids further apart in length are no slips of each other. */
const LENGTH_APART_MAX = 2;

/** That nobody has this id, and whose is nearly the same. */
export async function unknownCustomer(log: Log, memberships: string, id: string, signal: AbortSignal): Promise<Fault> {
  const near = await nearestId(log, memberships, id, signal);
  return new Fault(
    'NOT_FOUND',
    `Nothing is known of a customer ${id}${near === undefined ? '' : `; did you mean ${near}?`}`,
    {
      facts: { customer: id },
      next: 'Ids count exactly as they are sent, capitals and blanks included; `tributary tail memberships --from-beginning` shows them.',
    },
  );
}

async function nearestId(log: Log, topic: string, id: string, signal: AbortSignal): Promise<string | undefined> {
  const candidates = new Set<string>();
  const wanted = folded(id);
  for await (const { key } of readTopic(log, topic, { from: 'beginning', follow: false, signal })) {
    if (key === null || candidates.size >= IDS_MAX) continue;
    const candidate = Buffer.from(key).toString();
    if (folded(candidate) === wanted) return candidate;
    // Every number is near to others: only what is written differently is a slip.
    const isNumber = /^\d+$/.test(wanted);
    if (!isNumber && Math.abs(candidate.length - id.length) <= LENGTH_APART_MAX) candidates.add(candidate);
  }
  return nearestName(id, [...candidates]);
}

/** What ids of the same person differ by in two systems: capitals, marks between the parts, zeros in front. */
function folded(id: string): string {
  return id
    .toLowerCase()
    .replaceAll(/[\s_.:/-]/g, '')
    .replace(/^0+(?=\d)/, '');
}
