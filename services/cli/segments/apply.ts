/** `segments apply`: files against what is published; plan, check, publish, look whether it was accepted. */
import { Fault } from '../../core/faults.ts';
import type { DefinitionRecord } from '../../core/domain/events/definition-record.ts';
import {
  EFFECTIVE_GRID_MS,
  references,
  type Catalogue,
  type LiveSegment,
} from '../../core/domain/language/catalogue.ts';
import { seriesIn } from '../../core/domain/language/series-identity.ts';
import type { Log } from '../../core/streams/log.ts';
import type { Config } from '../../platform/config/options.ts';
import { topicNames } from '../../platform/topics/topic-plan.ts';
import { whoAmI } from '../who-am-i.ts';
import { canonicalJson, inFile, type AuthoredFile, type DefinitionFiles } from './definition-files.ts';
import { publish, readPublished } from './published.ts';

export interface Step {
  readonly step: 'new' | 'changed' | 'unchanged' | 'not in the files';
  readonly key: string;
  readonly version: number;
  readonly file: string | null;
  /** Its history is not all known: a series of it is born now (backfill is not available yet). */
  readonly startsEmpty: boolean;
}

export interface Plan {
  readonly steps: readonly Step[];
  /** In force at once, because no event was journaled yet. */
  readonly immediate: boolean;
  readonly records: readonly DefinitionRecord[];
}

export interface ApplyOptions {
  readonly dryRun: boolean;
  readonly reason: string | null;
  readonly now: number;
}

/** Throws DEFINITION_INVALID with every mistake against what is live. */
export async function applySegments(
  log: Log,
  config: Config,
  files: readonly AuthoredFile[],
  options: ApplyOptions,
): Promise<Plan> {
  const published = await readPublished(log, config);
  const hasEvents = await anyFacts(log, config);
  const plan = planOf(files, published.catalogue, hasEvents, options);
  const refused = refusedOf(files, published.catalogue, plan);
  if (refused.length > 0)
    throw new Fault('DEFINITION_INVALID', 'The definitions do not fit together; nothing was published', {
      mistakes: refused,
    });
  if (options.dryRun || plan.records.length === 0) return plan;
  await publish(log, config, published.registry, plan.records);
  await assertAccepted(log, config, files, plan);
  return plan;
}

/** What would not fit together, or with what is live, if the definitions with mistakes had none. */
export function misfitsOf({ files, standIns }: DefinitionFiles, catalogue: Catalogue): readonly string[] {
  const all = [...files, ...standIns];
  return refusedOf(all, catalogue, planOf(all, catalogue, true, { dryRun: true, reason: null, now: 0 }));
}

function refusedOf(files: readonly AuthoredFile[], catalogue: Catalogue, { records }: Plan): readonly string[] {
  return catalogue.check(records).flatMap((refusal) => {
    if (refusal === undefined) return [];
    const authored = files.find(({ definition }) => definition.key === refusal.key)!;
    return refusal.mistakes.map((mistake) => inFile(authored.file, authored.lineOf(mistake.path), mistake));
  });
}

function planOf(
  files: readonly AuthoredFile[],
  catalogue: Catalogue,
  hasEvents: boolean,
  { now, reason }: ApplyOptions,
): Plan {
  const liveSeries = new Set(catalogue.live.flatMap((live) => seriesIn(live.definition.enter)));
  const steps: Step[] = [];
  const records: DefinitionRecord[] = [];
  for (const authored of inOrder(files)) {
    const { key, enter } = authored.definition;
    const live = catalogue.current(key);
    const same = live !== undefined && bodyOf(live) === canonicalJson({ ...authored.definition });
    const startsEmpty = !same && hasEvents && seriesIn(enter).some((series) => !liveSeries.has(series));
    const version = same ? live.version : (live?.version ?? 0) + 1;
    steps.push({
      step: same ? 'unchanged' : live === undefined ? 'new' : 'changed',
      key,
      version,
      file: authored.file,
      startsEmpty,
    });
    if (same) continue;
    records.push({
      kind: 'segment',
      key,
      basedOn: live?.offset ?? null,
      author: whoAmI(),
      reason,
      publishedAt: now,
      // Before the first event there is nothing to be surprised by: in force at once.
      effectiveFrom: hasEvents ? null : now - EFFECTIVE_GRID_MS,
      body: authored.body,
    });
  }
  const named = new Set(files.map(({ definition }) => definition.key));
  for (const live of catalogue.live) {
    if (!named.has(live.definition.key)) {
      steps.push({
        step: 'not in the files',
        key: live.definition.key,
        version: live.version,
        file: null,
        startsEmpty: false,
      });
    }
  }
  return { steps, records, immediate: !hasEvents };
}

/** Definitions are compared as parsed: a file that is only reformatted is no new version. */
function bodyOf(live: LiveSegment): string {
  return canonicalJson({ ...live.definition });
}

/** Referenced segments before those that refer to them; a cycle keeps its order and is refused by the catalogue. */
function inOrder(files: readonly AuthoredFile[]): AuthoredFile[] {
  const byKey = new Map(files.map((authored) => [authored.definition.key, authored]));
  const placed = new Set<AuthoredFile>();
  const place = (authored: AuthoredFile, trail: ReadonlySet<string>): void => {
    if (placed.has(authored) || trail.has(authored.definition.key)) return;
    for (const key of references(authored.definition.enter)) {
      const target = byKey.get(key);
      if (target !== undefined) place(target, new Set([...trail, authored.definition.key]));
    }
    placed.add(authored);
  };
  for (const authored of files) place(authored, new Set());
  return [...placed];
}

async function anyFacts(log: Log, config: Config): Promise<boolean> {
  const topic = topicNames(config.topics).facts;
  const partitions = Array.from({ length: config.topics.partitions }, (_, partition) => ({ topic, partition }));
  return (await log.endOffsets(partitions)).some((end) => end.lastStableOffset > 0);
}

/** Two may publish at once: what counts is the fold of the topic (D1). */
async function assertAccepted(log: Log, config: Config, files: readonly AuthoredFile[], plan: Plan): Promise<void> {
  const { catalogue } = await readPublished(log, config);
  const lost = plan.records.filter(({ key }) => {
    const live = catalogue.current(key);
    const authored = files.find(({ definition }) => definition.key === key)!;
    return live === undefined || bodyOf(live) !== canonicalJson({ ...authored.definition });
  });
  if (lost.length === 0) return;
  throw new Fault('DEFINITION_STALE', 'Somebody else published at the same time', {
    mistakes: lost.map(({ key }) => `${key} was not accepted`),
  });
}
