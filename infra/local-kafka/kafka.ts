/** One Kafka broker that is its own controller (KRaft), on loopback. */
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { javaCommand } from './machine.ts';
import { LOOPBACK } from './ports.ts';
import { launch } from './processes.ts';
import { brokerIsReady, untilReady } from './readiness.ts';
import { messageOf, Trouble } from './trouble.ts';

const LOGGING = fileURLToPath(new URL('log4j2.xml', import.meta.url));
/** Any 16 bytes in base64 will do: nothing else ever joins this cluster. */
const CLUSTER_ID = 'dHJpYnV0YXJ5LWxvY2FsMQ';
const run = promisify(execFile);

/** A listener besides the plain one, as for TLS and SASL; its settings are given as broker settings. */
export interface Listener {
  /** Capital letters, as in `listener.name.…` but upper case. */
  readonly name: string;
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
  readonly port: number;
}

export interface KafkaPlan {
  /** Of the instance. */
  readonly directory: string;
  readonly port: number;
  readonly controllerPort: number;
  readonly listeners: readonly Listener[];
  /** Broker settings that go before ours. */
  readonly settings: Readonly<Record<string, string>>;
  /** Given to the formatting of an empty directory, as `--add-scram`. */
  readonly formatWords: readonly string[];
  readonly heapMb: number;
}

/** What a broker without others must be told. */
export const ONE_BROKER: Readonly<Record<string, string>> = {
  // Topics are made by `topics apply`, never by a slip of the pen.
  'auto.create.topics.enable': 'false',
  // One broker holds one copy.
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  // Few partitions of Kafka's own topics: the first group and the first transaction wait for all of them.
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.num.partitions': '4',
  // The members of a group come one after the other by themselves: nobody need be waited for.
  'group.initial.rebalance.delay.ms': '0',
  // After a kill the broker is let in again only when its last session has run out.
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
};

/** The word in its command line that this instance's broker is known by. */
export function kafkaMark(directory: string): string {
  return `-Dtributary.instance=${directory}`;
}

/** Whether the directory holds data of a broker. */
export function hasStartedBefore(directory: string): boolean {
  return existsSync(join(dataDirectory(directory), 'meta.properties'));
}

/** Throws Trouble when there is no data directory and none can be made. */
export async function launchKafka(jars: string, plan: KafkaPlan): Promise<void> {
  const { directory, heapMb } = plan;
  const propertiesFile = join(directory, 'server.properties');
  writeFileSync(propertiesFile, serverProperties(plan));
  const common = [
    kafkaMark(directory),
    `-Djava.io.tmpdir=${join(directory, 'tmp')}`,
    `-Dlog4j2.configurationFile=${LOGGING}`,
    '-XX:-UsePerfData',
    '-cp',
    join(jars, '*'),
  ];
  if (!hasStartedBefore(directory)) await format(common, propertiesFile, plan);
  await launch({
    command: javaCommand(),
    words: [`-Xmx${heapMb}m`, `-Xms${heapMb}m`, '-XX:+UseG1GC', ...common, 'kafka.Kafka', propertiesFile],
    directory,
    outputFile: outputFile(directory),
  });
}

/** Returns as soon as topics can be created. Throws Trouble. */
export async function untilKafkaReady({ directory, port }: KafkaPlan): Promise<void> {
  await untilReady({
    name: 'Kafka',
    mark: kafkaMark(directory),
    isReady: () => brokerIsReady(port),
    logFiles: [outputFile(directory), join(directory, 'kafka.log')],
  });
}

async function format(common: readonly string[], propertiesFile: string, plan: KafkaPlan): Promise<void> {
  const words = ['-XX:TieredStopAtLevel=1', ...common, 'kafka.tools.StorageTool', 'format'];
  const options = ['--cluster-id', CLUSTER_ID, '--config', propertiesFile, ...plan.formatWords];
  await run(javaCommand(), [...words, ...options]).catch((error: unknown) => {
    const next = `Correct the broker settings, or wipe ${plan.directory} with \`npm run kafka -- reset\`.`;
    const reason = /^.*(?:Exception|Error).*$/m.exec(messageOf(error))?.[0] ?? messageOf(error);
    throw new Trouble(`Kafka's data directory cannot be made: ${reason}`, next, error);
  });
}

function outputFile(directory: string): string {
  return join(directory, 'kafka.out');
}

function dataDirectory(directory: string): string {
  return join(directory, 'kafka-data');
}

function serverProperties(plan: KafkaPlan): string {
  const { directory, port, controllerPort, listeners, settings } = plan;
  const all: readonly Listener[] = [{ name: 'PLAIN', protocol: 'PLAINTEXT', port }, ...listeners];
  const addresses = all.map((each) => `${each.name}://${LOOPBACK}:${each.port}`).join(',');
  const properties: Readonly<Record<string, string>> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@${LOOPBACK}:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAIN',
    listeners: `${addresses},CONTROLLER://${LOOPBACK}:${controllerPort}`,
    'advertised.listeners': addresses,
    'listener.security.protocol.map': [...all, { name: 'CONTROLLER', protocol: 'PLAINTEXT' }]
      .map(({ name, protocol }) => `${name}:${protocol}`)
      .join(','),
    'log.dirs': dataDirectory(directory),
    ...ONE_BROKER,
    ...settings,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${escaped(value)}\n`)
    .join('');
}

/** In Java's properties a backslash escapes and a line break ends. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
