/**
 * Which slots hold a live value, bounded: second chance (a clock hand over a ring). A slot used since the hand last
 * passed stays for one more round; nothing is moved or linked when a value is used.
 */

/** Slots the hand passes per addition, at most: bounds the cost when everything is in use or dirty. */
const STEPS_PER_ADD = 16;

const HOT = 1;
const USED = 2;

export class HotRing {
  readonly #max: number;
  readonly #evict: (slot: number) => boolean;
  #ring = new Uint32Array(1024);
  #head = 0;
  #count = 0;
  #marks = new Uint8Array(1024);

  /** `evict` drops the slot's value, or answers false if it must stay for now. */
  constructor(max: number, evict: (slot: number) => boolean) {
    this.#max = max;
    this.#evict = evict;
  }

  used(slot: number): void {
    this.#marks[slot]! |= USED;
  }

  add(slot: number): void {
    if (slot >= this.#marks.length) this.#growMarks(slot);
    if ((this.#marks[slot]! & HOT) !== 0) {
      this.#marks[slot]! |= USED;
      return;
    }
    this.#marks[slot] = HOT | USED;
    this.#push(slot);
    for (let step = 0; this.#count > this.#max && step < STEPS_PER_ADD; step++) this.#turn();
  }

  /** Empties the ring; `drop` is told every slot in it. */
  clear(drop: (slot: number) => void): void {
    while (this.#count > 0) {
      const slot = this.#shift();
      this.#marks[slot] = 0;
      drop(slot);
    }
  }

  #turn(): void {
    const slot = this.#shift();
    const used = (this.#marks[slot]! & USED) !== 0;
    this.#marks[slot] = HOT;
    if (used || !this.#evict(slot)) this.#push(slot);
    else this.#marks[slot] = 0;
  }

  #push(slot: number): void {
    if (this.#count === this.#ring.length) this.#growRing();
    this.#ring[(this.#head + this.#count) & (this.#ring.length - 1)] = slot;
    this.#count += 1;
  }

  #shift(): number {
    const slot = this.#ring[this.#head]!;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#count -= 1;
    return slot;
  }

  #growRing(): void {
    const ring = new Uint32Array(this.#ring.length * 2);
    for (let at = 0; at < this.#count; at++) ring[at] = this.#ring[(this.#head + at) & (this.#ring.length - 1)]!;
    this.#ring = ring;
    this.#head = 0;
  }

  #growMarks(slot: number): void {
    const marks = new Uint8Array(Math.max(slot + 1, this.#marks.length * 2));
    marks.set(this.#marks);
    this.#marks = marks;
  }
}
