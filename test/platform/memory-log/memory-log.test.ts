import { expect, test } from 'vitest';
import { MemoryLog } from '../../../services/platform/memory-log/memory-log.ts';
import { batchOf, codeOf, freshTopic, readAll, values } from '../../contract/log-harness.ts';

function fixedLog(): MemoryLog {
  return new MemoryLog({ now: () => 1_750_000_000_000 });
}

test('an open transaction lies between the last stable offset and the high watermark, and control records leave gaps', async () => {
  const log = fixedLog();
  const place = { topic: await freshTopic(log), partition: 0 };
  const producer = await log.transactionalProducer('task-0');
  producer.begin();
  await producer.append(place, batchOf('a', 'b'));
  expect((await log.endOffsets([place]))[0]).toMatchObject({ lastStableOffset: 0, highWatermark: 2 });
  expect(await values(log, place, 'read_uncommitted')).toEqual(['a', 'b']);
  expect(await values(log, place)).toEqual([]);
  await producer.commit();
  expect((await log.endOffsets([place]))[0]).toMatchObject({ lastStableOffset: 3, highWatermark: 3 });
  await log.append(place, batchOf('c'));
  expect((await readAll(log, place)).map((record) => record.offset)).toEqual([0, 1, 3]);
});

test('a reader passes a gap of control records: its position moves although no record came', async () => {
  const log = fixedLog();
  const place = { topic: await freshTopic(log), partition: 0 };
  const producer = await log.transactionalProducer('task-0');
  producer.begin();
  await producer.append(place, batchOf('undone'));
  await producer.abort();
  const [answer] = await log.fetch([{ ...place, offset: 0, maxBytes: 1_000 }], {
    isolation: 'read_committed',
    maxWaitMs: 0,
  });
  expect(answer).toMatchObject({ nextOffset: 2, highWatermark: 2, records: { length: 0 } });
});

test('waits are counted on the clock that was passed in', async () => {
  const due: (() => void)[] = [];
  const schedule = (_ms: number, run: () => void): (() => void) => {
    due.push(run);
    return () => undefined;
  };
  const log = new MemoryLog({ now: () => 0, schedule });
  const place = { topic: await freshTopic(log), partition: 0 };
  const fetched = log.fetch([{ ...place, offset: 0, maxBytes: 10 }], {
    isolation: 'read_committed',
    maxWaitMs: 86_400_000,
  });
  expect(due).toHaveLength(1);
  due[0]!();
  expect((await fetched)[0]!.records.length).toBe(0);
});

test('a closed log refuses everything, and whoever waits is told', async () => {
  const log = fixedLog();
  const place = { topic: await freshTopic(log), partition: 0 };
  const producer = await log.transactionalProducer('task-0');
  const fetched = log.fetch([{ ...place, offset: 0, maxBytes: 10 }], {
    isolation: 'read_committed',
    maxWaitMs: 60_000,
  });
  const waiting = codeOf(fetched);
  await log.close();
  expect(await waiting).toBe('LOG_CLOSED');
  expect(await codeOf(log.append(place, batchOf('x')))).toBe('LOG_CLOSED');
  producer.begin();
  expect(await codeOf(producer.append(place, batchOf('x')))).toBe('LOG_CLOSED');
  await producer.close();
});

test('a member that does not give its partitions back is waited for only so long', async () => {
  const due: (() => void)[] = [];
  const log = new MemoryLog({
    now: () => 0,
    schedule: (_ms, run) => {
      due.push(run);
      return () => undefined;
    },
  });
  const topic = await freshTopic(log, { partitions: 2 });
  const gained: number[] = [];
  const hangs = { assigned: () => undefined, lost: () => new Promise<void>(() => undefined) };
  await log.joinGroup('group', [topic], hangs);
  const joined = log.joinGroup('group', [topic], {
    assigned: (partitions) => gained.push(...partitions),
    lost: () => Promise.resolve(),
  });
  await expect.poll(() => due.length).toBe(1);
  expect(gained).toEqual([]);
  due[0]!();
  await joined;
  expect(gained).toEqual([1]);
});
