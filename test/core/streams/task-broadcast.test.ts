import { describe, expect, it } from 'vitest';
import { countingTopology, SetFeed } from '../../driver/counting.ts';
import { Driver, START_MS } from '../../driver/driver.ts';
import { saidIn } from '../../driver/reading.ts';

const KEYS = 400;

async function populated(feed: SetFeed): Promise<Driver> {
  const driver = new Driver({ seed: 3 });
  await driver.createTopics(countingTopology(feed));
  for (let index = 0; index < KEYS; index++) {
    await driver.append({ topic: 'a', key: `k${index}`, value: `${START_MS}|1|` });
  }
  return driver;
}

/** Keys evaluated under a set, in the order they were. */
async function evaluatedUnder(driver: Driver, set: number): Promise<string[]> {
  const all = saidIn(await driver.read('said'));
  return all.filter((said) => said.what === 'evaluated' && said.set === set).map(({ key }) => key);
}

describe('a broadcast set', () => {
  it('comes into force when the clock reaches its instant, not before (D2)', async () => {
    const feed = new SetFeed();
    const driver = await populated(feed);
    const task = driver.task(countingTopology(feed));
    await task.caughtUp();
    feed.sets.push({ offset: 5, dueAt: driver.host.now() + 3_000 });
    await driver.host.pass(3_300);
    expect(task.task.gauges().broadcast).toBe(-1);
    await driver.host.pass(1_500);
    expect(task.task.gauges()).toMatchObject({ broadcast: 5, slicing: false });
    expect((await evaluatedUnder(driver, 5)).length).toBe(KEYS);
    await task.stop();
  });

  it('touches every key once, whatever stops in the middle (D3)', async () => {
    const feed = new SetFeed();
    const driver = await populated(feed);
    const options = { commitInputsMax: 40, commitMinMs: 1 };
    const first = driver.task(countingTopology(feed), { options });
    await first.caughtUp();
    feed.sets.push({ offset: 5, dueAt: driver.host.now() });
    await driver.host.until(async () => (await evaluatedUnder(driver, 5)).length >= 90);
    let crashes = 0;
    driver.atSteps(() => {
      if (driver.host.draw(10) !== 0) return;
      crashes += 1;
      throw new Error('thrown between two steps');
    });
    await driver.host.until(async () => (await evaluatedUnder(driver, 5)).length >= 200);
    await first.stop().catch(() => undefined);
    driver.atSteps(() => undefined);
    const second = driver.task(countingTopology(feed), { options });
    await second.caughtUp();
    const keys = await evaluatedUnder(driver, 5);
    expect(crashes).toBeGreaterThan(0);
    expect(keys).toHaveLength(KEYS);
    expect(new Set(keys).size).toBe(KEYS);
    await second.stop();
  });

  it('is overtaken by a newer one without anybody being evaluated under both after it', async () => {
    const feed = new SetFeed();
    const driver = await populated(feed);
    const task = driver.task(countingTopology(feed), { options: { commitInputsMax: 40 } });
    await task.caughtUp();
    feed.sets.push({ offset: 5, dueAt: START_MS - 2_000 });
    await driver.host.until(async () => (await evaluatedUnder(driver, 5)).length >= 100);
    feed.sets.push({ offset: 9, dueAt: START_MS - 1_000 });
    await driver.host.until(() => task.task.gauges().broadcast === 9);
    await task.caughtUp();
    const [older, newer] = [await evaluatedUnder(driver, 5), await evaluatedUnder(driver, 9)];
    expect(newer).toHaveLength(KEYS);
    expect(new Set(newer).size).toBe(KEYS);
    // Slices past the newer set went straight to it.
    expect(older.length).toBeLessThan(KEYS);
    await task.stop();
  });

  it('lets live events through while slices are under way', async () => {
    const feed = new SetFeed();
    const driver = await populated(feed);
    const task = driver.task(countingTopology(feed), { options: { commitInputsMax: 40 } });
    await task.caughtUp();
    feed.sets.push({ offset: 5, dueAt: driver.host.now() });
    await driver.host.until(() => task.task.gauges().slicing);
    await driver.append({ topic: 'b', key: 'new', value: `${driver.host.now()}|1|` });
    await driver.host.until(async () => (await driver.read('said')).some(({ key }) => key === 'new'));
    expect((await evaluatedUnder(driver, 5)).length).toBeLessThan(KEYS);
    await task.stop();
  });

  it('that is in force is waited for after a restart, before anything is worked', async () => {
    const feed = new SetFeed();
    const driver = await populated(feed);
    feed.sets.push({ offset: 5, dueAt: START_MS });
    const first = driver.task(countingTopology(feed));
    await driver.host.until(() => first.task.gauges().broadcast === 5);
    await first.caughtUp();
    await first.stop();
    const late = new SetFeed();
    const second = driver.task(countingTopology(late));
    await driver.host.pass(5_000);
    expect(second.task.gauges().stage).toBe('positioning');
    late.sets.push(...feed.sets);
    await second.caughtUp();
    await second.stop();
  });
});
