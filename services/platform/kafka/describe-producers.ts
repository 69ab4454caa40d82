/** DescribeProducers v0 (Kafka 2.8): who writes to partitions, as their leader sees it, whatever coordinators believe. */
import type { TopicPartition } from '../../core/streams/log.ts';
import { byTopic, type Call } from './calls.ts';
import { compactCall } from './compact-wire.ts';

export const DESCRIBE_PRODUCERS = { api: 'DescribeProducers', apiKey: 61, apiVersion: 0 } as const;

export interface ActiveProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** Of its last batch, ms UTC. */
  readonly lastWrittenAt: number;
  /** Where its open transaction begins; -1 where none is open. */
  readonly firstOffset: number;
}

export interface DescribedProducers extends TopicPartition {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly producers: readonly ActiveProducer[];
}

/** The places must have the leader that is asked. */
export function describeProducersCall(places: readonly TopicPartition[]): Call<readonly DescribedProducers[]> {
  return compactCall({
    ...DESCRIBE_PRODUCERS,
    write: (writer) => {
      writer.compactArray(
        byTopic(places, ({ partition }) => partition),
        ({ topic, partitions }) => {
          writer
            .compactString(topic)
            .compactArray(partitions, (partition) => writer.int32(partition))
            .noTags();
        },
      );
    },
    read: (reader) => {
      reader.int32();
      return reader
        .structures(() => {
          const topic = reader.compactString() ?? '';
          return reader.structures(() => ({
            topic,
            partition: reader.int32(),
            errorCode: reader.int16(),
            errorMessage: reader.compactString(),
            producers: reader.structures(() => {
              const [producerId, producerEpoch] = [reader.int64(), reader.int32()];
              reader.int32();
              const lastWrittenAt = reader.int64();
              reader.int32();
              return { producerId, producerEpoch, lastWrittenAt, firstOffset: reader.int64() };
            }),
          }));
        })
        .flat();
    },
  });
}
