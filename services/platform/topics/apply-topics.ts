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
import { registryOf, wantedSchemas } from '../registry/registry.ts';
import type { PlannedSchema } from '../registry/schema-store.ts';
import { openSchemaStore, type StoreConfig } from '../registry/open-schema-store.ts';
import { compareTopics, type TopicDifference } from './compare-topics.ts';
import { coverageGap, declareCoverage } from './coverage.ts';
import { isInput, topicNames, topicPlan, type PlannedTopic } from './topic-plan.ts';

export interface AppliedTopics {
  readonly created: readonly PlannedTopic[];
  readonly existing: readonly PlannedTopic[];
  readonly registered: readonly PlannedSchema[];
  /** Inputs whose feed is whole since this run. */
  readonly covered: readonly Input[];
  /** Inputs with records and without coverage: rules over them stay unknown until somebody declares it. */
  readonly uncovered: readonly Input[];
}

export interface TopicsPreview extends Omit<AppliedTopics, 'uncovered'> {
  readonly differences: readonly TopicDifference[];
}

/** What `applyTopics` would do, and what stands in its way. Writes nothing. Throws SCHEMA_INCOMPATIBLE. */
export async function previewTopics(log: Log, config: StoreConfig): Promise<TopicsPreview> {
  const { missing, asPlanned, differences } = await compareTopics(log, topicPlan(config));
  const store = await openSchemaStore(log, config);
  return {
    created: missing,
    existing: asPlanned,
    registered: await store.plan(wantedSchemas(topicNames(config.topics))),
    covered: missing.map(({ key }) => key).filter(isInput),
    differences,
  };
}

/**
 * `now` is the host's time, ms UTC, asked for when the inputs have been created. Throws TOPIC_MISMATCH with every difference,
 * SCHEMA_INCOMPATIBLE with every reason, REGISTRY_UNAVAILABLE.
 */
export async function applyTopics(log: Log, config: StoreConfig, now: () => number): Promise<AppliedTopics> {
  const names = topicNames(config.topics);
  const plan = topicPlan(config);
  const { missing, asPlanned, differences } = await compareTopics(log, plan);
  if (differences.length > 0) throw mismatch(differences);
  await log.createTopics(missing.map(({ spec }) => spec));
  const store = await openSchemaStore(log, config);
  const wanted = wantedSchemas(names);
  const registered = await store.register(wanted, now());
  const registry = await registryOf(store, wanted);
  const inputs = plan.map(({ key }) => key).filter(isInput);
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
