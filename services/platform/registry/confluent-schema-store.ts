/**
 * Schemas in a registry with Confluent's interface.
 *
 * 1. Registration is one serial step, subject after subject: registries were seen to refuse or to double what comes at once.
 * 2. A subject's level of compatibility is set before its first version and at each registration.
 * 3. What is registered is read back: an id that means another schema than the one given for it would make records
 *    undecodable, so it ends the start (SCHEMA_MISMATCH).
 */
import { Fault } from '../../core/faults.ts';
import { ConfluentApi, type RegistryAddress, type ToldSchema } from './confluent-api.ts';
import type { AvroSchema } from './schema.ts';
import { canonicalText } from './schema-form.ts';
import { inlined } from './schema-references.ts';
import {
  missingSchemas,
  type Behind,
  type MissingSchema,
  type PlannedSchema,
  type RegisteredSchema,
  type SchemaStore,
  type WantedSchema,
} from './schema-store.ts';

/** How often registration starts again when another process registers at the same time. */
const ATTEMPTS = 5;
/** Ids asked for at once: a broken producer may write any number of them. */
const LOOK_UPS_AT_ONCE = 8;

export class ConfluentSchemaStore implements SchemaStore {
  readonly name: string;
  readonly #api: ConfluentApi;

  constructor(address: RegistryAddress) {
    this.name = `registry ${address.url}`;
    this.#api = new ConfluentApi(address);
  }

  async registered(subjects: readonly string[]): Promise<readonly RegisteredSchema[]> {
    return (await Promise.all(subjects.map((subject) => this.#versions(subject)))).flat();
  }

  async plan(wanted: readonly WantedSchema[]): Promise<readonly PlannedSchema[]> {
    return (await this.#missing(wanted)).map(({ subject, version, schema }) => ({
      id: null,
      subject,
      version,
      schema,
    }));
  }

  async register(wanted: readonly WantedSchema[]): Promise<readonly RegisteredSchema[]> {
    const registered: RegisteredSchema[] = [];
    for (let attempt = 1; ; attempt += 1) {
      try {
        for (const each of await this.#missing(wanted)) registered.push(await this.#registerOne(each));
        return registered;
      } catch (fault) {
        // Ours is compatible, or planning had said so: it was taken by another process meanwhile, which the next turn sees.
        const raced = fault instanceof Fault && fault.code === 'SCHEMA_INCOMPATIBLE' && fault.mistakes.length === 0;
        if (!raced || attempt === ATTEMPTS) throw fault;
      }
    }
  }

  async lookUp(ids: readonly number[]): Promise<ReadonlyMap<number, Behind>> {
    const found = new Map<number, Behind>();
    for (let from = 0; from < ids.length; from += LOOK_UPS_AT_ONCE) {
      const some = ids.slice(from, from + LOOK_UPS_AT_ONCE);
      const told = await Promise.all(some.map((id) => this.#api.byId(id)));
      for (const [index, id] of some.entries()) {
        const schema = told[index];
        if (schema !== undefined) found.set(id, await this.#behind(schema));
      }
    }
    return found;
  }

  async #missing(wanted: readonly WantedSchema[]): Promise<readonly MissingSchema[]> {
    return missingSchemas(await this.registered(wanted.map(({ subject }) => subject)), wanted);
  }

  async #registerOne({ subject, schema, compatibility, version }: MissingSchema): Promise<RegisteredSchema> {
    const id = await this.#api.register(subject, JSON.stringify(schema), compatibility);
    const behind = (await this.lookUp([id])).get(id);
    if (behind === undefined || !('schema' in behind) || canonicalText(behind.schema) !== canonicalText(schema)) {
      throw new Fault('SCHEMA_MISMATCH', `The registry gave ${subject} id ${id}, behind which stands another schema`, {
        facts: { subject, schemaId: id },
      });
    }
    return { id, subject, version, schema };
  }

  /** The interface has no list of versions in this client; they are counted down from the newest, with gaps. */
  async #versions(subject: string): Promise<readonly RegisteredSchema[]> {
    const latest = await this.#api.latest(subject);
    if (latest === undefined) return [];
    const earlier = Array.from({ length: latest.version - 1 }, (_, index) => this.#api.version(subject, index + 1));
    const told = [...(await Promise.all(earlier)), latest].filter((each) => each !== undefined);
    return Promise.all(
      told.map(async (each) => {
        const behind = await this.#behind(each);
        if ('schema' in behind) return { id: each.id, subject, version: each.version, schema: behind.schema };
        throw new Fault(
          'SCHEMA_MISMATCH',
          `Version ${each.version} of ${subject} is none of ours: ${behind.unusable}`,
          {
            facts: { subject, schemaId: each.id },
          },
        );
      }),
    );
  }

  async #behind({ schema, schemaType = 'AVRO', references = [] }: ToldSchema): Promise<Behind> {
    if (schemaType !== 'AVRO') return { unusable: `it is a schema of ${schemaType}, not of Avro` };
    const referenced: AvroSchema[] = [];
    for (const { subject, version } of references) {
      const told = await this.#api.version(subject, version);
      if (told === undefined) return { unusable: `it refers to version ${version} of ${subject}, which is not there` };
      const behind = await this.#behind(told);
      if ('unusable' in behind) return behind;
      referenced.push(behind.schema);
    }
    try {
      return { schema: inlined(JSON.parse(schema) as AvroSchema, referenced) };
    } catch (error) {
      return { unusable: `its text cannot be read: ${error instanceof Error ? error.message : String(error)}` };
    }
  }
}
