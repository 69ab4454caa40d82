/** Rows of one batch for one table: the bytes to insert and, by row, where each came from. */

const INITIAL_BYTES = 256 * 1024;
/** UTF-8 of a UTF-16 code unit takes at most this many bytes. */
const BYTES_PER_UNIT_MAX = 3;

export class TableRows {
  readonly partitions: number[] = [];
  readonly offsets: number[] = [];
  /** Position behind each row. */
  readonly #ends: number[] = [];
  #bytes: Buffer;
  #end = 0;

  constructor(initialBytes = INITIAL_BYTES) {
    this.#bytes = Buffer.allocUnsafe(initialBytes);
  }

  get length(): number {
    return this.offsets.length;
  }

  get byteLength(): number {
    return this.#end;
  }

  /** All rows as they are inserted. Valid until the next `add`. */
  get body(): Uint8Array {
    return this.#bytes.subarray(0, this.#end);
  }

  /**
   * Adds a row. Its text is written out at once: a row is concatenated from a hundred pieces, and thousands of such
   * strings kept alive until the insert cost more in garbage collection than all else together.
   */
  add(partition: number, offset: number, line: string): void {
    this.#reserve(line.length * BYTES_PER_UNIT_MAX);
    this.#end += this.#bytes.write(line, this.#end);
    this.partitions.push(partition);
    this.offsets.push(offset);
    this.#ends.push(this.#end);
  }

  /** The rows that `keep` names, by index. */
  filter(keep: (index: number) => boolean): TableRows {
    const kept = new TableRows(Math.max(1, this.#end));
    for (let index = 0; index < this.length; index += 1) {
      if (!keep(index)) continue;
      kept.#end += this.#bytes.copy(kept.#bytes, kept.#end, this.#ends[index - 1] ?? 0, this.#ends[index]);
      kept.partitions.push(this.partitions[index]!);
      kept.offsets.push(this.offsets[index]!);
      kept.#ends.push(kept.#end);
    }
    return kept;
  }

  /** First and last offset and number of rows of each partition; rows of one partition are ascending. */
  spans(): Span[] {
    const spans = new Map<number, Span>();
    this.offsets.forEach((offset, index) => {
      const partition = this.partitions[index]!;
      const span = spans.get(partition);
      if (span === undefined) spans.set(partition, { partition, first: offset, last: offset, count: 1 });
      else {
        span.last = offset;
        span.count += 1;
      }
    });
    return [...spans.values()];
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#end + bytes));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

export interface Span {
  readonly partition: number;
  readonly first: number;
  /** Inclusive. */
  last: number;
  count: number;
}
