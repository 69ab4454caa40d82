/** What there is against what there must be. */
import type { Log, TopicSpec } from '../../core/streams/log.ts';
import type { PlannedTopic } from './topic-plan.ts';

export interface TopicDifference {
  readonly topic: string;
  readonly setting: keyof TopicSpec;
  readonly found: string;
  readonly wanted: string;
  readonly fix: string;
}

export interface TopicComparison {
  readonly missing: readonly PlannedTopic[];
  readonly asPlanned: readonly PlannedTopic[];
  readonly differences: readonly TopicDifference[];
}

type Setting = Exclude<keyof TopicSpec, 'name'>;

const SETTINGS: readonly Setting[] = ['partitions', 'cleanup', 'retentionMs', 'timestampType', 'maxMessageBytes'];

export async function compareTopics(log: Log, plan: readonly PlannedTopic[]): Promise<TopicComparison> {
  const found = await log.describeTopics(plan.map(({ spec }) => spec.name));
  const counts = plan.flatMap(({ key, shared }, index) => {
    const there = found[index];
    return shared && there !== undefined ? [{ key, partitions: there.partitions }] : [];
  });
  const differences = plan.flatMap((planned, index) => {
    const there = found[index];
    return there === undefined ? [] : differencesOf(planned, there, oddOnes(counts));
  });
  return {
    missing: plan.filter((_, index) => found[index] === undefined),
    asPlanned: plan.filter(({ spec }, index) => {
      return found[index] !== undefined && !differences.some(({ topic }) => topic === spec.name);
    }),
    differences,
  };
}

/** Where topics that must have the same number of partitions do not, those that are not like most of them; else none. */
function oddOnes(counts: readonly { readonly key: string; readonly partitions: number }[]): ReadonlySet<string> {
  const groups = [...Map.groupBy(counts, ({ partitions }) => partitions).values()].sort((a, b) => b.length - a.length);
  return new Set(groups.slice(1).flatMap((group) => group.map(({ key }) => key)));
}

function differencesOf(planned: PlannedTopic, there: TopicSpec, odd: ReadonlySet<string>): readonly TopicDifference[] {
  const { spec } = planned;
  return SETTINGS.filter((setting) => there[setting] !== spec[setting]).map((setting) => ({
    topic: spec.name,
    setting,
    found: words(setting, there[setting]),
    wanted: words(setting, spec[setting]),
    fix: fixOf(planned, setting, there, odd),
  }));
}

function words(setting: Setting, value: string | number | null): string {
  if (value === null) return 'without limit';
  if (setting === 'retentionMs') return `${value} ms`;
  return setting === 'maxMessageBytes' ? `${value} bytes` : String(value);
}

/** Where the configuration may follow the topic it says so; else the topic has to be made anew, or altered by its log. */
function fixOf({ key, spec }: PlannedTopic, setting: Setting, there: TopicSpec, odd: ReadonlySet<string>): string {
  switch (setting) {
    case 'partitions':
      if (spec.partitions === 1) return 'delete the topic while it is empty; it must have one partition';
      if (odd.has(key)) {
        // What one number in the configuration cannot put right.
        return `give topics.${key}.name a new topic, or delete this one while it is empty: a customer's records must have the same partition in each topic`;
      }
      return `set topics.partitions to ${there.partitions}: the partitions of a topic in use cannot change`;
    case 'retentionMs':
      if (there.retentionMs !== null && key === 'definitions')
        return 'take the retention off: definitions are kept (D1)';
      return `set topics.${key}.retentionMs to ${there.retentionMs ?? 'null'}, or change the retention of the topic`;
    case 'maxMessageBytes':
      return `set max.message.bytes of the topic to ${spec.maxMessageBytes}, or topics.maxMessageBytes to fit`;
    case 'timestampType':
      return `set message.timestamp.type of the topic to ${spec.timestampType}`;
    case 'cleanup':
      return `set cleanup.policy of the topic to ${spec.cleanup}`;
  }
}
