import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { App } from '../../../services/core/streams/app.ts';
import type { Host } from '../../../services/core/streams/host.ts';
import { silentListener } from '../../../services/core/streams/listener.ts';
import { TASK_DEFAULTS } from '../../../services/core/streams/task-options.ts';
import { MemoryLog } from '../../../services/platform/memory-log/memory-log.ts';
import { countingTopology } from '../../driver/counting.ts';
import { appendAll, readAll, topic } from '../../driver/driver.ts';

/** Real time: here the app itself is under test, with what it costs. */
const host: Host = {
  now: () => Date.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
  yield: () => new Promise((resolve) => setImmediate(resolve)),
};
const PARTITIONS = 4;

async function logWithTopics(): Promise<MemoryLog> {
  const log = new MemoryLog({ now: () => Date.now() });
  const { inputs, outputs, changelog } = countingTopology();
  await log.createTopics([
    ...inputs.map((name) => topic(name, PARTITIONS, { timestampType: 'LogAppendTime' })),
    ...[...outputs, changelog].map((name) => topic(name, PARTITIONS, {})),
  ]);
  return log;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('Not reached within 10 s');
    await delay(2);
  }
}

const parts = { host, topology: countingTopology(), options: TASK_DEFAULTS, listener: silentListener };

async function count(log: MemoryLog): Promise<number> {
  let sum = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) sum += (await readAll(log, 'said', partition)).length;
  return sum;
}

describe('an app', () => {
  it('runs a task per partition, answers within milliseconds and drains on stop', async () => {
    const log = await logWithTopics();
    const app = new App({ ...parts, log });
    await app.start();
    await until(() => [...app.gauges().values()].filter(({ stage }) => stage === 'running').length === PARTITIONS);
    const startedAt = Date.now();
    for (let index = 0; index < 40; index++) {
      const record = { topic: 'abc'[index % 3]!, partition: index % 4, key: `k${index}`, value: `${Date.now()}|1|` };
      await appendAll(log, [record], Date.now());
    }
    await until(async () => (await count(log)) === 40);
    expect(Date.now() - startedAt).toBeLessThan(1_000);
    expect(await app.stop(5_000)).toBe(true);
    expect([...app.gauges()]).toEqual([]);
  });

  it('shares the partitions with another member, and hands them over without losing or repeating anything', async () => {
    const log = await logWithTopics();
    const apps = [new App({ ...parts, log })];
    await apps[0]!.start();
    for (let index = 0; index < 400; index++) {
      const record = { topic: 'a', partition: index % 4, key: `k${index % 20}`, value: `${Date.now()}|1|` };
      await appendAll(log, [record], Date.now());
      if (index === 100) {
        apps.push(new App({ ...parts, log }));
        await apps[1]!.start();
      }
      if (index === 250) await apps[0]!.stop(5_000);
      if (index % 50 === 0) await delay(5);
    }
    await until(async () => (await count(log)) >= 400);
    expect(apps[1]!.gauges().size).toBe(PARTITIONS);
    await apps[1]!.stop(5_000);
    expect(await count(log)).toBe(400);
  });

  it('says why it cannot go on', async () => {
    const log = await logWithTopics();
    const topology = { ...countingTopology(), changelog: 'nowhere' };
    const app = new App({ ...parts, log, topology });
    await app.start();
    await expect(app.failed).rejects.toMatchObject({ code: 'TOPIC_UNKNOWN', facts: { topic: 'nowhere' } });
    expect(await app.stop(5_000)).toBe(true);
  });
});
