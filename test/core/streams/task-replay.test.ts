import { describe, expect, it } from 'vitest';
import { countingTopology, SetFeed } from '../../driver/counting.ts';
import { Driver, START_MS } from '../../driver/driver.ts';
import { saidIn } from '../../driver/reading.ts';

const OLD = START_MS - 10_000_000;

async function driven(): Promise<Driver> {
  const driver = new Driver();
  await driver.createTopics(countingTopology());
  return driver;
}

describe('a replay', () => {
  it('merges by instant across inputs and advances the clock to the largest instant seen (T4)', async () => {
    const driver = await driven();
    for (const [topic, at] of [
      ['c', 30],
      ['c', 40],
      ['a', 10],
      ['a', 50],
      ['b', 30],
      ['b', 20],
    ] as const) {
      await driver.append({ topic, key: `${topic}${at}`, value: `${OLD + at}|1|` });
    }
    const task = driver.task(countingTopology(), { replay: { declaredInstant: START_MS, broadcastEnd: 0 } });
    await task.caughtUp();
    const all = saidIn(await driver.read('said'));
    expect(all.map(({ key, clock }) => [key, clock - OLD])).toEqual([
      ['a10', 10],
      ['b30', 30],
      ['b20', 30],
      ['c30', 30],
      ['c40', 40],
      ['a50', 50],
    ]);
    await task.stop();
  });

  it('fires every timer due at or before the next instant first, and at the end all due by the declared instant', async () => {
    const driver = await driven();
    await driver.append({ topic: 'a', key: 'x', value: `${OLD}|1|10` });
    await driver.append({ topic: 'a', key: 'y', value: `${OLD + 1}|1|9` });
    await driver.append({ topic: 'b', key: 'z', value: `${OLD + 10}|1|500` });
    await driver.append({ topic: 'b', key: 'v', value: `${OLD + 20}|1|20000000` });
    const task = driver.task(countingTopology(), { replay: { declaredInstant: START_MS, broadcastEnd: 0 } });
    await task.caughtUp();
    const all = saidIn(await driver.read('said'));
    expect(all.map(({ what, key }) => `${what} ${key}`)).toEqual([
      'counted x',
      'counted y',
      'quiet x',
      'quiet y',
      'counted z',
      'counted v',
      'quiet z',
    ]);
    expect(all.at(-1)!.clock).toBe(START_MS);
    await task.stop();
  });

  it('ends once and for good: later records come live, and a second request is ignored', async () => {
    const driver = await driven();
    await driver.append({ topic: 'a', key: 'x', value: `${OLD}|1|` });
    let endings = 0;
    const listener = { wentLive: () => void (endings += 1) };
    const replay = { declaredInstant: START_MS, broadcastEnd: 0 };
    const first = driver.task(countingTopology(), { replay, listener });
    await first.caughtUp();
    await driver.append({ topic: 'b', key: 'x', value: `${OLD - 5}|1|` });
    await first.caughtUp();
    await first.stop();
    await driver.append({ topic: 'c', key: 'x', value: `${OLD - 9}|1|` });
    const second = driver.task(countingTopology(), { replay, listener });
    await second.caughtUp();
    expect(endings).toBe(1);
    const all = saidIn(await driver.read('said'));
    expect(all.map(({ clock }) => clock >= START_MS)).toEqual([false, true, true]);
    await second.stop();
  });

  it('takes what cannot be decoded, or lies beyond the declared instant, at once and leaves the clock alone', async () => {
    const driver = await driven();
    await driver.append({ topic: 'a', key: 'x', value: 'junk' }, { topic: 'a', key: 'x', value: `${OLD}|1|` });
    await driver.append({ topic: 'b', key: 'y', value: `${START_MS + 1}|1|` });
    await driver.append({ topic: 'b', key: 'z', value: `${OLD + 5}|1|` });
    const task = driver.task(countingTopology(), { replay: { declaredInstant: START_MS, broadcastEnd: 0 } });
    await task.caughtUp();
    const all = saidIn(await driver.read('said'));
    expect(all.map(({ what, key, clock }) => [what, key, clock])).toEqual([
      ['junk', 'x', 0],
      ['counted', 'y', 0],
      ['counted', 'x', OLD],
      ['counted', 'z', OLD + 5],
    ]);
    await task.stop();
  });

  it('has the sets below the captured end in force before the first event, later ones when live', async () => {
    const driver = await driven();
    const feed = new SetFeed();
    feed.sets.push({ offset: 3, dueAt: START_MS - 60_000 }, { offset: 8, dueAt: START_MS - 30_000 });
    await driver.append({ topic: 'a', key: 'x', value: `${OLD}|1|` });
    await driver.append({ topic: 'a', key: 'y', value: `${OLD}|1|` }, { topic: 'a', key: 'y', value: `${OLD + 1}|1|` });
    const replay = { declaredInstant: START_MS, broadcastEnd: 4 };
    const task = driver.task(countingTopology(feed), { replay });
    await task.caughtUp();
    expect(task.task.gauges().broadcast).toBe(8);
    // x was born under set 3 and has an odd count, so it speaks when set 8 comes; y is even and does not.
    const all = saidIn(await driver.read('said'));
    expect(all.map(({ what, key, set }) => [what, key, set])).toEqual([
      ['counted', 'x', undefined],
      ['counted', 'y', undefined],
      ['counted', 'y', undefined],
      ['evaluated', 'x', 8],
    ]);
    await task.stop();
  });
});
