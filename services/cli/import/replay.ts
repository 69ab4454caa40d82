import type { Log } from '../../core/streams/log.ts';
import { silentListener } from '../../core/streams/listener.ts';
import type { Stage } from '../../core/streams/stages.ts';
import type { Config } from '../../platform/config/options.ts';
import { packageVersion } from '../../platform/config/package-root.ts';
import { machineHost } from '../../platform/host/machine-host.ts';
import type { Registry } from '../../platform/registry/registry.ts';
import { silentSegmenterListener } from '../../segmenter/listener.ts';
import { startSegmenter } from '../../segmenter/segmenter.ts';

export interface ReplayOptions {
  readonly log: Log;
  readonly registry: Registry;
  readonly config: Config;
  /** Where the clock stands when the replay is over, ms UTC. */
  readonly until: number;
  readonly onProgress: (records: number) => void;
  readonly signal: AbortSignal;
}

const ASK_EVERY_MS = 50;
/** Stages in which a task has its state. */
const AT_WORK: ReadonlySet<Stage> = new Set(['running', 'committing']);

/**
 * Runs the tasks through a replay of what the inputs hold (T4) and stops them. A repeat, or a later start, goes on where
 * this was stopped. Returns false when it was stopped before the end.
 */
export async function runReplay(options: ReplayOptions): Promise<boolean> {
  const { log, registry, config } = options;
  const over = Promise.withResolvers<boolean>();
  let records = 0;
  const stopped = (): void => over.resolve(false);
  options.signal.addEventListener('abort', stopped);
  const segmenter = await startSegmenter({
    ...{ log, registry, config, host: machineHost, software: packageVersion(), replayUntil: options.until },
    tasks: {
      ...silentListener,
      committed: (_partition, figures) => options.onProgress((records += figures.records)),
    },
    segmenter: silentSegmenterListener,
  });
  // Asked for rather than told: tasks that were past their replay before this start never tell it again.
  const asking = setInterval(() => {
    const tasks = [...segmenter.gauges().values()];
    if (tasks.length < config.topics.partitions) return;
    if (tasks.every(({ mode, stage }) => mode === 'live' && AT_WORK.has(stage))) over.resolve(true);
  }, ASK_EVERY_MS);
  try {
    if (options.signal.aborted) stopped();
    return await Promise.race([over.promise, segmenter.failed]);
  } finally {
    clearInterval(asking);
    options.signal.removeEventListener('abort', stopped);
    await segmenter.stop(config.shutdown.drainMs);
  }
}
