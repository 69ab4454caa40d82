/** Transactions left open on purpose: by a producer that says no more, and one that no coordinator will ever end. */
import type { TopicPartition } from '../../services/core/streams/log.ts';
import { RecordBatchBuilder, type RecordBatch } from '../../services/core/streams/record-batch.ts';
import { produce } from '../../services/platform/kafka/appender.ts';
import { stampBatch } from '../../services/platform/kafka/batch-bytes.ts';
import { call } from '../../services/platform/kafka/calls.ts';
import { Cluster } from '../../services/platform/kafka/cluster.ts';
import { Links, OwnLinks } from '../../services/platform/kafka/links.ts';
import { refuse } from '../../services/platform/kafka/offsets.ts';
import type { KafkaLogOptions } from '../../services/platform/kafka/options.ts';

export function oneRecord(key = 'k'): RecordBatch {
  const batch = new RecordBatchBuilder();
  batch.append(Date.now(), Buffer.from(key), Buffer.from('value'));
  return batch.finish();
}

/**
 * Writes into a partition that was never announced to the coordinator, as a late write of a producer that was thought dead does.
 * The broker must not verify it (transaction.partition.verification.enable=false). `id` as the broker knows it. Answers with the
 * producer's id.
 */
export async function orphanTransaction(options: KafkaLogOptions, id: string, to: TopicPartition): Promise<number> {
  const links = new Links(options);
  const own = new OwnLinks(links);
  const cluster = new Cluster(options, links);
  try {
    const init = call('InitProducerId', { transactionalId: id, transactionTimeout: options.transactionMs });
    const answer = await cluster.withCoordinator('transaction', id, own, init, ({ errorCode }) =>
      refuse(errorCode, { api: 'InitProducerId' }),
    );
    const identity = { id: Number(answer.producerId), epoch: answer.producerEpoch };
    const bytes = Uint8Array.from(oneRecord().bytes);
    stampBatch(bytes, identity, 0, true);
    await produce(cluster, own, to, bytes, id, options.retryMs);
    return identity.id;
  } finally {
    links.close();
  }
}
