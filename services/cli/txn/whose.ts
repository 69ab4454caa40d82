/** Whose a transaction is: by its id, which carries the installation's prefix and the writer's name. */
import type { Config } from '../../platform/config/options.ts';
import { topicNames } from '../../platform/topics/topic-plan.ts';
import { APPLICATION } from '../../segmenter/segmenter.ts';

export type Whose =
  | { readonly kind: 'task'; readonly partition: number }
  | { readonly kind: 'import' | 'registration' | 'retry' }
  | { readonly kind: 'foreign' };

const FOREIGN: Whose = { kind: 'foreign' };

/** `id` as the brokers know it; undefined where no coordinator knows the producer. */
export function whoseIs(id: string | undefined, config: Config): Whose {
  const { idPrefix } = config.kafka;
  if (id?.startsWith(idPrefix) !== true) return FOREIGN;
  const name = id.slice(idPrefix.length);
  const task = new RegExp(`^${APPLICATION}-(\\d+)$`).exec(name);
  if (task !== null) return { kind: 'task', partition: Number(task[1]) };
  if (name.startsWith('tributary-import-')) return { kind: 'import' };
  if (name === 'tributary-dead-letters-retry') return { kind: 'retry' };
  if (name === `${topicNames(config.topics).schemas}-registration`) return { kind: 'registration' };
  return FOREIGN;
}

export function inWords(whose: Whose): string {
  return whose.kind === 'task' ? `task ${whose.partition}` : whose.kind;
}
