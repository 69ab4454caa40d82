/** How far each import has come: one record per import id on a compacted topic, written with the events it counts. */
import type { Log } from '../../core/streams/log.ts';

export interface ImportProgress {
  /** A replay fills an empty log; history is added to one that has events (C2). Kept: a repeat goes on the same way. */
  readonly mode: 'replay' | 'history';
  readonly state: 'running' | 'done';
  /** Events appended so far, in the import's own order. */
  readonly events: number;
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
  const [end] = await log.endOffsets([{ topic, partition: 0 }]);
  let found: ImportProgress | undefined;
  for (let offset = end!.logStartOffset; offset < end!.lastStableOffset;) {
    const [page] = await log.fetch([{ topic, partition: 0, offset, maxBytes: FETCH_BYTES }], {
      isolation: 'read_committed',
      maxWaitMs: 0,
    });
    const { records, nextOffset } = page!;
    for (let index = 0; index < records.length; index++) {
      if (textOf(records.key(index)) !== importId) continue;
      found = JSON.parse(textOf(records.value(index))) as ImportProgress;
    }
    if (nextOffset === offset) break;
    offset = nextOffset;
  }
  return found;
}

function textOf(bytes: Uint8Array | null): string {
  return bytes === null ? '' : new TextDecoder().decode(bytes);
}
