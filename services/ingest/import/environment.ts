/** What compiling a mapping against one file's header needs, and what its compiled parts run on. */
import { nearest } from '../../platform/config/nearest.ts';
import type { NumberStyle } from './decimal.ts';
import type { Mapping } from './mapping.ts';
import type { Mistakes, Path } from './mistakes.ts';
import { Zone } from './zone.ts';

/**
 * The rows at hand. `row`: one row by itself. `group`: all rows of one event. `history`: the rows of one thing up to and
 * including the one at `index`, in time order; later rows are not there, so hindsight is not possible.
 */
export interface RowContext {
  rows: readonly (readonly string[])[];
  index: number;
}

export type RowsMode = 'row' | 'group' | 'history';

/** Why a row makes no event. Thrown inside a mapping, caught by `EventMapper` alone. */
export class Refusal extends Error {
  readonly column: string;

  constructor(column: string, reason: string) {
    super(reason);
    this.column = column;
  }
}

export class Environment {
  readonly mapping: Mapping;
  readonly mistakes: Mistakes;
  readonly mode: RowsMode;
  readonly numbers: NumberStyle;
  readonly #columns = new Map<string, number>();
  readonly #zones = new Map<string, Zone>();
  readonly #missing: readonly string[];
  #width = 1;

  constructor(mapping: Mapping, header: readonly string[], mistakes: Mistakes) {
    this.mapping = mapping;
    this.mistakes = mistakes;
    this.mode =
      mapping.rows === undefined || 'identity' in mapping.rows ? 'row' : 'group' in mapping.rows ? 'group' : 'history';
    this.numbers = mapping.file;
    this.#missing = mapping.file.missing;
    this.zone(mapping.timezone, ['timezone']);
    for (const [index, name] of header.entries()) {
      if (this.#columns.has(name) && name !== '') this.mistakes.add([], `two columns of the file are called ${name}`);
      this.#columns.set(name, index);
    }
  }

  /** Columns of a row that hold everything read so far, from the left. */
  get width(): number {
    return this.#width;
  }

  /** Reads a column of one row; undefined where the cell says nothing, or is not there. */
  reader(column: string, path: Path): (cells: readonly string[]) => string | undefined {
    const index = this.#columns.get(column);
    this.#width = Math.max(this.#width, (index ?? 0) + 1);
    if (index === undefined) {
      const near = nearest(column, [...this.#columns.keys()]);
      this.mistakes.add(path, `the file has no column ${column}${near === undefined ? '' : `; did you mean ${near}?`}`);
      return () => undefined;
    }
    const missing = this.#missing;
    return (cells) => {
      const cell = (cells[index] ?? '').trim();
      // A few short texts: comparing is faster than hashing every cell.
      return cell === '' || missing.includes(cell) ? undefined : cell;
    };
  }

  zone(name: string, path: Path): Zone {
    let zone = this.#zones.get(name);
    if (zone === undefined) {
      try {
        zone = new Zone(name);
      } catch (cause) {
        if (!(cause instanceof RangeError)) throw cause;
        this.mistakes.add(path, `there is no time zone ${name}; names are like Europe/London`);
        zone = new Zone('UTC');
      }
      this.#zones.set(name, zone);
    }
    return zone;
  }
}
