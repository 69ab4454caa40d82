import { createWriteStream, type WriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { Reject } from './event-mapper.ts';

/**
 * The rows that made no event, as CSV: row, column, reason and the row as it came. It exists only when there are some,
 * so that an old one never stands beside a clean import.
 */
export class RejectsFile {
  readonly path: string;
  #stream: WriteStream | undefined;

  static async replace(path: string): Promise<RejectsFile> {
    await rm(path, { force: true });
    return new RejectsFile(path);
  }

  private constructor(path: string) {
    this.path = path;
  }

  add({ row, column, reason, text }: Reject): void {
    if (this.#stream === undefined) {
      this.#stream = createWriteStream(this.path, { flags: 'wx' });
      this.#stream.write('row,column,reason,raw\n');
    }
    this.#stream.write(`${[String(row), column, reason, text].map(cell).join(',')}\n`);
  }

  /** Resolves when all is written. Rejects with what the file system had against it. */
  async close(): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined) return;
    const done = finished(stream);
    if (stream.pending) await once(stream, 'open');
    stream.end();
    await done;
  }
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
