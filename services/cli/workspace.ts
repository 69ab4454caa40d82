/**
 * The workspace's currency and time zone belong to the data: amounts are stored as counted in one currency, days as those of one
 * zone. The first owner of a data directory keeps its own there, and everybody goes by them from then on: what is not set is
 * taken from there, what is set and differs is refused. On Kafka nothing is kept yet: there the configuration alone says it.
 */
import { Fault } from '../core/faults.ts';
import type { Log } from '../core/streams/log.ts';
import type { LoadedConfig } from '../platform/config/load.ts';
import type { Config } from '../platform/config/options.ts';

type Workspace = Config['workspace'];

const SETTING = 'workspace';
const PARTS = ['currency', 'timezone'] as const;

/** Keeps it with a log that keeps none yet; resolves with the one that is kept, undefined where the log keeps none. */
export async function keepWorkspace(log: Log, workspace: Workspace): Promise<Workspace | undefined> {
  return asWorkspace(await (await keeper(log))?.keepSetting(SETTING, workspace));
}

/** Undefined where none was kept yet. */
export async function keptWorkspace(log: Log): Promise<Workspace | undefined> {
  return asWorkspace(await (await keeper(log))?.setting(SETTING));
}

/** The configuration that goes by a kept workspace. Throws CONFIG_INVALID where another one is set. */
function settled({ config, values }: LoadedConfig, kept: Workspace | undefined): Config {
  if (kept === undefined) return config;
  const mistakes = PARTS.flatMap((part) => {
    const key = `workspace.${part}`;
    const origin = values.find(({ option }) => option.key === key)?.origin;
    if (config.workspace[part] === kept[part] || origin === undefined || origin.kind === 'default') return [];
    return [
      `${origin.place}: ${key} is ${config.workspace[part]}, and ${config.data.directory} is kept in ${kept[part]}`,
    ];
  });
  if (mistakes.length === 0) return { ...config, workspace: kept };
  throw new Fault('CONFIG_INVALID', 'The data directory is kept in another currency or time zone', {
    mistakes,
    next: 'Take the option away to go on as it is kept. Another one needs a data directory of its own (--data), and the imports anew.',
  });
}

/** The configuration by the workspace of an opened log; whoever owns it keeps one. Throws CONFIG_INVALID. */
export async function goBy(log: Log, loaded: LoadedConfig, { owner }: { readonly owner: boolean }): Promise<Config> {
  const config = settled(loaded, await keptWorkspace(log));
  return owner ? settled(loaded, await keepWorkspace(log, config.workspace)) : config;
}

async function keeper(log: Log) {
  const { EmbeddedLog } = await import('../platform/embedded-log/embedded-log.ts');
  return log instanceof EmbeddedLog ? log : undefined;
}

function asWorkspace(value: unknown): Workspace | undefined {
  return value as Workspace | undefined;
}
