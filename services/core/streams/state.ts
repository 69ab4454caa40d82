/**
 * The state of a task: bytes per key. Changes since the last commit are an overlay, in bytes too, that becomes the state
 * only after the commit (KIP-892's idea, in memory).
 *
 *  1  A value is put to rest as soon as it is put: it lives for one record, so that no garbage collection ever meets it.
 *     One of many pages would be written again with every record: it lives until the commit (`late`).
 *  2  Bytes that were handed out do not change before `accept` or `discard`: a live value may read from them.
 *  3  Whatever happens before a commit can be discarded: committed bytes change in `accept` and `load` only.
 *  4  What `encode` and `remember` return is used within the call, so a codec may reuse its buffer.
 */
import { assert } from '../faults.ts';
import { keyOf, PageKeyWriter, pageOf, PAGES_MAX } from './changelog-keys.ts';
import { compareKeys, hashOf } from './key-order.ts';
import type { KeyedState, StateCodec } from './processor.ts';
import { NONE, Slab, type Pages } from './slab.ts';
import { TimerIndex, type TimerOwner } from './timers.ts';

/** Where changed pages go. */
export interface ChangelogSink {
  append(key: Uint8Array, value: Uint8Array | null): void;
}

const PRESENT = 1;
const DIRTY = 2;
/** Loads between two looks at the garbage during a restore. */
const LOADS_PER_TIDY = 512;

export class StateStore<V> implements KeyedState<V>, TimerOwner {
  readonly timers: TimerIndex = new TimerIndex(this);
  readonly #codec: StateCodec<V>;
  readonly #slotOf = new Map<string, number>();
  readonly #keys: string[] = [];
  /** Values of many pages that were put since the last commit, by slot. */
  readonly #late = new Map<number, V>();
  readonly #slab = new Slab();
  readonly #pageKey = new PageKeyWriter();
  /** Where committed bytes rest, and those put since; NONE = nowhere. */
  #refs = new Uint32Array(256).fill(NONE);
  #overlay = new Uint32Array(256).fill(NONE);
  #dues = new Float64Array(256).fill(Infinity);
  #hashes = new Uint32Array(256);
  #flags = new Uint8Array(256);
  #free: number[] = [];
  /** Slots without a key that a stale timer entry may still name. */
  #retired: number[] = [];
  #dirty: number[] = [];
  #present = 0;
  #pending = 0;
  #loads = 0;
  #foundKey: string | undefined;
  #found = 0;

  constructor(codec: StateCodec<V>) {
    this.#codec = codec;
  }

  get size(): number {
    return this.#present;
  }

  get dirtyKeys(): number {
    return this.#dirty.length;
  }

  get timersPending(): number {
    return this.#pending;
  }

  get slotsEnd(): number {
    return this.#keys.length;
  }

  /** Bytes the committed values rest in. */
  get restingBytes(): number {
    return this.#slab.bytes;
  }

  get(key: string): V | undefined {
    const slot = this.#find(key);
    if (slot === undefined || (this.#flags[slot]! & PRESENT) === 0) return undefined;
    const late = this.#late.size > 0 ? this.#late.get(slot) : undefined;
    if (late !== undefined) return late;
    const ref = this.#refOf(slot);
    // A value without bytes is as good as removed.
    return ref === NONE ? undefined : this.#codec.decode(key, this.#slab.pages(ref), this.#slab.memory(ref));
  }

  put(key: string, value: V, due: number): void {
    const slot = this.#find(key) ?? this.#newSlot(key);
    const flags = this.#flags[slot]!;
    const ref = this.#refOf(slot);
    const isLate = this.#late.has(slot) || (ref !== NONE && this.#slab.pageCount(ref) > 1);
    if ((flags & PRESENT) === 0) this.#present += 1;
    if ((flags & DIRTY) === 0) this.#dirty.push(slot);
    this.#flags[slot] = flags | PRESENT | DIRTY;
    if (isLate) this.#late.set(slot, value);
    else this.#rest(slot, value);
    this.#setDue(slot, due);
  }

  remove(key: string): void {
    const slot = this.#find(key);
    if (slot === undefined || (this.#flags[slot]! & PRESENT) === 0) return;
    if ((this.#flags[slot]! & DIRTY) === 0) this.#dirty.push(slot);
    this.#flags[slot] = (this.#flags[slot]! | DIRTY) & ~PRESENT;
    this.#present -= 1;
    this.#late.delete(slot);
    this.#cover(slot, NONE);
    this.#setDue(slot, Infinity);
  }

  keyAt(slot: number): string {
    return this.#keys[slot]!;
  }

  /** The key of a slot with a timer; what is asked for next is nearly always its value. */
  keyDueAt(slot: number): string {
    const key = this.#keys[slot]!;
    this.#foundKey = key;
    this.#found = slot;
    return key;
  }

  dueOf(slot: number): number {
    return this.#dues[slot]!;
  }

  compare(slotA: number, slotB: number): number {
    return slotA === slotB ? 0 : compareKeys(this.#keys[slotA]!, this.#keys[slotB]!);
  }

  timersRebuilt(): void {
    this.#free = this.#free.concat(this.#retired);
    this.#retired = [];
  }

  /** Keys with from ≤ hash < to, in order of (hash, key bytes). */
  keysBetween(from: number, to: number): string[] {
    const slots: number[] = [];
    const hashes = this.#hashes;
    const end = this.#keys.length;
    for (let slot = 0; slot < end; slot++) {
      const hash = hashes[slot]!;
      if (hash >= from && hash < to && (this.#flags[slot]! & PRESENT) !== 0) slots.push(slot);
    }
    slots.sort((a, b) => hashes[a]! - hashes[b]! || this.compare(a, b));
    return slots.map((slot) => this.#keys[slot]!);
  }

  /** A key's committed pages, for comparison; undefined where nothing is committed. Views as in slab.ts 2. */
  committed(key: string): Pages | undefined {
    const slot = this.#slotOf.get(key);
    if (slot === undefined || this.#refs[slot] === NONE) return undefined;
    return this.#slab.pages(this.#refs[slot]!);
  }

  keys(): IterableIterator<string> {
    return this.#slotOf.keys();
  }

  /**
   * Hands the pages that changed to the changelog. Nothing may be put between this and `accept` or `discard`.
   */
  prepare(changelog: ChangelogSink): void {
    for (const [slot, value] of this.#late) this.#rest(slot, value);
    this.#late.clear();
    for (const slot of this.#dirty) this.#log(slot, changelog);
  }

  #log(slot: number, changelog: ChangelogSink): void {
    const slab = this.#slab;
    const committed = this.#refs[slot]!;
    const now = this.#overlay[slot]!;
    const before = committed === NONE ? 0 : slab.pageCount(committed);
    const after = now === NONE ? 0 : slab.pageCount(now);
    for (let number = 0; number < before || number < after; number++) {
      const page = number < after ? slab.page(now, number) : undefined;
      if (number < before ? slab.holds(committed, number, page) : page === undefined) continue;
      changelog.append(this.#pageKey.write(this.#keys[slot]!, number), page ?? null);
    }
  }

  /** Keeps a value as bytes in the overlay. */
  #rest(slot: number, value: V): void {
    const pages = this.#codec.encode(value);
    assert(pages.length <= PAGES_MAX, 'a key has at most 256 pages');
    this.#cover(slot, pages.length === 0 ? NONE : this.#slab.write(slot, pages, this.#codec.remember?.(value)));
  }

  #cover(slot: number, ref: number): void {
    const before = this.#overlay[slot]!;
    if (before !== NONE) this.#slab.release(before);
    this.#overlay[slot] = ref;
  }

  #refOf(slot: number): number {
    return (this.#flags[slot]! & DIRTY) === 0 ? this.#refs[slot]! : this.#overlay[slot]!;
  }

  /** The commit is durable: the overlay becomes the state. */
  accept(): void {
    for (const slot of this.#dirty) {
      const before = this.#refs[slot]!;
      const now = this.#overlay[slot]!;
      if (before !== NONE) this.#slab.release(before);
      this.#refs[slot] = now;
      this.#overlay[slot] = NONE;
      this.#flags[slot]! &= ~DIRTY;
      if (now === NONE) this.#vanish(slot);
    }
    this.#dirty = [];
    this.#slab.tidy(this.#refs);
  }

  /** Forgets everything since the last commit. */
  discard(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    this.#late.clear();
    for (const slot of dirty) {
      this.#cover(slot, NONE);
      const ref = this.#refs[slot]!;
      const present = (this.#flags[slot]! & PRESENT) !== 0;
      this.#flags[slot] = ref === NONE ? 0 : PRESENT;
      if (present && ref === NONE) this.#present -= 1;
      if (!present && ref !== NONE) this.#present += 1;
      this.#setDue(slot, this.#committedDue(ref));
      if (ref === NONE) this.#forget(slot);
    }
  }

  /** Takes one changelog record during a restore; `restored` must follow before anything else. */
  load(pageKey: Uint8Array, value: Uint8Array | null): void {
    const key = keyOf(pageKey);
    const page = pageOf(pageKey);
    let slot = this.#slotOf.get(key);
    if (slot === undefined) {
      if (value === null) return;
      slot = this.#newSlot(key);
    }
    const before = this.#refs[slot]!;
    const pages = before === NONE ? [] : this.#slab.pages(before);
    while (pages.length <= page) pages.push(undefined);
    pages[page] = value ?? undefined;
    while (pages.length > 0 && pages[pages.length - 1] === undefined) pages.pop();
    this.#refs[slot] = pages.length === 0 ? NONE : this.#slab.write(slot, pages, undefined);
    if (before !== NONE) this.#slab.release(before);
    if (pages.length === 0) this.#forget(slot);
    this.#loads += 1;
    if (this.#loads % LOADS_PER_TIDY === 0) this.#slab.tidy(this.#refs);
  }

  /** Ends a restore: counts what is there and builds the timer index from the bytes. */
  restored(): void {
    this.#present = 0;
    this.#pending = 0;
    for (let slot = 0; slot < this.#keys.length; slot++) {
      const ref = this.#refs[slot]!;
      const due = this.#committedDue(ref);
      this.#flags[slot] = ref === NONE ? 0 : PRESENT;
      this.#dues[slot] = due;
      if (ref !== NONE) this.#present += 1;
      if (due < Infinity) this.#pending += 1;
    }
    this.timers.rebuild();
  }

  #committedDue(ref: number): number {
    const first = ref === NONE ? undefined : this.#slab.page(ref, 0);
    return first === undefined ? Infinity : this.#codec.dueOf(first);
  }

  #setDue(slot: number, due: number): void {
    const before = this.#dues[slot]!;
    if (before === due) return;
    assert(!Number.isNaN(due), 'a due instant is a number');
    if (before < Infinity) this.#pending -= 1;
    if (due < Infinity) this.#pending += 1;
    this.#dues[slot] = due;
    if (due < Infinity) this.timers.push(slot, due);
  }

  /** A removed key, or one whose value turned out to have no bytes. */
  #vanish(slot: number): void {
    if ((this.#flags[slot]! & PRESENT) !== 0) this.#present -= 1;
    this.#flags[slot] = 0;
    this.#setDue(slot, Infinity);
    this.#forget(slot);
  }

  /** A key's slot. A processor asks for one key several times in a row: the last answer is kept. */
  #find(key: string): number | undefined {
    if (key === this.#foundKey) return this.#found;
    const slot = this.#slotOf.get(key);
    if (slot === undefined) return undefined;
    this.#foundKey = key;
    this.#found = slot;
    return slot;
  }

  #forget(slot: number): void {
    this.#slotOf.delete(this.#keys[slot]!);
    this.#foundKey = undefined;
    this.#retired.push(slot);
  }

  #newSlot(key: string): number {
    const slot = this.#free.pop() ?? this.#keys.length;
    if (slot === this.#refs.length) this.#grow();
    this.#keys[slot] = key;
    this.#hashes[slot] = hashOf(key);
    this.#slotOf.set(key, slot);
    return slot;
  }

  #grow(): void {
    const slots = this.#refs.length * 2;
    const refs = new Uint32Array(slots).fill(NONE);
    refs.set(this.#refs);
    this.#refs = refs;
    const overlay = new Uint32Array(slots).fill(NONE);
    overlay.set(this.#overlay);
    this.#overlay = overlay;
    const dues = new Float64Array(slots).fill(Infinity);
    dues.set(this.#dues);
    this.#dues = dues;
    const hashes = new Uint32Array(slots);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    const flags = new Uint8Array(slots);
    flags.set(this.#flags);
    this.#flags = flags;
  }
}
