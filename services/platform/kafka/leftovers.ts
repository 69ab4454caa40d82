/**
 * What a broker that has just started may leave behind. A coordinator that does not know the leader of a partition yet takes it for
 * deleted and skips its marker (Kafka 4.3.1: "these partitions are likely deleted already and hence can be skipped"): for the
 * coordinator the transaction is over, in the partition it stays open. Readers would wait there, and the next marker of the same
 * producer would decide for it, whatever had been decided: an aborted transaction would show, beside the work that replaced it.
 *
 * So whoever takes a transactional id over looks at the partitions it writes to, and ends what is open there by markers of its own.
 */
import type { TopicPartition } from '../../core/streams/log.ts';
import { BrokerRefusal } from './broker-errors.ts';
import type { Cluster } from './cluster.ts';
import { describeTransactionsCall } from './describe-transactions.ts';
import type { OwnLinks } from './links.ts';
import { refuse, type Offsets } from './offsets.ts';

const COMMITTED: ReadonlySet<string> = new Set(['PrepareCommit', 'CompleteCommit']);
/** TRANSACTIONAL_ID_NOT_FOUND; UNSUPPORTED_VERSION of brokers before 3.0. */
const NOTHING_KNOWN: ReadonlySet<number> = new Set([105, 35]);

/** Whether the last transaction of an id was to be committed. To be asked before it is fenced: then the coordinator forgets. */
export async function wasCommitted(cluster: Cluster, links: OwnLinks, transactionalId: string): Promise<boolean> {
  const request = describeTransactionsCall([transactionalId]);
  try {
    const [last] = await cluster.withCoordinator('transaction', transactionalId, links, request, (answer) => {
      for (const { errorCode } of answer) refuse(errorCode, { api: 'DescribeTransactions', transactionalId });
    });
    return last !== undefined && COMMITTED.has(last.state);
  } catch (error) {
    if (error instanceof BrokerRefusal && NOTHING_KNOWN.has(error.code)) return false;
    throw error;
  }
}

/** Of some partitions those in which a transaction is open. */
export async function openAmong(
  offsets: Offsets,
  places: readonly TopicPartition[],
): Promise<readonly TopicPartition[]> {
  if (places.length === 0) return [];
  const ends = await offsets.ends(places);
  return places.filter((_, index) => ends[index]!.lastStableOffset < ends[index]!.highWatermark);
}
