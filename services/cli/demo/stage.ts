/**
 * The demo's own place: a data directory that is never the default one, made anew at each start; on Kafka also topics of
 * its own at each start. Both are left behind to be looked at.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Fault } from '../../core/faults.ts';
import { DEMO_CURRENCY } from '../../ingest/demo/real-sets.ts';
import type { Config } from '../../platform/config/options.ts';

const MARK = 'demo.json';
const SETTINGS = 'tributary.yaml';
const DEFAULT_DIRECTORY = '.tributary-demo';

/**
 * The configuration of the demo. Throws USAGE for a directory that holds anything but an earlier demo, LOG_OWNED for one
 * that still runs.
 */
export async function prepareStage(config: Config, chosen: boolean): Promise<Config> {
  const directory = chosen ? config.data.directory : DEFAULT_DIRECTORY;
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    if (!existsSync(join(directory, MARK))) {
      throw new Fault(
        'USAGE',
        `${directory} holds something that is no demo; the demo makes its directory anew and would remove it`,
        {
          facts: { directory },
        },
      );
    }
    await refuseRunning(join(directory, 'log'));
    rmSync(directory, { recursive: true });
  }
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, MARK), JSON.stringify({ about: 'made by tributary demo; removed at its next start' }));
  const stage: Config = {
    ...config,
    ...(config.log.kind === 'kafka' ? ownTopics(config) : {}),
    data: { ...config.data, directory },
    workspace: { ...config.workspace, currency: DEMO_CURRENCY },
    http: { ...config.http, port: 0 },
    logging: { ...config.logging, level: 'error' },
  };
  if (stage.log.kind === 'kafka') writeFileSync(join(directory, SETTINGS), settingsOf(stage));
  return stage;
}

/** How other commands are told to look at the demo. TLS and login, which are nobody's to write down, are given as for the demo. */
export function lookAt({ log, data: { directory } }: Config): string {
  return log.kind === 'kafka' ? `--config ${join(directory, SETTINGS)}` : `--data ${directory}`;
}

function settingsOf({ log, kafka, topics, data, workspace }: Config): string {
  const settings = {
    log: { kind: log.kind },
    kafka: { brokers: kafka.brokers, idPrefix: kafka.idPrefix },
    topics: { prefix: topics.prefix },
    data: { directory: resolve(data.directory) },
    workspace: { currency: workspace.currency },
  };
  return `${JSON.stringify(settings, null, 2)}\n`;
}

function ownTopics({ topics, kafka }: Config): Pick<Config, 'topics' | 'kafka'> {
  const own = `demo-${Date.now().toString(36)}`;
  return {
    topics: { ...topics, prefix: `${topics.prefix}${own}.` },
    kafka: { ...kafka, idPrefix: `${kafka.idPrefix}${own}-` },
  };
}

async function refuseRunning(directory: string): Promise<void> {
  if (!existsSync(directory)) return;
  const { openEmbeddedLog } = await import('../../platform/embedded-log/embedded-log.ts');
  const log = await openEmbeddedLog({ directory, owner: false });
  try {
    const owner = await log.owner();
    if (owner === undefined) return;
    throw new Fault('LOG_OWNED', `Another demo runs in ${directory} (process ${owner.pid})`, {
      facts: { directory, pid: owner.pid },
    });
  } finally {
    await log.close();
  }
}
