import type { Log } from '../../core/streams/log.ts';
import type { Config } from '../config/options.ts';
import type { SchemaStore } from './schema-store.ts';

/** What a schema store needs to know of the configuration. */
export type StoreConfig = Pick<Config, 'topics' | 'registry'>;

/** The store that the configuration names. Nothing is asked of it yet. */
export async function openSchemaStore(log: Log, { topics, registry }: StoreConfig): Promise<SchemaStore> {
  if (registry.url === null) {
    const { TopicSchemaStore } = await import('./topic-schema-store.ts');
    return new TopicSchemaStore(log, topics.prefix + topics.schemas.name);
  }
  const { ConfluentSchemaStore } = await import('./confluent-schema-store.ts');
  return new ConfluentSchemaStore({ ...registry, url: registry.url });
}
