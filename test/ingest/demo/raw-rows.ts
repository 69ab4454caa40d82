/** The raw files read in the plainest way, sharing nothing with the importer. No cell of theirs holds a line end. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { packagePath } from '../../../services/platform/config/package-root.ts';

export function rawRows<C extends string>(name: string, columns: readonly C[]): readonly Readonly<Record<C, string>>[] {
  const packed = readFileSync(packagePath('infra', 'demo', 'data', `${name}.csv.gz`));
  const [header, ...lines] = gunzipSync(packed)
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd());
  const indexes = columns.map((column) => header!.split(',').indexOf(column));
  return lines.map((line) => {
    const cells = line.includes('"') ? quotedCells(line) : line.split(',');
    return Object.fromEntries(columns.map((column, index) => [column, cells[indexes[index]!]!])) as Record<C, string>;
  });
}

function quotedCells(line: string): readonly string[] {
  const cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (isQuoted && character === '"' && line[at + 1] === '"') {
      cell += '"';
      at++;
    } else if (isQuoted && character === '"') isQuoted = false;
    else if (!isQuoted && character === '"' && cell === '') isQuoted = true;
    else if (!isQuoted && character === ',') {
      cells.push(cell);
      cell = '';
    } else cell += character;
  }
  return [...cells, cell];
}
