/**
 * The segmenter as a running part: the definitions, the tasks of this event loop, and what they tell. Whoever starts it owns the
 * log and gives it a host; `stop` drains.
 */
import { PlanSource } from '../core/domain/evaluation/applied-rules.ts';
import type { Customer } from '../core/domain/evaluation/customer.ts';
import { Fault } from '../core/faults.ts';
import { App } from '../core/streams/app.ts';
import type { Host } from '../core/streams/host.ts';
import type { TaskGauges, TaskListener } from '../core/streams/listener.ts';
import type { Log } from '../core/streams/log.ts';
import { TASK_DEFAULTS } from '../core/streams/task-options.ts';
import type { Config } from '../platform/config/options.ts';
import type { Registry } from '../platform/registry/registry.ts';
import { topicNames } from '../platform/topics/topic-plan.ts';
import { avroWire } from './avro-wire.ts';
import { DefinitionsFeed } from './definitions-feed.ts';
import type { SegmenterListener } from './listener.ts';
import type { Incoming } from './processor.ts';
import { segmenterTopology } from './topology.ts';

export interface SegmenterOptions {
  readonly log: Log;
  readonly registry: Registry;
  readonly config: Config;
  readonly host: Host;
  readonly software: string;
  readonly tasks: TaskListener;
  readonly segmenter: SegmenterListener;
  /** Asks for a replay of what the inputs hold now (T4): where the clock stands when it is over, ms UTC. */
  readonly replayUntil?: number | undefined;
}

export interface RunningSegmenter {
  /** Rejects with the fault of the first task that cannot go on. */
  readonly failed: Promise<never>;
  gauges(): ReadonlyMap<number, TaskGauges>;
  /** Finishes commits under way; false when the bound came first. */
  stop(withinMs: number): Promise<boolean>;
}

export const APPLICATION = 'tributary';

const FEED_WAIT_MS = 1_000;

/** K1: what a transaction costs on each log. */
const COMMIT_MIN_MS = { embedded: 5, memory: 5, kafka: 25 } as const;

export async function startSegmenter(options: SegmenterOptions): Promise<RunningSegmenter> {
  const { log, registry, config, host } = options;
  const topics = topicNames(config.topics);
  const feed = new DefinitionsFeed(log, topics.definitions, (value) => registry.decode('definition', value), {
    effectiveAfterMs: config.definitions.effectiveAfterMs,
    zone: config.workspace.timezone,
  });
  await feed.read();
  const replay =
    options.replayUntil === undefined ? undefined : { declaredInstant: options.replayUntil, broadcastEnd: feed.end };
  const topology = segmenterTopology(APPLICATION, topics, feed, {
    wire: avroWire(registry),
    plans: new PlanSource(),
    limits: {
      latenessMs: config.lateness.limitMs,
      futureMs: config.future.limitMs,
      dedupWindowMs: config.dedup.windowMs,
      dedupIdsMax: config.dedup.idsMax,
    },
    listener: options.segmenter,
    declaredInstant: options.replayUntil,
    tellMemberships: true,
  });
  const app = new App<Incoming, Customer>({
    log,
    host,
    topology,
    options: {
      ...TASK_DEFAULTS,
      commitMinMs: config.commit.minMs ?? COMMIT_MIN_MS[config.log.kind],
      commitMaxMs: config.commit.maxMs,
      commitInputsMax: config.commit.maxRecords,
      commitBytesMax: config.commit.maxBytes,
      clockDelayMs: config.clock.delayMs,
      software: options.software,
    },
    listener: options.tasks,
    replay,
  });
  await app.start();
  const stopping = new AbortController();
  const following = follow(feed, host, options.segmenter, stopping.signal);
  return {
    failed: Promise.race([app.failed, following]),
    gauges: () => app.gauges(),
    stop: async (withinMs) => {
      stopping.abort();
      return app.stop(withinMs);
    },
  };
}

/**
 * Reads definitions as they are published; rejects with the fault of one that cannot be read (D2), else never settles. A log that
 * does not answer ends nothing: what is in force goes on, and it is asked again.
 */
async function follow(
  feed: DefinitionsFeed,
  host: Host,
  listener: SegmenterListener,
  signal: AbortSignal,
): Promise<never> {
  while (!signal.aborted) {
    try {
      await feed.read(FEED_WAIT_MS, signal);
    } catch (error) {
      if (!(error instanceof Fault) || error.action !== 'retry') throw error;
      listener.definitionsUnread(error);
      await host.sleep(FEED_WAIT_MS, signal);
    }
  }
  return new Promise<never>(() => undefined);
}
