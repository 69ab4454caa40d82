import { Kafka, logLevel } from 'kafkajs';
import { afterAll, describe, expect, it } from 'vitest';
import { ownBroker, testBroker } from './broker.ts';

const [shared, again, own] = await Promise.all([testBroker(), testBroker(), ownBroker()]);

async function topicsOf(brokers: string, create?: string): Promise<readonly string[]> {
  const admin = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  if (create !== undefined) await admin.createTopics({ topics: [{ topic: create }] });
  const topics = await admin.listTopics();
  await admin.disconnect();
  return topics;
}

describe.skipIf(shared === undefined)('the broker of a run', () => {
  it('is one for all who ask', () => {
    expect(again).toEqual(shared);
  });

  it('has a registry beside it', async () => {
    const answer = await fetch(`${shared!.registryUrl}/subjects`);
    expect(answer.status).toBe(200);
  });
});

describe.skipIf(own === undefined)('a broker of its own', () => {
  afterAll(() => own!.close());

  it('has what it held when it comes back after a kill, at the same address', async () => {
    expect(await topicsOf(own!.brokers, 'kept')).toContain('kept');
    process.kill(own!.pid, 'SIGKILL');
    const { brokers, pid } = await own!.start();
    expect(brokers).toBe(own!.brokers);
    expect(pid).not.toBe(own!.pid);
    expect(await topicsOf(brokers)).toContain('kept');
  });
});
