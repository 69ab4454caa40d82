/** Topics as Kafka keeps them, in the port's words and back. */
import type { TopicSpec } from '../../core/streams/log.ts';
import { BrokerRefusal, CODE } from './broker-errors.ts';
import { call } from './calls.ts';
import type { Cluster } from './cluster.ts';
import { retrying } from './retrying.ts';

const TOPIC_RESOURCE = 2;
const SETTINGS = [
  'cleanup.policy',
  'retention.ms',
  'delete.retention.ms',
  'message.timestamp.type',
  'max.message.bytes',
] as const;
type Setting = (typeof SETTINGS)[number];

const WITHOUT_LIMIT = '-1';
/** A tombstone's time has no "without limit": this is the largest Kafka takes. */
const LONGEST = '9223372036854775807';
/** Compaction soon and in small pieces: restoring a task reads what is not compacted yet. */
const COMPACTED: readonly (readonly [string, string])[] = [
  ['min.cleanable.dirty.ratio', '0.2'],
  ['segment.bytes', String(64 * 1024 * 1024)],
  ['segment.ms', String(3_600_000)],
];
/** Pause between two looks whether a new topic has its leaders everywhere, ms. */
const LOOK_EVERY_MS = 20;

export async function describeTopics(
  cluster: Cluster,
  names: readonly string[],
): Promise<readonly (TopicSpec | undefined)[]> {
  if (names.length === 0) return [];
  return retrying({ budgetMs: cluster.options.retryMs }, async () => {
    const found = await cluster.metadata(names);
    const counts = new Map(found.map(({ topic, partitionMetadata }) => [topic, partitionMetadata.length]));
    const settings = await describeSettings(cluster, [...counts.keys()]);
    return names.map((name) => {
      const partitions = counts.get(name);
      const set = settings.get(name);
      return partitions === undefined || set === undefined ? undefined : specOf(name, partitions, set);
    });
  });
}

export async function listTopics(cluster: Cluster): Promise<readonly string[]> {
  const found = await retrying({ budgetMs: cluster.options.retryMs }, () => cluster.metadata([]));
  return found.filter(({ isInternal }) => !isInternal).map(({ topic }) => topic);
}

/** Creates what does not exist, and waits until every partition has a leader that the brokers know of. */
export async function createTopics(cluster: Cluster, specs: readonly TopicSpec[]): Promise<void> {
  if (specs.length === 0) return;
  const { retryMs, requestMs, replicationFactor } = cluster.options;
  await retrying({ budgetMs: retryMs }, async () => {
    const topics = specs.map((spec) => ({
      ...{ topic: spec.name, numPartitions: spec.partitions, replicationFactor },
      configEntries: settingsOf(spec).map(([name, value]) => ({ name, value })),
    }));
    const answer = await cluster.askController(call('CreateTopics', { topics, timeout: requestMs }, requestMs));
    for (const { topic, errorCode, errorMessage } of answer.topicErrors) {
      if (errorCode === CODE.none || errorCode === CODE.topicAlreadyExists) continue;
      throw new BrokerRefusal(errorCode, { api: 'CreateTopics', topic }, errorMessage);
    }
  });
  const names = specs.map(({ name }) => name);
  await retrying({ budgetMs: retryMs, firstMs: LOOK_EVERY_MS, largestMs: LOOK_EVERY_MS }, async () => {
    const found = await cluster.metadata(names);
    const led = found.filter(({ partitionMetadata }) => partitionMetadata.every(({ leader }) => leader >= 0));
    if (led.length === names.length) return;
    throw new BrokerRefusal(CODE.leaderNotAvailable, { api: 'CreateTopics', topics: names.join(', ') });
  });
}

/** The largest batch each topic accepts, bytes; asked for once in a while. */
export class BatchBounds {
  readonly #cluster: Cluster;
  readonly #known = new Map<string, { readonly bytes: number; readonly at: number }>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  async of(topic: string): Promise<number> {
    const known = this.#known.get(topic);
    if (known !== undefined && performance.now() - known.at < BOUND_AGE_MS) return known.bytes;
    const bytes = await this.#ask(topic);
    this.#known.set(topic, { bytes, at: performance.now() });
    return bytes;
  }

  /** Who may write to a topic may not be allowed to read its settings; then the broker's own check has to do. */
  async #ask(topic: string): Promise<number> {
    try {
      const settings = await retrying({ budgetMs: this.#cluster.options.retryMs }, () =>
        describeSettings(this.#cluster, [topic]),
      );
      return Number(settings.get(topic)?.get('max.message.bytes') ?? Infinity);
    } catch (error) {
      if (error instanceof BrokerRefusal && error.code === TOPIC_AUTHORIZATION_FAILED) return Infinity;
      throw error;
    }
  }
}

const BOUND_AGE_MS = 300_000;
const TOPIC_AUTHORIZATION_FAILED = 29;

/** Topics that do not exist (any more) are left out. */
async function describeSettings(
  cluster: Cluster,
  topics: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<Setting, string>>> {
  if (topics.length === 0) return new Map();
  const resources = topics.map((name) => ({ type: TOPIC_RESOURCE, name, configNames: SETTINGS }));
  const answer = await cluster.ask(call('DescribeConfigs', { resources }));
  const settings = new Map<string, ReadonlyMap<Setting, string>>();
  for (const { resourceName: topic, errorCode, errorMessage, configEntries } of answer.resources) {
    if (errorCode === CODE.unknownTopicOrPartition) continue;
    if (errorCode !== CODE.none) throw new BrokerRefusal(errorCode, { api: 'DescribeConfigs', topic }, errorMessage);
    settings.set(
      topic,
      new Map(configEntries.map(({ configName, configValue }) => [configName as Setting, configValue ?? ''])),
    );
  }
  return settings;
}

function specOf(name: string, partitions: number, settings: ReadonlyMap<Setting, string>): TopicSpec {
  const policy = settings.get('cleanup.policy') ?? '';
  const cleanup = policy === 'compact' ? 'compact' : policy === 'delete' ? 'delete' : 'compact,delete';
  const retention = Number(settings.get(cleanup === 'compact' ? 'delete.retention.ms' : 'retention.ms'));
  return {
    ...{ name, partitions, cleanup },
    retentionMs: retention < 0 || retention > Number.MAX_SAFE_INTEGER ? null : retention,
    timestampType: settings.get('message.timestamp.type') === 'LogAppendTime' ? 'LogAppendTime' : 'CreateTime',
    maxMessageBytes: Number(settings.get('max.message.bytes')),
  };
}

/** What a topic is created with: Kafka's names and values. */
export function settingsOf(spec: TopicSpec): readonly (readonly [string, string])[] {
  const retention: readonly [string, string] =
    spec.cleanup === 'compact'
      ? ['delete.retention.ms', String(spec.retentionMs ?? LONGEST)]
      : ['retention.ms', String(spec.retentionMs ?? WITHOUT_LIMIT)];
  return [
    ['cleanup.policy', spec.cleanup],
    retention,
    ['message.timestamp.type', spec.timestampType],
    ['max.message.bytes', String(spec.maxMessageBytes)],
    ...(spec.cleanup === 'delete' ? [] : COMPACTED),
  ];
}
