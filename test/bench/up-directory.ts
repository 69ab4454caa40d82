/** A data directory, on Kafka also topics of its own, for measurements with the whole product: topics, definitions, nothing else yet. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLog } from '../../services/cli/open-log.ts';
import { publish } from '../../services/cli/segments/published.ts';
import type { DefinitionRecord } from '../../services/core/domain/events/definition-record.ts';
import type { Log } from '../../services/core/streams/log.ts';
import { loadConfig } from '../../services/platform/config/load.ts';
import type { Config } from '../../services/platform/config/options.ts';
import { openRegistry, type Registry } from '../../services/platform/registry/registry.ts';
import { applyTopics } from '../../services/platform/topics/apply-topics.ts';
import { topicNames, type TopicNames } from '../../services/platform/topics/topic-plan.ts';
import { jobDefinitions } from './job.ts';

export interface UpDirectory {
  readonly configFile: string;
  readonly config: Config;
  readonly topics: TopicNames;
  readonly registry: Registry;
}

/** Where the topics live. */
export interface Place {
  readonly log: 'embedded' | 'kafka';
  /** `host:port`, for Kafka. */
  readonly brokers: string;
}

export const SEGMENTS = new URL('segments.json', import.meta.url).pathname;

/** Definitions come into force on whole 5 s after their publication and some (D2): here all of that has passed. */
const FOUNDED_AGO_MS = 60_000;

/**
 * Calls `work` with the log owned; who starts the product on it must have left this first. Definitions are the benchmark's 40
 * segments unless others are given.
 */
export async function makeUpDirectory(
  directory: string,
  place: Place,
  work: (made: UpDirectory, log: Log) => Promise<void> = () => Promise.resolve(),
  definitions: readonly DefinitionRecord[] = jobDefinitions(SEGMENTS),
): Promise<UpDirectory> {
  const configFile = join(directory, 'bench.yaml');
  const lines = [
    'data: { directory: data }',
    'http: { port: 0 }',
    ...(place.log === 'kafka' ? onKafka(place.brokers) : []),
  ];
  writeFileSync(configFile, `${lines.join('\n')}\n`);
  const { config } = loadConfig({ file: configFile, environment: {}, workingDirectory: directory });
  const log = await openUpLog(config, true);
  try {
    await applyTopics(log, config, () => Date.now() - FOUNDED_AGO_MS);
    const topics = topicNames(config.topics);
    const registry = await openRegistry(log, config);
    await publish(log, config, registry, definitions);
    const made = { configFile, config, topics, registry };
    await work(made, log);
    return made;
  } finally {
    await log.close();
  }
}

export function openUpLog(config: Config, owner: boolean): Promise<Log> {
  return openLog(config, { owner });
}

function onKafka(brokers: string): readonly string[] {
  const prefix = `bench-${process.pid}-${Date.now()}`;
  return [
    'log: { kind: kafka }',
    `kafka: { brokers: "${brokers}", idPrefix: ${prefix}- }`,
    `topics: { prefix: ${prefix}. }`,
  ];
}
