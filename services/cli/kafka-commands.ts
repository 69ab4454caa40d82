/** What Kafka's own tools have to be told to do what we do not do ourselves. */
import type { TopicSpec } from '../core/streams/log.ts';
import type { Config } from '../platform/config/options.ts';
import { settingsOf } from '../platform/kafka/topics.ts';
import type { TransactionView } from '../platform/kafka/transactions.ts';

const PLAIN = /^[A-Za-z0-9._:,/=-]+$/;

/**
 * One command for each place of an orphaned transaction (markers are written there, past any coordinator), or one for a
 * transaction whose coordinator knows it.
 */
export function abortCommands(
  { hanging, transactionalId, places }: TransactionView,
  { kafka }: Config,
): readonly string[] {
  const tool = command('kafka-transactions.sh', kafka);
  if (hanging !== 'orphaned' && transactionalId !== undefined) {
    return [`${tool} forceTerminateTransaction --transactionalId ${quoted(transactionalId)}`];
  }
  return places.map(({ topic, partition, firstOffset }) => {
    return `${tool} abort --topic ${quoted(topic)} --partition ${partition} --start-offset ${firstOffset ?? 0}`;
  });
}

const SETTING: Readonly<Partial<Record<keyof TopicSpec, RegExp>>> = {
  cleanup: /^cleanup\.policy$/,
  retentionMs: /retention\.ms$/,
  timestampType: /^message\.timestamp\.type$/,
  maxMessageBytes: /^max\.message\.bytes$/,
};

/** Makes one setting of a topic what it must be; undefined for what no setting changes. */
export function alterCommand(spec: TopicSpec, setting: keyof TopicSpec, { kafka }: Config): string | undefined {
  const wanted = settingsOf(spec).find(([name]) => SETTING[setting]?.test(name) === true);
  if (wanted === undefined) return undefined;
  const entity = `--alter --entity-type topics --entity-name ${quoted(spec.name)}`;
  return `${command('kafka-configs.sh', kafka)} ${entity} --add-config ${quoted(wanted.join('='))}`;
}

/** Where brokers want more than an address, the tool reads it from a file of its own. */
function command(tool: string, { brokers, tls, sasl }: Config['kafka']): string {
  const secured = tls.enabled === 'true' || sasl.mechanism !== 'none';
  return `${tool} --bootstrap-server ${quoted(brokers)}${secured ? ' --command-config client.properties' : ''}`;
}

function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
