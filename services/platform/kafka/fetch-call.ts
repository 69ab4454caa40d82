/** Fetch v11: the records come out as the broker's bytes, one view per partition, with what a reader has to know of them. */
import type { FetchRequest, Isolation } from '../../core/streams/log.ts';
import { byTopic, FETCH, type Call } from './calls.ts';
import { WireReader, WireWriter } from './wire.ts';

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

export interface FetchedBytes {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  /** In the order in which they ended, not in which they began. */
  readonly aborted: readonly AbortedTransaction[];
  /** Record batches, the first perhaps beginning below the offset asked for, the last perhaps cut off. */
  readonly records: Uint8Array;
}

interface FetchAnswer {
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly partitions: readonly FetchedBytes[];
}

const ISOLATION: Readonly<Record<Isolation, number>> = { read_uncommitted: 0, read_committed: 1 };
const CONSUMER = -1;
const NO_SESSION = 0;
const NO_SESSION_EPOCH = -1;
const UNKNOWN = -1;

/** The order of the requests is that of the answer's bytes: the first partition with records always gets a whole batch. */
export function fetchCall(
  requests: readonly FetchRequest[],
  isolation: Isolation,
  waitMs: number,
  maxBytes: number,
): Call<FetchAnswer> {
  return {
    ...FETCH,
    waitMs,
    encode: () => {
      const writer = new WireWriter();
      writer.int32(CONSUMER).int32(waitMs).int32(1).int32(maxBytes).int8(ISOLATION[isolation]);
      writer.int32(NO_SESSION).int32(NO_SESSION_EPOCH);
      const topics = byTopic(requests, (request) => request);
      writer.int32(topics.length);
      for (const { topic, partitions } of topics) {
        writer.string(topic).int32(partitions.length);
        for (const request of partitions) {
          writer.int32(request.partition).int32(UNKNOWN).int64(request.offset).int64(UNKNOWN).int32(request.maxBytes);
        }
      }
      // No partitions to forget, no rack.
      return [writer.int32(0).string('').finish()];
    },
    decode: (payload) => {
      const reader = new WireReader(payload);
      const clientSideThrottleTime = reader.int32();
      const errorCode = reader.int16();
      reader.int32();
      const partitions: FetchedBytes[] = [];
      reader.array(() => {
        const topic = reader.string() ?? '';
        reader.array(() => partitions.push(readPartition(reader, topic)));
      });
      return { clientSideThrottleTime, errorCode, partitions };
    },
  };
}

function readPartition(reader: WireReader, topic: string): FetchedBytes {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64();
  const lastStableOffset = reader.int64();
  const logStartOffset = reader.int64();
  const aborted = reader.array(() => ({ producerId: reader.int64(), firstOffset: reader.int64() }));
  reader.int32(); // the replica to read from rather: only asked for with a rack
  const records = plain(reader.bytes());
  return { topic, partition, errorCode, highWatermark, lastStableOffset, logStartOffset, aborted, records };
}

/** What is handed on are plain bytes: a Buffer's views are Buffers, which are slower to make. */
function plain({ buffer, byteOffset, length }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}
