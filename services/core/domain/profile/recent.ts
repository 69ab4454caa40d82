/**
 * The ids of recent events (C1): same source id, input and event id within the window of append time is a duplicate.
 * Owned by one source of one customer. Ids are kept as 64-bit hashes with 32 bits of the content's.
 *
 *  1. Entries are in order of the time they were seen. What is older than the window is not found any more, and forgotten a
 *     quarter of the entries at a time.
 *  2. At most `max` entries; the oldest go first, and the caller counts that.
 *  3. The body of many entries is kept as bytes; a newest entry is written behind it.
 */
import { ByteWriter, type ByteReader } from '../series/bytes.ts';

/** Up to so many entries it is cheaper to write them anew than to keep their bytes. */
const BODY_FROM = 24;

export type Sighting = 'new' | 'duplicate' | 'conflict';

export class Recent {
  seenAt: number[] = [];
  inputs: number[] = [];
  high: number[] = [];
  low: number[] = [];
  contents: number[] = [];

  #body: ByteWriter | undefined = undefined;

  /** What is known of an event, looking back as far as an instant (exclusive); does not remember it. */
  look(after: number, input: number, high: number, low: number, content: number): Sighting {
    for (let i = this.low.length - 1; i >= 0 && this.seenAt[i]! > after; i--) {
      if (this.low[i] !== low || this.high[i] !== high || this.inputs[i] !== input) continue;
      return this.contents[i] === content ? 'duplicate' : 'conflict';
    }
    return 'new';
  }

  /** Remembers an event; true when the bound made it forget one that was still inside the window. */
  remember(at: number, input: number, high: number, low: number, content: number, max: number): boolean {
    this.seenAt.push(at);
    this.inputs.push(input);
    this.high.push(high);
    this.low.push(low);
    this.contents.push(content);
    if (this.#body !== undefined) this.#write(this.#body, this.seenAt.length - 1);
    const over = this.seenAt.length > max;
    if (over) this.#forget(this.seenAt.length - max);
    return over;
  }

  /** Forgets what was seen at or before an instant. */
  prune(before: number): void {
    const size = this.seenAt.length;
    if (size === 0 || this.seenAt[size >>> 2]! > before) return;
    let count = 0;
    while (count < size && this.seenAt[count]! <= before) count += 1;
    this.#forget(count);
  }

  /** Writes the entries. Few are written anew each time, many are kept as bytes. */
  writeBody(writer: ByteWriter): void {
    if (this.seenAt.length <= BODY_FROM) {
      for (let i = 0; i < this.seenAt.length; i++) this.#write(writer, i);
      return;
    }
    if (this.#body === undefined) {
      this.#body = new ByteWriter(this.seenAt.length * 18);
      for (let i = 0; i < this.seenAt.length; i++) this.#write(this.#body, i);
    }
    writer.append(this.#body);
  }

  /** Reads entries back behind what is there. */
  read(reader: ByteReader, count: number): void {
    for (let i = 0; i < count; i++) {
      this.seenAt.push(reader.signed() + (this.seenAt.at(-1) ?? 0));
      this.inputs.push(reader.byte());
      this.high.push(reader.u32());
      this.low.push(reader.u32());
      this.contents.push(reader.u32());
    }
  }

  #write(writer: ByteWriter, i: number): void {
    writer.signed(i === 0 ? this.seenAt[0]! : this.seenAt[i]! - this.seenAt[i - 1]!);
    writer.byte(this.inputs[i]!);
    writer.u32(this.high[i]!);
    writer.u32(this.low[i]!);
    writer.u32(this.contents[i]!);
  }

  #forget(count: number): void {
    this.#body = undefined;
    if (count === this.seenAt.length) {
      this.seenAt.length = this.inputs.length = this.high.length = this.low.length = this.contents.length = 0;
      return;
    }
    for (const array of [this.seenAt, this.inputs, this.high, this.low, this.contents]) array.splice(0, count);
  }
}
