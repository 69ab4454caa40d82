/** DescribeGroups v1: who is a member of a group now, and of which partition numbers. */
import words from 'kafkajs/src/consumer/assignerProtocol.js';
import type { Call } from './calls.ts';
import { WireReader, WireWriter } from './wire.ts';

export interface DescribedMember {
  readonly memberId: string;
  readonly clientId: string;
  /** As the broker saw it, as `/10.0.0.7`. */
  readonly host: string;
  /** By topic; empty while the group changes. */
  readonly partitions: ReadonlyMap<string, readonly number[]>;
}

export interface DescribedGroup {
  readonly errorCode: number;
  /** Kafka's word: Stable, PreparingRebalance, CompletingRebalance, Empty, Dead. */
  readonly state: string;
  readonly members: readonly DescribedMember[];
}

/** To be sent to the group's coordinator. */
export function describeGroupCall(group: string): Call<DescribedGroup> {
  return {
    ...{ api: 'DescribeGroups', apiKey: 15, apiVersion: 1 },
    encode: () => [new WireWriter().int32(1).string(group).finish()],
    decode: (payload) => {
      const reader = new WireReader(payload);
      reader.int32();
      const [described] = reader.array(() => {
        const errorCode = reader.int16();
        reader.string();
        const state = reader.string() ?? '';
        reader.string();
        reader.string();
        const members = reader.array(() => {
          const member = {
            memberId: reader.string() ?? '',
            clientId: reader.string() ?? '',
            host: reader.string() ?? '',
          };
          reader.bytes();
          return { ...member, partitions: partitionsIn(reader.bytes()) };
        });
        return { errorCode, state, members };
      });
      return described ?? { errorCode: 0, state: 'Dead', members: [] };
    },
  };
}

function partitionsIn(assignment: Buffer): ReadonlyMap<string, readonly number[]> {
  if (assignment.length === 0) return new Map();
  return new Map(Object.entries(words.MemberAssignment.decode(assignment)?.assignment ?? {}));
}
