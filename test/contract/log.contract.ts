/**
 * The behaviour of a log, from Kafka's semantics (promises L1 to L10 of `core/streams/log.ts`). It runs against every
 * implementation of the port, so it assumes neither dense offsets nor a fast answer, and uses fresh topics and ids.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { GroupListener } from '../../services/core/streams/log.ts';
import type { CommitStep } from '../../services/platform/log-port/steps.ts';
import { batchOf, codeOf, freshTopic, readAll, seen, values } from './log-harness.ts';
import type { LogHarness } from './log-harness.ts';

const STEPS: readonly CommitStep[] = ['append', 'appended', 'send-offsets', 'offsets-sent', 'commit', 'committed'];
let ids = 0;
const freshId = (): string => `id-${process.pid}-${(ids += 1)}`;

export function describeLog(name: string, open: () => Promise<LogHarness>): void {
  describe(`${name} as a log`, () => {
    let harness: LogHarness;
    beforeAll(async () => {
      harness = await open();
    });
    afterEach(() => harness.setStep(undefined));
    afterAll(() => harness.close());
    const get = (): LogHarness => harness;

    describe('topics', () => topics(get));
    describe('appending and fetching', () => fetching(get));
    describe('waiting', () => waiting(get));
    describe('transactions', () => transactions(get));
    describe('fencing', () => fencing(get));
    describe('dying between two steps of a commit', () => dying(get));
    describe('groups', () => groups(get));
    describe('cleaning', () => cleaning(get));
  });
}

function topics(harness: () => LogHarness): void {
  test('a topic is described as it was created, and one that does not exist as undefined', async () => {
    const { log, other } = harness();
    const topic = await freshTopic(log, { partitions: 3, cleanup: 'compact', retentionMs: 5_000 });
    const [found, missing] = await other.describeTopics([topic, 'no-such-topic']);
    expect(found).toMatchObject({ name: topic, partitions: 3, cleanup: 'compact', retentionMs: 5_000 });
    expect(missing).toBeUndefined();
    expect(await other.listTopics()).toContain(topic);
  });

  test('creating a topic again leaves it as it is', async () => {
    const { log } = harness();
    const topic = await freshTopic(log, { partitions: 2 });
    await log.append({ topic, partition: 1 }, batchOf('kept'));
    const [spec] = await log.describeTopics([topic]);
    await log.createTopics([{ ...spec!, partitions: 9 }]);
    expect((await log.describeTopics([topic]))[0]?.partitions).toBe(2);
    expect(await values(log, { topic, partition: 1 })).toEqual(['kept']);
  });

  test('unknown topics and partitions are named', async () => {
    const { log } = harness();
    const topic = await freshTopic(log);
    const nowhere = { topic: 'no-such-topic', partition: 0 };
    expect(await codeOf(log.append(nowhere, batchOf('x')))).toBe('TOPIC_UNKNOWN');
    expect(await codeOf(log.endOffsets([nowhere]))).toBe('TOPIC_UNKNOWN');
    expect(await codeOf(log.append({ topic, partition: 2 }, batchOf('x')))).toBe('TOPIC_MISMATCH');
  });
}

function fetching(harness: () => LogHarness): void {
  test('an append is read back with offsets, timestamps, keys, values and headers', async () => {
    const { log, other } = harness();
    const place = { topic: await freshTopic(log), partition: 1 };
    const header = { key: 'origin', value: Uint8Array.of(7) };
    const first = await log.append(
      place,
      batchOf({ value: 'a', timestamp: 5, headers: [header] }, { key: null, value: 'b' }),
    );
    const second = await log.append(place, batchOf({ key: 'gone', value: null }));
    expect(first).toMatchObject({ ...place, lastOffset: first.baseOffset + 1, logAppendTime: null });
    expect(second.baseOffset).toBeGreaterThan(first.lastOffset);
    const [answer] = await other.fetch([{ ...place, offset: first.baseOffset, maxBytes: 1_000_000 }], {
      isolation: 'read_committed',
      maxWaitMs: 5_000,
    });
    expect(seen(answer!)).toEqual([
      { offset: first.baseOffset, timestamp: 5, key: 'key', value: 'a' },
      { offset: first.lastOffset, timestamp: 1_700_000_000_000, key: null, value: 'b' },
      { offset: second.baseOffset, timestamp: 1_700_000_000_000, key: 'gone', value: null },
    ]);
    expect(answer!.records.headers(0)).toEqual([header]);
    expect(answer!.records.headers(1)).toEqual([]);
    expect(answer!.nextOffset).toBe(second.lastOffset + 1);
    expect(answer!.highWatermark).toBe(answer!.nextOffset);
  });

  test('a fetch may begin inside a batch', async () => {
    const { log } = harness();
    const place = { topic: await freshTopic(log), partition: 0 };
    const { baseOffset } = await log.append(place, batchOf('a', 'b', 'c'));
    const records = await readAll(log, place, 'read_committed', baseOffset + 1);
    expect(records.map((record) => record.value)).toEqual(['b', 'c']);
  });

  test('several partitions are read from their own offsets in one fetch', async () => {
    const { log } = harness();
    const topic = await freshTopic(log);
    await log.append({ topic, partition: 0 }, batchOf('left'));
    const { lastOffset } = await log.append({ topic, partition: 1 }, batchOf('skipped', 'right'));
    const requests = [
      { topic, partition: 0, offset: 0, maxBytes: 1_000 },
      { topic, partition: 1, offset: lastOffset, maxBytes: 1_000 },
    ];
    const answers = await log.fetch(requests, { isolation: 'read_committed', maxWaitMs: 0 });
    expect(answers.map((answer) => seen(answer).map((record) => record.value))).toEqual([['left'], ['right']]);
  });

  test('maxBytes bounds an answer, but one batch is always given', async () => {
    const { log } = harness();
    const place = { topic: await freshTopic(log), partition: 0 };
    for (const value of ['a', 'b', 'c']) await log.append(place, batchOf(value.repeat(1_000)));
    const fetch = async (maxBytes: number): Promise<number> => {
      const [answer] = await log.fetch([{ ...place, offset: 0, maxBytes }], {
        isolation: 'read_committed',
        maxWaitMs: 0,
      });
      return answer!.records.length;
    };
    expect(await fetch(1)).toBe(1);
    expect(await fetch(2_400)).toBeLessThan(3);
    expect(await fetch(1_000_000)).toBe(3);
  });

  test('positions below the log start and above the high watermark are refused (L7)', async () => {
    const { log } = harness();
    const place = { topic: await freshTopic(log), partition: 0 };
    const { lastOffset } = await log.append(place, batchOf('a'));
    const fetch = (offset: number): Promise<string> =>
      codeOf(log.fetch([{ ...place, offset, maxBytes: 10 }], { isolation: 'read_committed', maxWaitMs: 5_000 }));
    expect(await fetch(lastOffset + 2)).toBe('OFFSET_OUT_OF_RANGE');
    expect(await fetch(-1)).toBe('OFFSET_OUT_OF_RANGE');
    const [empty] = await log.fetch([{ ...place, offset: lastOffset + 1, maxBytes: 10 }], {
      isolation: 'read_committed',
      maxWaitMs: 0,
    });
    expect(empty).toMatchObject({ nextOffset: lastOffset + 1, records: { length: 0 } });
  });

  test('a batch beyond the topic’s bound is refused and the log stays as it was', async () => {
    const { log } = harness();
    const place = { topic: await freshTopic(log, { maxMessageBytes: 2_000 }), partition: 0 };
    expect(await codeOf(log.append(place, batchOf('x'.repeat(2_000))))).toBe('RECORD_TOO_LARGE');
    await log.append(place, batchOf('small'));
    expect(await values(log, place)).toEqual(['small']);
  });

  test('the log’s own time stands on records of a LogAppendTime topic and never falls (L9)', async () => {
    const { log, advance } = harness();
    const place = { topic: await freshTopic(log, { timestampType: 'LogAppendTime' }), partition: 0 };
    const first = await log.append(place, batchOf({ value: 'a', timestamp: 1 }, { value: 'b', timestamp: 2 }));
    advance?.(-60_000);
    const second = await log.append(place, batchOf({ value: 'c', timestamp: 3 }));
    advance?.(60_000);
    expect(first.logAppendTime).toBeGreaterThan(3);
    expect(second.logAppendTime).toBeGreaterThanOrEqual(first.logAppendTime!);
    const records = await readAll(log, place);
    expect(records.map((record) => record.timestamp)).toEqual([
      first.logAppendTime,
      first.logAppendTime,
      second.logAppendTime,
    ]);
  });

  test('the first offset at or after an instant is found', async () => {
    const { log } = harness();
    const place = { topic: await freshTopic(log), partition: 0 };
    const { baseOffset } = await log.append(
      place,
      batchOf({ value: 'a', timestamp: 10 }, { value: 'b', timestamp: 20 }),
    );
    const later = await log.append(place, batchOf({ value: 'c', timestamp: 30 }));
    expect(await log.offsetForTime(place, 5)).toBe(baseOffset);
    expect(await log.offsetForTime(place, 11)).toBe(baseOffset + 1);
    expect(await log.offsetForTime(place, 30)).toBe(later.baseOffset);
    expect(await log.offsetForTime(place, 31)).toBe((await log.endOffsets([place]))[0]!.highWatermark);
  });

  test('appends of several clients at once all arrive, each once', async () => {
    const { log, other } = harness();
    const place = { topic: await freshTopic(log), partition: 0 };
    const sent = Array.from({ length: 60 }, (_, index) => String(index));
    const results = await Promise.all(
      sent.map((value, index) => (index % 2 === 0 ? log : other).append(place, batchOf(value))),
    );
    const records = await readAll(log, place);
    expect(records.map((record) => record.value).sort()).toEqual([...sent].sort());
    results.forEach(({ baseOffset }, index) => {
      expect(records.find((record) => record.offset === baseOffset)?.value).toBe(sent[index]);
    });
  });
}

function waiting(harness: () => LogHarness): void {
  test('a fetch waits for an append of another client', async () => {
    const { log, other } = harness();
    const place = { topic: await freshTopic(log), partition: 0 };
    const started = performance.now();
    const fetched = log.fetch([{ ...place, offset: 0, maxBytes: 1_000 }], {
      isolation: 'read_committed',
      maxWaitMs: 30_000,
    });
    await other.append(place, batchOf('there'));
    expect(seen((await fetched)[0]!).map((record) => record.value)).toEqual(['there']);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test('a fetch with nothing to return ends after its wait, empty', async () => {
    const { log } = harness();
    const place = { topic: await freshTopic(log), partition: 0 };
    const [answer] = await log.fetch([{ ...place, offset: 0, maxBytes: 1_000 }], {
      isolation: 'read_committed',
      maxWaitMs: 30,
    });
    expect(answer).toMatchObject({ nextOffset: 0, records: { length: 0 } });
  });

  test('a signal ends the wait early, also one that was aborted before', async () => {
    const { log } = harness();
    const place = { topic: await freshTopic(log), partition: 0 };
    const stop = new AbortController();
    const started = performance.now();
    const fetch = () =>
      log.fetch([{ ...place, offset: 0, maxBytes: 1_000 }], {
        isolation: 'read_committed',
        maxWaitMs: 30_000,
        signal: stop.signal,
      });
    const fetched = fetch();
    stop.abort();
    expect((await fetched)[0]!.records.length).toBe(0);
    expect((await fetch())[0]!.records.length).toBe(0);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test('an arrival elsewhere does not end the wait', async () => {
    const { log } = harness();
    const topic = await freshTopic(log);
    const fetched = log.fetch([{ topic, partition: 0, offset: 0, maxBytes: 1_000 }], {
      isolation: 'read_committed',
      maxWaitMs: 30_000,
    });
    await log.append({ topic, partition: 1 }, batchOf('elsewhere'));
    await log.append({ topic, partition: 0 }, batchOf('here'));
    expect(seen((await fetched)[0]!).map((record) => record.value)).toEqual(['here']);
  });
}

function transactions(harness: () => LogHarness): void {
  test('partitions and positions of a transaction become visible together (L3)', async () => {
    const { log, other } = harness();
    const topic = await freshTopic(log);
    const group = freshId();
    const [left, right] = [0, 1].map((partition) => ({ topic, partition }));
    const producer = await log.transactionalProducer(freshId());
    producer.begin();
    await producer.append(left!, batchOf('l1'));
    await producer.append(right!, batchOf('r1', 'r2'));
    await producer.append(left!, batchOf('l2'));
    await producer.sendOffsets(group, [{ topic: 'source', partition: 0, offset: 17, metadata: 'm' }]);
    expect(await values(other, left!)).toEqual([]);
    expect((await other.groupPositions(group, [{ topic: 'source', partition: 0 }]))[0]!.offset).toBe(-1);
    const results = await producer.commit();
    expect(await values(other, left!)).toEqual(['l1', 'l2']);
    expect(await values(other, right!)).toEqual(['r1', 'r2']);
    expect((await other.groupPositions(group, [{ topic: 'source', partition: 0 }]))[0]).toMatchObject({
      offset: 17,
      metadata: 'm',
    });
    const offsets = (await readAll(other, left!)).map((record) => record.offset);
    expect(results.filter((result) => result.partition === 0).map((result) => result.baseOffset)).toEqual(offsets);
    await producer.close();
  });

  test('a committed reader waits at an open transaction and then gets it whole and in order (L6)', async () => {
    const { log, other } = harness();
    const place = { topic: await freshTopic(log), partition: 0 };
    const before = await log.append(place, batchOf('before'));
    const producer = await log.transactionalProducer(freshId());
    producer.begin();
    await producer.append(place, batchOf('inside'));
    await log.append(place, batchOf('behind'));
    const [ends] = await other.endOffsets([place]);
    expect(ends!.lastStableOffset).toBeLessThanOrEqual(ends!.highWatermark);
    const seenBefore = await values(other, place);
    expect(seenBefore).not.toContain('inside');
    await producer.commit();
    const all = await values(other, place);
    expect(all.slice(0, seenBefore.length)).toEqual(seenBefore);
    expect([...all].sort()).toEqual(['before', 'behind', 'inside']);
    expect(before.baseOffset).toBe((await readAll(other, place))[0]!.offset);
    await producer.close();
  });

  test('a waiting committed reader is woken by the commit', async () => {
    const { log, other } = harness();
    const place = { topic: await freshTopic(log), partition: 0 };
    const producer = await log.transactionalProducer(freshId());
    producer.begin();
    await producer.append(place, batchOf('inside'));
    const fetched = other.fetch([{ ...place, offset: 0, maxBytes: 1_000 }], {
      isolation: 'read_committed',
      maxWaitMs: 30_000,
    });
    await producer.commit();
    expect(seen((await fetched)[0]!).map((record) => record.value)).toEqual(['inside']);
    await producer.close();
  });

  test.each(['abort', 'close'] as const)(
    'what %s undid is never read, and the producer’s next work is',
    async (how) => {
      const { log, other } = harness();
      const place = { topic: await freshTopic(log), partition: 0 };
      const id = freshId();
      const group = freshId();
      let producer = await log.transactionalProducer(id);
      producer.begin();
      await producer.append(place, batchOf('undone'));
      await producer.sendOffsets(group, [{ ...place, offset: 3 }]);
      await producer[how]();
      if (how === 'close') producer = await log.transactionalProducer(id);
      producer.begin();
      await producer.append(place, batchOf('done'));
      await producer.commit();
      await producer.close();
      expect(await values(other, place)).toEqual(['done']);
      expect((await other.groupPositions(group, [place]))[0]!.offset).toBe(-1);
    },
  );

  test('an empty transaction commits and writes nothing', async () => {
    const { log } = harness();
    const place = { topic: await freshTopic(log), partition: 0 };
    const producer = await log.transactionalProducer(freshId());
    producer.begin();
    expect(await producer.commit()).toEqual([]);
    producer.begin();
    await producer.abort();
    await producer.close();
    expect((await log.endOffsets([place]))[0]!.highWatermark).toBe(0);
  });

  test('a failed call leaves only close, and nothing of the transaction (L5)', async () => {
    const { log, other } = harness();
    const place = { topic: await freshTopic(log, { maxMessageBytes: 2_000 }), partition: 0 };
    const id = freshId();
    const producer = await log.transactionalProducer(id);
    producer.begin();
    await producer.append(place, batchOf('small'));
    expect(await codeOf(producer.append(place, batchOf('x'.repeat(3_000))))).toBe('RECORD_TOO_LARGE');
    expect(await codeOf(producer.commit())).toBe('RECORD_TOO_LARGE');
    expect(await codeOf(producer.append(place, batchOf('more')))).toBe('RECORD_TOO_LARGE');
    await producer.close();
    expect(await codeOf(producer.commit())).toBe('LOG_CLOSED');
    const next = await log.transactionalProducer(id);
    next.begin();
    await next.append(place, batchOf('next'));
    await next.commit();
    await next.close();
    expect(await values(other, place)).toEqual(['next']);
  });
}

function fencing(harness: () => LogHarness): void {
  test('opening an id undoes the unfinished transaction of its earlier owner (L4)', async () => {
    const { log, other } = harness();
    const place = { topic: await freshTopic(log), partition: 0 };
    const id = freshId();
    const older = await log.transactionalProducer(id);
    older.begin();
    await older.append(place, batchOf('older'));
    const newer = await other.transactionalProducer(id);
    const [ends] = await other.endOffsets([place]);
    expect(ends!.lastStableOffset).toBe(ends!.highWatermark);
    newer.begin();
    await newer.append(place, batchOf('newer'));
    await newer.commit();
    expect(await codeOf(older.commit())).toBe('LOG_FENCED');
    await older.close();
    await newer.close();
    expect(await values(log, place)).toEqual(['newer']);
  });

  test.each(['append', 'sendOffsets', 'commit'] as const)(
    'an older owner that wakes up is refused at %s and leaves no trace',
    async (call) => {
      const { log, other } = harness();
      const place = { topic: await freshTopic(log), partition: 0 };
      const id = freshId();
      const group = freshId();
      const older = await log.transactionalProducer(id);
      older.begin();
      if (call === 'commit') await older.append(place, batchOf('zombie'));
      const newer = await other.transactionalProducer(id);
      const calls = {
        append: () => older.append(place, batchOf('zombie')),
        sendOffsets: () => older.sendOffsets(group, [{ ...place, offset: 1 }]),
        commit: () => older.commit(),
      };
      expect(await codeOf(calls[call]())).toBe('LOG_FENCED');
      expect(await codeOf(older.commit())).toBe('LOG_FENCED');
      await older.close();
      newer.begin();
      await newer.append(place, batchOf('newer'));
      await newer.commit();
      await newer.close();
      expect(await values(log, place)).toEqual(['newer']);
      expect((await log.groupPositions(group, [place]))[0]!.offset).toBe(-1);
    },
  );

  test.each(STEPS.filter((step) => step !== 'committed'))(
    'an owner held at "%s" while another takes over commits nothing',
    async (held) => {
      const { log, other, setStep } = harness();
      const place = { topic: await freshTopic(log), partition: 0 };
      const id = freshId();
      const group = freshId();
      const older = await log.transactionalProducer(id);
      const reached = Promise.withResolvers<undefined>();
      const released = Promise.withResolvers<undefined>();
      setStep(async (step) => {
        if (step !== held) return;
        reached.resolve(undefined);
        await released.promise;
      });
      const work = (async () => {
        older.begin();
        await older.append(place, batchOf('zombie'));
        await older.sendOffsets(group, [{ ...place, offset: 1 }]);
        await older.commit();
      })();
      await reached.promise;
      setStep(undefined);
      const newer = await other.transactionalProducer(id);
      newer.begin();
      await newer.append(place, batchOf('newer'));
      await newer.commit();
      released.resolve(undefined);
      expect(await codeOf(work)).toBe('LOG_FENCED');
      await older.close();
      await newer.close();
      expect(await values(other, place)).toEqual(['newer']);
      expect((await other.groupPositions(group, [place]))[0]!.offset).toBe(-1);
    },
  );

  test('producers of different ids do not disturb each other in one partition', async () => {
    const { log, other } = harness();
    const place = { topic: await freshTopic(log), partition: 0 };
    const producers = await Promise.all([freshId(), freshId()].map((id) => log.transactionalProducer(id)));
    for (const producer of producers) producer.begin();
    await producers[0]!.append(place, batchOf('a1'));
    await producers[1]!.append(place, batchOf('b1'));
    await producers[0]!.append(place, batchOf('a2'));
    await producers[1]!.commit();
    await producers[0]!.abort();
    for (const producer of producers) await producer.close();
    expect(await values(other, place)).toEqual(['b1']);
  });
}

function dying(harness: () => LogHarness): void {
  test.each(STEPS)(
    'after an error at "%s" and a restart the transaction is there whole or not at all',
    async (fatal) => {
      const topic = await freshTopic(harness().log);
      const group = freshId();
      const id = freshId();
      const places = [0, 1].map((partition) => ({ topic, partition }));
      const work = async (): Promise<void> => {
        const producer = await harness().log.transactionalProducer(id);
        const [position] = await harness().log.groupPositions(group, [places[0]!]);
        if (position!.offset < 0) {
          producer.begin();
          for (const place of places) await producer.append(place, batchOf('once'));
          await producer.sendOffsets(group, [{ ...places[0]!, offset: 1 }]);
          await producer.commit();
        }
        await producer.close();
      };
      harness().setStep((step) => {
        if (step === fatal) throw new Error('the process dies here');
      });
      expect(await codeOf(work())).toContain('dies here');
      harness().setStep(undefined);
      await harness().restart();
      const found = await Promise.all(places.map((place) => values(harness().log, place)));
      expect(found).toEqual(fatal === 'committed' ? [['once'], ['once']] : [[], []]);
      await work();
      expect(await Promise.all(places.map((place) => values(harness().other, place)))).toEqual([['once'], ['once']]);
    },
  );

  test('what was acknowledged is there after a restart (L1)', async () => {
    const place = { topic: await freshTopic(harness().log), partition: 0 };
    const { lastOffset } = await harness().log.append(place, batchOf('a', 'b'));
    await harness().log.commitGroupPositions('readers', [{ ...place, offset: 1 }]);
    await harness().restart();
    expect(await values(harness().log, place)).toEqual(['a', 'b']);
    expect((await harness().log.groupPositions('readers', [place]))[0]!.offset).toBe(1);
    const next = await harness().log.append(place, batchOf('c'));
    expect(next.baseOffset).toBeGreaterThan(lastOffset);
  });
}

function groups(harness: () => LogHarness): void {
  test('positions are kept per group and partition, -1 where there is none', async () => {
    const { log, other } = harness();
    const topic = await freshTopic(log);
    const group = freshId();
    await log.commitGroupPositions(group, [{ topic, partition: 1, offset: 5, metadata: 'note' }]);
    await log.commitGroupPositions(group, [{ topic, partition: 1, offset: 6 }]);
    const positions = await other.groupPositions(
      group,
      [0, 1].map((partition) => ({ topic, partition })),
    );
    expect(positions.map((position) => position.offset)).toEqual([-1, 6]);
    expect((await other.groupPositions(freshId(), [{ topic, partition: 1 }]))[0]!.offset).toBe(-1);
  });

  test('every partition number belongs to exactly one member, also as members come and go', async () => {
    const { log } = harness();
    const names = await Promise.all([freshTopic(log, { partitions: 4 }), freshTopic(log, { partitions: 4 })]);
    const group = freshId();
    const owned = [new Set<number>(), new Set<number>()];
    const listener = (own: Set<number>): GroupListener => ({
      assigned: (partitions) => {
        for (const partition of partitions) {
          expect(owned.some((set) => set.has(partition))).toBe(false);
          own.add(partition);
        }
      },
      lost: (partitions) => {
        for (const partition of partitions) own.delete(partition);
        return Promise.resolve();
      },
    });
    const sizes = (): number[] => owned.map((set) => set.size);
    const first = await log.joinGroup(group, names, listener(owned[0]!));
    await expect.poll(sizes, { timeout: 20_000 }).toEqual([4, 0]);
    const second = await log.joinGroup(group, names, listener(owned[1]!));
    await expect.poll(sizes, { timeout: 20_000 }).toEqual([2, 2]);
    owned[0]!.clear();
    await first.leave();
    await expect.poll(sizes, { timeout: 20_000 }).toEqual([0, 4]);
    await second.leave();
  });

  test('topics of different partition counts cannot be joined together', async () => {
    const { log } = harness();
    const names = [await freshTopic(log, { partitions: 1 }), await freshTopic(log, { partitions: 2 })];
    const listener = { assigned: () => undefined, lost: () => Promise.resolve() };
    expect(await codeOf(log.joinGroup(freshId(), names, listener))).toBe('TOPIC_MISMATCH');
  });
}

function cleaning(harness: () => LogHarness): void {
  test('compaction keeps the last record of each key, with its offset, and the end of the log (L8)', async (context) => {
    const { log, compact } = harness();
    if (compact === undefined) return context.skip('this log compacts when it likes');
    const place = { topic: await freshTopic(log, { cleanup: 'compact', retentionMs: 1_000 }), partition: 0 };
    const send = (...pairs: string[][]): Promise<unknown> =>
      log.append(place, batchOf(...pairs.map(([key, value]) => ({ key: key!, value: value ?? null }))));
    await send(['a', 'a1'], ['b', 'b1'], ['c', 'c1']);
    await send(['a', 'a2'], ['b']);
    const last = await log.append(place, batchOf({ key: 'a', value: 'a3' }, { key: null, value: 'keyless' }));
    const before = await readAll(log, place);
    await compact(place);
    const after = await readAll(log, place);
    expect(after.map((record) => [record.key, record.value])).toEqual([
      ['c', 'c1'],
      ['b', null],
      ['a', 'a3'],
      [null, 'keyless'],
    ]);
    expect(before).toEqual(expect.arrayContaining(after));
    const [ends] = await log.endOffsets([place]);
    expect(ends).toMatchObject({ highWatermark: last.lastOffset + 1, logStartOffset: 0 });
    expect((await readAll(log, place, 'read_committed', before[1]!.offset)).map((record) => record.value)).toEqual(
      after.map((record) => record.value).filter((value) => before[1]!.offset <= offsetOf(before, value)),
    );
  });

  test('a tombstone goes only after its retention, and a later record is not hurt', async (context) => {
    const { log, compact, advance } = harness();
    if (compact === undefined || advance === undefined) return context.skip('this log compacts when it likes');
    const place = { topic: await freshTopic(log, { cleanup: 'compact', retentionMs: 3_600_000 }), partition: 0 };
    await log.append(place, batchOf({ key: 'a', value: 'a1' }));
    await log.append(place, batchOf({ key: 'a', value: null }));
    await compact(place);
    expect(await values(log, place)).toEqual([null]);
    advance(2 * 3_600_000);
    const later = await log.append(place, batchOf({ key: 'b', value: 'b1' }));
    await compact(place);
    expect(await values(log, place)).toEqual(['b1']);
    expect((await readAll(log, place))[0]!.offset).toBe(later.baseOffset);
  });

  test('compaction leaves aborted records out and an open transaction alone', async (context) => {
    const { log, compact } = harness();
    if (compact === undefined) return context.skip('this log compacts when it likes');
    const place = { topic: await freshTopic(log, { cleanup: 'compact' }), partition: 0 };
    const producer = await log.transactionalProducer(freshId());
    producer.begin();
    await producer.append(place, batchOf({ key: 'a', value: 'aborted' }));
    await producer.abort();
    await log.append(place, batchOf({ key: 'a', value: 'a1' }));
    producer.begin();
    await producer.append(place, batchOf({ key: 'a', value: 'a2' }));
    await compact(place);
    expect(await values(log, place)).toEqual(['a1']);
    await producer.commit();
    await producer.close();
    expect((await values(log, place)).at(-1)).toBe('a2');
    await compact(place);
    expect(await values(log, place)).toEqual(['a2']);
  });

  test('retention drops what is older, moves the log start, and offsets go on', async (context) => {
    const { log, expire, advance } = harness();
    if (expire === undefined || advance === undefined) return context.skip('this log expires when it likes');
    const topic = await freshTopic(log, { retentionMs: 3_600_000, timestampType: 'LogAppendTime' });
    const place = { topic, partition: 0 };
    const old = await log.append(place, batchOf('old'));
    advance(2 * 3_600_000);
    const recent = await log.append(place, batchOf('recent'));
    await expire();
    expect(await values(log, place)).toEqual(['recent']);
    const [ends] = await log.endOffsets([place]);
    expect(ends!.logStartOffset).toBeGreaterThan(old.lastOffset);
    expect(ends!.logStartOffset).toBeLessThanOrEqual(recent.baseOffset);
    const below = log.fetch([{ ...place, offset: 0, maxBytes: 10 }], { isolation: 'read_committed', maxWaitMs: 0 });
    expect(await codeOf(below)).toBe('OFFSET_OUT_OF_RANGE');
    advance(2 * 3_600_000);
    await expire();
    expect(await values(log, place)).toEqual([]);
    expect((await log.append(place, batchOf('next'))).baseOffset).toBeGreaterThan(recent.lastOffset);
  });
}

function offsetOf(records: readonly { value: string | null; offset: number }[], value: string | null): number {
  return records.findLast((record) => record.value === value)!.offset;
}
