/**
 * Where a command speaks. Data goes to stdout, talk to stderr; nothing else writes to either.
 *  - `--json`: each datum is one line of JSON on stdout (NDJSON), and faults are one line of JSON on stderr.
 *  - A terminal gets tables with colour; a pipe gets the same columns as plain aligned text. NO_COLOR is honoured.
 *  - Pipes take what fits and keep the rest in memory: long outputs await `drained` between data, and the process ends
 *    after `flushed`.
 *  - A reader that goes away (`| head`) is no fault: `closed` is told, later data is dropped.
 */
import type { WriteStream } from 'node:tty';
import picocolors from 'picocolors';
import { columnsOf, cut, pad, printable } from './text.ts';

export type Paint = ReturnType<typeof picocolors.createColors>;

export interface Column<R> {
  readonly title: string;
  readonly cell: (row: R) => string;
  readonly align?: 'left' | 'right';
  /** Colours a finished cell; only asked where colour is shown. */
  readonly paint?: (words: string, row: R, paint: Paint) => string;
  /** The column that gives way when a terminal is too narrow. At most one. */
  readonly elastic?: boolean;
}

type Sink = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'writableNeedDrain'>>;

export interface OutputOptions {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly environment: NodeJS.ProcessEnv;
  /** Asked at each use: options are known only after the command line was read. */
  readonly json: () => boolean;
  /** The reader of stdout has gone. */
  readonly closed: () => void;
}

export class Output {
  /** Colours for stdout; the identity where there is no colour. */
  readonly paint: Paint;
  /** Colours for stderr. */
  readonly talkPaint: Paint;
  readonly #options: OutputOptions;
  #open = true;
  /** What stands on the status line of stderr now; redrawn below whatever is written. */
  #status = '';

  constructor(options: OutputOptions) {
    this.#options = options;
    this.paint = picocolors.createColors(hasColour(options.stdout, options.environment));
    this.talkPaint = picocolors.createColors(hasColour(options.stderr, options.environment));
    options.stdout.on('error', (error: NodeJS.ErrnoException) => {
      this.#open = false;
      if (error.code !== 'EPIPE') throw error;
      options.closed();
    });
    // Without a reader of stderr there is nobody left to tell.
    options.stderr.on('error', () => undefined);
  }

  get json(): boolean {
    return this.#options.json();
  }

  /** Whether a person reads stdout right now. */
  get terminal(): boolean {
    return this.#options.stdout.isTTY === true && !this.json;
  }

  /** Whether a person reads stderr right now: only then progress is drawn. */
  get talkTerminal(): boolean {
    return this.#options.stderr.isTTY === true;
  }

  /** Columns of the terminal; without one there is no limit. */
  get width(): number {
    return this.terminal ? (this.#options.stdout.columns ?? 80) : Infinity;
  }

  /** One datum: a line of JSON with `--json`, else its words (which may have several lines). */
  datum(value: unknown, words: string): void {
    this.#data(this.json ? toJson(value) : words);
  }

  /** Words for a person among the data, as a heading; left out with `--json`. */
  words(words = ''): void {
    if (!this.json) this.#data(words);
  }

  /** Raw data as it is (CSV, a script), with no line end added. */
  raw(words: string): void {
    if (this.#open) this.#above(() => this.#options.stdout.write(words));
  }

  /** Resolves when stdout takes more; at once when it does already, or when nobody reads any longer. */
  async drained(): Promise<void> {
    const { stdout } = this.#options;
    if (!this.#open || stdout.writableNeedDrain !== true) return;
    await new Promise<void>((resolve) => {
      stdout.once('drain', resolve);
      stdout.once('close', resolve);
      stdout.once('error', () => resolve());
    });
  }

  /** Resolves when everything said so far has left the process, or cannot. */
  async flushed(): Promise<void> {
    const { stdout, stderr } = this.#options;
    const left = [stdout, stderr].map((sink) => new Promise<void>((resolve) => sink.write('', () => resolve())));
    await Promise.all(left);
  }

  /** Rows: NDJSON of the rows themselves with `--json`, else aligned columns. */
  table<R>(columns: readonly Column<R>[], rows: readonly R[]): void {
    if (this.json) for (const row of rows) this.#data(toJson(row));
    else for (const line of layOut(columns, rows, this.width, this.paint)) this.#data(line);
  }

  /** Tells the person something that is not data. */
  talk(words: string): void {
    this.#above(() => this.#options.stderr.write(`${words}\n`));
  }

  /** The one line at the bottom of a terminal that changes; empty text takes it away. */
  status(words: string): void {
    if (!this.talkTerminal) return;
    if (this.#status !== '' || words !== '') this.#options.stderr.write(`\r\x1b[2K${words}`);
    this.#status = words;
  }

  get talkWidth(): number {
    return this.#options.stderr.columns ?? 80;
  }

  #data(line: string): void {
    this.raw(`${line}\n`);
  }

  #above(write: () => void): void {
    const status = this.#status;
    this.status('');
    write();
    if (status !== '') this.status(status);
  }
}

/** JSON on one line; amounts beyond 2^53 as text, bytes as base64. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, converted: unknown): unknown {
    const original = this[key];
    if (original instanceof Uint8Array) return Buffer.from(original).toString('base64');
    return typeof converted === 'bigint' ? String(converted) : converted;
  });
}

function hasColour(sink: Sink, environment: NodeJS.ProcessEnv): boolean {
  if ((environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb') return false;
  return sink.isTTY === true;
}

const GAP = '  ';

function layOut<R>(columns: readonly Column<R>[], rows: readonly R[], width: number, paint: Paint): string[] {
  const cells = rows.map((row) => columns.map((column) => printable(column.cell(row))));
  const widths = columns.map((column, index) =>
    cells.reduce((most, row) => Math.max(most, columnsOf(row[index]!)), columnsOf(column.title)),
  );
  const total = widths.reduce((sum, one) => sum + one, 0) + GAP.length * (columns.length - 1);
  const elastic = columns.findIndex((column) => column.elastic === true);
  if (elastic !== -1 && total > width) widths[elastic] = Math.max(8, widths[elastic]! - (total - width));
  const line = (words: readonly string[], dress: (words: string, index: number) => string): string =>
    words
      .map((word, index) =>
        dress(pad(cut(word, widths[index]!), widths[index]!, columns[index]!.align ?? 'left'), index),
      )
      .join(GAP)
      .trimEnd();
  const head = line(
    columns.map((column) => column.title),
    (words) => paint.bold(words),
  );
  const body = rows.map((row, at) =>
    line(cells[at]!, (words, index) => columns[index]!.paint?.(words, row, paint) ?? words),
  );
  return [head, ...body];
}
