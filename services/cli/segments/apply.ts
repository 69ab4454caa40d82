/** `segments apply`: files against what is published; plan, check, publish, look whether it was accepted. */
import { Fault } from '../../core/faults.ts';
import type { Catalogue } from '../../core/domain/language/catalogue.ts';
import type { Log } from '../../core/streams/log.ts';
import type { Config } from '../../platform/config/options.ts';
import { topicNames } from '../../platform/topics/topic-plan.ts';
import { whoAmI } from '../who-am-i.ts';
import { isLive, planOf, refusedOf, type Plan } from './apply-plan.ts';
import type { AuthoredFile, DefinitionFiles } from './definition-files.ts';
import { inFile, type FileMistake } from './place-in-file.ts';
import { publish, readPublished } from './published.ts';

export interface ApplyOptions {
  readonly dryRun: boolean;
  readonly reason: string | null;
  readonly now: number;
}

/** Throws DEFINITION_INVALID with every mistake against what is live, DEFINITION_STALE. */
export async function applySegments(
  log: Log,
  config: Config,
  files: readonly AuthoredFile[],
  options: ApplyOptions,
): Promise<Plan> {
  const { dryRun, reason, now } = options;
  const published = await readPublished(log, config);
  const hasEvents = await anyFacts(log, config);
  const plan = planOf(files, published.catalogue, { author: whoAmI(), reason, now, hasEvents });
  const refused = refusedOf(files, published.catalogue, plan);
  if (refused.length > 0)
    throw new Fault('DEFINITION_INVALID', 'The definitions do not fit together; nothing was published', {
      mistakes: refused.map(inFile),
    });
  if (dryRun || plan.records.length === 0) return plan;
  await publish(log, config, published.registry, plan.records);
  await assertAccepted(log, config, files, plan);
  return plan;
}

/** What would not fit together, or with what is live, if the definitions with mistakes had none. */
export function misfitsOf({ files, standIns }: DefinitionFiles, catalogue: Catalogue): readonly FileMistake[] {
  const all = [...files, ...standIns];
  const terms = { author: '', reason: null, now: 0, hasEvents: true };
  return refusedOf(all, catalogue, planOf(all, catalogue, terms));
}

async function anyFacts(log: Log, config: Config): Promise<boolean> {
  const topic = topicNames(config.topics).facts;
  const partitions = Array.from({ length: config.topics.partitions }, (_, partition) => ({ topic, partition }));
  return (await log.endOffsets(partitions)).some((end) => end.lastStableOffset > 0);
}

/** Two may publish at once: what counts is the fold of the topic (D1). */
async function assertAccepted(log: Log, config: Config, files: readonly AuthoredFile[], plan: Plan): Promise<void> {
  const { catalogue } = await readPublished(log, config);
  const lost = plan.records.filter(
    ({ key }) =>
      !isLive(
        files.find((one) => one.key === key)!,
        catalogue,
      ),
  );
  if (lost.length === 0) return;
  throw new Fault('DEFINITION_STALE', 'Somebody else published at the same time', {
    mistakes: lost.map(({ key }) => `${key} was not accepted`),
  });
}
