/**
 * The data that `doctor` looks at. Opened when a check first asks, closed behind the last; never made, never owned, so that it
 * can be looked at while it is in use and before there is any.
 */
import { existsSync } from 'node:fs';
import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/streams/log.ts';
import type { Config } from '../../platform/config/options.ts';
import type { EmbeddedLog } from '../../platform/embedded-log/embedded-log.ts';
import type { Registry } from '../../platform/registry/registry.ts';
import { topicNames, type TopicNames } from '../../platform/topics/topic-plan.ts';
import { logDirectory, openLog } from '../open-log.ts';

/** Whose tasks run on the data; undefined where nobody's do. */
export type Owner = Awaited<ReturnType<EmbeddedLog['owner']>>;

export class Installation {
  readonly config: Config;
  readonly topics: TopicNames;
  #opening: Promise<Log | undefined> | undefined;

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
  }

  #open(): Promise<Log | undefined> {
    const { log } = this.config;
    // A log in memory belongs to one process; from outside there is nothing to see.
    if (log.kind === 'memory') return Promise.resolve(undefined);
    if (log.kind === 'embedded' && !existsSync(logDirectory(this.config))) return Promise.resolve(undefined);
    return openLog(this.config, { owner: false });
  }
}
