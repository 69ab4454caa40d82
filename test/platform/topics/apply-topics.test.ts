import { beforeEach, describe, expect, it } from 'vitest';
import { Fault } from '../../../services/core/faults.ts';
import type { Log } from '../../../services/core/streams/log.ts';
import { RecordBatchBuilder } from '../../../services/core/streams/record-batch.ts';
import { loadConfig } from '../../../services/platform/config/load.ts';
import { packagePath } from '../../../services/platform/config/package-root.ts';
import { MemoryLog } from '../../../services/platform/memory-log/memory-log.ts';
import { RECORD_NAMES, schemaOf } from '../../../services/platform/registry/record-schemas.ts';
import { openRegistry, wantedSchemas } from '../../../services/platform/registry/registry.ts';
import { TopicSchemaStore } from '../../../services/platform/registry/topic-schema-store.ts';
import { applyTopics, previewTopics } from '../../../services/platform/topics/apply-topics.ts';
import { topicNames, topicPlan } from '../../../services/platform/topics/topic-plan.ts';
import { interaction, NOW } from '../registry/events.ts';

const { config } = loadConfig({ environment: {}, workingDirectory: packagePath('schemas') });
const { topics } = config;
const names = topicNames(topics);
const INPUT_KEYS = ['interactions', 'purchases', 'surveys', 'profiles', 'identities'] as const;

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  try {
    await work;
  } catch (fault) {
    if (fault instanceof Fault) return fault;
    throw fault;
  }
  throw new Error('It did not fail');
}

describe('topics apply', () => {
  let now = NOW;
  let log: Log;
  const clock = () => now;

  beforeEach(() => {
    now = NOW;
    log = new MemoryLog({ now: clock });
  });

  async function definitions(): Promise<readonly { key: string; body: unknown; publishedAt: number }[]> {
    const registry = await openRegistry(log, config);
    const [fetched] = await log.fetch([{ topic: names.definitions, partition: 0, offset: 0, maxBytes: 1e6 }], {
      isolation: 'read_committed',
      maxWaitMs: 10,
    });
    const { records } = fetched!;
    return Array.from({ length: records.length }, (_, index) => {
      const { key, body, publishedAt } = registry.decode('definition', records.value(index));
      return { key, body: JSON.parse(body) as unknown, publishedAt };
    });
  }

  it('creates every topic as planned', async () => {
    await applyTopics(log, config, clock);
    const specs = topicPlan(config).map(({ spec }) => spec);
    expect(await log.describeTopics(specs.map(({ name }) => name))).toEqual(specs);
    expect([...(await log.listTopics())].sort()).toEqual(specs.map(({ name }) => name).sort());
  });

  it('plans what the rules rest on', () => {
    const specs = Object.fromEntries(topicPlan(config).map(({ key, spec }) => [key, spec]));
    for (const input of INPUT_KEYS) {
      expect(specs[input]).toMatchObject({ timestampType: 'LogAppendTime', cleanup: 'delete', partitions: 4 });
    }
    for (const output of ['changes', 'memberships', 'facts', 'deadLetters', 'changelog']) {
      expect(specs[output]).toMatchObject({ timestampType: 'CreateTime', partitions: 4 });
    }
    expect(specs['memberships']!.cleanup).toBe('compact');
    expect(specs['facts']!.retentionMs).toBeNull();
    expect(specs['definitions']).toMatchObject({ partitions: 1, cleanup: 'delete', retentionMs: null });
    const input = specs['interactions']!.maxMessageBytes;
    expect(specs['facts']!.maxMessageBytes).toBe(input + 256 * 1024);
    expect(specs['deadLetters']!.maxMessageBytes).toBe(input + 256 * 1024);
  });

  it('puts the prefix before every name', () => {
    const all = topicPlan({ ...config, topics: { ...topics, prefix: 'acme.' } });
    expect(all.every(({ spec }) => spec.name.startsWith('acme.'))).toBe(true);
  });

  it('registers all schemas, once', async () => {
    const first = await applyTopics(log, config, clock);
    expect(first.registered.map(({ id }) => id)).toEqual(RECORD_NAMES.map((_, index) => index + 1));
    const second = await applyTopics(log, config, clock);
    expect(second).toMatchObject({ created: [], registered: [], covered: [], uncovered: [] });
    const store = new TopicSchemaStore(log, names.schemas);
    const subjects = wantedSchemas(names).map(({ subject }) => subject);
    expect(await store.registered(subjects)).toHaveLength(RECORD_NAMES.length);
  });

  it('declares since when each new input is whole (E3), once', async () => {
    await applyTopics(log, config, clock);
    now += 1000;
    await applyTopics(log, config, clock);
    expect(await definitions()).toEqual(
      INPUT_KEYS.map((input) => ({
        key: `coverage-${input}`,
        body: { input, kinds: '*', since: NOW },
        publishedAt: NOW,
      })),
    );
  });

  it('finishes what a stopped run has begun', async () => {
    await log.createTopics(topicPlan(config).map(({ spec }) => spec));
    await log.append({ topic: names.surveys, partition: 1 }, batch());
    const { covered, uncovered, registered } = await applyTopics(log, config, clock);
    expect(registered).toHaveLength(RECORD_NAMES.length);
    expect(covered).toEqual(['interactions', 'purchases', 'profiles', 'identities']);
    expect(uncovered).toEqual(['surveys']);
  });

  it('shows what it would do and does nothing of it', async () => {
    const preview = await previewTopics(log, config);
    expect(preview.created).toHaveLength(13);
    expect(preview.registered).toHaveLength(RECORD_NAMES.length);
    expect(preview.covered).toEqual(INPUT_KEYS);
    expect(await log.listTopics()).toEqual([]);
    await applyTopics(log, config, clock);
    const after = await previewTopics(log, config);
    expect(after).toMatchObject({ created: [], registered: [], covered: [], differences: [] });
  });

  it('lists every difference with its fix, and creates nothing', async () => {
    const [interactions, purchases] = topicPlan(config).map(({ spec }) => spec);
    await log.createTopics([
      { ...interactions!, partitions: 3, timestampType: 'CreateTime' },
      { ...purchases!, retentionMs: null },
    ]);
    const fault = await faultOf(applyTopics(log, config, clock));
    expect(fault.code).toBe('TOPIC_MISMATCH');
    expect(fault.mistakes).toEqual([
      `${names.interactions}: partitions is 3, wanted is 4; set topics.partitions to 3: the partitions of a topic in use cannot change`,
      `${names.interactions}: timestampType is CreateTime, wanted is LogAppendTime; set message.timestamp.type of the topic to LogAppendTime`,
      `${names.purchases}: retentionMs is without limit, wanted is 2592000000 ms; set topics.purchases.retentionMs to null, or change the retention of the topic`,
    ]);
    expect(await log.listTopics()).toHaveLength(2);
  });

  it('keeps ids over restarts, and a registry opened later reads what an earlier one wrote', async () => {
    await applyTopics(log, config, clock);
    const value = (await openRegistry(log, config)).encode('interaction', interaction);
    const later = await openRegistry(log, config);
    expect(later.decode('interaction', value)).toEqual(interaction);
  });

  it('says that topics have to be applied before a registry can be opened', async () => {
    expect(await faultOf(openRegistry(log, config))).toMatchObject({ code: 'TOPIC_UNKNOWN' });
  });
});

describe('schema ids', () => {
  let log: Log;
  const store = () => new TopicSchemaStore(log, names.schemas);
  const survey = { subject: 's-value', schema: schemaOf('survey'), compatibility: 'BACKWARD_TRANSITIVE' } as const;
  const older = { ...survey, schema: { ...survey.schema, fields: survey.schema.fields.slice(0, -1) } };

  beforeEach(async () => {
    log = new MemoryLog({ now: () => NOW });
    await log.createTopics(topicPlan(config).map(({ spec }) => spec));
  });

  it('are the same for the same contract in another subject', async () => {
    await store().register([survey], NOW);
    const [other] = await store().register([{ ...survey, subject: 't-value' }], NOW);
    expect(other).toMatchObject({ id: 1, version: 1, subject: 't-value' });
  });

  it('do not change with a doc', async () => {
    await store().register([survey], NOW);
    expect(await store().register([{ ...survey, schema: { ...survey.schema, doc: 'x' } }], NOW)).toEqual([]);
  });

  it('rise with each version, which readers learn without being opened anew', async () => {
    await applyTopics(log, config, () => NOW);
    const registry = await openRegistry(log, config);
    const subject = `${names.surveys}-value`;
    const [added] = await store().register([{ ...older, subject }], NOW);
    expect(added).toMatchObject({ id: RECORD_NAMES.length + 1, version: 2 });
    const value = Uint8Array.of(0, 0, 0, 0, added!.id);
    expect((await faultOf(Promise.try(() => registry.decode('survey', value)))).code).toBe('SCHEMA_UNKNOWN');
    await registry.refresh();
    expect((await faultOf(Promise.try(() => registry.decode('survey', value)))).code).toBe('RECORD_UNDECODABLE');
  });

  it('are refused to what is not compatible, with place and reason', async () => {
    const required = { ...survey.schema, fields: [...survey.schema.fields, { name: 'mood', type: 'string' }] };
    await store().register([survey], NOW);
    const fault = await faultOf(store().register([{ ...survey, schema: required }], NOW));
    expect(fault.code).toBe('SCHEMA_INCOMPATIBLE');
    expect(fault.mistakes).toEqual([
      's-value cannot read version 1: mood: is not in what was written and has no default',
    ]);
  });

  it('are given once when several register at the same time', async () => {
    const others = Array.from({ length: 4 }, () => store().register([survey, { ...older, subject: 'o' }], NOW));
    await Promise.allSettled(others);
    await store().register([survey, { ...older, subject: 'o' }], NOW);
    const schemas = await store().registered(['s-value', 'o']);
    expect(schemas.map(({ id, subject }) => [id, subject])).toEqual([
      [1, 's-value'],
      [2, 'o'],
    ]);
  });
});

function batch() {
  const builder = new RecordBatchBuilder();
  builder.append(NOW, new Uint8Array([1]), new Uint8Array([1]));
  return builder.finish();
}
