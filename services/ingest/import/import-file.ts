import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { INPUTS, type Input } from '../../core/domain/events/header.ts';
import type { DeclaredCoverage } from '../../core/domain/events/import-mark.ts';
import { Fault } from '../../core/faults.ts';
import { appendEvents, type ImportTarget } from './append-events.ts';
import type { ImportCounts } from './counts.ts';
import { openCsv } from './csv-file.ts';
import { EventMapper, type Reject } from './event-mapper.ts';
import { createProgressTopic, readProgress, type ImportProgress } from './import-progress.ts';
import { fileDigest, sortedFile, type SortedFile } from './map-file.ts';
import { readMapping, type ReadMapping } from './read-mapping.ts';

export interface ImportOptions {
  readonly file: string;
  readonly mappingFile: string;
  readonly baseCurrency: string | undefined;
  readonly reject: (reject: Reject) => void;
  /** Most events in one transaction of the log; a stop or a crash costs at most this many. */
  readonly transactionEventsMax?: number | undefined;
  readonly onRead?: ((bytesRead: number, bytesTotal: number) => void) | undefined;
  /** Events of the import appended so far, of `total`. */
  readonly onAppended?: ((events: number, total: number) => void) | undefined;
  /** False where tasks are at work: then an import is history even into an empty log. Default true. */
  readonly mayReplay?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A file that is read, mapped and in order, not yet written anywhere. */
export interface PreparedImport extends SortedFile {
  /** Hash of file and mapping: the same import has the same id. */
  readonly importId: string;
  readonly inputs: readonly Input[];
  readonly coverage: readonly DeclaredCoverage[];
}

export interface ImportResult {
  readonly importId: string;
  readonly mode: ImportProgress['mode'];
  /** Events of the whole import. */
  readonly events: number;
  /** Of them, events an earlier run had appended. */
  readonly before: number;
  /** Undefined when nothing was left to do. */
  readonly counts: ImportCounts | undefined;
  readonly coverage: readonly DeclaredCoverage[];
}

/** Looks at the mapping and the header of the file alone. Throws MAPPING_INVALID with every mistake, NOT_FOUND. */
export async function checkMapping({
  file,
  mappingFile,
  baseCurrency,
}: Pick<ImportOptions, 'file' | 'mappingFile' | 'baseCurrency'>): Promise<void> {
  const mapping = readMapping(mappingFile);
  const csv = await openCsv(file, mapping.mapping.file);
  csv.close();
  new EventMapper(mapping, csv.header, { fileId: '', baseCurrency, reject: () => undefined });
}

/** Throws MAPPING_INVALID, NOT_FOUND. The caller closes what it gets. */
export async function prepareImport(options: ImportOptions): Promise<PreparedImport> {
  const mapping = readMapping(options.mappingFile);
  return prepare(options, mapping, await fileDigest(options.file));
}

async function prepare(options: ImportOptions, mapping: ReadMapping, digest: string): Promise<PreparedImport> {
  const sorted = await sortedFile({
    file: options.file,
    mapping,
    fileId: digest.slice(0, 16),
    baseCurrency: options.baseCurrency,
    reject: options.reject,
    onProgress: options.onRead,
    signal: options.signal,
  });
  const { events, coverage } = mapping.mapping;
  return {
    ...sorted,
    importId: importIdOf(digest, mapping.text),
    inputs: INPUTS.filter((input) => events.some((event) => event.input === input)),
    coverage: coverage.flatMap(({ input, kinds, since }) => {
      const from = since === 'start' ? sorted.startsAt : since;
      return from === undefined ? [] : [{ input, kinds, since: from }];
    }),
  };
}

function importIdOf(fileDigestHex: string, mappingText: string): string {
  return createHash('sha256').update(`${fileDigestHex}\n${mappingText}`).digest('hex').slice(0, 32);
}

/**
 * Imports a file: into an empty log as a replay (T4; the caller starts the segmenter that way), into any other as
 * history (C2). A repeat resumes, or does nothing. Throws IMPORT_REFUSED for history without declared coverage:
 * without it nothing tells what of the file is already there.
 */
export async function importFile(target: ImportTarget, options: ImportOptions): Promise<ImportResult> {
  const mapping = readMapping(options.mappingFile);
  const digest = await fileDigest(options.file);
  const importId = importIdOf(digest, mapping.text);
  const { log, topics } = target;
  await createProgressTopic(log, topics.imports);
  const earlier = await readProgress(log, topics.imports, importId);
  const mode = earlier?.mode ?? (options.mayReplay !== false && (await isEmpty(target)) ? 'replay' : 'history');
  if (earlier?.state === 'done') {
    return { importId, mode, events: earlier.events, before: earlier.events, counts: undefined, coverage: [] };
  }
  if (mode === 'history') requireCoverage(mapping);
  const prepared = await prepare(options, mapping, digest);
  try {
    const events = await appendEvents(target, {
      importId,
      mode,
      events: prepared.events,
      done: earlier?.events ?? 0,
      inputs: prepared.inputs,
      coverage: prepared.coverage,
      from: { file: resolve(options.file), mapping: resolve(options.mappingFile) },
      transactionEventsMax: options.transactionEventsMax,
      onProgress: (done) => options.onAppended?.(done, prepared.made),
      signal: options.signal,
    });
    const { counts, coverage } = prepared;
    return { importId, mode, events, before: earlier?.events ?? 0, counts, coverage };
  } finally {
    await prepared.close();
  }
}

/** Nothing was ever appended to an input, and no task has a position of its own. */
async function isEmpty({ log, topics }: ImportTarget): Promise<boolean> {
  const specs = await log.describeTopics([...INPUTS.map((input) => topics[input]), topics.changelog]);
  const partitions = specs.flatMap((spec) =>
    spec === undefined
      ? []
      : Array.from({ length: spec.partitions }, (_, partition) => ({ topic: spec.name, partition })),
  );
  return (await log.endOffsets(partitions)).every(({ highWatermark }) => highWatermark === 0);
}

function requireCoverage({ mapping }: ReadMapping): void {
  const covered = new Set<Input>(mapping.coverage.map(({ input }) => input));
  const open = mapping.events
    .map(({ input }) => input)
    .filter((input) => input !== 'profiles' && input !== 'identities' && !covered.has(input));
  if (open.length === 0) return;
  const names = [...new Set(open)].join(', ');
  throw new Fault('IMPORT_REFUSED', `The log has events already, and the mapping declares no coverage of ${names}`, {
    facts: { mapping: mapping.name },
  });
}
