/** How far each import has come: one record per import id on a compacted topic, written with the events it counts. */
import type { Log } from '../../core/streams/log.ts';

export interface ImportProgress {
  /** A replay fills an empty log; history is added to one that has events (C2). Kept: a repeat goes on the same way. */
  readonly mode: 'replay' | 'history';
  readonly state: 'running' | 'done';
  /** Events appended so far, in the import's own order. */
  readonly events: number;
  /** What is imported, as absolute paths: for the command that finishes it. Older records do not say it. */
  readonly from?: ImportedFiles | undefined;
}

export interface ImportedFiles {
  readonly file: string;
  readonly mapping: string;
}

export interface UnfinishedImport extends ImportProgress {
  readonly importId: string;
  /** When it last made progress, ms UTC. */
  readonly at: number;
}

const FETCH_BYTES = 1 << 20;

export async function createProgressTopic(log: Log, topic: string): Promise<void> {
  await log.createTopics([
    {
      name: topic,
      partitions: 1,
      cleanup: 'compact',
      retentionMs: null,
      timestampType: 'CreateTime',
      maxMessageBytes: FETCH_BYTES,
    },
  ]);
}

export async function readProgress(log: Log, topic: string, importId: string): Promise<ImportProgress | undefined> {
  return (await readAllProgress(log, topic)).get(importId);
}

/**
 * Whether a log was filled by an import that has to be replayed (T4): `ready` = the tasks' first start must ask for a
 * replay; `unfinished` = the import was stopped half-way and has to be repeated first. Once the tasks have positions of
 * their own this says nothing any more, and asking them does no harm.
 */
export async function replayAskedFor(log: Log, topic: string): Promise<'no' | 'unfinished' | 'ready'> {
  const [exists] = await log.describeTopics([topic]);
  if (exists === undefined) return 'no';
  const replays = [...(await readAllProgress(log, topic)).values()].filter(({ mode }) => mode === 'replay');
  if (replays.length === 0) return 'no';
  return replays.every(({ state }) => state === 'done') ? 'ready' : 'unfinished';
}

/** Imports that are at work, or were stopped. None where there is no such topic. */
export async function unfinishedImports(log: Log, topic: string): Promise<readonly UnfinishedImport[]> {
  const [exists] = await log.describeTopics([topic]);
  if (exists === undefined) return [];
  const all = [...(await readAllProgress(log, topic))].map(([importId, progress]) => ({ importId, ...progress }));
  return all.filter(({ state }) => state === 'running');
}

type Dated = ImportProgress & { readonly at: number };

async function readAllProgress(log: Log, topic: string): Promise<ReadonlyMap<string, Dated>> {
  const [end] = await log.endOffsets([{ topic, partition: 0 }]);
  const found = new Map<string, Dated>();
  for (let offset = end!.logStartOffset; offset < end!.lastStableOffset;) {
    const [page] = await log.fetch([{ topic, partition: 0, offset, maxBytes: FETCH_BYTES }], {
      isolation: 'read_committed',
      maxWaitMs: 0,
    });
    const { records, nextOffset } = page!;
    for (let index = 0; index < records.length; index++) {
      const progress = JSON.parse(textOf(records.value(index))) as ImportProgress;
      found.set(textOf(records.key(index)), { ...progress, at: records.timestamp(index) });
    }
    if (nextOffset === offset) break;
    offset = nextOffset;
  }
  return found;
}

function textOf(bytes: Uint8Array | null): string {
  return bytes === null ? '' : new TextDecoder().decode(bytes);
}
