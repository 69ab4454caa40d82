/** What members and the leader of a group tell each other, in the consumer protocol's form, so that Kafka's own tools can show it. */
import words from 'kafkajs/src/consumer/assignerProtocol.js';
import type { Claim } from './assignment.ts';

/** Members agree on it: another way of assigning gets another name. */
export const PROTOCOL = 'tributary-sticky-1';

type Held = Pick<Claim, 'owned' | 'generation'>;

export function joinMetadata(topics: readonly string[], held: Held): Buffer {
  return words.MemberMetadata.encode({ version: 0, topics, userData: Buffer.from(JSON.stringify(held)) });
}

export function claimOf(member: { readonly memberId: string; readonly memberMetadata: Buffer }): Claim {
  const { userData } = words.MemberMetadata.decode(member.memberMetadata);
  const { owned, generation } = JSON.parse(userData.toString()) as Held;
  return { memberId: member.memberId, owned, generation };
}

export function assignmentsFor(topics: readonly string[], given: ReadonlyMap<string, readonly number[]>) {
  return [...given].map(([memberId, partitions]) => ({
    memberId,
    memberAssignment: words.MemberAssignment.encode({
      version: 0,
      assignment: Object.fromEntries(topics.map((topic) => [topic, partitions])),
      userData: Buffer.alloc(0),
    }),
  }));
}

/** The topics share their keys, so each has the same numbers. */
export function partitionsOf(memberAssignment: Buffer): readonly number[] {
  const assignment = words.MemberAssignment.decode(memberAssignment)?.assignment ?? {};
  return Object.values(assignment)[0] ?? [];
}
