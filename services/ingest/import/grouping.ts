import type { CsvRecord } from './csv-splitter.ts';
import { RunStore } from './run-store.ts';

/** All rows with one key, in file order. */
export interface RowGroup {
  readonly key: string;
  readonly rows: number[];
  readonly texts: string[];
}

/** Text kept in memory before groups go to a temporary file, in characters. */
const HELD_CHARS_MAX = 128 << 20;

/** Gathers the rows of each group however far apart they lie; beyond its bound through sorted temporary files. */
export class Grouping {
  #held = new Map<string, RowGroup>();
  #heldChars = 0;
  readonly #heldCharsMax: number;
  readonly #store: RunStore<RowGroup>;

  constructor(directory: string, heldCharsMax = HELD_CHARS_MAX) {
    this.#heldCharsMax = heldCharsMax;
    this.#store = new RunStore(directory, (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.rows[0]! - b.rows[0]!));
  }

  add(key: string, record: CsvRecord): void {
    let group = this.#held.get(key);
    if (group === undefined) this.#held.set(key, (group = { key, rows: [], texts: [] }));
    group.rows.push(record.row);
    group.texts.push(record.text);
    this.#heldChars += record.text.length;
    if (this.#heldChars > this.#heldCharsMax) this.#spill();
  }

  /** Every group once; in no particular order. Ends the gathering. */
  *groups(): Generator<RowGroup> {
    if (this.#store.isEmpty) {
      yield* this.#held.values();
      return;
    }
    this.#spill();
    let group: RowGroup | undefined;
    for (const part of this.#store.merged()) {
      if (group?.key === part.key) {
        group.rows.push(...part.rows);
        group.texts.push(...part.texts);
      } else {
        if (group !== undefined) yield group;
        group = part;
      }
    }
    if (group !== undefined) yield group;
  }

  #spill(): void {
    this.#store.write([...this.#held.values()]);
    this.#held = new Map();
    this.#heldChars = 0;
  }
}
