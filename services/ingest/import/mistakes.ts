import { Fault } from '../../core/faults.ts';
import type { LineCounter, Document } from 'yaml';

export type Path = readonly (string | number)[];

/** Collects everything wrong with one mapping file, so that a person corrects it once. */
export class Mistakes {
  readonly #file: string;
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #found = new Map<string, number>();

  constructor(file: string, document: Document, lines: LineCounter) {
    this.#file = file;
    this.#document = document;
    this.#lines = lines;
  }

  add(path: Path, message: string): void {
    const line = this.#lineOf(path);
    const place = path.length === 0 ? '' : `${inWords(path)}: `;
    this.#found.set(`${this.#file}:${line}: ${place}${message}`, line);
  }

  addAtOffset(offset: number, message: string): void {
    const { line } = this.#lines.linePos(offset);
    this.#found.set(`${this.#file}:${line}: ${message}`, line);
  }

  /** Throws MAPPING_INVALID naming every mistake, in the order of their lines. */
  throwIfAny(): void {
    if (this.#found.size === 0) return;
    const mistakes = [...this.#found].sort((a, b) => a[1] - b[1]).map(([text]) => text);
    const count = mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`;
    throw new Fault('MAPPING_INVALID', `The mapping ${this.#file} has ${count}`, {
      facts: { file: this.#file },
      mistakes,
    });
  }

  /** Line of the entry, or of the nearest one around it that is written down. */
  #lineOf(path: Path): number {
    for (let depth = path.length; depth > 0; depth--) {
      const parent: unknown =
        depth === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, depth - 1), true);
      const offset = offsetOf(parent, path[depth - 1]!);
      if (offset !== undefined) return this.#lines.linePos(offset).line;
    }
    return 1;
  }
}

/** Where an entry of a YAML map or list begins: a map's at its key. */
function offsetOf(parent: unknown, step: string | number): number | undefined {
  if (typeof parent !== 'object' || parent === null || !('items' in parent) || !Array.isArray(parent.items)) return;
  const items: readonly unknown[] = parent.items;
  const item = typeof step === 'number' ? items[step] : items.find((pair) => keyOf(pair) === step);
  const node: unknown = typeof item === 'object' && item !== null && 'key' in item ? item.key : item;
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return;
  return Number(node.range[0]);
}

function keyOf(pair: unknown): string | undefined {
  if (typeof pair !== 'object' || pair === null || !('key' in pair)) return undefined;
  const { key } = pair;
  return typeof key === 'object' && key !== null && 'value' in key ? String(key.value) : undefined;
}

function inWords(path: Path): string {
  let text = '';
  for (const step of path) text += typeof step === 'number' ? `[${step + 1}]` : text === '' ? step : `.${step}`;
  return text;
}
