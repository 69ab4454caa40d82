/**
 * The state of a task: committed bytes per key are the truth, changes since the last commit an overlay of live values
 * that becomes the state only after the commit (KIP-892's idea, in memory).
 *
 *  1  Bytes of a key change in `accept` and `load` only: whatever happens before a commit can be discarded, and a live
 *     value may read from its bytes as long as it lives.
 *  2  A dirty value is encoded once per commit however often it was put.
 *  3  No live value survives a commit or `discard`: a processor that threw may have changed one it had not yet put.
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
  readonly #live: (V | undefined)[] = [];
  /** Slots with a live value. */
  #alive: number[] = [];
  readonly #slab = new Slab();
  readonly #pageKey = new PageKeyWriter();
  #refs = new Uint32Array(256).fill(NONE);
  #dues = new Float64Array(256).fill(Infinity);
  #hashes = new Uint32Array(256);
  #flags = new Uint8Array(256);
  #free: number[] = [];
  /** Slots without a key that a stale timer entry may still name. */
  #retired: number[] = [];
  #dirty: number[] = [];
  /** References written by `prepare`, one per dirty slot. */
  #prepared: number[] = [];
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
    const live = this.#live[slot];
    if (live !== undefined) return live;
    const ref = this.#refs[slot]!;
    const value = this.#codec.decode(key, this.#slab.pages(ref), this.#slab.memory(ref));
    this.#live[slot] = value;
    this.#alive.push(slot);
    return value;
  }

  put(key: string, value: V, due: number): void {
    const slot = this.#find(key) ?? this.#newSlot(key);
    const flags = this.#flags[slot]!;
    if ((flags & PRESENT) === 0) this.#present += 1;
    if ((flags & DIRTY) === 0) this.#dirty.push(slot);
    this.#flags[slot] = flags | PRESENT | DIRTY;
    if (this.#live[slot] === undefined) this.#alive.push(slot);
    this.#live[slot] = value;
    this.#setDue(slot, due);
  }

  remove(key: string): void {
    const slot = this.#find(key);
    if (slot === undefined || (this.#flags[slot]! & PRESENT) === 0) return;
    if ((this.#flags[slot]! & DIRTY) === 0) this.#dirty.push(slot);
    this.#flags[slot] = (this.#flags[slot]! | DIRTY) & ~PRESENT;
    this.#present -= 1;
    this.#live[slot] = undefined;
    this.#setDue(slot, Infinity);
  }

  keyAt(slot: number): string {
    return this.#keys[slot]!;
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
   * Encodes each dirty key once, hands the pages that changed to the changelog, and keeps the new bytes aside. Nothing
   * may be put between this and `accept` or `discard`.
   */
  prepare(changelog: ChangelogSink): void {
    assert(this.#prepared.length === 0, 'a prepared overlay is accepted or discarded before the next');
    for (const slot of this.#dirty) {
      const present = (this.#flags[slot]! & PRESENT) !== 0;
      const ref = present ? this.#keep(slot, this.#live[slot]!, changelog) : NONE;
      if (!present) this.#log(slot, [], changelog);
      this.#prepared.push(ref);
    }
  }

  /** Logs what changed of a value and keeps its bytes; returns the reference. */
  #keep(slot: number, value: V, changelog: ChangelogSink): number {
    const pages = this.#codec.encode(value);
    this.#log(slot, pages, changelog);
    return pages.length === 0 ? NONE : this.#slab.write(slot, pages, this.#codec.remember?.(value));
  }

  #log(slot: number, pages: Pages, changelog: ChangelogSink): void {
    assert(pages.length <= PAGES_MAX, 'a key has at most 256 pages');
    const ref = this.#refs[slot]!;
    const key = this.#keys[slot]!;
    const before = ref === NONE ? 0 : this.#slab.pageCount(ref);
    for (let page = 0; page < Math.max(before, pages.length); page++) {
      const now = pages[page];
      if (ref === NONE ? now === undefined : this.#slab.holds(ref, page, now)) continue;
      changelog.append(this.#pageKey.write(key, page), now ?? null);
    }
  }

  /** The commit is durable: the overlay becomes the state. */
  accept(): void {
    for (let index = 0; index < this.#dirty.length; index++) {
      const slot = this.#dirty[index]!;
      const before = this.#refs[slot]!;
      const now = this.#prepared[index]!;
      if (before !== NONE) this.#slab.release(before);
      this.#refs[slot] = now;
      this.#flags[slot]! &= ~DIRTY;
      if (now === NONE) this.#vanish(slot);
    }
    this.#dirty = [];
    this.#prepared = [];
    this.#letGo();
    this.#slab.tidy(this.#refs);
  }

  /** Forgets everything since the last commit. */
  discard(): void {
    for (const ref of this.#prepared) if (ref !== NONE) this.#slab.release(ref);
    this.#prepared = [];
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const slot of dirty) {
      const ref = this.#refs[slot]!;
      const present = (this.#flags[slot]! & PRESENT) !== 0;
      this.#flags[slot] = ref === NONE ? 0 : PRESENT;
      if (present && ref === NONE) this.#present -= 1;
      if (!present && ref !== NONE) this.#present += 1;
      this.#setDue(slot, this.#committedDue(ref));
      if (ref === NONE) this.#forget(slot);
    }
    this.#letGo();
  }

  #letGo(): void {
    for (const slot of this.#alive) this.#live[slot] = undefined;
    this.#alive = [];
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
    this.#live[slot] = undefined;
    this.#retired.push(slot);
  }

  #newSlot(key: string): number {
    const slot = this.#free.pop() ?? this.#keys.length;
    if (slot === this.#refs.length) this.#grow();
    this.#keys[slot] = key;
    this.#live[slot] = undefined;
    this.#hashes[slot] = hashOf(key);
    this.#slotOf.set(key, slot);
    return slot;
  }

  #grow(): void {
    const slots = this.#refs.length * 2;
    const refs = new Uint32Array(slots).fill(NONE);
    refs.set(this.#refs);
    this.#refs = refs;
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
