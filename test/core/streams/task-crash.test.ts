import { describe, expect, it } from 'vitest';
import { Fault } from '../../../services/core/faults.ts';
import type { Driver } from '../../driver/driver.ts';
import { Driver as NewDriver, START_MS } from '../../driver/driver.ts';
import { chanceOf } from '../../driver/virtual-host.ts';
import { countingTopology } from '../../driver/counting.ts';
import { lines, pagesOf, perKey, restored } from '../../driver/reading.ts';

const KEYS = 7;
const EVENTS = 220;
/** Small commits, so that crashes find many of them; a small hot set, so that values are decoded again and again. */
const options = { commitInputsMax: 20, commitMinMs: 1, fetchBytes: 300 };

/** The same history for every run of a seed, appended over some virtual time. */
async function history(driver: Driver, seed: number, live: boolean): Promise<void> {
  const chance = chanceOf(seed);
  const draw = (bound: number): number => Math.floor(chance() * bound);
  for (let index = 0; index < EVENTS; index++) {
    const key = `k${draw(KEYS)}`;
    const instant = live ? driver.host.now() : START_MS - 1_000_000 + draw(1_000_000);
    const amount = draw(30) === 0 ? 'forget' : String(draw(100));
    const value = draw(25) === 0 ? 'junk' : `${instant}|${amount}|${draw(3) === 0 ? '' : String(draw(3_000))}`;
    await driver.append({ topic: 'abc'[draw(3)]!, key, value });
    if (draw(4) === 0) await driver.host.pass(draw(700));
  }
}

interface Run {
  readonly driver: Driver;
  readonly crashes: number;
}

/**
 * Works a history to its end. At every step of a commit the seed may throw (the task starts again by itself), or kill
 * (the step never returns; a new task starts on the same log, and the old one may wake up later).
 */
async function run(seed: number, live: boolean, harm: boolean): Promise<Run> {
  const driver = new NewDriver({ seed });
  await driver.createTopics(countingTopology());
  await history(driver, 1_000 + seed, live);
  const replay = live ? undefined : { declaredInstant: driver.host.now(), broadcastEnd: 0 };
  const asleep: (() => void)[] = [];
  let crashes = 0;
  let dies: () => void = () => undefined;
  if (harm) {
    driver.atSteps(() => {
      if (crashes >= 40 || driver.host.draw(12) !== 0) return undefined;
      crashes += 1;
      if (driver.host.draw(2) === 0) throw new Fault('LOG_UNAVAILABLE', 'Thrown between two steps');
      dies();
      return new Promise<void>((resolve) => asleep.push(resolve));
    });
  }
  for (;;) {
    const death = new Promise<'killed'>((resolve) => (dies = () => resolve('killed')));
    const task = driver.task(countingTopology(), { options, replay });
    const caught = task.caughtUp().then(() => 'caught' as const);
    if ((await Promise.race([caught, death])) === 'killed') {
      // The killed owner wakes up while a successor works, and must find itself fenced.
      caught.catch(() => undefined);
      if (asleep.length > 1) asleep.shift()!();
      task.task.stop();
      continue;
    }
    driver.atSteps(() => undefined);
    await driver.host.pass(10_000);
    await task.stop();
    return { driver, crashes };
  }
}

describe('a task that crashes between any two steps of a commit', () => {
  it('gives the outputs and the state of an undisturbed replay, byte for byte', async () => {
    let crashes = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const calm = await run(seed, false, false);
      const harmed = await run(seed, false, true);
      crashes += harmed.crashes;
      for (const topic of ['said', 'quiet']) {
        expect(await lines(harmed.driver, topic), `seed ${seed}`).toEqual(await lines(calm.driver, topic));
      }
      expect(pagesOf(await restored(harmed.driver))).toEqual(pagesOf(await restored(calm.driver)));
    }
    expect(crashes).toBeGreaterThan(50);
  });

  it('says of every key what an undisturbed live run says, in the same order', async () => {
    for (let seed = 101; seed <= 112; seed++) {
      const calm = await run(seed, true, false);
      const harmed = await run(seed, true, true);
      expect(await perKey(harmed.driver), `seed ${seed}`).toEqual(await perKey(calm.driver));
      expect(pagesOf(await restored(harmed.driver))).toEqual(pagesOf(await restored(calm.driver)));
    }
  });

  it('does not depend on how a replay is cut into commits', async () => {
    const calm = await run(5, false, false);
    const driver = new NewDriver({ seed: 5 });
    await driver.createTopics(countingTopology());
    await history(driver, 1_005, false);
    const replay = { declaredInstant: driver.host.now(), broadcastEnd: 0 };
    const task = driver.task(countingTopology(), { options: { commitInputsMax: 1 }, replay });
    await task.caughtUp();
    await task.stop();
    expect(await lines(driver, 'said')).toEqual(await lines(calm.driver, 'said'));
  });
});
