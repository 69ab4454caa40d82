/** DescribeTransactions v0 (Kafka 3.0): what the coordinator of transactional ids knows of them. */
import type { TopicPartition } from '../../core/streams/log.ts';
import type { Call } from './calls.ts';
import { compactCall } from './compact-wire.ts';

export const DESCRIBE_TRANSACTIONS = { api: 'DescribeTransactions', apiKey: 65, apiVersion: 0 } as const;

export interface DescribedTransaction {
  readonly errorCode: number;
  readonly transactionalId: string;
  readonly state: string;
  /** After it the coordinator aborts it, ms. */
  readonly timeoutMs: number;
  /** Ms UTC by the coordinator's clock; -1 while nothing is open. */
  readonly startedAt: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  /** Announced, whether written to or not. */
  readonly places: readonly TopicPartition[];
}

export function describeTransactionsCall(ids: readonly string[]): Call<readonly DescribedTransaction[]> {
  return compactCall({
    ...DESCRIBE_TRANSACTIONS,
    write: (writer) => writer.compactArray(ids, (id) => writer.compactString(id)),
    read: (reader) => {
      reader.int32();
      return reader.structures(() => ({
        errorCode: reader.int16(),
        transactionalId: reader.compactString() ?? '',
        state: reader.compactString() ?? '',
        timeoutMs: reader.int32(),
        startedAt: reader.int64(),
        producerId: reader.int64(),
        producerEpoch: reader.int16(),
        places: reader
          .structures(() => {
            const topic = reader.compactString() ?? '';
            return reader.compactArray(() => ({ topic, partition: reader.int32() }));
          })
          .flat(),
      }));
    },
  });
}
