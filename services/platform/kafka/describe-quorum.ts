/** DescribeQuorum v1 (Kafka 3.3): its leader says of itself when it last was up to date, which is its own time of the answer. */
import type { Call } from './calls.ts';
import { compactCall } from './compact-wire.ts';

export const DESCRIBE_QUORUM = { api: 'DescribeQuorum', apiKey: 55, apiVersion: 1 } as const;

export interface Quorum {
  readonly errorCode: number;
  /** Node id of the active controller. */
  readonly leaderId: number;
  /** The active controller's clock, ms UTC; undefined where it does not tell. */
  readonly leaderTime: number | undefined;
}

const METADATA_TOPIC = '__cluster_metadata';

export function describeQuorumCall(): Call<Quorum> {
  return compactCall({
    ...DESCRIBE_QUORUM,
    write: (writer) => {
      writer.compactArray([METADATA_TOPIC], (topic) => {
        writer
          .compactString(topic)
          .compactArray([0], (partition) => writer.int32(partition).noTags())
          .noTags();
      });
    },
    read: (reader) => {
      const refused = reader.int16();
      const replica = () => {
        const id = reader.int32();
        reader.int64();
        reader.int64();
        return { id, caughtUpAt: reader.int64() };
      };
      const [found] = reader
        .structures(() => {
          reader.compactString();
          return reader.structures(() => {
            reader.int32();
            const errorCode = reader.int16();
            const leaderId = reader.int32();
            reader.int32();
            reader.int64();
            const voters = reader.structures(replica);
            reader.structures(replica);
            const told = voters.find(({ id }) => id === leaderId)?.caughtUpAt ?? -1;
            return { errorCode, leaderId, leaderTime: told < 0 ? undefined : told };
          });
        })
        .flat();
      return found === undefined || refused !== 0 ? { errorCode: refused, leaderId: -1, leaderTime: undefined } : found;
    },
  });
}
