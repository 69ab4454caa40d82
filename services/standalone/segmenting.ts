/** The segmenter of one event loop with all that is told of it: metrics, log lines, the state of the registry. */
import { INPUTS } from '../core/domain/events/header.ts';
import type { Log } from '../core/streams/log.ts';
import type { Config } from '../platform/config/options.ts';
import { packageVersion } from '../platform/config/package-root.ts';
import { machineHost } from '../platform/host/machine-host.ts';
import type { Registry } from '../platform/registry/registry.ts';
import { SchemaGate } from '../platform/registry/schema-gate.ts';
import type { Dependency } from '../platform/telemetry/health.ts';
import type { Logger } from '../platform/telemetry/logger.ts';
import type { Metrics } from '../platform/telemetry/metrics.ts';
import { topicNames } from '../platform/topics/topic-plan.ts';
import { startSegmenter, type RunningSegmenter } from '../segmenter/segmenter.ts';
import { sampleTasks, tellRegistry, tellSegmenter, tellTasks } from './telling.ts';

export interface SegmentingOptions {
  readonly config: Config;
  readonly log: Log;
  readonly registry: Registry;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly registryHealth: Dependency;
  /** Asks for a replay of what the inputs hold now (T4), up to this instant, ms UTC. */
  readonly replayUntil: number | undefined;
  /** Told each partition whose replay is over. */
  readonly wentLive: (partition: number) => void;
}

const SAMPLE_MS = 1_000;
/** How often it is checked that our schema ids still mean our schemas. */
const VERIFY_MS = 60_000;

export async function startSegmenting(options: SegmentingOptions): Promise<RunningSegmenter> {
  const { config, log, registry, logger, metrics } = options;
  const schemas = tellRegistry(metrics, logger, options.registryHealth);
  schemas.answered();
  const names = topicNames(config.topics);
  const inputs = INPUTS.map((input) => names[input]);
  const gate = new SchemaGate(inputs, registry, schemas, () => performance.now());
  const segmenter = await startSegmenter({
    ...{ log: gate.over(log), registry, config, host: machineHost, software: packageVersion() },
    replayUntil: options.replayUntil,
    tasks: tellTasks(metrics, logger, options.wentLive),
    segmenter: tellSegmenter(metrics, logger, Date.now),
  });
  const sampling = setInterval(() => sampleTasks(metrics, segmenter.gauges(), Date.now()), SAMPLE_MS);
  const verifying = setInterval(() => {
    registry.verify().then(schemas.verified, schemas.doubtful);
  }, VERIFY_MS);
  return {
    failed: segmenter.failed,
    gauges: () => segmenter.gauges(),
    stop: (withinMs) => {
      clearInterval(sampling);
      clearInterval(verifying);
      return segmenter.stop(withinMs);
    },
  };
}
