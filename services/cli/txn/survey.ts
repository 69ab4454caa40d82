/** Transactions as the verbs and the doctor show them: with a name, with whose they are, and with who works under the id now. */
import type { Config } from '../../platform/config/options.ts';
import type { KafkaOperations } from '../../platform/kafka/operations.ts';
import { surveyTransactions, type TransactionView, type Unseen } from '../../platform/kafka/transactions.ts';
import { topicPlan } from '../../platform/topics/topic-plan.ts';
import { APPLICATION } from '../../segmenter/segmenter.ts';
import { whoseIs, type Whose } from './whose.ts';

export interface NamedTransaction extends TransactionView {
  /** The transactional id; `producer:17` for a producer that no coordinator knows. */
  readonly name: string;
  readonly whose: Whose;
}

export interface NamedSurvey {
  readonly transactions: readonly NamedTransaction[];
  readonly unseen: readonly Unseen[];
}

/** All transactions the cluster tells us of, and all that are open on the topics of this configuration. `now` is ms UTC. */
export async function namedTransactions(
  operations: KafkaOperations,
  config: Config,
  now: number,
): Promise<NamedSurvey> {
  const topics = topicPlan(config).map(({ spec }) => spec.name);
  const { transactions, unseen } = await surveyTransactions(operations, topics, now);
  return { transactions: transactions.map((one) => named(one, config)), unseen };
}

function named(transaction: TransactionView, config: Config): NamedTransaction {
  const { transactionalId, producerId, hanging } = transaction;
  // An id that has gone on to other transactions is not the name of one that was left behind.
  const name = hanging === 'orphaned' || transactionalId === undefined ? `producer:${producerId}` : transactionalId;
  return { ...transaction, name, whose: whoseIs(transactionalId, config) };
}

/** Who is at work under an id of ours, for a message; undefined where nobody is seen. */
export async function liveOwner(
  operations: KafkaOperations,
  config: Config,
  { whose, hanging }: NamedTransaction,
): Promise<string | undefined> {
  if (whose.kind !== 'task') return hanging === 'overdue' ? undefined : `a command that may still run (${whose.kind})`;
  const { state, members } = await operations.group(config.kafka.idPrefix + APPLICATION);
  // Who gets the task is being decided right now.
  if (members.length > 0 && state !== 'Stable') return `the group, which hands partitions over (${state})`;
  const owner = members.find(({ partitions }) =>
    [...partitions.values()].some((numbers) => numbers.includes(whose.partition)),
  );
  return owner === undefined ? undefined : `member ${owner.memberId} at ${owner.host.replace(/^\//, '')}`;
}
