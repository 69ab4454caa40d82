/** Who is in which segment, from the compacted memberships: the last record of each customer. */
import type { Membership } from '../../core/domain/events/change.ts';
import type { Log } from '../../core/streams/log.ts';
import type { Registry } from '../../platform/registry/registry.ts';
import { readTopic } from '../read-topic.ts';

export interface Member {
  readonly customerId: string;
  readonly segment: string;
  readonly version: number;
  readonly enteredAt: number;
  readonly asOf: number;
}

/** Memberships by customer; a tombstone takes the customer out. */
export async function readMemberships(
  log: Log,
  topic: string,
  registry: Registry,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Membership>> {
  const found = new Map<string, Membership>();
  for await (const { key, value } of readTopic(log, topic, { from: 'beginning', follow: false, signal })) {
    if (key === null) continue;
    const customerId = Buffer.from(key).toString();
    if (value === null) found.delete(customerId);
    else found.set(customerId, registry.decode('membership', value));
  }
  return found;
}

/** Of several keys, as of the members of a group. The longest-standing come first. */
export function membersOf(memberships: ReadonlyMap<string, Membership>, keys: readonly string[]): Member[] {
  const wanted = new Set(keys);
  const members: Member[] = [];
  for (const { customerId, asOf, segments } of memberships.values()) {
    for (const { segment, version, enteredAt } of segments)
      if (wanted.has(segment)) members.push({ customerId, segment, version, enteredAt, asOf });
  }
  return members.sort((a, b) => a.enteredAt - b.enteredAt || (a.customerId < b.customerId ? -1 : 1));
}
