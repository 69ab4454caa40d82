import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Output, type Column } from '../../services/cli/output.ts';
import { startProgress } from '../../services/cli/progress.ts';
import { columnsOf, cut, formatBytes, formatCount, formatSpan, printable } from '../../services/cli/text.ts';

/** Keeps what is written until it is looked at. */
class Screenful extends Writable {
  #words = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#words += chunk.toString();
    done();
  }

  taken(): string {
    const words = this.#words;
    this.#words = '';
    return words;
  }
}

interface Screen {
  readonly output: Output;
  stdout(): string;
  stderr(): string;
}

function screen(
  options: { terminal?: boolean; json?: boolean; columns?: number; environment?: NodeJS.ProcessEnv } = {},
): Screen {
  const { terminal = false, columns = 80 } = options;
  const tty = terminal ? { isTTY: true as const, columns } : {};
  const sink = () => Object.assign(new Screenful(), tty);
  const [stdout, stderr] = [sink(), sink()];
  const output = new Output({
    ...{ stdout, stderr, environment: options.environment ?? {}, json: () => options.json === true },
    closed: () => undefined,
  });
  return { output, stdout: () => stdout.taken(), stderr: () => stderr.taken() };
}

interface Row {
  readonly name: string;
  readonly members: number;
}
const ROWS: readonly Row[] = [
  { name: 'VIP', members: 7 },
  { name: 'At risk of leaving soon', members: 1200 },
];
const COLUMNS: readonly Column<Row>[] = [
  { title: 'SEGMENT', cell: ({ name }) => name, elastic: true, paint: (words, _row, paint) => paint.green(words) },
  { title: 'MEMBERS', cell: ({ members }) => formatCount(members), align: 'right' },
];

describe('a table', () => {
  it('is plain aligned text in a pipe', () => {
    const { output, stdout } = screen();
    output.table(COLUMNS, ROWS);
    expect(stdout()).toBe(
      'SEGMENT                  MEMBERS\nVIP                            7\nAt risk of leaving soon    1,200\n',
    );
  });

  it('has colour on a terminal only, and none with NO_COLOR', () => {
    const coloured = screen({ terminal: true });
    coloured.output.table(COLUMNS, ROWS);
    const words = coloured.stdout();
    expect(words).toContain('\x1b[32m');
    expect(stripVTControlCharacters(words)).toContain('At risk of leaving soon    1,200');
    const plain = screen({ terminal: true, environment: { NO_COLOR: '1' } });
    plain.output.table(COLUMNS, ROWS);
    expect(plain.stdout()).not.toContain('\x1b[');
  });

  it('gives way at its elastic column where the terminal is narrow', () => {
    const { output, stdout } = screen({ terminal: true, columns: 24 });
    output.table(COLUMNS, ROWS);
    for (const line of stdout().trimEnd().split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(24);
  });

  it('is one JSON document a row with --json', () => {
    const { output, stdout } = screen({ terminal: true, json: true });
    output.words('heading');
    output.table(COLUMNS, ROWS);
    expect(stdout()).toBe(ROWS.map((row) => `${JSON.stringify(row)}\n`).join(''));
  });
});

describe('text from outside', () => {
  it('cannot steer the terminal', () => {
    const { output, stdout } = screen();
    output.table([{ title: 'X', cell: (row: string) => row }], ['a\x1b[2Jb\r\u202Ec']);
    expect(stdout()).toBe('X\na\uFFFD[2Jb\uFFFD\uFFFDc\n');
    expect(printable('one\ntwo')).toBe('one two');
  });

  it('is measured as wide as a terminal shows it', () => {
    expect([columnsOf('añb'), columnsOf('日本'), columnsOf('👍🏽'), columnsOf('e\u0301')]).toEqual([3, 4, 2, 1]);
    expect(cut('日本語テスト', 5)).toBe('日本…');
  });
});

describe('progress', () => {
  it('shows share, rate and time left on a terminal, and goes away', () => {
    const { output, stderr } = screen({ terminal: true, columns: 120 });
    let now = 0;
    const progress = startProgress(output, { label: 'Importing', unit: 'events', total: 1_000 }, () => now);
    now = 1_000;
    progress.to(250);
    expect(stripVTControlCharacters(stderr())).toContain('25 %  250 events  250 events/s  3.0 s left');
    output.talk('a word');
    expect(stderr()).toMatch(/^\r\x1b\[2Ka word\n[\s\S]*Importing/);
    progress.end();
    expect(stderr()).toBe('\r\x1b[2K');
    progress.advance(1);
    expect(stderr()).toBe('');
  });

  it('is silent where stderr is no terminal', () => {
    const { output, stderr } = screen();
    const progress = startProgress(output, { label: 'Importing', unit: 'events' });
    progress.advance(10);
    progress.end();
    expect(stderr()).toBe('');
  });
});

describe('figures', () => {
  it('are said as a person says them', () => {
    expect([340, 8_200, 61_000, 7_800_000].map(formatSpan)).toEqual(['340 ms', '8.2 s', '1 min 01 s', '2 h 10 min']);
    expect([0, 1_536, 5 * 1024 ** 3].map(formatBytes)).toEqual(['0 B', '1.5 KiB', '5.0 GiB']);
    expect(formatCount(1_234_567)).toBe('1,234,567');
  });
});
