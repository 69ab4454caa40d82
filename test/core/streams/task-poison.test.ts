import { describe, expect, it } from 'vitest';
import { Fault } from '../../../services/core/faults.ts';
import type { RecordPlace } from '../../../services/core/streams/listener.ts';
import { RecordBatchBuilder } from '../../../services/core/streams/record-batch.ts';
import { countingTopology } from '../../driver/counting.ts';
import { Driver, START_MS } from '../../driver/driver.ts';
import { pagesOf, restored, saidIn } from '../../driver/reading.ts';

async function driven(): Promise<Driver> {
  const driver = new Driver();
  await driver.createTopics(countingTopology());
  return driver;
}

describe('poison', () => {
  it('goes to the dead letters after failing three times alone, and delays its partition by less than a second (C4)', async () => {
    const driver = await driven();
    for (let index = 0; index < 50; index++) {
      await driver.append({ topic: 'abc'[index % 3]!, key: `k${index % 5}`, value: `${START_MS}|1|` });
      if (index === 20) await driver.append({ topic: 'a', key: 'k1', value: `${START_MS}|poison|` });
    }
    const dead: RecordPlace[] = [];
    let rollbacks = 0;
    let restarts = 0;
    const startedAt = driver.host.now();
    const task = driver.task(countingTopology(), {
      listener: {
        deadLettered: (_, place) => void dead.push(place),
        rolledBack: () => void (rollbacks += 1),
        restarted: () => void (restarts += 1),
      },
    });
    await task.caughtUp();
    expect(driver.host.now() - startedAt).toBeLessThan(1_000);
    expect(rollbacks).toBe(4);
    expect(restarts).toBe(0);
    expect(dead).toMatchObject([{ topic: 'a', partition: 0, offset: 7 }]);
    const all = saidIn(await driver.read('said'));
    expect(all.filter(({ what }) => what === 'counted')).toHaveLength(50);
    expect(all.filter(({ what }) => what === 'dead')).toMatchObject([{ key: 'k1', at: 7, code: 'PROCESSING_FAILED' }]);
    // Nothing of the attempts is left in the state.
    expect(all.filter(({ key }) => key === 'k1').at(-1)).toMatchObject({ count: 10, sum: 10 });
    await task.stop();
  });

  it('is condemned one by one when several stand in one commit', async () => {
    const driver = await driven();
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const amount = 'bdf'.includes(key) ? 'poison' : '1';
      await driver.append({ topic: 'a', key, value: `${START_MS}|${amount}|` });
    }
    const task = driver.task(countingTopology());
    await task.caughtUp();
    const all = saidIn(await driver.read('said'));
    expect(all.map(({ what, key }) => `${what} ${key}`)).toEqual([
      'counted a',
      'dead b',
      'counted c',
      'dead d',
      'counted e',
      'dead f',
    ]);
    await task.stop();
  });

  it('in a replay changes nothing of what is said otherwise', async () => {
    const outputs: string[][] = [];
    for (const amount of ['poison', 'forget']) {
      const driver = await driven();
      for (let index = 0; index < 30; index++) {
        const value = `${START_MS - 1_000 + index}|${index === 15 ? amount : '1'}|5`;
        await driver.append({ topic: 'abc'[index % 3]!, key: index === 15 ? 'nobody' : `k${index % 3}`, value });
      }
      const task = driver.task(countingTopology(), { replay: { declaredInstant: START_MS, broadcastEnd: 0 } });
      await task.caughtUp();
      const all = saidIn(await driver.read('said'));
      outputs.push(all.filter(({ what }) => what !== 'dead').map((said) => JSON.stringify(said)));
      await task.stop();
    }
    expect(outputs[0]).toEqual(outputs[1]);
  });

  it('in a timer is parked after three failures alone: the partition goes on', async () => {
    const driver = await driven();
    await driver.append({ topic: 'a', key: 'bad', value: `${START_MS}|1|spoiled` });
    await driver.append({ topic: 'a', key: 'good', value: `${START_MS}|1|10` });
    const parked: string[] = [];
    const task = driver.task(countingTopology(), {
      listener: { timerParked: (_, key, __, fault) => void parked.push(`${key} ${fault.code}`) },
    });
    await task.caughtUp();
    await driver.host.pass(5_000);
    expect(parked).toEqual(['bad PROCESSING_FAILED']);
    expect((await driver.read('quiet')).map(({ key }) => key)).toEqual(['good']);
    await task.stop();
  });

  it('includes a record whose output is too large for its topic', async () => {
    const driver = await driven();
    const topology = countingTopology();
    const huge = {
      ...topology,
      create: (context: Parameters<typeof topology.create>[0]) => {
        const inner = topology.create(context);
        const process: typeof inner.process = (record, event) => {
          if (Buffer.from(record.key!).toString() === 'huge') {
            context.outputs.emit(1, 0, record.key, new Uint8Array(1_048_576));
          }
          inner.process(record, event);
        };
        return {
          decode: (record: Parameters<typeof inner.decode>[0]) => inner.decode(record),
          process,
          deadLetter: (record: Parameters<typeof inner.deadLetter>[0], fault: Fault) => inner.deadLetter(record, fault),
          fire: (key: string, due: number) => inner.fire(key, due),
          broadcast: (set: Parameters<typeof inner.broadcast>[0]) => inner.broadcast(set),
          touch: (key: string) => inner.touch(key),
          meta: () => inner.meta(),
        };
      },
    };
    for (const key of ['a', 'huge', 'b']) await driver.append({ topic: 'a', key, value: `${START_MS}|1|` });
    const task = driver.task(huge);
    await task.caughtUp();
    const all = saidIn(await driver.read('said'));
    expect(all.map(({ what, key, code }) => [what, key, code])).toEqual([
      ['counted', 'a', undefined],
      ['dead', 'huge', 'RECORD_TOO_LARGE'],
      ['counted', 'b', undefined],
    ]);
    expect(await driver.read('quiet')).toEqual([]);
    await task.stop();
  });
});

describe('ownership', () => {
  it('an older owner that wakes up is fenced and leaves no trace', async () => {
    const driver = await driven();
    await driver.append({ topic: 'a', key: 'k', value: `${START_MS}|1|` });
    let stuck: (() => void) | undefined;
    driver.atSteps((step) => {
      if (step !== 'commit' || stuck !== undefined) return undefined;
      return new Promise<void>((resolve) => (stuck = resolve));
    });
    const errors: unknown[] = [];
    const old = driver.task(countingTopology(), { listener: { restarted: (_, error) => void errors.push(error) } });
    await driver.host.until(() => stuck !== undefined);
    const young = driver.task(countingTopology());
    await young.caughtUp();
    stuck!();
    await driver.host.until(() => errors.length > 0);
    expect(errors[0]).toMatchObject({ code: 'LOG_FENCED' });
    expect(saidIn(await driver.read('said'))).toHaveLength(1);
    await young.stop();
    await old.stop();
    expect(saidIn(await driver.read('said'))).toHaveLength(1);
    expect(Object.keys(pagesOf(await restored(driver)))).toEqual(['k']);
  });

  it('stops with a clear fault when its position is no longer in the log (L7)', async () => {
    const driver = new Driver();
    const topology = countingTopology();
    await driver.createTopics(topology);
    await driver.append({ topic: 'a', key: 'k', value: `${START_MS}|1|` });
    const first = driver.task(topology);
    await first.caughtUp();
    await first.stop();
    // Another log with the same changelog but shorter inputs.
    const other = new Driver();
    await other.createTopics(topology);
    const builder = new RecordBatchBuilder();
    for (const { key, value } of await driver.read('changelog')) builder.append(0, Buffer.from(key!), value);
    await other.log.append({ topic: 'changelog', partition: 0 }, builder.finish());
    const failure = await other.task(topology).failure();
    expect(failure).toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
      facts: { topic: 'a', position: 1, highWatermark: 0 },
    });
  });

  it('stops when a topic is missing, and when the state is of a newer format', async () => {
    const driver = new Driver();
    const topology = countingTopology();
    expect(await driver.task(topology).failure()).toMatchObject({ code: 'TOPIC_UNKNOWN', facts: { topic: 'a' } });
    const newer = await driven();
    const builder = new RecordBatchBuilder();
    builder.append(0, Uint8Array.of(0), Buffer.from('{"format":99}'));
    await newer.log.append({ topic: 'changelog', partition: 0 }, builder.finish());
    expect(await newer.task(topology).failure()).toMatchObject({ code: 'STATE_UNREADABLE', facts: { format: 99 } });
  });

  it('starts again without end over a fault that asks for it, but not over an error nobody foresaw', async () => {
    for (const [error, ends] of [
      [new Fault('LOG_UNAVAILABLE', 'The log is away'), false],
      [new Error('a bug'), true],
    ] as const) {
      const driver = await driven();
      await driver.append({ topic: 'a', key: 'k', value: `${START_MS}|1|` });
      const pauses: number[] = [];
      driver.atSteps(() => {
        throw error;
      });
      const listener = { restarted: (_: number, __: unknown, ms: number) => void pauses.push(ms) };
      const task = driver.task(countingTopology(), { listener });
      await driver.host.until(() => task.ended || pauses.length === 12);
      expect(task.ended).toBe(ends);
      expect(pauses.slice(0, 5)).toEqual([50, 100, 200, 400, 800]);
      expect(Math.max(...pauses)).toBeLessThanOrEqual(5_000);
      if (ends) expect(task.error).toBe(error);
      else {
        driver.atSteps(() => undefined);
        await task.caughtUp();
        expect(saidIn(await driver.read('said'))).toHaveLength(1);
        await task.stop();
      }
    }
  });

  it('tells when the group position is beyond its own', async () => {
    const driver = await driven();
    await driver.append({ topic: 'a', key: 'k', value: `${START_MS}|1|` });
    await driver.log.commitGroupPositions('counting', [{ topic: 'a', partition: 0, offset: 1 }]);
    const alarms: unknown[] = [];
    const task = driver.task(countingTopology(), { listener: { alarm: (_, __, facts) => void alarms.push(facts) } });
    await task.caughtUp();
    expect(alarms).toEqual([{ topic: 'a', offset: 1, position: 0 }]);
    await task.stop();
  });
});
