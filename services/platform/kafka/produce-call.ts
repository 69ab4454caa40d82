/** Produce v7 of one finished batch to one partition: its bytes go out as they are. */
import type { TopicPartition } from '../../core/streams/log.ts';
import { PRODUCE, type Call } from './calls.ts';
import { WireReader, WireWriter } from './wire.ts';

interface Produced {
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly baseOffset: number;
  /** -1 where the topic keeps the producer's time. */
  readonly logAppendTime: number;
}

/** Acknowledged by all replicas in sync: what was acknowledged is not lost (L1). */
const ALL = -1;

export function produceCall(
  { topic, partition }: TopicPartition,
  batch: Uint8Array,
  transactionalId: string | null,
  timeoutMs: number,
): Call<Produced> {
  return {
    ...PRODUCE,
    encode: () => {
      const writer = new WireWriter();
      writer.string(transactionalId).int16(ALL).int32(timeoutMs);
      writer.int32(1).string(topic).int32(1).int32(partition).int32(batch.length);
      return [writer.finish(), batch];
    },
    decode: (payload) => {
      const reader = new WireReader(payload);
      const answers = reader.array(() => {
        reader.string();
        return reader.array(() => {
          reader.int32();
          const answer = { errorCode: reader.int16(), baseOffset: reader.int64(), logAppendTime: reader.int64() };
          reader.int64(); // log start
          return answer;
        });
      });
      const clientSideThrottleTime = reader.int32();
      const answer = answers[0]?.[0];
      // One destination per request: an answer that does not name it is no acknowledgement.
      if (answer === undefined)
        throw new RangeError(`The answer to a produce request does not name ${topic}/${partition}`);
      return { clientSideThrottleTime, ...answer };
    },
  };
}
