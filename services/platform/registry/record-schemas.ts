/** Our own schemas: which records there are, on which topics they travel, and their text as it is registered. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Change, Membership } from '../../core/domain/events/change.ts';
import type { DefinitionRecord } from '../../core/domain/events/definition-record.ts';
import type { Fact } from '../../core/domain/events/fact.ts';
import type { Input } from '../../core/domain/events/header.ts';
import type { Identity } from '../../core/domain/events/identity.ts';
import type { Interaction } from '../../core/domain/events/interaction.ts';
import type { Profile } from '../../core/domain/events/profile.ts';
import type { Purchase } from '../../core/domain/events/purchase.ts';
import type { Survey } from '../../core/domain/events/survey.ts';
import { assert } from '../../core/faults.ts';
import { packagePath } from '../config/package-root.ts';
import type { Compatibility } from './compatibility.ts';
import { isArray, isMap, isNamed, isRecord, isUnion } from './schema.ts';
import type { AvroSchema, NamedSchema, RecordSchema } from './schema.ts';
import { PRIMITIVE_TYPES } from './schema-form.ts';

/** Decoded values by record name. */
export interface RecordTypes {
  readonly interaction: Interaction;
  readonly purchase: Purchase;
  readonly survey: Survey;
  readonly profile: Profile;
  readonly identity: Identity;
  readonly fact: Fact;
  readonly change: Change;
  readonly membership: Membership;
  readonly definition: DefinitionRecord;
}

export type RecordName = keyof RecordTypes;

/**
 * Each record's topic, by its name in the configuration, and what a new version owes the earlier ones: who reads inputs is us
 * (old events must stay readable); who reads outputs is everybody, with any version.
 */
export const RECORDS = {
  interaction: { topic: 'interactions', compatibility: 'BACKWARD_TRANSITIVE' },
  purchase: { topic: 'purchases', compatibility: 'BACKWARD_TRANSITIVE' },
  survey: { topic: 'surveys', compatibility: 'BACKWARD_TRANSITIVE' },
  profile: { topic: 'profiles', compatibility: 'BACKWARD_TRANSITIVE' },
  identity: { topic: 'identities', compatibility: 'BACKWARD_TRANSITIVE' },
  fact: { topic: 'facts', compatibility: 'FULL_TRANSITIVE' },
  change: { topic: 'changes', compatibility: 'FULL_TRANSITIVE' },
  membership: { topic: 'memberships', compatibility: 'FULL_TRANSITIVE' },
  definition: { topic: 'definitions', compatibility: 'FULL_TRANSITIVE' },
} as const satisfies Record<RecordName, { topic: string; compatibility: Compatibility }>;

export const RECORD_NAMES = Object.keys(RECORDS) as readonly RecordName[];

/** The record of each input. */
export const RECORD_OF_INPUT = {
  interactions: 'interaction',
  purchases: 'purchase',
  surveys: 'survey',
  profiles: 'profile',
  identities: 'identity',
} as const satisfies Record<Input, RecordName>;

/** As Confluent's registry names what is registered for the values of a topic. */
export function subjectOf(topic: string): string {
  return `${topic}-value`;
}

const FOLDER = packagePath('schemas', 'avro');
const ROOTS = readRoots();
const SCHEMAS = new Map<RecordName, RecordSchema>();

/** A record's schema, self-contained: what other files define stands where it is first used. */
export function schemaOf(name: RecordName): RecordSchema {
  let schema = SCHEMAS.get(name);
  if (schema === undefined) {
    const root = ROOTS.get(capitalised(name));
    assert(root !== undefined, `schemas/avro has ${name}`);
    schema = expand(root, new Set(), true) as RecordSchema;
    SCHEMAS.set(name, schema);
  }
  return schema;
}

function readRoots(): ReadonlyMap<string, AvroSchema> {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.avsc'));
  const schemas = files.map((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as AvroSchema);
  return new Map(schemas.filter(isNamed).map((schema) => [schema.name, schema]));
}

/** All our names are in one namespace, so a reference is the plain name; only the outermost schema states the namespace. */
function expand(schema: AvroSchema, defined: Set<string>, outermost = false): AvroSchema {
  if (typeof schema === 'string') {
    if (PRIMITIVE_TYPES.has(schema) || defined.has(schema)) return schema;
    const root = ROOTS.get(schema);
    assert(root !== undefined, `schemas/avro defines ${schema}`);
    return expand(root, defined);
  }
  if (isUnion(schema)) return schema.map((branch) => expand(branch, defined));
  if (isArray(schema)) return { ...schema, items: expand(schema.items, defined) };
  if (isMap(schema)) return { ...schema, values: expand(schema.values, defined) };
  if (!isNamed(schema)) return schema;
  defined.add(schema.name);
  const named = outermost ? schema : withoutNamespace(schema);
  if (!isRecord(named)) return named;
  return { ...named, fields: named.fields.map((field) => ({ ...field, type: expand(field.type, defined) })) };
}

function withoutNamespace(schema: NamedSchema): NamedSchema {
  const copy: { namespace?: string } & NamedSchema = { ...schema };
  delete copy.namespace;
  return copy;
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
