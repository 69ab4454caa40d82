import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImportCounts } from './counts.ts';
import { openCsv } from './csv-file.ts';
import { EventMapper, type MapperOptions } from './event-mapper.ts';
import type { MappedEvent } from './event-plan.ts';
import { changesOnly, EventSorter } from './event-sorter.ts';
import { Grouping } from './grouping.ts';
import type { ReadMapping } from './read-mapping.ts';

export interface MapFileOptions extends MapperOptions {
  readonly file: string;
  readonly mapping: ReadMapping;
  /** Called now and then while the file is read; bytes as they lie on the disk. */
  readonly onProgress?: ((bytesRead: number, bytesTotal: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Reads a file to its events, in no particular order; all of them once the generator ends. */
async function* mapFile(options: MapFileOptions, counts: (counts: ImportCounts) => void, directory: string) {
  const { file: format } = options.mapping.mapping;
  const csv = await openCsv(options.file, format);
  const mapper = new EventMapper(options.mapping, csv.header, options);
  counts(mapper.counts);
  const grouping = mapper.isGrouped ? new Grouping(directory) : undefined;
  for await (const records of csv.records()) {
    options.signal?.throwIfAborted();
    const events: MappedEvent[] = [];
    for (const record of records) {
      const key = mapper.accept(record);
      if (key === undefined) continue;
      if (grouping !== undefined) grouping.add(key, record);
      else events.push(...mapper.mapRow(record, key));
    }
    options.onProgress?.(csv.bytesRead(), csv.bytesTotal);
    yield events;
  }
  if (grouping === undefined) return;
  for (const group of grouping.groups()) yield mapper.mapGroup(group);
}

export interface SortedFile {
  /** Final once `events` is used up. */
  readonly counts: ImportCounts;
  /** Events made of the rows; those that only repeat what is known (`onlyChanges`) are not left out yet. */
  readonly made: number;
  /** In time order; once. */
  readonly events: Iterable<MappedEvent>;
  /** Instant of the first event; undefined when there is none. Known before the events are read. */
  readonly startsAt: number | undefined;
  /** Removes the temporary files. */
  close(): Promise<void>;
}

/** Reads, maps and sorts a whole file in bounded memory. */
export async function sortedFile(options: MapFileOptions): Promise<SortedFile> {
  const directory = await mkdtemp(join(tmpdir(), 'tributary-import-'));
  const close = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    const sorter = new EventSorter(directory);
    let counts: ImportCounts | undefined;
    let startsAt = Infinity;
    let made = 0;
    for await (const events of mapFile(options, (of) => (counts = of), directory)) {
      for (const event of events) {
        startsAt = Math.min(startsAt, event.at);
        made++;
        sorter.add(event);
      }
    }
    const final = counts!;
    return {
      ...{ counts: final, made },
      events: counted(
        changesOnly(sorter.sorted(), () => final.unchanged++),
        final,
      ),
      startsAt: startsAt === Infinity ? undefined : startsAt,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function* counted(events: Iterable<MappedEvent>, counts: ImportCounts): Generator<MappedEvent> {
  for (const event of events) {
    counts.events[event.input]++;
    yield event;
  }
}

/** Hex digest of a file as it lies on the disk. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
