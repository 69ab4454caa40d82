/** The application of the benchmark job on any log: what runs between the first fetch and the last commit. */
import { PlanSource } from '../../services/core/domain/evaluation/applied-rules.ts';
import { App } from '../../services/core/streams/app.ts';
import { silentListener } from '../../services/core/streams/listener.ts';
import type { Log } from '../../services/core/streams/log.ts';
import { TASK_DEFAULTS } from '../../services/core/streams/task-options.ts';
import { machineHost } from '../../services/platform/host/machine-host.ts';
import { localRegistry } from '../../services/platform/registry/registry.ts';
import { DefinitionsFeed } from '../../services/segmenter/definitions-feed.ts';
import { segmenterTopology, type SegmenterTopics } from '../../services/segmenter/topology.ts';
import type { JobRecords } from './job-records.ts';
import { benchRecords } from './job-wire.ts';
import { ownRecords } from './own-records.ts';
import { silentSegmenterListener } from '../../services/segmenter/listener.ts';

export const PARTITIONS = 4;
export const HOUR_MS = 3_600_000;
const NO_LIMIT_MS = 1e15;
const DRAIN_MS = 10_000;

export type JobTopics = SegmenterTopics & { readonly definitions: string };
/** `bench`: as the benchmark's description has them; `own`: the product's, with explanations and memberships. */
export type RecordsName = 'bench' | 'own';

export interface RunningJob {
  /** Rejects with the fault of the first task that cannot go on. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

export function jobTopics(prefix: string): JobTopics {
  return {
    interactions: `${prefix}interactions`,
    purchases: `${prefix}purchases`,
    surveys: `${prefix}surveys`,
    profiles: `${prefix}profiles`,
    identities: `${prefix}identities`,
    changes: `${prefix}changes`,
    memberships: `${prefix}memberships`,
    facts: `${prefix}facts`,
    deadLetters: `${prefix}dead-letters`,
    changelog: `${prefix}changelog`,
    definitions: `${prefix}definitions`,
  };
}

export function jobRecords(name: RecordsName): JobRecords {
  return name === 'own' ? ownRecords(localRegistry()) : benchRecords();
}

/** Replays what the inputs hold up to an instant; `onLive` is told each partition that is through. */
export async function startJob(
  log: Log,
  topics: JobTopics,
  lastInstant: number,
  records: JobRecords,
  onLive: (partition: number) => void,
  listener = silentSegmenterListener,
): Promise<RunningJob> {
  const definitions = localRegistry();
  const feed = new DefinitionsFeed(log, topics.definitions, (value) => definitions.decode('definition', value), {
    effectiveAfterMs: 5000,
    zone: 'UTC',
  });
  await feed.read();
  const topology = segmenterTopology('bench', topics, feed, {
    wire: records.wire,
    plans: new PlanSource(),
    limits: { latenessMs: 7 * 24 * HOUR_MS, futureMs: NO_LIMIT_MS, dedupWindowMs: 24 * HOUR_MS, dedupIdsMax: 1_000 },
    listener,
    declaredInstant: lastInstant,
    tellMemberships: records.tellMemberships,
  });
  const app = new App({
    log,
    host: machineHost,
    topology,
    options: { ...TASK_DEFAULTS, commitMinMs: 0 },
    listener: { ...silentListener, wentLive: onLive },
    replay: { declaredInstant: lastInstant, broadcastEnd: feed.end },
  });
  await app.start();
  return {
    failed: app.failed,
    stop: async () => {
      await app.stop(DRAIN_MS);
    },
  };
}
