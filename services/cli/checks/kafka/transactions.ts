import { formatSpan } from '../../text.ts';
import { namedTransactions, type NamedTransaction } from '../../txn/survey.ts';
import { topicPlan } from '../../../platform/topics/topic-plan.ts';
import type { Check, Finding } from '../check.ts';

/** Readers of committed records, our tasks among them, wait at the oldest open transaction (L6). */
export const transactionsCheck: Check = {
  name: 'transactions',
  needsLog: true,
  run: async ({ installation }) => {
    const operations = await installation.operations();
    if (operations === undefined) return [];
    const { config } = installation;
    const now = Date.now();
    const { transactions, unseen } = await namedTransactions(operations, config, now);
    const topics = new Set(topicPlan(config).map(({ spec }) => spec.name));
    const open = transactions.filter(({ open: isOpen }) => isOpen);
    const found: Finding[] = [
      ...open.flatMap((one) => judged(one, topics, config.kafka.transactionMs, now)),
      ...unseen.map(({ what, fault }): Finding => {
        return { level: 'warn', message: `not seen: ${what}: ${fault.message}`, fix: fault.next };
      }),
    ];
    if (found.length > 0) return found;
    const ours = transactions.filter(({ whose }) => whose.kind !== 'foreign').length;
    return {
      level: 'ok',
      message: `transactional ids of ours: ${ours}, open transactions: ${open.length}, none hangs`,
    };
  },
};

function judged(
  { name, hanging, places, startedAt, whose }: NamedTransaction,
  topics: ReadonlySet<string>,
  transactionMs: number,
  now: number,
): readonly Finding[] {
  const ageMs = now - (startedAt ?? now);
  const held = places.filter(({ topic, holdsReaders }) => holdsReaders && topics.has(topic));
  const where = held.map(({ topic, partition, firstOffset }) => `${topic}-${partition} at ${firstOffset}`).join(', ');
  const fix = `\`tributary txn list\` shows it, \`tributary txn abort ${name}\` ends it or prints what does.`;
  if (hanging !== undefined) {
    const why = hanging === 'orphaned' ? 'no coordinator will end it' : 'its coordinator has not ended it in time';
    const holds = where === '' ? '' : `; readers wait at ${where}`;
    const message = `transaction ${name} hangs since ${formatSpan(ageMs)}: ${why}${holds}`;
    return [{ level: where === '' ? 'warn' : 'fail', message, fix }];
  }
  if (whose.kind !== 'foreign' || where === '' || ageMs <= transactionMs) return [];
  const message = `transaction ${name} of others is open for ${formatSpan(ageMs)}; readers wait at ${where}`;
  return [{ level: 'warn', message, fix }];
}
