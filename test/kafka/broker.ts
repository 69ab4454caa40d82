/**
 * The broker of an integration test: Docker where an engine answers, else Java and Maven, else the test is skipped, aloud. In CI, on a
 * machine with Java and Maven, there is no excuse: a broker that does not start fails the test.
 *
 *   const broker = await testBroker();
 *   describe.skipIf(broker === undefined)('…', () => { … broker!.brokers … });
 *
 * The broker is shared by the files of a run: topics, groups and transactional ids need names of their own. `TEST_KAFKA` and
 * `TEST_REGISTRY` name ones that run already (as of `npm run kafka -- start`), which makes running one file over and over quick.
 */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { resetInstance, startInstance, type StartOptions } from '../../infra/local-kafka/instance.ts';
import { withLock } from '../../infra/local-kafka/lock.ts';
import { requireJava, requireMaven } from '../../infra/local-kafka/machine.ts';
import { messageOf } from '../../infra/local-kafka/trouble.ts';
import { dockerBroker, hasDockerSocket } from './docker.ts';
import { OWN } from './shared.ts';

export interface TestBroker {
  /** `host:port`. */
  readonly brokers: string;
  /** Of Confluent's interface. */
  readonly registryUrl: string;
}

/** A broker of one test file alone, for what must not be shared: other listeners, kills, restarts. */
export interface OwnBroker extends TestBroker {
  readonly directory: string;
  /** Of the broker's process. */
  readonly pid: number;
  /** Starts it again with the same settings, on the same ports and data, where it has been killed or stopped. */
  start(): Promise<OwnBroker>;
  /** Ends it and takes its directory away. */
  close(): Promise<void>;
}

type Settings = Readonly<Record<string, string>>;

/** What makes waiting short: cleaning, retention, the end of forgotten transactions, sessions. */
const IMPATIENT: Settings = {
  'log.cleaner.backoff.ms': '100',
  'log.cleaner.dedupe.buffer.size': '16777216',
  'log.retention.check.interval.ms': '500',
  'log.segment.delete.delay.ms': '500',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '500',
  'group.min.session.timeout.ms': '500',
};

const ANY_PORTS = { kafka: 0, controller: 0, registry: 0 };

/** Undefined, said aloud, where there is none to be had. */
export async function testBroker(): Promise<TestBroker | undefined> {
  const { TEST_KAFKA: brokers, TEST_REGISTRY: registryUrl } = process.env;
  if (brokers !== undefined && registryUrl !== undefined) return { brokers, registryUrl };
  const directory = inject('kafkaDirectory');
  return (await fromDocker(directory)) ?? (await orSkip(() => fromMaven(directory)));
}

/** As `testBroker`, with settings, listeners and an end of its own; only where Java and Maven are. */
export async function ownBroker(options: Partial<StartOptions> = {}): Promise<OwnBroker | undefined> {
  const directory = mkdtempSync(join(inject('kafkaDirectory'), OWN));
  const start = async (): Promise<OwnBroker> => {
    const settings = { ...IMPATIENT, ...options.settings };
    const status = await startInstance(directory, { ports: ANY_PORTS, registry: false, ...options, settings });
    return {
      brokers: status.kafka!.address,
      registryUrl: status.registry?.address ?? '',
      directory,
      pid: status.kafka!.pid!,
      start,
      close: () => resetInstance(directory),
    };
  };
  return orSkip(start);
}

async function fromDocker(directory: string): Promise<TestBroker | undefined> {
  if (!hasDockerSocket()) return undefined;
  try {
    return await withLock(join(directory, 'docker'), () => dockerBroker(directory, IMPATIENT));
  } catch (error) {
    say(`Docker does not serve a broker (${messageOf(error)}); Java is tried`);
    return undefined;
  }
}

async function fromMaven(directory: string): Promise<TestBroker> {
  const status = await startInstance(directory, { ports: ANY_PORTS, registry: true, settings: IMPATIENT });
  return { brokers: status.kafka!.address, registryUrl: status.registry!.address };
}

async function orSkip<T>(start: () => Promise<T>): Promise<T | undefined> {
  try {
    return await start();
  } catch (error) {
    if (process.env['CI'] !== undefined && (await hasJavaAndMaven())) throw error;
    say(`SKIPPED, no broker: ${messageOf(error)}`);
    return undefined;
  }
}

export async function hasJavaAndMaven(): Promise<boolean> {
  const answers = await Promise.allSettled([requireJava(), requireMaven()]);
  return answers.every(({ status }) => status === 'fulfilled');
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
