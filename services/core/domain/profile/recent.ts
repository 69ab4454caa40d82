/**
 * The ids of recent events (C1): same source id, input and event id within the window of append time is a duplicate.
 * Owned by one source of one customer. Ids are kept as 64-bit hashes with 32 bits of the content's.
 *
 *  1. Entries are in order of the time they were seen. What is older than the window is not found any more, and forgotten a
 *     quarter of the entries at a time.
 *  2. At most `max` entries; the oldest go first, and the caller counts that.
 *  3. Entries of equal width, looked at where they rest: nothing is read to tell that an event is new.
 */
import { u32At, type ByteReader, type ByteWriter } from '../series/bytes.ts';

/** Low and high half of the id's hash, the content's, seen at (48 bits), input. */
const ENTRY_BYTES = 19;
const HIGH = 4;
const CONTENT = 8;
const SEEN_AT = 12;
const INPUT = 18;
const FIELDS = 5;

const NO_BYTES = new Uint8Array(0);

export type Sighting = 'new' | 'duplicate' | 'conflict';

export class Recent {
  /** The entries that rest in the customer's page. */
  #bytes: Uint8Array = NO_BYTES;
  #from = 0;
  #resting = 0;
  /** Those behind them, FIELDS numbers each: low, high, content, seen at, input. */
  readonly #added: number[] = [];

  get size(): number {
    return this.#resting + this.#added.length / FIELDS;
  }

  /** What is known of an event, looking back as far as an instant (exclusive); does not remember it. */
  look(after: number, input: number, high: number, low: number, content: number): Sighting {
    const added = this.#added;
    for (let at = added.length - FIELDS; at >= 0; at -= FIELDS) {
      if (added[at + 3]! <= after) return 'new';
      if (added[at] !== low || added[at + 1] !== high || added[at + 4] !== input) continue;
      return added[at + 2] === content ? 'duplicate' : 'conflict';
    }
    const bytes = this.#bytes;
    for (let at = this.#from + (this.#resting - 1) * ENTRY_BYTES; at >= this.#from; at -= ENTRY_BYTES) {
      if (i48At(bytes, at + SEEN_AT) <= after) return 'new';
      if (u32At(bytes, at) !== low || u32At(bytes, at + HIGH) !== high || bytes[at + INPUT] !== input) continue;
      return u32At(bytes, at + CONTENT) === content ? 'duplicate' : 'conflict';
    }
    return 'new';
  }

  /** Remembers an event; true when the bound made it forget one that was still inside the window. */
  remember(at: number, input: number, high: number, low: number, content: number, max: number): boolean {
    this.#added.push(low, high, content, at, input);
    const over = this.size > max;
    if (over) this.#forget(this.size - max);
    return over;
  }

  /** Forgets what was seen at or before an instant. */
  prune(before: number): void {
    const { size } = this;
    if (size === 0 || this.#seenAt(size >>> 2) > before) return;
    let count = 0;
    while (count < size && this.#seenAt(count) <= before) count += 1;
    this.#forget(count);
  }

  write(writer: ByteWriter): void {
    writer.whole(this.size);
    writer.copy(this.#bytes, this.#from, this.#from + this.#resting * ENTRY_BYTES);
    const added = this.#added;
    for (let at = 0; at < added.length; at += FIELDS) {
      writer.u32(added[at]!);
      writer.u32(added[at + 1]!);
      writer.u32(added[at + 2]!);
      const seenAt = added[at + 3]!;
      const high = Math.floor(seenAt / 0x1_0000_0000);
      writer.byte((high >> 8) & 255);
      writer.byte(high & 255);
      writer.u32(seenAt - high * 0x1_0000_0000);
      writer.byte(added[at + 4]!);
    }
  }

  /** Takes over what `write` wrote into a page, where it lies. */
  rest(page: Uint8Array, reader: ByteReader): void {
    this.#resting = reader.whole();
    this.#bytes = page;
    this.#from = reader.at;
    reader.skip(this.#resting * ENTRY_BYTES);
  }

  #seenAt(index: number): number {
    return index < this.#resting
      ? i48At(this.#bytes, this.#from + index * ENTRY_BYTES + SEEN_AT)
      : this.#added[(index - this.#resting) * FIELDS + 3]!;
  }

  #forget(count: number): void {
    const resting = Math.min(count, this.#resting);
    this.#from += resting * ENTRY_BYTES;
    this.#resting -= resting;
    if (count > resting) this.#added.splice(0, (count - resting) * FIELDS);
  }
}

/** Of either sign. */
function i48At(bytes: Uint8Array, at: number): number {
  return (((bytes[at]! << 24) >> 16) | bytes[at + 1]!) * 0x1_0000_0000 + u32At(bytes, at + 2);
}
