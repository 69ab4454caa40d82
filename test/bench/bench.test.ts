import { describe, expect, it } from 'vitest';
import { testBroker } from '../kafka/broker.ts';
import { runJob, type JobResult } from './job.ts';
import { benchHotKey } from './hot-key.ts';
import { BYSTANDERS, eventCost, shopState } from './language.ts';
import { benchLatency } from './latency.ts';
import { benchRestore } from './restore.ts';
import { benchTimers } from './timers.ts';
import { SEGMENTS } from './up-directory.ts';

const EVENTS = new URL('../model/reference/events.csv.gz', import.meta.url).pathname;

/** What the reference peer says of the file (see test/model/reference.test.ts). */
const REFERENCE = {
  events: 2400,
  transitions: 4050,
  digest: '286cd82be31e8cdde8e4f628aace8bcbde4487d259f00f864e53860082a3f4e6',
};

function job(log: 'memory' | 'embedded', records: 'bench' | 'own'): Promise<JobResult> {
  return runJob({ events: EVENTS, segments: SEGMENTS, log, records, brokers: '', threads: 1, processes: 1 });
}

const broker = await testBroker();

describe.skipIf(broker === undefined)('the benchmark job on a real Kafka', () => {
  it.each([1, 2])(
    'tells the transitions of the reference peer with %i threads, the same bytes as embedded',
    async (threads) => {
      const { brokers } = broker!;
      const kafka = await runJob({
        events: EVENTS,
        segments: SEGMENTS,
        log: 'kafka',
        records: 'bench',
        brokers,
        threads,
        processes: 1,
      });
      const embedded = await job('embedded', 'bench');
      expect(kafka).toMatchObject(REFERENCE);
      expect(kafka.changesDigest).toBe(embedded.changesDigest);
      expect(kafka.factsDigest).toBe(embedded.factsDigest);
    },
    120_000,
  );
});

describe('the benchmark job on a small file', () => {
  it.each(['bench', 'own'] as const)(
    'tells the transitions of the reference peer on both logs, in %s records, the same bytes on each',
    async (records) => {
      const memory = await job('memory', records);
      const embedded = await job('embedded', records);
      expect(memory).toMatchObject(REFERENCE);
      expect(embedded).toMatchObject(REFERENCE);
      expect(embedded.changesDigest).toBe(memory.changesDigest);
      expect(embedded.factsDigest).toBe(memory.factsDigest);
    },
  );

  it('says the same of facts in both forms of records', async () => {
    const [bench, own] = [await job('memory', 'bench'), await job('memory', 'own')];
    expect(own.factsDigest).toBe(bench.factsDigest);
  });
});

describe('what many definitions cost', () => {
  it.each(BYSTANDERS)('is measured per event, beside others of %s', async (bystanders) => {
    const measured = await eventCost({ bystanders, segments: 60, events: 4_000 });
    expect(measured.segments).toBe(bystanders === 'none' ? 40 : 60);
    expect(measured.microsPerEvent).toBeGreaterThan(0);
  });

  it('is weighed on the shop, under rules that need exactly twenty series', async () => {
    const { customers, series, bytesMedian, bytesLargest } = await shopState();
    expect({ customers, series }).toEqual({ customers: 3360, series: 20 });
    expect(bytesMedian).toBeLessThanOrEqual(1000);
    expect(bytesLargest).toBeLessThan(64 * 1024);
  }, 120_000);
});

describe.each(['embedded', 'kafka'] as const)('measurements of the whole product, %s', (log) => {
  const place = { log, brokers: broker?.brokers ?? '' };
  const runs = log === 'embedded' || broker !== undefined;

  it.runIf(runs)(
    'sees changes of events that were sent on schedule',
    async () => {
      const measured = await benchLatency({ ...place, rate: 400, warmUpSeconds: 1, seconds: 2 });
      expect(measured.events).toBe(800);
      expect(measured.changes).toBeGreaterThan(0);
      expect(measured.max).toBeGreaterThanOrEqual(measured.p50);
    },
    120_000,
  );

  it.runIf(runs)(
    'fires every timer that is due at once',
    async () => {
      const sizes = { timers: 500, rate: 100, warmUpSeconds: 1, seconds: 2, prepareSeconds: 30 };
      const measured = await benchTimers({ ...place, ...sizes });
      expect(measured.seconds).toBeGreaterThan(0);
      expect(measured.bytesPerTimer).toBeLessThanOrEqual(48);
    },
    120_000,
  );

  it.runIf(runs)(
    'weighs a customer with many events, and what others wait beside it',
    async () => {
      const sizes = { events: 3_000, rate: 100, hotRate: 200, warmUpSeconds: 1, seconds: 2 };
      const measured = await benchHotKey({ ...place, ...sizes });
      expect(measured.bytesAtAll).toBeGreaterThan(measured.bytesAt1Percent);
      expect(measured.conditions).toBeGreaterThanOrEqual(40);
    },
    120_000,
  );

  it.runIf(runs)(
    'restores every customer',
    async () => {
      const measured = await benchRestore(300, place);
      expect(measured.customers).toBe(300);
      expect(measured.records).toBeGreaterThanOrEqual(300);
    },
    120_000,
  );
});
