/**
 * Schema ids, kept in the log: one compacted topic of one partition, a record for each version of each subject. Ids are given
 * in one serial step (`register`), from 1, and never change hands: the same contract has the same id in every subject.
 *
 * Key: `subject/version`. Value: JSON of `RegisteredSchema`.
 */
import type { Log } from '../../core/streams/log.ts';
import { RecordBatchBuilder } from '../../core/streams/record-batch.ts';
import { Fault } from '../../core/faults.ts';
import { canonicalText } from './schema-form.ts';
import {
  missingSchemas,
  type Behind,
  type RegisteredSchema,
  type SchemaStore,
  type WantedSchema,
} from './schema-store.ts';

const FETCH_BYTES = 1024 * 1024;
const FETCH_WAIT_MS = 1_000;
/** How often registration starts again when another process registers at the same time. */
const ATTEMPTS = 5;

const utf8 = new TextDecoder();
const text = new TextEncoder();

export class TopicSchemaStore implements SchemaStore {
  readonly name: string;
  readonly #log: Log;
  readonly #topic: string;
  /** Where the next look-up goes on reading. */
  #nextOffset = 0;

  constructor(log: Log, topic: string) {
    this.name = `topic ${topic}`;
    this.#log = log;
    this.#topic = topic;
  }

  async registered(subjects: readonly string[]): Promise<readonly RegisteredSchema[]> {
    return (await this.#all()).filter(({ subject }) => subjects.includes(subject));
  }

  async plan(wanted: readonly WantedSchema[]): Promise<readonly RegisteredSchema[]> {
    return planned(await this.#all(), wanted);
  }

  /**
   * Serial by fencing: of two processes that register at once, the later one stops the earlier, which looks again and then finds
   * it done.
   */
  async register(wanted: readonly WantedSchema[], now: number): Promise<readonly RegisteredSchema[]> {
    for (let attempt = 1; ; attempt += 1) {
      const producer = await this.#log.transactionalProducer(`${this.#topic}-registration`);
      try {
        const missing = planned(await this.#all(), wanted);
        if (missing.length === 0) return [];
        const builder = new RecordBatchBuilder();
        for (const each of missing) {
          builder.append(now, text.encode(`${each.subject}/${each.version}`), text.encode(JSON.stringify(each)));
        }
        producer.begin();
        await producer.append({ topic: this.#topic, partition: 0 }, builder.finish());
        await producer.commit();
        return missing;
      } catch (fault) {
        if (!(fault instanceof Fault && fault.code === 'LOG_FENCED') || attempt === ATTEMPTS) throw fault;
      } finally {
        await producer.close();
      }
    }
  }

  /** Everything that was registered since the last look-up. */
  async lookUp(): Promise<ReadonlyMap<number, Behind>> {
    const { schemas, nextOffset } = await this.#read(this.#nextOffset);
    this.#nextOffset = nextOffset;
    return new Map(schemas.map(({ id, schema }) => [id, { schema }]));
  }

  async #all(): Promise<readonly RegisteredSchema[]> {
    const [exists] = await this.#log.describeTopics([this.#topic]);
    return exists === undefined ? [] : (await this.#read(0)).schemas;
  }

  async #read(from: number): Promise<{ readonly schemas: readonly RegisteredSchema[]; readonly nextOffset: number }> {
    const place = { topic: this.#topic, partition: 0 };
    const [end] = await this.#log.endOffsets([place]);
    const schemas: RegisteredSchema[] = [];
    let offset = Math.max(from, end?.logStartOffset ?? 0);
    while (offset < (end?.lastStableOffset ?? 0)) {
      const [fetched] = await this.#log.fetch([{ ...place, offset, maxBytes: FETCH_BYTES }], {
        isolation: 'read_committed',
        maxWaitMs: FETCH_WAIT_MS,
      });
      if (fetched === undefined) break;
      const { records } = fetched;
      for (let index = 0; index < records.length; index += 1) {
        const value = records.value(index);
        if (value !== null) schemas.push(JSON.parse(utf8.decode(value)) as RegisteredSchema);
      }
      offset = fetched.nextOffset;
    }
    return { schemas, nextOffset: offset };
  }
}

/** What is missing, with the ids it gets. */
function planned(
  registered: readonly RegisteredSchema[],
  wanted: readonly WantedSchema[],
): readonly RegisteredSchema[] {
  const ids = new Map(registered.map(({ schema, id }) => [canonicalText(schema), id]));
  let nextId = Math.max(0, ...registered.map(({ id }) => id)) + 1;
  return missingSchemas(registered, wanted).map(({ subject, version, schema }) => {
    const form = canonicalText(schema);
    const id = ids.get(form) ?? nextId++;
    ids.set(form, id);
    return { id, subject, version, schema };
  });
}
