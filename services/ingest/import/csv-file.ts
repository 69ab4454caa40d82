import { createReadStream, type ReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Fault } from '../../core/faults.ts';
import { cellsOf, CsvSplitter, type CsvRecord } from './csv-splitter.ts';

export interface CsvOptions {
  readonly delimiter: string;
  /** A label TextDecoder knows: utf-8, windows-1252, utf-16le … */
  readonly encoding: string;
}

export interface CsvFile {
  readonly header: readonly string[];
  readonly bytesTotal: number;
  /** Bytes of the file (as it lies on the disk) read so far. */
  bytesRead(): number;
  /** The records behind the header, in file order. One reader, once. */
  records(): AsyncGenerator<readonly CsvRecord[]>;
  /** Only needed when the records are not read. */
  close(): void;
}

const CHUNK_BYTES = 1 << 20;

/** Opens a CSV file, plain or gzip (told by its first bytes). Throws NOT_FOUND, or MAPPING_INVALID without a header. */
export async function openCsv(path: string, options: CsvOptions): Promise<CsvFile> {
  const size = await sizeOf(path);
  const source = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const text = decoded(await unpacked(path, source), options.encoding);
  const splitter = new CsvSplitter(options.delimiter);
  const more = async (): Promise<{ readonly records: CsvRecord[]; readonly ended: boolean }> => {
    const next = await text.next();
    if (next.done === true) return { records: splitter.end(), ended: true };
    return { records: splitter.push(next.value), ended: false };
  };
  let now = await more();
  while (now.records.length === 0 && !now.ended) now = await more();
  const first = now.records.shift();
  const header = first === undefined ? undefined : cellsOf(first.text, options.delimiter)?.map((name) => name.trim());
  if (header === undefined) {
    source.destroy();
    throw new Fault('MAPPING_INVALID', `${path} has no header line`, { facts: { file: path } });
  }
  return {
    header,
    bytesTotal: size,
    bytesRead: () => source.bytesRead,
    close: () => void source.destroy(),
    async *records() {
      try {
        for (; ; now = await more()) {
          if (now.records.length > 0) yield now.records;
          if (now.ended) return;
        }
      } finally {
        source.destroy();
      }
    },
  };
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (cause) {
    throw new Fault('NOT_FOUND', `There is no file ${path}`, { facts: { file: path }, cause });
  }
}

async function unpacked(path: string, source: ReadStream): Promise<AsyncIterable<Buffer>> {
  const handle = await open(path);
  const magic = new Uint8Array(2);
  await handle.read(magic, 0, 2, 0);
  await handle.close();
  if (magic[0] !== 0x1f || magic[1] !== 0x8b) return source;
  // The callback is called with every error too; the reader of the gunzip stream gets the same error thrown.
  return pipeline(source, createGunzip({ chunkSize: CHUNK_BYTES }), () => undefined);
}

async function* decoded(bytes: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of bytes) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}
