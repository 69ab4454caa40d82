import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellsOf, CsvSplitter } from '../../../services/ingest/import/csv-splitter.ts';

function split(chunks: readonly string[], delimiter = ',') {
  const splitter = new CsvSplitter(delimiter);
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
}

function rows(text: string, delimiter = ','): (readonly string[] | undefined)[] {
  return split([text], delimiter).map((record) => cellsOf(record.text, delimiter));
}

test('quoted cells hold delimiters, quotes and line ends', () => {
  expect(rows('a,"b, ""c""\nd",e\r\nf,g,h')).toEqual([
    ['a', 'b, "c"\nd', 'e'],
    ['f', 'g', 'h'],
  ]);
});

test('a quote within a cell that does not begin with one is a character like any other', () => {
  expect(rows('12" RULER,x\n"y",6" z\n')).toEqual([
    ['12" RULER', 'x'],
    ['y', '6" z'],
  ]);
});

test('an empty line is no record but counts, so that row numbers are those of the file', () => {
  expect(split(['h\n\n1\n'])).toEqual([
    { row: 1, text: 'h' },
    { row: 3, text: '1' },
  ]);
});

test('a cell that goes on behind its closing quote, or has none, is told and not guessed at', () => {
  expect(rows('"a"b,c\n')).toEqual([undefined]);
  expect(rows('x,y\n"lost,1\nnext,2')).toEqual([['x', 'y'], undefined, ['next', '2']]);
});

test('a lost closing quote costs one line and not the rest of a long file', () => {
  const body = Array.from({ length: 200_000 }, (_, index) => `${index},value`).join('\n');
  const found = rows(`"lost,x\n${body}\n`);
  expect(found).toHaveLength(200_001);
  expect(found[0]).toBeUndefined();
  expect(found.at(-1)).toEqual(['199999', 'value']);
});

test('any table written with quotes is read back, however the text is cut into chunks', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'é'), maxLength: 6 });
  const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(table, fc.array(fc.nat(200), { maxLength: 6 }), (lines, cuts) => {
      const text = lines.map((line) => line.map((one) => `"${one.replaceAll('"', '""')}"`).join(',')).join('\n');
      const at = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
      const chunks = at.slice(1).map((end, index) => text.slice(at[index], end));
      expect(split(chunks).map((record) => cellsOf(record.text, ','))).toEqual(lines);
    }),
  );
});
