/**
 * Where schemas and their ids are kept: a topic of the log, or a registry with Confluent's interface. Both give ids in one serial
 * step (`register`, by `topics apply` alone) and never to two contracts; producers and readers look ids up.
 */
import { Fault } from '../../core/faults.ts';
import { transitiveViolations, type Compatibility } from './compatibility.ts';
import type { AvroSchema } from './schema.ts';
import { canonicalText } from './schema-form.ts';

export interface RegisteredSchema {
  readonly id: number;
  readonly subject: string;
  /** From 1 in each subject. */
  readonly version: number;
  readonly schema: AvroSchema;
}

/** A schema that is to be in force for a subject. */
export interface WantedSchema {
  readonly subject: string;
  readonly schema: AvroSchema;
  readonly compatibility: Compatibility;
}

/** What stands behind an id: a schema, or the reason why its values are none of ours (another format). */
export type Behind = { readonly schema: AvroSchema } | { readonly unusable: string };

export interface SchemaStore {
  /** For messages, as `topic _tributary.schemas`. */
  readonly name: string;
  /** Every version of these subjects. Empty before the first `register`. Throws REGISTRY_UNAVAILABLE, REGISTRY_REFUSED. */
  registered(subjects: readonly string[]): Promise<readonly RegisteredSchema[]>;
  /** What `register` would do. Throws SCHEMA_INCOMPATIBLE with every reason there is. */
  plan(wanted: readonly WantedSchema[]): Promise<readonly PlannedSchema[]>;
  /** Registers what is missing and returns that. `now` is ms UTC. Throws as `plan` and `registered`. */
  register(wanted: readonly WantedSchema[], now: number): Promise<readonly RegisteredSchema[]>;
  /** What stands behind the ids; an id that nobody was given is left out. More than asked for may come. Throws as `registered`. */
  lookUp(ids: readonly number[]): Promise<ReadonlyMap<number, Behind>>;
}

/** A version that is not registered yet. The id is null where only the registry knows which it will give. */
export interface PlannedSchema extends Omit<RegisteredSchema, 'id'> {
  readonly id: number | null;
}

/** What has to be registered so that every wanted schema is one of its subject's. */
export interface MissingSchema extends WantedSchema {
  readonly version: number;
}

/** What is not registered, oldest wish first. Throws SCHEMA_INCOMPATIBLE with every reason there is. */
export function missingSchemas(
  registered: readonly RegisteredSchema[],
  wanted: readonly WantedSchema[],
): readonly MissingSchema[] {
  const mistakes: string[] = [];
  const missing = wanted.flatMap((want): readonly MissingSchema[] => {
    const { subject, schema, compatibility } = want;
    const form = canonicalText(schema);
    const versions = registered.filter((each) => each.subject === subject).sort((a, b) => a.version - b.version);
    if (versions.some((each) => canonicalText(each.schema) === form)) return [];
    const earlier = versions.map((each) => each.schema);
    mistakes.push(...transitiveViolations(schema, earlier, compatibility).map((reason) => `${subject} ${reason}`));
    return [{ ...want, version: (versions.at(-1)?.version ?? 0) + 1 }];
  });
  if (mistakes.length > 0) {
    throw new Fault('SCHEMA_INCOMPATIBLE', `${mistakes.length} places of our schemas are not compatible`, { mistakes });
  }
  return missing;
}
