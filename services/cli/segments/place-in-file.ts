/** Where in a file a part of a definition stands, and a mistake as it is told. */
import { isAlias, isMap, isNode, isScalar, isSeq, type Document, type LineCounter } from 'yaml';
import { pathInWords, type Mistake } from '../../core/domain/language/mistakes.ts';

/** Both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export type PlaceOf = (path: Mistake['path']) => Place;

/** A mistake of a definition in a file. */
export interface FileMistake extends Place {
  readonly file: string;
  /** In the definition, in words: `enter.all[0].count`; empty for the whole of it. */
  readonly path: string;
  readonly message: string;
}

export function mistakeIn(file: string, placeOf: PlaceOf, { path, message }: Mistake): FileMistake {
  return { file, ...placeOf(path), path: pathInWords(path), message };
}

/** As compilers say it, so that editors and terminals make a link of it. */
export function inFile({ file, line, column, path, message }: FileMistake): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}

/** What makes a document unreadable. */
export function syntaxMistakes(file: string, { errors }: Document.Parsed): readonly FileMistake[] {
  return errors.map(({ linePos, message }) => {
    const { line, col } = linePos?.[0] ?? { line: 1, col: 1 };
    return { file, line, column: col, path: '', message: withoutPlace(message) };
  });
}

/** The parser says the place too, and shows the line. */
function withoutPlace(message: string): string {
  return message
    .split('\n')[0]!
    .replace(/:$/, '')
    .replace(/ at line \d+, column \d+$/, '');
}

export function byPlace(a: FileMistake, b: FileMistake): number {
  return a.line - b.line || a.column - b.column;
}

/**
 * Finds the deepest part of a path that is in the file. Where the path ends at an entry of a map, its key is what is meant: a
 * misspelt name stands there.
 */
export function placesIn(document: Document, lines: LineCounter): PlaceOf {
  return (path) => {
    let node: unknown = document.contents;
    let at = offsetOf(node) ?? 0;
    for (const step of path) {
      if (isAlias(node)) node = node.resolve(document);
      let next: unknown;
      let start: number | undefined;
      if (isMap(node)) {
        const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step));
        next = pair?.value;
        start = offsetOf(pair?.key);
      } else if (isSeq(node)) {
        next = node.items[Number(step)];
        start = offsetOf(next);
      }
      if (start === undefined) break;
      at = start;
      node = next;
    }
    const { line, col } = lines.linePos(at);
    return { line, column: col };
  };
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
