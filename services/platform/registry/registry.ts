/**
 * The registry: between records as objects and values as framed Avro. It owns one reusable buffer; what `view` methods
 * return is valid until the next call of any of its writing methods, whoever makes it.
 *
 * 1. A value is decoded whole or not at all: wrong frame, unknown id, cut off, trailing bytes and a schema of another
 *    record are faults with a reason (C4), never a wrong record.
 * 2. The event inside a fact keeps the bytes it came with, when they were written with our own schema (`eventBody`).
 */
import type { FactPrefix } from '../../core/domain/events/fact.ts';
import { INPUTS, type Input } from '../../core/domain/events/header.ts';
import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/streams/log.ts';
import { topicNames } from '../topics/topic-plan.ts';
import { Cursor, Malformed } from './cursor.ts';
import { FactCodec } from './fact-codec.ts';
import { FRAME_BYTES, schemaIdOf, writeFrame } from './frame.ts';
import { RecordCodec, type Codec } from './record-codec.ts';
import type { Read } from './record-reader.ts';
import { RECORD_NAMES, RECORD_OF_INPUT, RECORDS, schemaOf, subjectOf } from './record-schemas.ts';
import type { RecordName, RecordTypes } from './record-schemas.ts';
import { canonicalText } from './schema-form.ts';
import type { Behind, RegisteredSchema, SchemaStore, WantedSchema } from './schema-store.ts';
import { openSchemaStore, type StoreConfig } from './open-schema-store.ts';

/** Names of our topics, as configured; only those that carry records of ours are looked at. */
export type TopicNames = Readonly<Record<(typeof RECORDS)[RecordName]['topic'], string>>;

/** Ids that were asked for and are not known yet, at most: a broken producer may write any number. */
const UNKNOWN_IDS_MAX = 10_000;

export type EventRecord<I extends Input> = RecordTypes[(typeof RECORD_OF_INPUT)[I]];

interface Known {
  readonly codec: Codec;
  /** Of our own schema. */
  readonly id: number;
  /** By the id of the schema a value was written with, made when it is first seen. */
  readonly readers: Map<number, Read>;
}

/** All our schemas with the subjects they belong to. */
export function wantedSchemas(topics: TopicNames): readonly WantedSchema[] {
  return RECORD_NAMES.map((name) => {
    const { topic, compatibility } = RECORDS[name];
    return { subject: subjectOf(topics[topic]), schema: schemaOf(name), compatibility };
  });
}

/** A registry with ids of its own, for what lives in one process only (the test driver). */
export function localRegistry(): Registry {
  return new Registry(
    RECORD_NAMES.map((name, index) => ({ id: index + 1, subject: name, version: 1, schema: schemaOf(name) })),
  );
}

/** The registry over the store that the configuration names. Throws as `registryOf`. */
export async function openRegistry(log: Log, config: StoreConfig): Promise<Registry> {
  return registryOf(await openSchemaStore(log, config), wantedSchemas(topicNames(config.topics)));
}

/**
 * Looks up the ids of our schemas. Throws TOPIC_UNKNOWN when ours are not all registered, and what the store throws when it does
 * not answer.
 */
export async function registryOf(store: SchemaStore, wanted: readonly WantedSchema[]): Promise<Registry> {
  return new Registry(await store.registered(wanted.map(({ subject }) => subject)), store);
}

export class Registry {
  readonly #behind = new Map<number, Behind>();
  readonly #known: Readonly<Record<RecordName, Known>>;
  readonly #facts: FactCodec;
  readonly #reading = new Cursor();
  readonly #writing = new Cursor();
  readonly #store: SchemaStore | undefined;
  /** Asked for and not known; the next `refresh` looks them up. */
  readonly #unknown = new Set<number>();

  constructor(registered: readonly RegisteredSchema[], store?: SchemaStore) {
    this.#store = store;
    for (const { id, schema } of registered) this.#behind.set(id, { schema });
    const codecs = byName((name) => new RecordCodec(schemaOf(name)));
    const ofInput = INPUTS.map((input) => [input, codecs[RECORD_OF_INPUT[input]]]);
    this.#facts = new FactCodec(schemaOf('fact'), Object.fromEntries(ofInput) as Record<Input, RecordCodec>);
    this.#known = byName((name) => known(name, name === 'fact' ? this.#facts : codecs[name], registered));
  }

  /** The id our own schema is registered under. */
  idOf(name: RecordName): number {
    return this.#known[name].id;
  }

  /** Whether it is known what stands behind an id. If not, the next `refresh` looks it up. */
  knows(id: number): boolean {
    if (this.#behind.has(id)) return true;
    if (this.#unknown.size < UNKNOWN_IDS_MAX) this.#unknown.add(id);
    return false;
  }

  /**
   * Looks up the ids that were asked for in vain; to be called when a SCHEMA_UNKNOWN is seen. Throws REGISTRY_UNAVAILABLE, and
   * then nothing is forgotten: the next call asks for the same. Returns the ids that nobody was given.
   */
  async refresh(): Promise<readonly number[]> {
    if (this.#store === undefined) return [];
    const asked = [...this.#unknown];
    for (const [id, behind] of await this.#store.lookUp(asked)) this.#behind.set(id, behind);
    for (const id of asked) this.#unknown.delete(id);
    return asked.filter((id) => !this.#behind.has(id));
  }

  /**
   * Whether the store still means by our ids what we mean. Throws SCHEMA_MISMATCH when it does not: a registry that was restored
   * from an old backup gives ids anew, and what others write under them then is not what we read.
   */
  async verify(): Promise<void> {
    if (this.#store === undefined) return;
    const ours = RECORD_NAMES.map((name) => ({ name, id: this.idOf(name) }));
    const found = await this.#store.lookUp(ours.map(({ id }) => id));
    const mistakes = ours.flatMap(({ name, id }) => {
      const behind = found.get(id) ?? this.#behind.get(id);
      if (behind !== undefined && 'schema' in behind && this.#known[name].codec.isOwn(behind.schema)) return [];
      return [`id ${id} was that of ${name}; behind it stands ${meaning(behind)}`];
    });
    if (mistakes.length === 0) return;
    const name = this.#store.name;
    throw new Fault('SCHEMA_MISMATCH', `The ${name} means other schemas by our ids`, { mistakes });
  }

  /** Throws RECORD_UNDECODABLE or SCHEMA_UNKNOWN. The result holds nothing of `value`'s memory. */
  decode<N extends RecordName>(name: N, value: Uint8Array | null): RecordTypes[N] {
    if (value === null) throw new Fault('RECORD_UNDECODABLE', `A ${name} has a value; this record has none`);
    const id = schemaIdOf(value);
    const read = this.#known[name].readers.get(id) ?? this.#learn(name, id);
    const cursor = this.#reading;
    cursor.read(value, FRAME_BYTES);
    try {
      const record = read(cursor);
      checkEnd(cursor);
      return record as RecordTypes[N];
    } catch (cause) {
      throw undecodable(name, id, cause);
    }
  }

  decodeEvent<I extends Input>(input: I, value: Uint8Array | null): EventRecord<I> {
    return this.decode(RECORD_OF_INPUT[input], value);
  }

  /** A framed value of its own. Throws EVENT_REFUSED for an object that does not fit the schema. */
  encode<N extends RecordName>(name: N, record: RecordTypes[N]): Uint8Array {
    return this.encodeView(name, record).slice();
  }

  /** As `encode`, but a view that is valid until the next write of this registry. */
  encodeView<N extends RecordName>(name: N, record: RecordTypes[N]): Uint8Array {
    const cursor = this.#begin(this.idOf(name));
    this.#known[name].codec.write(cursor, record);
    return cursor.buf.subarray(0, cursor.pos);
  }

  /**
   * Everything of a framed fact before its event, a view that is valid until the next write of this registry. `eventBody` of
   * the event behind it makes it whole.
   */
  factPrefixView(prefix: FactPrefix): Uint8Array {
    const cursor = this.#begin(this.idOf('fact'));
    this.#facts.writePrefix(cursor, prefix);
    return cursor.buf.subarray(0, cursor.pos);
  }

  /**
   * An event as it stands in a fact: the bytes as they came if they were written with our own schema (a view of `value`),
   * else `event` written again.
   */
  eventBody<I extends Input>(input: I, value: Uint8Array, event: EventRecord<I>): Uint8Array {
    const name = RECORD_OF_INPUT[input];
    if (schemaIdOf(value) === this.idOf(name)) return value.subarray(FRAME_BYTES);
    const cursor = new Cursor();
    this.#known[name].codec.write(cursor, event);
    return cursor.buf.subarray(0, cursor.pos);
  }

  #begin(schemaId: number): Cursor {
    const cursor = this.#writing;
    cursor.pos = 0;
    cursor.reserve(FRAME_BYTES);
    writeFrame(cursor.buf, schemaId);
    cursor.pos = FRAME_BYTES;
    return cursor;
  }

  #learn(name: RecordName, id: number): Read {
    if (!this.knows(id)) {
      throw new Fault('SCHEMA_UNKNOWN', `No schema is registered under id ${id}`, { facts: { schemaId: id } });
    }
    const { codec, readers } = this.#known[name];
    const behind = this.#behind.get(id)!;
    if ('unusable' in behind)
      throw undecodable(name, id, new Malformed(`schema ${id} is none of ours: ${behind.unusable}`));
    try {
      const read = codec.readerFor(behind.schema);
      readers.set(id, read);
      return read;
    } catch (cause) {
      // A stranger's schema may be anything, also something that cannot be compiled.
      if (!(cause instanceof Fault)) throw undecodable(name, id, cause);
      throw new Fault(cause.code, cause.message, { facts: { record: name, schemaId: id }, cause });
    }
  }
}

function meaning(behind: Behind | undefined): string {
  if (behind === undefined) return 'nothing';
  if ('unusable' in behind) return behind.unusable;
  const { schema } = behind;
  return typeof schema === 'object' && 'name' in schema ? `${schema.name}, of another form` : canonicalText(schema);
}

function byName<T>(make: (name: RecordName) => T): Readonly<Record<RecordName, T>> {
  return Object.fromEntries(RECORD_NAMES.map((name) => [name, make(name)])) as Record<RecordName, T>;
}

function known(name: RecordName, codec: Codec, registered: readonly RegisteredSchema[]): Known {
  const own = registered.find(({ schema }) => codec.isOwn(schema));
  if (own !== undefined) return { codec, id: own.id, readers: new Map() };
  throw new Fault('TOPIC_UNKNOWN', `The schema of ${name} is not registered`, { facts: { record: name } });
}

function checkEnd(cursor: Cursor): void {
  if (cursor.pos > cursor.end) throw new Malformed('the record is cut off');
  if (cursor.pos < cursor.end) throw new Malformed(`${cursor.end - cursor.pos} bytes are left behind the record`);
}

/** Whatever goes wrong while strangers' bytes are read is theirs: bounds, ranges, depth. */
function undecodable(name: RecordName, schemaId: number, cause: unknown): Fault {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Fault('RECORD_UNDECODABLE', `The ${name} cannot be read: ${reason}`, {
    facts: { record: name, schemaId },
    cause,
  });
}
