/** Which topics there are and how they must be: one table, from which `topics apply` creates and checks. */
import { INPUTS } from '../../core/domain/events/header.ts';
import type { TopicSpec } from '../../core/streams/log.ts';
import type { Config } from '../config/options.ts';

type TopicsConfig = Config['topics'];

/** Names of topics in the configuration. */
export type TopicKey = Exclude<keyof TopicsConfig, 'prefix' | 'partitions' | 'maxMessageBytes'>;

export type TopicNames = Readonly<Record<TopicKey, string>>;

export interface PlannedTopic {
  readonly key: TopicKey;
  /** All shared topics have the same number of partitions: a customer's records are in the same one of each. */
  readonly shared: boolean;
  readonly spec: TopicSpec;
}

/** Facts and dead letters hold an input record and more: what the log accepts as input must fit (bytes). */
const ROOM_AROUND_INPUT = 256 * 1024;
const DAY_MS = 86_400_000;

interface Kind {
  /** Customer topics all have the same number: a customer's records have the same partition in each. */
  readonly partitions: 'customers' | 1;
  readonly cleanup: TopicSpec['cleanup'];
  readonly timestampType: TopicSpec['timestampType'];
  readonly roomier: boolean;
}

/** The log's own time is what the clock and lateness are measured by (T3, T5). */
const INPUT: Kind = { partitions: 'customers', cleanup: 'delete', timestampType: 'LogAppendTime', roomier: false };
const OUTPUT: Kind = { ...INPUT, timestampType: 'CreateTime' };

const KINDS: Readonly<Record<TopicKey, Kind>> = {
  interactions: INPUT,
  purchases: INPUT,
  surveys: INPUT,
  profiles: INPUT,
  identities: INPUT,
  changes: OUTPUT,
  memberships: { ...OUTPUT, cleanup: 'compact' },
  facts: { ...OUTPUT, roomier: true },
  deadLetters: { ...OUTPUT, roomier: true },
  changelog: { ...OUTPUT, cleanup: 'compact', roomier: true },
  // One order for all readers, and never compacted: the catalogue is a fold over all of it (D1).
  definitions: { ...OUTPUT, partitions: 1 },
  schemas: { ...OUTPUT, partitions: 1, cleanup: 'compact' },
  imports: { ...OUTPUT, partitions: 1, cleanup: 'compact' },
};

const KEYS = Object.keys(KINDS) as readonly TopicKey[];

/** Every topic's full name, prefix included. */
export function topicNames(topics: TopicsConfig): TopicNames {
  return Object.fromEntries(KEYS.map((key) => [key, topics.prefix + topics[key].name])) as Record<TopicKey, string>;
}

/** Every topic as it must be, inputs first. Schema ids are a topic only where no registry keeps them. */
export function topicPlan({ topics, registry }: Pick<Config, 'topics' | 'registry'>): readonly PlannedTopic[] {
  const names = topicNames(topics);
  return KEYS.filter((key) => key !== 'schemas' || registry.url === null).map((key) => {
    const { partitions, cleanup, timestampType, roomier } = KINDS[key];
    return {
      key,
      shared: partitions === 'customers',
      spec: {
        name: names[key],
        partitions: partitions === 'customers' ? topics.partitions : partitions,
        cleanup,
        retentionMs: retentionOf(topics[key], cleanup),
        timestampType,
        maxMessageBytes: topics.maxMessageBytes + (roomier ? ROOM_AROUND_INPUT : 0),
      },
    };
  });
}

export function isInput(key: TopicKey): key is (typeof INPUTS)[number] {
  return (INPUTS as readonly string[]).includes(key);
}

/** Of a compacted topic it is the time of tombstones; what has no option is kept without limit. */
function retentionOf(topic: TopicsConfig[TopicKey], cleanup: TopicSpec['cleanup']): number | null {
  if ('retentionMs' in topic) return topic.retentionMs;
  return cleanup === 'compact' ? DAY_MS : null;
}
