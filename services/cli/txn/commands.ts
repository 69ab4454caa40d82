/** What Kafka's own tool has to be told to end a transaction that we do not end ourselves. */
import type { Config } from '../../platform/config/options.ts';
import type { TransactionView } from '../../platform/kafka/transactions.ts';

const QUOTED = /[^A-Za-z0-9._:,/-]/;

/**
 * One command for each place of an orphaned transaction (markers are written there, past any coordinator), or one for a
 * transaction whose coordinator knows it.
 */
export function abortCommands(
  { hanging, transactionalId, places }: TransactionView,
  { kafka }: Config,
): readonly string[] {
  const secured = kafka.tls.enabled === 'true' || kafka.sasl.mechanism !== 'none';
  const tool = [
    `kafka-transactions.sh --bootstrap-server ${quoted(kafka.brokers)}`,
    ...(secured ? ['--command-config client.properties'] : []),
  ].join(' ');
  if (hanging !== 'orphaned' && transactionalId !== undefined) {
    return [`${tool} forceTerminateTransaction --transactionalId ${quoted(transactionalId)}`];
  }
  return places.map(({ topic, partition, firstOffset }) => {
    return `${tool} abort --topic ${quoted(topic)} --partition ${partition} --start-offset ${firstOffset ?? 0}`;
  });
}

function quoted(word: string): string {
  return QUOTED.test(word) ? `'${word.replaceAll("'", `'\\''`)}'` : word;
}
