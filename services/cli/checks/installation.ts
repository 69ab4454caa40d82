/**
 * The data that `doctor` looks at. Opened when a check first asks, closed behind the last; never made, never owned, so that it
 * can be looked at while it is in use and before there is any.
 */
import { existsSync } from 'node:fs';
import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/streams/log.ts';
import type { Config } from '../../platform/config/options.ts';
import type { EmbeddedLog } from '../../platform/embedded-log/embedded-log.ts';
import type { KafkaOperations } from '../../platform/kafka/operations.ts';
import type { Registry } from '../../platform/registry/registry.ts';
import { topicNames, type TopicNames } from '../../platform/topics/topic-plan.ts';
import { logDirectory, openLog } from '../open-log.ts';

/** Whose tasks run on the data; undefined where nobody's do. */
export type Owner = Awaited<ReturnType<EmbeddedLog['owner']>>;

const LOOKING_MS_MAX = 5_000;

export class Installation {
  readonly config: Config;
  readonly topics: TopicNames;
  #opening: Promise<Log | undefined> | undefined;
  #operations: Promise<KafkaOperations | undefined> | undefined;

  constructor(config: Config) {
    this.config = config;
    this.topics = topicNames(config.topics);
  }

  /** Undefined where there is none yet. Throws what `openLog` throws. */
  open(): Promise<Log | undefined> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** Undefined also where it cannot be opened: the check of the data directory says why, once. */
  async log(): Promise<Log | undefined> {
    return this.open().catch(() => undefined);
  }

  /** Undefined where the log is not on Kafka. Nothing is asked yet. Throws CONFIG_INVALID. */
  operations(): Promise<KafkaOperations | undefined> {
    this.#operations ??= this.#operate();
    return this.#operations;
  }

  /** Undefined where schemas are not registered: the check of schemas says so. */
  async registry(): Promise<Registry | undefined> {
    const log = await this.log();
    if (log === undefined) return undefined;
    const { openRegistry } = await import('../../platform/registry/registry.ts');
    try {
      return await openRegistry(log, this.config);
    } catch (error) {
      if (error instanceof Fault && error.code === 'TOPIC_UNKNOWN') return undefined;
      throw error;
    }
  }

  async owner(): Promise<Owner> {
    const log = await this.log();
    if (log === undefined) return undefined;
    const { EmbeddedLog } = await import('../../platform/embedded-log/embedded-log.ts');
    return log instanceof EmbeddedLog ? log.owner() : undefined;
  }

  async close(): Promise<void> {
    await (await this.log())?.close();
    // What went wrong when they were opened has been said by whoever asked.
    const operations = await this.#operations?.catch(() => undefined);
    operations?.close();
  }

  async #operate(): Promise<KafkaOperations | undefined> {
    const { log, kafka } = this.config;
    if (log.kind !== 'kafka') return undefined;
    const { configuredOperations } = await import('../../platform/kafka/configured-log.ts');
    return configuredOperations(kafka);
  }

  #open(): Promise<Log | undefined> {
    const { log } = this.config;
    // A log in memory belongs to one process; from outside there is nothing to see.
    if (log.kind === 'memory') return Promise.resolve(undefined);
    if (log.kind === 'embedded' && !existsSync(logDirectory(this.config))) return Promise.resolve(undefined);
    const { kafka } = this.config;
    // A look at what is there now: better times are not waited for.
    const [connectMs, retryMs] = [Math.min(kafka.connectMs, LOOKING_MS_MAX), Math.min(kafka.retryMs, LOOKING_MS_MAX)];
    return openLog({ ...this.config, kafka: { ...kafka, connectMs, retryMs } }, { owner: false });
  }
}
