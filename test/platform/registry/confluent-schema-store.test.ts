/** A real registry with Confluent's interface, through the client that is meant for it. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fault } from '../../../services/core/faults.ts';
import { RecordBatchBuilder } from '../../../services/core/streams/record-batch.ts';
import { loadConfig } from '../../../services/platform/config/load.ts';
import { MemoryLog } from '../../../services/platform/memory-log/memory-log.ts';
import { ConfluentSchemaStore } from '../../../services/platform/registry/confluent-schema-store.ts';
import { FRAME_BYTES, schemaIdOf, writeFrame } from '../../../services/platform/registry/frame.ts';
import { RECORD_NAMES, RECORDS, schemaOf } from '../../../services/platform/registry/record-schemas.ts';
import { openRegistry, Registry, wantedSchemas } from '../../../services/platform/registry/registry.ts';
import { SchemaGate } from '../../../services/platform/registry/schema-gate.ts';
import type { RecordSchema } from '../../../services/platform/registry/schema.ts';
import { applyTopics, previewTopics } from '../../../services/platform/topics/apply-topics.ts';
import { topicNames } from '../../../services/platform/topics/topic-plan.ts';
import { testBroker } from '../../kafka/broker.ts';
import { interaction, NOW, survey } from './events.ts';
import { Relay } from './relay.ts';

const broker = await testBroker();

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  return work.then(
    () => {
      throw new Error('It did not fail');
    },
    (error: unknown) => {
      if (error instanceof Fault) return error;
      throw error;
    },
  );
}

describe.skipIf(broker === undefined)('a registry with the interface of Confluent', () => {
  const log = new MemoryLog({ now: () => NOW });
  // A prefix of its own: the registry is shared with other test files and keeps what earlier ones registered.
  const prefix = `t${randomUUID().slice(0, 8)}.`;
  const relay = new Relay(broker?.registryUrl ?? 'http://127.0.0.1:1');
  const configured = (url: string) => {
    const environment = {
      TRIBUTARY_TOPICS_PREFIX: prefix,
      TRIBUTARY_REGISTRY_URL: url,
      TRIBUTARY_REGISTRY_TIMEOUT_MS: '2s',
    };
    return loadConfig({ environment }).config;
  };
  let config: ReturnType<typeof configured>;
  let store: ConfluentSchemaStore;

  beforeAll(async () => {
    await relay.mend();
    config = configured(relay.url);
    store = new ConfluentSchemaStore({ ...config.registry, url: relay.url });
  });
  afterAll(() => relay.cut());

  const ask = async (path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${broker!.registryUrl}${path}`, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    });
    return answer.json();
  };
  const registerElsewhere = async (schema: object, more: object = {}): Promise<number> => {
    const answer = await ask(`/subjects/${randomUUID()}/versions`, { schema: JSON.stringify(schema), ...more });
    return (answer as { id: number }).id;
  };

  it('takes all our schemas at one apply, with their levels, and needs no topic for ids', async () => {
    const preview = await previewTopics(log, config);
    expect(preview.registered.map(({ id, version }) => [id, version])).toEqual(RECORD_NAMES.map(() => [null, 1]));

    const first = await applyTopics(log, config, () => NOW);
    expect(first.registered).toHaveLength(RECORD_NAMES.length);
    expect(await log.listTopics()).not.toContain(topicNames(config.topics).schemas);
    for (const name of RECORD_NAMES) {
      const subject = `${topicNames(config.topics)[RECORDS[name].topic]}-value`;
      expect(await ask(`/config/${subject}`)).toEqual({ compatibilityLevel: RECORDS[name].compatibility });
    }

    const second = await applyTopics(log, config, () => NOW);
    expect(second).toMatchObject({ created: [], registered: [], covered: [] });
  });

  it('gives ids that a process opened later looks up', async () => {
    const value = (await openRegistry(log, config)).encode('interaction', interaction);
    const later = await openRegistry(log, config);
    expect(later.decode('interaction', value)).toEqual(interaction);
    await later.verify();
  });

  it('lets a foreign producer write with any version that it registered', async () => {
    const registry = await openRegistry(log, config);
    const ours = schemaOf('survey');
    const newer = { ...ours, fields: [...ours.fields, { name: 'mood', type: 'string', default: 'calm' }] };
    const id = await registerElsewhere(newer);
    const value = framed(id, registry.encode('survey', survey), Uint8Array.of(4, 0x6f, 0x6b));
    expect((await faultOf(Promise.try(() => registry.decode('survey', value)))).code).toBe('SCHEMA_UNKNOWN');
    expect(await registry.refresh()).toEqual([]);
    expect(registry.decode('survey', value)).toEqual(survey);
  });

  it('reads a schema that refers to others of the registry', async () => {
    const registry = await openRegistry(log, config);
    const { own, referenced, referencedName } = apart(schemaOf('survey'));
    const subject = randomUUID();
    await ask(`/subjects/${subject}/versions`, { schema: JSON.stringify(referenced) });
    const references = [{ name: referencedName, subject, version: 1 }];
    const id = await registerElsewhere(own, { references });
    const value = framed(id, registry.encode('survey', survey));
    await faultOf(Promise.try(() => registry.decode('survey', value)));
    await registry.refresh();
    expect(registry.decode('survey', value)).toEqual(survey);
  });

  it('never reads a value by a schema of another record, or of another format', async () => {
    const registry = await openRegistry(log, config);
    const proto = 'syntax = "proto3"; message Survey { string id = 1; }';
    const answer = await ask(`/subjects/${randomUUID()}/versions`, { schema: proto, schemaType: 'PROTOBUF' });
    const others = [await registerElsewhere(schemaOf('purchase')), (answer as { id: number }).id];
    for (const id of others) {
      const value = framed(id, registry.encode('survey', survey));
      await faultOf(Promise.try(() => registry.decode('survey', value)));
      await registry.refresh();
      const fault = await faultOf(Promise.try(() => registry.decode('survey', value)));
      expect(fault).toMatchObject({ code: 'RECORD_UNDECODABLE', facts: { schemaId: id } });
    }
  });

  it('alarms when our ids mean other schemas, as in a registry that was restored from an old backup', async () => {
    const registered = await store.registered(wantedSchemas(topicNames(config.topics)).map(({ subject }) => subject));
    const [first, second, ...rest] = registered;
    const swapped = [{ ...first!, id: second!.id }, { ...second!, id: first!.id }, ...rest];
    const fault = await faultOf(new Registry(swapped, store).verify());
    expect(fault.code).toBe('SCHEMA_MISMATCH');
    expect(fault.mistakes).toHaveLength(2);
  });

  it('refuses a version that is not compatible, with place and reason', async () => {
    const [wanted] = wantedSchemas(topicNames(config.topics));
    const { schema } = wanted as { schema: RecordSchema };
    const strict = { ...schema, fields: [...schema.fields, { name: 'mood', type: 'string' }] };
    const fault = await faultOf(store.register([{ ...wanted!, schema: strict }]));
    expect(fault.code).toBe('SCHEMA_INCOMPATIBLE');
    expect(fault.mistakes).toEqual([expect.stringContaining('mood: is not in what was written and has no default')]);
  });

  it('gives each schema one id when several apply at once', async () => {
    const subject = randomUUID();
    const wanted = [{ subject, schema: schemaOf('survey'), compatibility: 'BACKWARD_TRANSITIVE' }] as const;
    await Promise.allSettled(Array.from({ length: 4 }, () => store.register(wanted)));
    await store.register(wanted);
    const ids = new Set((await store.registered([subject])).map(({ id }) => id));
    expect(ids.size).toBe(1);
  });

  describe('that goes away', () => {
    const topic = () => topicNames(config.topics).surveys;
    const append = (value: Uint8Array) => {
      const builder = new RecordBatchBuilder();
      builder.append(NOW, null, value);
      return log.append({ topic: topic(), partition: 0 }, builder.finish());
    };

    it('lets known ids go on, holds unknown ones back, and loses nothing', async () => {
      const registry = await openRegistry(log, config);
      const known = registry.encode('survey', survey);
      const id = await registerElsewhere({
        ...schemaOf('survey'),
        doc: 'as another producer has it',
        aliases: ['Answer'],
      });
      await relay.cut();
      for (const value of [known, framed(id, known), known]) await append(value);

      const told: string[] = [];
      const listener = {
        waiting: (error: unknown) => void told.push(error instanceof Fault ? error.code : String(error)),
        answered: () => void told.push('answered'),
      };
      const gated = new SchemaGate([topic()], registry, listener, () => performance.now()).over(log);
      const read = async (offset: number, maxWaitMs: number) =>
        (
          await gated.fetch([{ topic: topic(), partition: 0, offset, maxBytes: 1e6 }], {
            isolation: 'read_committed',
            maxWaitMs,
          })
        )[0]!;

      // What lies before the unknown id comes at once or after the wait, never what lies behind it.
      const before = await read(0, 50);
      expect([before.records.length, before.nextOffset, before.highWatermark]).toEqual([1, 1, 3]);
      await until(
        () => told.length >= 2,
        () => read(1, 50),
      );
      expect((await read(1, 50)).records.length).toBe(0);
      expect(new Set(told)).toEqual(new Set(['REGISTRY_UNAVAILABLE']));

      await relay.mend();
      await until(
        () => told.includes('answered'),
        () => read(1, 50),
      );
      const after = await read(1, 50);
      expect([after.records.length, after.nextOffset]).toEqual([2, 3]);
      for (const index of [0, 1]) expect(registry.decode('survey', after.records.value(index))).toEqual(survey);
    });

    it('ends a wait when the reader is told to stop', async () => {
      const registry = await openRegistry(log, config);
      const id = await registerElsewhere({ ...schemaOf('survey'), aliases: ['Reply'] });
      const { lastOffset } = await append(framed(id, registry.encode('survey', survey)));
      await relay.cut();
      const listener = { waiting: () => undefined, answered: () => undefined };
      const gated = new SchemaGate([topic()], registry, listener, () => performance.now()).over(log);
      const stop = new AbortController();
      const began = performance.now();
      const fetching = gated.fetch([{ topic: topic(), partition: 0, offset: lastOffset, maxBytes: 1e6 }], {
        ...{ isolation: 'read_committed', maxWaitMs: 30_000, signal: stop.signal },
      });
      stop.abort();
      expect((await fetching)[0]!.nextOffset).toBe(lastOffset);
      expect(performance.now() - began).toBeLessThan(5_000);
      await relay.mend();
    });

    it('lets an id through that nobody was given, to be judged', async () => {
      const registry = await openRegistry(log, config);
      const value = framed(2_000_000_000, registry.encode('survey', survey));
      const { lastOffset } = await append(value);
      const listener = { waiting: () => undefined, answered: () => undefined };
      const gated = new SchemaGate([topic()], registry, listener, () => performance.now()).over(log);
      const [answer] = await gated.fetch([{ topic: topic(), partition: 0, offset: lastOffset, maxBytes: 1e6 }], {
        ...{ isolation: 'read_committed', maxWaitMs: 5_000 },
      });
      expect(answer!.records.length).toBe(1);
      expect((await faultOf(Promise.try(() => registry.decode('survey', value)))).code).toBe('SCHEMA_UNKNOWN');
    });

    it('is a fault with its address for who cannot do without it', async () => {
      await relay.cut();
      const fault = await faultOf(openRegistry(log, config));
      expect(fault).toMatchObject({ code: 'REGISTRY_UNAVAILABLE', facts: { registry: relay.url } });
      await relay.mend();
    });
  });
});

function framed(id: number, value: Uint8Array, more = new Uint8Array()): Uint8Array {
  const bytes = new Uint8Array(value.length + more.length);
  bytes.set(value);
  bytes.set(more, value.length);
  writeFrame(bytes, id);
  expect(schemaIdOf(bytes)).toBe(id);
  expect(bytes.length).toBeGreaterThan(FRAME_BYTES);
  return bytes;
}

/** A record with its first enum as a schema of its own, to be referred to by name. */
function apart(schema: RecordSchema): { own: object; referenced: object; referencedName: string } {
  const field = schema.fields.find(({ type }) => typeof type === 'object' && 'type' in type && type.type === 'enum')!;
  const type = field.type as { readonly name: string };
  const referencedName = `tributary.v1.${type.name}`;
  const own = {
    ...schema,
    fields: schema.fields.map((each) => (each === field ? { ...each, type: referencedName } : each)),
  };
  return { own, referenced: { ...type, namespace: 'tributary.v1' }, referencedName };
}

async function until(isSo: () => boolean, step: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error('it has not become so within 20 s');
    await step();
    await sleep(10);
  }
}
