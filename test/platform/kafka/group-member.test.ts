/** Membership beyond the contract of the log: what happens when members die or are busy. */
import { afterAll, describe, expect, test } from 'vitest';
import type { GroupListener } from '../../../services/core/streams/log.ts';
import { openKafkaLog, type KafkaLog } from '../../../services/platform/kafka/kafka-log.ts';
import { freshTopic } from '../../contract/log-harness.ts';
import { testBroker } from '../../kafka/broker.ts';
import { kafkaOptions } from './kafka-options.ts';

const broker = await testBroker();

class Owner implements GroupListener {
  readonly owned = new Set<number>();
  readonly told: string[] = [];
  /** Awaited before partitions are given back. */
  stopping: Promise<void> = Promise.resolve();

  assigned(partitions: readonly number[]): void {
    this.told.push(`assigned ${partitions.join(' ')}`);
    for (const partition of partitions) this.owned.add(partition);
  }

  async lost(partitions: readonly number[]): Promise<void> {
    this.told.push(`lost ${partitions.join(' ')}`);
    await this.stopping;
    for (const partition of partitions) this.owned.delete(partition);
  }
}

describe.skipIf(broker === undefined)('a member of a group', async () => {
  const logs: KafkaLog[] = [];
  const open = async (): Promise<KafkaLog> => {
    const log = await openKafkaLog(kafkaOptions(broker!, { sessionMs: 6_000 }));
    logs.push(log);
    return log;
  };
  const log = broker === undefined ? undefined! : await open();
  afterAll(() => Promise.all(logs.map((each) => each.close())));

  test('that dies loses its partitions to the others when its session is over', async () => {
    const topic = await freshTopic(log, { partitions: 4 });
    const dying = await open();
    const [first, second] = [new Owner(), new Owner()];
    await dying.joinGroup(topic, [topic], first);
    const member = await log.joinGroup(topic, [topic], second);
    await expect.poll(() => [first.owned.size, second.owned.size], { timeout: 20_000 }).toEqual([2, 2]);
    // Without a word to the broker, as after a kill.
    await dying.close();
    await expect.poll(() => second.owned.size, { timeout: 30_000 }).toBe(4);
    expect(second.told.filter((line) => line.startsWith('lost'))).toEqual([]);
    await member.leave();
  });

  test('keeps its place while a task takes its time to stop, and what moves waits for it', async () => {
    const topic = await freshTopic(log, { partitions: 2 });
    const other = await open();
    const [slow, waiting] = [new Owner(), new Owner()];
    const stopped = Promise.withResolvers<undefined>();
    slow.stopping = stopped.promise;
    const first = await log.joinGroup(topic, [topic], slow);
    const second = await other.joinGroup(topic, [topic], waiting);
    await expect.poll(() => slow.told, { timeout: 20_000 }).toEqual(['assigned 0 1', 'lost 1']);
    // Longer than a session: only heartbeats keep a member that long.
    const until = performance.now() + 7_000;
    await expect.poll(() => performance.now() > until, { timeout: 10_000 }).toBe(true);
    expect([[...slow.owned], [...waiting.owned]]).toEqual([[0, 1], []]);
    stopped.resolve(undefined);
    await expect.poll(() => [[...slow.owned], [...waiting.owned]], { timeout: 20_000 }).toEqual([[0], [1]]);
    await first.leave();
    await second.leave();
  });

  test('commits positions of its group as a member, which a stranger may not', async () => {
    const topic = await freshTopic(log, { partitions: 1 });
    const member = await log.joinGroup(topic, [topic], new Owner());
    const place = { topic, partition: 0 };
    await log.commitGroupPositions(topic, [{ ...place, offset: 3 }]);
    expect((await log.groupPositions(topic, [place]))[0]!.offset).toBe(3);
    const stranger = await open();
    await expect(stranger.commitGroupPositions(topic, [{ ...place, offset: 9 }])).rejects.toMatchObject({
      code: 'LOG_FENCED',
    });
    await member.leave();
  });
});
