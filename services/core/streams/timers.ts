/**
 * Which key is due next: a binary min-heap by (due, key bytes) in typed arrays, one timer per key.
 *
 * The owner's `dueOf(slot)` is the truth. Entries are never removed from the middle: an entry whose due is no longer
 * its key's due is stale and skipped when it comes up; when stale ones prevail the heap is rebuilt.
 *
 *  1  A slot with a finite due has at least one valid entry, so nothing that is due is forgotten.
 *  2  Slots keep their key as long as an entry may name them (`retire` gives them back after a rebuild): otherwise
 *     the order among equal dues would change under the heap.
 */
export interface TimerOwner {
  /** The due instant that counts now, ms UTC; Infinity = no timer. */
  dueOf(slot: number): number;
  /** Byte order of two slots' keys. */
  compare(slotA: number, slotB: number): number;
  /** Slots with a finite due. */
  readonly timersPending: number;
  /** Slots are 0 … slotsEnd − 1. */
  readonly slotsEnd: number;
  /** Called after a rebuild: no entry names a slot without a timer any more. */
  timersRebuilt(): void;
}

/** Stale entries tolerated before a rebuild, whatever the number of timers. */
const STALE_MIN = 1024;

export class TimerIndex {
  readonly #owner: TimerOwner;
  #dues = new Float64Array(1024);
  #slots = new Uint32Array(1024);
  #length = 0;

  constructor(owner: TimerOwner) {
    this.#owner = owner;
  }

  /** The slot whose timer is next, or -1. Its due is `owner.dueOf(slot)`. */
  next(): number {
    while (this.#length > 0) {
      const slot = this.#slots[0]!;
      if (this.#owner.dueOf(slot) === this.#dues[0]!) return slot;
      this.#pop();
    }
    return -1;
  }

  /** Announces a slot's new due. The owner must already answer it. */
  push(slot: number, due: number): void {
    if (this.#length > 2 * this.#owner.timersPending + STALE_MIN) this.rebuild();
    this.#append(slot, due);
    this.#up(this.#length - 1);
  }

  /** Drops the next timer although it counts: it comes back with the key's next `push`, or with a rebuild. */
  skip(): void {
    this.#pop();
  }

  /** Builds the heap anew from the owner, linear in the number of slots. */
  rebuild(): void {
    this.#length = 0;
    for (let slot = 0; slot < this.#owner.slotsEnd; slot++) {
      const due = this.#owner.dueOf(slot);
      if (due < Infinity) this.#append(slot, due);
    }
    for (let at = (this.#length >>> 1) - 1; at >= 0; at--) this.#down(at);
    this.#owner.timersRebuilt();
  }

  #append(slot: number, due: number): void {
    if (this.#length === this.#dues.length) {
      const dues = new Float64Array(this.#length * 2);
      dues.set(this.#dues);
      this.#dues = dues;
      const slots = new Uint32Array(this.#length * 2);
      slots.set(this.#slots);
      this.#slots = slots;
    }
    this.#dues[this.#length] = due;
    this.#slots[this.#length] = slot;
    this.#length += 1;
  }

  #pop(): void {
    this.#length -= 1;
    if (this.#length === 0) return;
    this.#dues[0] = this.#dues[this.#length]!;
    this.#slots[0] = this.#slots[this.#length]!;
    this.#down(0);
  }

  #before(due: number, slot: number, at: number): boolean {
    const other = this.#dues[at]!;
    return due < other || (due === other && this.#owner.compare(slot, this.#slots[at]!) < 0);
  }

  #up(at: number): void {
    const due = this.#dues[at]!;
    const slot = this.#slots[at]!;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!this.#before(due, slot, parent)) break;
      this.#dues[at] = this.#dues[parent]!;
      this.#slots[at] = this.#slots[parent]!;
      at = parent;
    }
    this.#dues[at] = due;
    this.#slots[at] = slot;
  }

  #down(at: number): void {
    const due = this.#dues[at]!;
    const slot = this.#slots[at]!;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#length) break;
      const right = child + 1;
      if (right < this.#length && this.#before(this.#dues[right]!, this.#slots[right]!, child)) child = right;
      // The child moves up only if it comes before the sinking entry.
      if (this.#dues[child]! > due) break;
      if (this.#dues[child]! === due && this.#owner.compare(this.#slots[child]!, slot) >= 0) break;
      this.#dues[at] = this.#dues[child]!;
      this.#slots[at] = this.#slots[child]!;
      at = child;
    }
    this.#dues[at] = due;
    this.#slots[at] = slot;
  }
}
