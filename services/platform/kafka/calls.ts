/**
 * The requests that are sent, each in one fixed version that every broker from 2.4 to 4.x accepts, and their answers.
 * Most are coded by kafkajs; its `parse`, which throws away all but the first error of an answer, is not used.
 */
import front from 'kafkajs/src/protocol/requests/index.js';

export interface Call<T> {
  readonly api: string;
  readonly apiKey: number;
  readonly apiVersion: number;
  /** The body, in parts that go out one behind the other: a batch of records is not copied for it. */
  encode(): Promise<readonly Uint8Array[]> | readonly Uint8Array[];
  decode(payload: Buffer): Promise<T> | T;
  /** When the broker may take its time, ms beyond the usual bound. */
  readonly waitMs?: number;
}

/** kafkajs's name, key and version of each. */
export const VERSIONS = {
  Metadata: [3, 6],
  ListOffsets: [2, 3],
  OffsetCommit: [8, 5],
  OffsetFetch: [9, 4],
  GroupCoordinator: [10, 2],
  JoinGroup: [11, 5],
  Heartbeat: [12, 3],
  LeaveGroup: [13, 3],
  SyncGroup: [14, 3],
  CreateTopics: [19, 3],
  InitProducerId: [22, 1],
  AddPartitionsToTxn: [24, 1],
  AddOffsetsToTxn: [25, 1],
  EndTxn: [26, 1],
  TxnOffsetCommit: [28, 1],
  DescribeConfigs: [32, 2],
} as const satisfies Record<string, readonly [number, number]>;

/** Coded here: see `fetch-call.ts` and `produce-call.ts`. */
export const FETCH = { api: 'Fetch', apiKey: 1, apiVersion: 11 } as const;
export const PRODUCE = { api: 'Produce', apiKey: 0, apiVersion: 7 } as const;

interface Coded {
  readonly errorCode: number;
}

interface OfTopic<P> {
  readonly topic: string;
  readonly partitions: readonly P[];
}

type PartitionError = { readonly partition: number } & Coded;

/** Answers as kafkajs decodes them; 64-bit numbers are decimal strings. */
export interface Answers {
  Metadata: {
    readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[];
    readonly clusterId: string | null;
    readonly controllerId: number;
    readonly topicMetadata: readonly {
      readonly topicErrorCode: number;
      readonly topic: string;
      readonly isInternal: boolean;
      readonly partitionMetadata: readonly {
        readonly partitionId: number;
        readonly leader: number;
        /** Node ids; those in sync are a part of them. */
        readonly replicas: readonly number[];
        readonly isr: readonly number[];
      }[];
    }[];
  };
  ListOffsets: { readonly responses: readonly OfTopic<PartitionError & { readonly offset: string }>[] };
  OffsetCommit: { readonly responses: readonly OfTopic<PartitionError>[] };
  OffsetFetch: Coded & {
    readonly responses: readonly OfTopic<
      PartitionError & { readonly offset: string; readonly metadata: string | null }
    >[];
  };
  GroupCoordinator: Coded & {
    readonly errorMessage: string | null;
    readonly coordinator: { readonly nodeId: number; readonly host: string; readonly port: number };
  };
  JoinGroup: Coded & {
    readonly generationId: number;
    readonly leaderId: string;
    readonly memberId: string;
    readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[];
  };
  Heartbeat: Coded;
  LeaveGroup: Coded;
  SyncGroup: Coded & { readonly memberAssignment: Buffer };
  CreateTopics: {
    readonly topicErrors: readonly ({ readonly topic: string; readonly errorMessage: string | null } & Coded)[];
  };
  InitProducerId: Coded & { readonly producerId: string; readonly producerEpoch: number };
  AddPartitionsToTxn: {
    readonly errors: readonly { readonly topic: string; readonly partitionErrors: readonly PartitionError[] }[];
  };
  AddOffsetsToTxn: Coded;
  EndTxn: Coded;
  TxnOffsetCommit: { readonly topics: readonly OfTopic<PartitionError>[] };
  DescribeConfigs: {
    readonly resources: readonly (Coded & {
      readonly resourceName: string;
      readonly errorMessage: string | null;
      readonly configEntries: readonly { readonly configName: string; readonly configValue: string | null }[];
    })[];
  };
}

/** A call coded by kafkajs, in our version of it. */
export function call<N extends keyof Answers>(name: N, parameters: object, waitMs?: number): Call<Answers[N]> {
  const [apiKey, apiVersion] = VERSIONS[name];
  const { request, response } = front.requests[name]!.protocol({ version: apiVersion })(parameters);
  return {
    api: name === 'GroupCoordinator' ? 'FindCoordinator' : name,
    apiKey,
    apiVersion,
    encode: async () => [(await request.encode()).buffer],
    decode: (payload) => response.decode(payload) as Promise<Answers[N]>,
    ...(waitMs === undefined ? {} : { waitMs }),
  };
}

/** Places as the requests want them: `[{topic, partitions: […]}]`. */
export function byTopic<P extends { readonly topic: string }, R>(
  places: readonly P[],
  partition: (place: P) => R,
): { topic: string; partitions: R[] }[] {
  return [...Map.groupBy(places, ({ topic }) => topic)].map(([topic, group]) => ({
    topic,
    partitions: group.map(partition),
  }));
}
