/** Files and a log for tests of the importer. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll } from 'vitest';
import type { Input } from '../../../services/core/domain/events/header.ts';
import { INPUTS } from '../../../services/core/domain/events/header.ts';
import { Fault } from '../../../services/core/faults.ts';
import type { Log, TopicPartition } from '../../../services/core/streams/log.ts';
import type { Header } from '../../../services/core/streams/record-batch.ts';
import type { ImportTarget } from '../../../services/ingest/import/append-events.ts';
import type { ImportCounts } from '../../../services/ingest/import/counts.ts';
import type { Reject } from '../../../services/ingest/import/event-mapper.ts';
import type { MappedEvent } from '../../../services/ingest/import/event-plan.ts';
import { sortedFile } from '../../../services/ingest/import/map-file.ts';
import { parseMapping } from '../../../services/ingest/import/read-mapping.ts';
import { MemoryLog, type MemoryLogOptions } from '../../../services/platform/memory-log/memory-log.ts';
import { localRegistry, type Registry } from '../../../services/platform/registry/registry.ts';

export const directory = mkdtempSync(join(tmpdir(), 'tributary-import-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let files = 0;

export function tempFile(text: string, ending = 'csv', packed = false): string {
  const path = join(directory, `${(files += 1)}.${ending}`);
  writeFileSync(path, packed ? gzipSync(text) : text);
  return path;
}

export interface Mapped {
  readonly events: readonly MappedEvent[];
  readonly counts: ImportCounts;
  readonly rejects: readonly Reject[];
}

export async function mapText(csv: string, mapping: string, baseCurrency?: string): Promise<Mapped> {
  const rejects: Reject[] = [];
  const sorted = await sortedFile({
    file: tempFile(csv),
    mapping: parseMapping('mapping.yaml', mapping),
    fileId: 'file',
    baseCurrency,
    reject: (reject) => rejects.push(reject),
  });
  const events = [...sorted.events];
  await sorted.close();
  return { events, counts: sorted.counts, rejects };
}

/** The mistakes of a mapping against a header, without the name of the file. */
export async function mistakesOf(header: string, mapping: string): Promise<readonly string[]> {
  try {
    await mapText(`${header}\n`, mapping);
  } catch (error) {
    if (error instanceof Fault && error.code === 'MAPPING_INVALID') {
      return error.mistakes.map((mistake) => mistake.replace('mapping.yaml:', ''));
    }
    throw error;
  }
  return [];
}

export const TOPICS = {
  ...(Object.fromEntries(INPUTS.map((input) => [input, `in-${input}`])) as Record<Input, string>),
  definitions: 'definitions',
  imports: 'imports',
  changelog: 'changelog',
};
export const PARTITIONS = 2;

export async function emptyLog(
  options: Partial<MemoryLogOptions> = {},
): Promise<ImportTarget & { registry: Registry }> {
  const log = new MemoryLog({ now: () => 1_750_000_000_000, ...options });
  const spec = {
    partitions: PARTITIONS,
    cleanup: 'delete',
    retentionMs: null,
    timestampType: 'CreateTime',
    maxMessageBytes: 1 << 20,
  } as const;
  await log.createTopics([
    ...INPUTS.map((input) => ({ ...spec, name: TOPICS[input], timestampType: 'LogAppendTime' as const })),
    { ...spec, name: TOPICS.definitions, partitions: 1 },
    { ...spec, name: TOPICS.changelog, cleanup: 'compact' },
  ]);
  return { log, registry: localRegistry(), topics: TOPICS, now: () => 1_750_000_000_000 };
}

export interface RawRecord {
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
}

/** Everything committed on a partition. */
export async function readRaw(log: Log, place: TopicPartition): Promise<readonly RawRecord[]> {
  const all: RawRecord[] = [];
  for (let offset = 0; ;) {
    const [page] = await log.fetch([{ ...place, offset, maxBytes: 1 << 20 }], {
      isolation: 'read_committed',
      maxWaitMs: 0,
    });
    const { records, nextOffset } = page!;
    for (let index = 0; index < records.length; index++) {
      all.push({ value: records.value(index), headers: records.headers(index) });
    }
    if (nextOffset === offset) return all;
    offset = nextOffset;
  }
}
