/** What is published on the definitions topic, folded as every reader folds it (D1). */
import type { Log } from '../../core/streams/log.ts';
import type { Catalogue } from '../../core/domain/language/catalogue.ts';
import type { DefinitionRecord } from '../../core/domain/events/definition-record.ts';
import { RecordBatchBuilder } from '../../core/streams/record-batch.ts';
import type { Config } from '../../platform/config/options.ts';
import { openRegistry, type Registry } from '../../platform/registry/registry.ts';
import { topicNames } from '../../platform/topics/topic-plan.ts';
import { DefinitionsFeed } from '../../segmenter/definitions-feed.ts';

export interface Published {
  readonly registry: Registry;
  readonly catalogue: Catalogue;
}

/** Throws TOPIC_UNKNOWN before `topics apply` or a first start. */
export async function readPublished(log: Log, config: Config): Promise<Published> {
  const topics = topicNames(config.topics);
  const registry = await openRegistry(log, config);
  const feed = new DefinitionsFeed(log, topics.definitions, (value) => registry.decode('definition', value), {
    effectiveAfterMs: config.definitions.effectiveAfterMs,
    zone: config.workspace.timezone,
  });
  await feed.read();
  return { registry, catalogue: feed.catalogue };
}

/** Appends records to the definitions topic as one batch, so that they stand together. */
export async function publish(
  log: Log,
  config: Config,
  registry: Registry,
  records: readonly DefinitionRecord[],
): Promise<void> {
  const builder = new RecordBatchBuilder();
  for (const record of records)
    builder.append(record.publishedAt, Buffer.from(record.key), registry.encode('definition', record));
  await log.append({ topic: topicNames(config.topics).definitions, partition: 0 }, builder.finish());
}
