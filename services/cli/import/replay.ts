import type { Log } from '../../core/streams/log.ts';
import { silentListener } from '../../core/streams/listener.ts';
import type { Config } from '../../platform/config/options.ts';
import { packageVersion } from '../../platform/config/package-root.ts';
import { machineHost } from '../../platform/host/machine-host.ts';
import type { Registry } from '../../platform/registry/registry.ts';
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

const nothing = (): void => undefined;

/**
 * Runs the tasks through a replay of what the inputs hold (T4) and stops them. A repeat, or a later start, goes on where
 * this was stopped. Returns false when it was stopped before the end.
 */
export async function runReplay(options: ReplayOptions): Promise<boolean> {
  const { log, registry, config } = options;
  const live = new Set<number>();
  const over = Promise.withResolvers<boolean>();
  let records = 0;
  const stopped = (): void => over.resolve(false);
  options.signal.addEventListener('abort', stopped);
  const segmenter = await startSegmenter({
    ...{ log, registry, config, host: machineHost, software: packageVersion(), replayUntil: options.until },
    tasks: {
      ...silentListener,
      committed: (_partition, figures) => options.onProgress((records += figures.records)),
      wentLive: (partition) => {
        if (live.add(partition).size === config.topics.partitions) over.resolve(true);
      },
    },
    segmenter: {
      ...{ applied: nothing, skipped: nothing, deadLetter: nothing, notActedOn: nothing, changed: nothing },
      idsForgotten: nothing,
    },
  });
  try {
    if (options.signal.aborted) stopped();
    return await Promise.race([over.promise, segmenter.failed]);
  } finally {
    options.signal.removeEventListener('abort', stopped);
    await segmenter.stop(config.shutdown.drainMs);
  }
}
