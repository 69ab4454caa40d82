/**
 * The ids of recent events (C1): same source id, input and event id within the window of append time is a duplicate.
 * Owned by one source of one customer. Ids are kept as 64-bit hashes with 32 bits of the content's.
 *
 *  1. Entries are in order of the time they were seen; what is older than the window is forgotten.
 *  2. At most `max` entries; the oldest go first, and the caller counts that.
 */
export type Sighting = 'new' | 'duplicate' | 'conflict';

export class Recent {
  seenAt: number[] = [];
  inputs: number[] = [];
  high: number[] = [];
  low: number[] = [];
  contents: number[] = [];

  /** What is known of an event that comes at `at`; does not remember it. */
  look(input: number, high: number, low: number, content: number): Sighting {
    for (let i = this.low.length - 1; i >= 0; i--) {
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
    const over = this.seenAt.length > max;
    if (over) this.#forget(this.seenAt.length - max);
    return over;
  }

  /** Forgets what was seen at or before an instant. */
  prune(before: number): void {
    let count = 0;
    while (count < this.seenAt.length && this.seenAt[count]! <= before) count += 1;
    if (count > 0) this.#forget(count);
  }

  #forget(count: number): void {
    for (const array of [this.seenAt, this.inputs, this.high, this.low, this.contents]) array.splice(0, count);
  }
}
