/**
 * `topics apply`: creates what is missing, checks what is there, registers our schemas in one serial step and declares the
 * coverage of new inputs. Doing it again does nothing; a run that was stopped half-way is finished by the next.
 *
 * 1. What differs is never changed: all differences are reported with their fixes, and nothing is created.
 * 2. Schemas are registered before anything else can rest on them, by this step alone: producers and readers look ids up.
 */
import type { Input } from '../../core/domain/events/header.ts';
import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/streams/log.ts';
import type { Config } from '../config/options.ts';
import { openRegistry, wantedSchemas, type Registry } from '../registry/registry.ts';
import { planSchemas, readSchemas, registerSchemas, type RegisteredSchema } from '../registry/schema-ids.ts';
import { compareTopics, type TopicDifference } from './compare-topics.ts';
import { coverageGap, declareCoverage } from './coverage.ts';
import { isInput, topicNames, topicPlan, type PlannedTopic } from './topic-plan.ts';

export interface AppliedTopics {
  readonly created: readonly PlannedTopic[];
  readonly existing: readonly PlannedTopic[];
  readonly registered: readonly RegisteredSchema[];
  /** Inputs whose feed is whole since this run. */
  readonly covered: readonly Input[];
  /** Inputs with records and without coverage: rules over them stay unknown until somebody declares it. */
  readonly uncovered: readonly Input[];
}

export interface TopicsPreview extends Omit<AppliedTopics, 'uncovered'> {
  readonly differences: readonly TopicDifference[];
}

/** What `applyTopics` would do, and what stands in its way. Writes nothing. Throws SCHEMA_INCOMPATIBLE. */
export async function previewTopics(log: Log, topics: Config['topics']): Promise<TopicsPreview> {
  const plan = topicPlan(topics);
  const { missing, asPlanned, differences } = await compareTopics(log, plan);
  const names = topicNames(topics);
  const hasSchemas = missing.every(({ key }) => key !== 'schemas');
  const schemas = hasSchemas ? (await readSchemas(log, names.schemas, 0)).schemas : [];
  return {
    created: missing,
    existing: asPlanned,
    registered: planSchemas(schemas, wantedSchemas(names)),
    covered: missing.map(({ key }) => key).filter(isInput),
    differences,
  };
}

/**
 * `now` is the host's time, ms UTC, asked for when the inputs have been created. Throws TOPIC_MISMATCH with every difference,
 * SCHEMA_INCOMPATIBLE with every reason.
 */
export async function applyTopics(log: Log, topics: Config['topics'], now: () => number): Promise<AppliedTopics> {
  const names = topicNames(topics);
  const { missing, asPlanned, differences } = await compareTopics(log, topicPlan(topics));
  if (differences.length > 0) throw mismatch(differences);
  await log.createTopics(missing.map(({ spec }) => spec));
  const registered = await registerSchemas(log, names.schemas, wantedSchemas(names), now());
  const registry: Registry = await openRegistry(log, names.schemas);
  const inputs = topicPlan(topics)
    .map(({ key }) => key)
    .filter(isInput);
  const { toDeclare, unknown } = await coverageGap(log, registry, names, inputs);
  await declareCoverage(log, registry, names.definitions, toDeclare, now());
  return { created: missing, existing: asPlanned, registered, covered: toDeclare, uncovered: unknown };
}

function mismatch(differences: readonly TopicDifference[]): Fault {
  const count = new Set(differences.map(({ topic }) => topic)).size;
  return new Fault('TOPIC_MISMATCH', `${count} ${count === 1 ? 'topic is' : 'topics are'} not as planned`, {
    mistakes: differences.map(({ topic, setting, found, wanted, fix }) => {
      return `${topic}: ${setting} is ${found}, wanted is ${wanted}; ${fix}`;
    }),
  });
}
