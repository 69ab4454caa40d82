/**
 * Schema ids, kept in the log: one compacted topic of one partition, a record for each version of each subject. Ids are given
 * in one serial step (`register`), from 1, and never change hands: the same contract has the same id in every subject.
 *
 * Key: `subject/version`. Value: JSON of `RegisteredSchema`.
 */
import type { Log } from '../../core/streams/log.ts';
import { RecordBatchBuilder } from '../../core/streams/record-batch.ts';
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

const FETCH_BYTES = 1024 * 1024;
const FETCH_WAIT_MS = 1_000;
/** How often registration starts again when another process registers at the same time. */
const ATTEMPTS = 5;

const utf8 = new TextDecoder();
const text = new TextEncoder();

/** What is registered, from an offset on, and where to go on reading. */
export async function readSchemas(
  log: Log,
  topic: string,
  from: number,
): Promise<{ readonly schemas: readonly RegisteredSchema[]; readonly nextOffset: number }> {
  const place = { topic, partition: 0 };
  const [end] = await log.endOffsets([place]);
  const schemas: RegisteredSchema[] = [];
  let offset = Math.max(from, end?.logStartOffset ?? 0);
  while (offset < (end?.lastStableOffset ?? 0)) {
    const [fetched] = await log.fetch([{ ...place, offset, maxBytes: FETCH_BYTES }], {
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

/**
 * What would have to be registered so that every wanted schema is the newest of its subject; empty when all is in place.
 * Throws SCHEMA_INCOMPATIBLE with every reason there is.
 */
export function planSchemas(
  registered: readonly RegisteredSchema[],
  wanted: readonly WantedSchema[],
): readonly RegisteredSchema[] {
  const ids = new Map(registered.map(({ schema, id }) => [canonicalText(schema), id]));
  let nextId = Math.max(0, ...registered.map(({ id }) => id)) + 1;
  const mistakes: string[] = [];
  const planned: RegisteredSchema[] = [];
  for (const { subject, schema, compatibility } of wanted) {
    const form = canonicalText(schema);
    const versions = registered.filter((each) => each.subject === subject).sort((a, b) => a.version - b.version);
    if (versions.some((each) => canonicalText(each.schema) === form)) continue;
    const earlier = versions.map((each) => each.schema);
    mistakes.push(...transitiveViolations(schema, earlier, compatibility).map((reason) => `${subject} ${reason}`));
    const id = ids.get(form) ?? nextId++;
    ids.set(form, id);
    planned.push({ id, subject, version: (versions.at(-1)?.version ?? 0) + 1, schema });
  }
  if (mistakes.length > 0) {
    throw new Fault('SCHEMA_INCOMPATIBLE', `${mistakes.length} places of our schemas are not compatible`, { mistakes });
  }
  return planned;
}

/**
 * Registers what is missing. Serial by fencing: of two processes that register at once, the later one stops the earlier,
 * which looks again and then finds it done. `now` is ms UTC, for the records' time.
 */
export async function registerSchemas(
  log: Log,
  topic: string,
  wanted: readonly WantedSchema[],
  now: number,
): Promise<readonly RegisteredSchema[]> {
  for (let attempt = 1; ; attempt += 1) {
    const producer = await log.transactionalProducer(`${topic}-registration`);
    try {
      const { schemas } = await readSchemas(log, topic, 0);
      const planned = planSchemas(schemas, wanted);
      if (planned.length === 0) return [];
      const builder = new RecordBatchBuilder();
      for (const each of planned) {
        builder.append(now, text.encode(`${each.subject}/${each.version}`), text.encode(JSON.stringify(each)));
      }
      producer.begin();
      await producer.append({ topic, partition: 0 }, builder.finish());
      await producer.commit();
      return planned;
    } catch (fault) {
      if (!(fault instanceof Fault && fault.code === 'LOG_FENCED') || attempt === ATTEMPTS) throw fault;
    } finally {
      await producer.close();
    }
  }
}
