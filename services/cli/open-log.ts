import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../core/faults.ts';
import type { Log } from '../core/streams/log.ts';
import type { Config } from '../platform/config/options.ts';
import type { CliContext } from './verb.ts';
import { goBy } from './workspace.ts';

export interface OpenOptions {
  /** Whether this process runs tasks and keeps the log in order; there is one owner at a time. */
  readonly owner: boolean;
  /** Told when what the log does in the background fails (housework, membership of the group); it is tried again. */
  readonly onFault?: (error: unknown) => void;
}

/** Where the embedded log lives. */
export function logDirectory(config: Config): string {
  return join(config.data.directory, 'log');
}

/** Whether the embedded log is still to be made. */
export function isNewLog(config: Config): boolean {
  return config.log.kind === 'embedded' && !existsSync(logDirectory(config));
}

/**
 * Opens the log that the configuration names. Only an owner creates a data directory: whoever just looks is told when
 * there is none. Throws LOG_OWNED, LOG_DAMAGED, NOT_FOUND.
 */
export async function openLog(config: Config, { owner, ...upkeep }: OpenOptions): Promise<Log> {
  switch (config.log.kind) {
    case 'embedded': {
      const directory = logDirectory(config);
      if (!owner && !existsSync(directory)) {
        throw new Fault(
          'NOT_FOUND',
          `There is no data directory ${config.data.directory}; \`tributary up\` makes one`,
          {
            facts: { directory: config.data.directory },
            next: 'Name the right one with --data, or begin with `tributary segments apply`, `import` or `up`.',
          },
        );
      }
      const { openEmbeddedLog } = await import('../platform/embedded-log/embedded-log.ts');
      return openEmbeddedLog({ directory, owner, maintainEveryMs: config.log.maintenanceMs, ...upkeep });
    }
    case 'memory': {
      const { MemoryLog } = await import('../platform/memory-log/memory-log.ts');
      return new MemoryLog({ now: Date.now });
    }
    case 'kafka': {
      const { openConfiguredKafkaLog } = await import('../platform/kafka/configured-log.ts');
      return openConfiguredKafkaLog(config.kafka, upkeep);
    }
  }
}

/** The configuration by the workspace of the data directory, where there is one already; nothing is made. */
export async function settledConfig(context: CliContext): Promise<Config> {
  const { config } = context.settings();
  if (config.log.kind !== 'embedded' || isNewLog(config)) return config;
  return withLog(context, { owner: false }, (opened) => Promise.resolve(opened.config));
}

/** Opens the log for the time of the work, and closes it whatever happens; `config` goes by the workspace it is kept in. */
export async function withLog<T>(
  context: CliContext,
  options: OpenOptions,
  work: (opened: { readonly log: Log; readonly config: Config }) => Promise<T>,
): Promise<T> {
  const loaded = context.settings();
  const log = await openLog(loaded.config, options);
  try {
    return await work({ log, config: await goBy(log, loaded, options) });
  } finally {
    await log.close();
  }
}

/**
 * For verbs that may be a newcomer's first: opens the log there is, or makes one with topics and schemas. The log is owned
 * only when it is made here, and only for the time of the work.
 */
export async function withPreparedLog<T>(
  context: CliContext,
  work: (opened: { readonly log: Log; readonly config: Config }) => Promise<T>,
): Promise<T> {
  const { config } = context.settings();
  const isNew = isNewLog(config);
  return withLog(context, { owner: isNew }, async (opened) => {
    if (isNew) {
      const { applyTopics } = await import('../platform/topics/apply-topics.ts');
      await applyTopics(opened.log, config, () => Date.now());
    }
    return work(opened);
  });
}
