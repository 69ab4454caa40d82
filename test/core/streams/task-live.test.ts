import { describe, expect, it, vi } from 'vitest';
import { RecordBatchBuilder } from '../../../services/core/streams/record-batch.ts';
import { Driver, START_MS, type Read } from '../../driver/driver.ts';
import { countingTopology, type Said } from '../../driver/counting.ts';

function said(reads: readonly Read[]): Said[] {
  return reads.map(({ value }) => JSON.parse(Buffer.from(value!).toString()) as Said);
}

async function driven(seed = 1): Promise<Driver> {
  const driver = new Driver({ seed });
  await driver.createTopics(countingTopology());
  return driver;
}

describe('a live task', () => {
  it('merges its inputs by append time, then by the order of topics', async () => {
    const driver = await driven();
    await driver.append({ topic: 'c', key: 'k', value: `${START_MS}|1|` });
    await driver.append({ topic: 'b', key: 'k', value: `${START_MS}|2|` });
    await driver.host.pass(10);
    await driver.append({ topic: 'b', key: 'k', value: `${START_MS}|4|` });
    await driver.host.pass(10);
    await driver.append({ topic: 'a', key: 'k', value: `${START_MS}|8|` });
    const task = driver.task(countingTopology());
    await task.caughtUp();
    expect(said(await driver.read('said')).map(({ sum }) => sum)).toEqual([2, 3, 7, 15]);
    await task.stop();
  });

  it('fires the timer of a quiet key once every input is proven beyond it, not before', async () => {
    const driver = await driven();
    await driver.append({ topic: 'a', key: 'k', value: `${START_MS}|1|5000` });
    const task = driver.task(countingTopology());
    await task.caughtUp();
    await driver.host.pass(5_400);
    expect(said(await driver.read('said')).map(({ what }) => what)).toEqual(['counted']);
    await driver.host.pass(200);
    expect(said(await driver.read('said'))[1]).toMatchObject({ what: 'quiet', at: START_MS + 5_000 });
    await task.stop();
  });

  it('never lets a timer overtake a record that is known but cannot be read yet (T3)', async () => {
    const driver = await driven();
    await driver.append({ topic: 'a', key: 'k', value: `${START_MS}|1|1000` });
    const task = driver.task(countingTopology());
    await task.caughtUp();
    const other = await driver.log.transactionalProducer('other');
    other.begin();
    const builder = new RecordBatchBuilder();
    builder.append(driver.host.now(), Buffer.from('k'), Buffer.from(`${START_MS + 900}|1|1000`));
    const appending = other.append({ topic: 'b', partition: 0 }, builder.finish());
    await driver.host.pass(20_000);
    await appending;
    await driver.append({ topic: 'a', key: 'z', value: `${START_MS}|1|` });
    await driver.host.pass(20_000);
    expect(said(await driver.read('said')).map(({ what }) => what)).toEqual(['counted']);
    const committing = other.commit();
    await driver.host.pass(2_000);
    await committing;
    const all = said(await driver.read('said'));
    expect(all.filter(({ key }) => key === 'k').map(({ what, at }) => [what, at - START_MS])).toEqual([
      ['counted', 0],
      ['counted', 900],
      ['quiet', 1_900],
    ]);
    await task.stop();
  });

  it('fires timers in order of due instant, then of the bytes of the key', async () => {
    const driver = await driven();
    const keys = ['b', 'a', '\u{1F600}', '\uFFFD', 'é'];
    for (const key of keys) await driver.append({ topic: 'a', key, value: `${START_MS}|1|${key === 'é' ? 10 : 20}` });
    const task = driver.task(countingTopology());
    await task.caughtUp();
    await driver.host.pass(2_000);
    expect((await driver.read('quiet')).map(({ key }) => key)).toEqual(['é', 'a', 'b', '\uFFFD', '\u{1F600}']);
    await task.stop();
  });

  it('goes on where it was after a stop, and never counts twice', async () => {
    const driver = await driven();
    for (let index = 0; index < 30; index++) {
      await driver.append({ topic: 'abc'[index % 3]!, key: `k${index % 4}`, value: `${START_MS}|1|100` });
    }
    const first = driver.task(countingTopology());
    await driver.host.until(async () => (await driver.read('said')).length > 0);
    await first.stop();
    await driver.append({ topic: 'a', key: 'k0', value: `${START_MS + 1}|1|100` });
    const second = driver.task(countingTopology());
    await second.caughtUp();
    await driver.host.pass(2_000);
    const all = said(await driver.read('said'));
    expect(all.filter(({ what }) => what === 'counted')).toHaveLength(31);
    expect(all.filter(({ what }) => what === 'quiet')).toHaveLength(4);
    await second.stop();
  });

  it('commits nothing while nothing happens (K1), and sleeps', async () => {
    const driver = await driven();
    await driver.append({ topic: 'a', key: 'k', value: `${START_MS}|1|86400000` });
    const task = driver.task(countingTopology());
    await task.caughtUp();
    let commits = 0;
    driver.atSteps(() => void (commits += 1));
    const fetches = vi.spyOn(driver.log, 'fetch');
    const proofs = vi.spyOn(driver.log, 'endOffsets');
    await driver.host.pass(600_000);
    expect(commits).toBe(0);
    // Two waits a second, nothing else; the timer that is a day away asks for no proofs.
    expect(fetches.mock.calls.length).toBeLessThan(1_300);
    expect(proofs.mock.calls.length).toBe(0);
    await task.stop();
  });

  it('stamps decisions with a clock that never goes back (T3, T6)', async () => {
    const driver = await driven();
    const task = driver.task(countingTopology());
    for (let index = 0; index < 40; index++) {
      await driver.append({ topic: 'abc'[index % 3]!, key: 'k', value: `${driver.host.now()}|1|30` });
      await driver.host.pass(driver.host.draw(200));
    }
    await task.caughtUp();
    const clocks = said(await driver.read('said')).map(({ clock }) => clock);
    expect(clocks).toEqual(clocks.toSorted((a, b) => a - b));
    expect(clocks.at(-1)).toBeGreaterThan(START_MS);
    expect(Math.max(...clocks)).toBeLessThanOrEqual(driver.host.now() - 500);
    await task.stop();
  });
});
