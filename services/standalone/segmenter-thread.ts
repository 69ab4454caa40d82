/**
 * A thread that runs tasks: a full member of the consumer group, with connections, state and metrics of its own. No record crosses
 * threads; the main thread hears what it asks for, and what a person should see.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { openConfiguredKafkaLog } from '../platform/kafka/configured-log.ts';
import { openRegistry } from '../platform/registry/registry.ts';
import { createLogger } from '../platform/telemetry/logger.ts';
import { createMetrics } from '../platform/telemetry/metrics.ts';
import { packageVersion } from '../platform/config/package-root.ts';
import { startSegmenting } from './segmenting.ts';
import { told, type FromThread, type ThreadOptions, type ToThread } from './thread-words.ts';

const GAUGES_MS = 1_000;

const port = parentPort!;
const { config, replayUntil } = workerData as ThreadOptions;
const say = (what: FromThread): void => port.postMessage(what);

const logger = createLogger({ level: config.logging.level, write: (line) => say({ kind: 'line', line }) });
const metrics = createMetrics({ version: packageVersion(), process: false });

try {
  const own = logger.bind({ component: 'segmenter' });
  const log = await openConfiguredKafkaLog(config.kafka, {
    onFault: (error) => own.warn({ error }, 'trouble with the brokers is dealt with'),
  });
  const segmenting = await startSegmenting({
    ...{ config, log, registry: await openRegistry(log, config), logger, metrics, replayUntil },
    registryHealth: {
      ok: () => say({ kind: 'registry', condition: 'ok' }),
      degraded: (fault) => say({ kind: 'registry', condition: 'degraded', fault: told(fault) }),
      failed: (fault) => say({ kind: 'registry', condition: 'failed', fault: told(fault) }),
    },
    wentLive: (partition) => say({ kind: 'live', partition }),
  });
  segmenting.failed.catch((error: unknown) => say({ kind: 'failed', fault: told(error) }));
  const sampling = setInterval(() => say({ kind: 'gauges', gauges: segmenting.gauges() }), GAUGES_MS);
  const stop = async (withinMs: number): Promise<void> => {
    clearInterval(sampling);
    const drained = await segmenting.stop(withinMs);
    await log.close();
    say({ kind: 'stopped', drained });
    metrics.close();
    port.close();
  };
  port.on('message', (asked: ToThread) => {
    if (asked.kind === 'stop') void stop(asked.withinMs);
    else void metrics.values().then((values) => say({ kind: 'metrics', question: asked.question, values }));
  });
  say({ kind: 'started' });
} catch (error) {
  say({ kind: 'failed', fault: told(error) });
  port.close();
}
