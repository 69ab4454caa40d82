import { expect, test } from 'vitest';
import type { Interaction } from '../../../services/core/domain/events/interaction.ts';
import { parseImportMark, type ImportMark } from '../../../services/core/domain/events/import-mark.ts';
import { partitionFor } from '../../../services/core/streams/partitioner.ts';
import type { ImportTarget } from '../../../services/ingest/import/append-events.ts';
import { importFile, type ImportOptions } from '../../../services/ingest/import/import-file.ts';
import { replayAskedFor } from '../../../services/ingest/import/import-progress.ts';
import { batchOf } from '../../contract/log-harness.ts';
import { emptyLog, PARTITIONS, readRaw, tempFile, TOPICS } from './import-harness.ts';

const MAPPING = tempFile(
  `name: desk
customerId: $who
occurredAt: { column: at, date: iso }
rows: { identity: [id] }
events:
  - { input: interactions, kind: contact, fields: { direction: inbound, issueId: $id } }
coverage:
  - { input: interactions, kinds: [contact], since: start }
`,
  'yaml',
);
const START = Date.parse('2024-01-01T00:00Z');

function csv(rows: number): string {
  const lines = Array.from({ length: rows }, (_, index) => {
    const at = new Date(START + ((index * 7919) % rows) * 60_000).toISOString();
    return `${index},c${index % 50},${at}`;
  });
  return tempFile(`id,who,at\n${lines.join('\n')}\n`);
}

function options(file: string, more: Partial<ImportOptions> = {}): ImportOptions {
  return { file, mappingFile: MAPPING, baseCurrency: undefined, reject: () => undefined, ...more };
}

interface Written {
  readonly partition: number;
  readonly event: Interaction | undefined;
  readonly mark: ImportMark | undefined;
}

async function interactionsOf({ log, registry }: ImportTarget): Promise<readonly Written[]> {
  const written: Written[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for (const record of await readRaw(log, { topic: TOPICS.interactions, partition })) {
      const { value } = record;
      written.push({
        partition,
        event: value === null ? undefined : registry.decodeEvent('interactions', value),
        mark: value === null ? parseImportMark(record.headers) : undefined,
      });
    }
  }
  return written;
}

test('into an empty log an import is a replay: events in time order by partition, coverage declared, no marks', async () => {
  const target = await emptyLog();
  const result = await importFile(target, options(csv(500)));
  expect(result).toMatchObject({ mode: 'replay', events: 500, before: 0 });
  const written = await interactionsOf(target);
  expect(written).toHaveLength(500);
  for (const partition of [0, 1]) {
    const events = written.filter((one) => one.partition === partition).map(({ event }) => event!);
    expect(events.map((event) => event.occurredAt)).toEqual(
      events.map((event) => event.occurredAt).sort((a, b) => a - b),
    );
    for (const { customerId, importId } of events) {
      expect(partitionFor(Buffer.from(customerId), PARTITIONS)).toBe(partition);
      expect(importId).toBeNull();
    }
  }
  const [definition] = await readRaw(target.log, { topic: TOPICS.definitions, partition: 0 });
  expect(target.registry.decode('definition', definition!.value)).toMatchObject({
    kind: 'coverage',
    body: JSON.stringify({ input: 'interactions', kinds: ['contact'], since: START }),
  });
});

test('repeating an import writes nothing; another mapping or file is another import', async () => {
  const target = await emptyLog();
  const file = csv(20);
  const first = await importFile(target, options(file));
  const again = await importFile(target, options(file));
  expect(again).toEqual({ ...first, before: 20, counts: undefined, coverage: [] });
  expect(await interactionsOf(target)).toHaveLength(20);
  const other = await importFile(target, options(csv(21)));
  expect(other.importId).not.toBe(first.importId);
});

test('into a log with events an import is history between its marks on every partition', async () => {
  const target = await emptyLog();
  await importFile(target, options(csv(3)));
  const before = (await interactionsOf(target)).length;
  const { importId, mode } = await importFile(target, options(csv(40)));
  expect(mode).toBe('history');
  const written = await interactionsOf(target);
  expect(written).toHaveLength(before + 40 + 2 * PARTITIONS);
  const coverage = [{ input: 'interactions', kinds: ['contact'], since: START }];
  for (const partition of [0, 1]) {
    const own = written.filter((one) => one.partition === partition);
    const begin = own.findIndex(({ mark }) => mark !== undefined);
    expect(own[begin]?.mark).toEqual({ mark: 'begin', importId, input: 'interactions', coverage });
    expect(own.at(-1)?.mark).toEqual({ mark: 'end', importId, input: 'interactions', coverage });
    for (const { event } of own.slice(begin + 1, -1)) expect(event?.importId).toBe(importId);
    for (const { event } of own.slice(0, begin)) expect(event?.importId).toBeNull();
  }
});

test('history without declared coverage is refused before anything is written', async () => {
  const target = await emptyLog();
  await importFile(target, options(csv(3)));
  const mappingFile = tempFile(
    `name: desk
customerId: $who
occurredAt: { column: at, date: iso }
events: [{ input: interactions, kind: contact }]
`,
    'yaml',
  );
  await expect(importFile(target, options(csv(4), { mappingFile }))).rejects.toMatchObject({ code: 'IMPORT_REFUSED' });
  expect(await interactionsOf(target)).toHaveLength(3);
});

test('an import that is stopped goes on where it was, in the mode it began in', async () => {
  const target = await emptyLog();
  const file = csv(300);
  const stop = new AbortController();
  const stopped = importFile(
    target,
    options(file, { signal: stop.signal, transactionEventsMax: 100, onAppended: () => stop.abort() }),
  );
  await expect(stopped).rejects.toMatchObject({ code: 'INTERRUPTED' });
  const part = (await interactionsOf(target)).length;
  expect(part).toBe(100);
  const result = await importFile(target, options(file));
  expect(result).toMatchObject({ mode: 'replay', events: 300, before: part });
  const ids = (await interactionsOf(target)).map(({ event }) => event!.eventId);
  expect(ids).toHaveLength(300);
  expect(new Set(ids).size).toBe(300);
});

test('a log where tasks are or have been at work gets history, however empty its inputs are', async () => {
  const idle = await emptyLog();
  expect(await importFile(idle, options(csv(3), { mayReplay: false }))).toMatchObject({ mode: 'history' });
  const used = await emptyLog();
  await used.log.append({ topic: TOPICS.changelog, partition: 0 }, batchOf('position'));
  expect(await importFile(used, options(csv(3)))).toMatchObject({ mode: 'history' });
  expect(await replayAskedFor(used.log, TOPICS.imports)).toBe('no');
});

test('whoever starts the tasks can see that a replay was asked for, and whether the import is whole', async () => {
  const target = await emptyLog();
  expect(await replayAskedFor(target.log, TOPICS.imports)).toBe('no');
  const file = csv(300);
  const stop = new AbortController();
  const more = { transactionEventsMax: 100, onAppended: () => stop.abort() };
  await expect(importFile(target, options(file, { ...more, signal: stop.signal }))).rejects.toThrow(
    'stopped after 100',
  );
  expect(await replayAskedFor(target.log, TOPICS.imports)).toBe('unfinished');
  await importFile(target, options(file));
  expect(await replayAskedFor(target.log, TOPICS.imports)).toBe('ready');
});

test('wherever a history import dies, the repeat leaves each event and each mark exactly once', async () => {
  const file = csv(50);
  for (let deathAt = 0; ; deathAt++) {
    let stepsLeft = Infinity;
    const target = await emptyLog({
      onStep: () => {
        if (stepsLeft-- === 0) throw new Error('died');
      },
    });
    await importFile(target, options(csv(3)));
    stepsLeft = deathAt;
    const first = await Promise.allSettled([importFile(target, options(file, { transactionEventsMax: 20 }))]);
    stepsLeft = Infinity;
    const result = await importFile(target, options(file, { transactionEventsMax: 20 }));
    expect(result).toMatchObject({ mode: 'history', events: 50 });
    const written = await interactionsOf(target);
    const ids = written.filter(({ event }) => event?.importId === result.importId).map(({ event }) => event!.eventId);
    expect(ids, `death at step ${deathAt}`).toHaveLength(50);
    expect(new Set(ids).size).toBe(50);
    expect(written.flatMap(({ mark }) => mark?.mark ?? []).sort()).toEqual(['begin', 'begin', 'end', 'end']);
    if (first[0].status === 'fulfilled') {
      expect(deathAt).toBeGreaterThan(20);
      return;
    }
  }
});
