/** The segmenter in this process, without ledger and console, until it has taken everything that is on the inputs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { silentListener } from '../../services/core/streams/listener.ts';
import type { Log } from '../../services/core/streams/log.ts';
import { machineHost } from '../../services/platform/host/machine-host.ts';
import { silentSegmenterListener } from '../../services/segmenter/listener.ts';
import { startSegmenter } from '../../services/segmenter/segmenter.ts';
import type { UpDirectory } from './up-directory.ts';

const POLL_MS = 20;

/** `log`: as its owner. */
export async function takeAll(log: Log, { config, registry }: UpDirectory): Promise<void> {
  const segmenter = await startSegmenter({
    ...{ log, registry, config, host: machineHost, software: 'bench' },
    ...{ tasks: silentListener, segmenter: silentSegmenterListener },
  });
  const busy = (): boolean => {
    const gauges = [...segmenter.gauges().values()];
    return gauges.some(({ stage, lagRecords, clock }) => stage !== 'running' || lagRecords > 0 || clock === 0);
  };
  while (busy()) await Promise.race([sleep(POLL_MS), segmenter.failed]);
  await segmenter.stop(config.shutdown.drainMs);
}
