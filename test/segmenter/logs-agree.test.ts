/**
 * One random history, replayed from the log in memory and from the embedded one: whatever the log, its waits and where its
 * commits cut, every output is the same to the byte (J3, K2).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Log } from '../../services/core/streams/log.ts';
import { silentListener } from '../../services/core/streams/listener.ts';
import { RecordBatchBuilder } from '../../services/core/streams/record-batch.ts';
import { Pace, TASK_DEFAULTS } from '../../services/core/streams/task-options.ts';
import { Task } from '../../services/core/streams/task.ts';
import { PlanSource } from '../../services/core/domain/evaluation/applied-rules.ts';
import { openEmbeddedLog } from '../../services/platform/embedded-log/embedded-log.ts';
import { machineHost } from '../../services/platform/host/machine-host.ts';
import { MemoryLog } from '../../services/platform/memory-log/memory-log.ts';
import { RECORD_OF_INPUT } from '../../services/platform/registry/record-schemas.ts';
import { localRegistry } from '../../services/platform/registry/registry.ts';
import { avroWire } from '../../services/segmenter/avro-wire.ts';
import { DefinitionsFeed } from '../../services/segmenter/definitions-feed.ts';
import { segmenterTopology } from '../../services/segmenter/topology.ts';
import { readAll, topic } from '../driver/driver.ts';
import { historyOf } from '../model/drawing.ts';
import type { History } from '../model/histories.ts';
import { eventually } from '../platform/clickhouse/eventually.ts';
import { Counts, DAY, DEFINITIONS, LIMITS, SECOND, TOPICS } from './world.ts';

const registry = localRegistry();
const DECLARED = Date.UTC(2030, 0, 1);

async function append(log: Log, name: string, key: string, value: Uint8Array): Promise<void> {
  const builder = new RecordBatchBuilder();
  builder.append(DECLARED, Buffer.from(key), value);
  await log.append({ topic: name, partition: 0 }, builder.finish());
}

/** Puts a history on a log: definitions first, then its records in the order they were appended. */
async function fill(log: Log, history: History): Promise<void> {
  for (const { kind, body, ...rest } of history.founding.map((one) => ({ body: {}, key: 'coverage', ...one }))) {
    const { key } = rest;
    const value = registry.encode('definition', {
      kind,
      key,
      basedOn: null,
      author: null,
      reason: null,
      publishedAt: DECLARED,
      effectiveFrom: null,
      body: JSON.stringify(body),
    });
    await append(log, DEFINITIONS, key, value);
  }
  for (const step of history.steps) {
    if (step.kind !== 'record') continue;
    const value = registry.encode(RECORD_OF_INPUT[step.input], step.event);
    await append(log, TOPICS[step.input], step.event.customerId, step.damaged ? value.subarray(0, 9) : value);
  }
}

/** Replays what is on the log and returns every output, record by record; offsets depend on where commits cut, order does not. */
async function replayed(log: Log, history: History, commitInputsMax: number): Promise<readonly string[]> {
  const feed = new DefinitionsFeed(log, DEFINITIONS, (value) => registry.decode('definition', value), {
    effectiveAfterMs: 5 * SECOND,
    zone: 'UTC',
  });
  const topology = segmenterTopology('tributary', TOPICS, feed, {
    wire: avroWire(registry),
    plans: new PlanSource(),
    limits: LIMITS,
    listener: new Counts(),
    declaredInstant: DECLARED,
    tellMemberships: true,
  });
  const { inputs, outputs, changelog } = topology;
  await log.createTopics([
    ...inputs.map((name) => topic(name, 1, { timestampType: 'LogAppendTime' })),
    ...[...outputs, DEFINITIONS].map((name) => topic(name, 1, {})),
    topic(changelog, 1, { cleanup: 'compact' }),
  ]);
  await fill(log, history);
  await feed.read();
  const task = new Task({
    log,
    host: machineHost,
    topology,
    partition: 0,
    options: { ...TASK_DEFAULTS, commitInputsMax },
    listener: silentListener,
    pace: new Pace(),
    replay: { declaredInstant: DECLARED, broadcastEnd: feed.end },
  });
  const running = task.run();
  await Promise.race([
    running,
    eventually(() => Promise.resolve(task.gauges().mode === 'live' && task.state?.dirtyKeys === 0)),
  ]);
  task.stop();
  await running;
  const told: string[] = [];
  for (const name of outputs) {
    for (const { timestamp, key, value, headers } of await readAll(log, name, 0)) {
      const hex = value === null ? 'null' : Buffer.from(value).toString('hex');
      told.push(`${name} ${timestamp} ${key ?? ''} ${hex} ${headers.length}`);
    }
  }
  return told;
}

const histories = Array.from({ length: 60 }, (_, seed) => historyOf(seed + 1))
  .filter(({ mode, steps }) => mode === 'replay' && steps.length > 60)
  .slice(0, 4);

describe('the log in memory and the embedded one', () => {
  it.each(histories.map((history) => [history.seed, history] as const))(
    'give the same journal, changes, memberships and dead letters (seed %i)',
    async (_seed, history) => {
      const memory = new MemoryLog({ now: () => DECLARED + DAY });
      const inMemory = await replayed(memory, history, 2_000);
      await memory.close();
      const directory = mkdtempSync(join(tmpdir(), 'tributary-agree-'));
      const options = { directory, owner: true, now: () => DECLARED + DAY, maintainEveryMs: 0, ballastBytes: 0 };
      const embedded = await openEmbeddedLog(options);
      const onDisk = await replayed(embedded, history, 7);
      await embedded.close();
      rmSync(directory, { recursive: true });
      expect(inMemory.length).toBeGreaterThan(50);
      expect(onDisk).toEqual(inMemory);
    },
  );
});
