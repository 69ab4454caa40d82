/**
 * The bytes of many keys, without an object per key. Entries are appended to chunks; what is replaced becomes garbage,
 * and the emptiest chunks are rewritten when garbage passes a share of the whole. So memory stays within a constant
 * factor of the live bytes however values grow, which size classes with free lists would not give.
 *
 * Entry, aligned to 8 bytes: slot u32 · entry bytes u32 · pages u32 · length u32 per page and of the memory (NONE = absent) ·
 * the pages · the memory.
 *
 *  1  A reference is valid until its entry is released or `tidy` moves it (which rewrites the owner's references).
 *  2  Views handed out are valid until the next `tidy`.
 */
const CHUNK_BYTES = 256 * 1024;
const ALIGN = 8;
/** A reference is the chunk's index and, in this many lower bits, the place within the chunk in units of ALIGN. */
const PLACE_BITS = Math.log2(CHUNK_BYTES / ALIGN);
const PLACE_MASK = (1 << PLACE_BITS) - 1;
const HEADER_WORDS = 3;
/** Share of garbage that is left alone, of all bytes in use. */
const GARBAGE_MAX = 0.3;
/** Chunks rewritten per call of `tidy`: bounds the pause (each is about 50 µs). */
const CHUNKS_PER_TIDY = 32;

/** Reference of a key without bytes. */
export const NONE = 0xffffffff;

interface Chunk {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  used: number;
  live: number;
}

export type Pages = readonly (Uint8Array | undefined)[];

export class Slab {
  readonly #chunks: (Chunk | undefined)[] = [];
  readonly #empty: number[] = [];
  #open = -1;
  #used = 0;
  #live = 0;

  /** Bytes taken from the machine. */
  get bytes(): number {
    let sum = 0;
    for (const chunk of this.#chunks) sum += chunk?.bytes.length ?? 0;
    return sum;
  }

  /** Appends an entry for the owner's slot and returns its reference. */
  write(slot: number, pages: Pages, memory: Uint8Array | undefined): number {
    const count = pages.length;
    let size = (HEADER_WORDS + count + 1) * 4 + (memory?.length ?? 0);
    for (let page = 0; page < count; page++) size += pages[page]?.length ?? 0;
    const aligned = (size + ALIGN - 1) & -ALIGN;
    const index = this.#chunkFor(aligned);
    const chunk = this.#chunks[index]!;
    const at = chunk.used;
    const word = at >>> 2;
    chunk.words[word] = slot;
    chunk.words[word + 1] = aligned;
    chunk.words[word + 2] = count;
    let to = at + (HEADER_WORDS + count + 1) * 4;
    for (let page = 0; page <= count; page++) {
      const bytes = page === count ? memory : pages[page];
      chunk.words[word + HEADER_WORDS + page] = bytes === undefined ? NONE : bytes.length;
      if (bytes === undefined) continue;
      put(bytes, chunk.bytes, to);
      to += bytes.length;
    }
    this.#take(chunk, aligned);
    return refOf(index, at);
  }

  release(ref: number): void {
    const chunk = this.#chunkOf(ref);
    const size = chunk.words[wordOf(ref) + 1]!;
    chunk.live -= size;
    this.#live -= size;
  }

  pageCount(ref: number): number {
    return this.#chunkOf(ref).words[wordOf(ref) + 2]!;
  }

  /** A view of one page; undefined where it is absent. */
  page(ref: number, page: number): Uint8Array | undefined {
    return page < this.pageCount(ref) ? this.#view(ref, page) : undefined;
  }

  /** A view of the memory kept with the pages; undefined where there is none. */
  memory(ref: number): Uint8Array | undefined {
    return this.#view(ref, this.pageCount(ref));
  }

  /** True if the page has exactly these bytes (undefined: is absent). Makes no view. */
  holds(ref: number, page: number, bytes: Uint8Array | undefined): boolean {
    const chunk = this.#chunkOf(ref);
    const length = page < this.pageCount(ref) ? lengthOf(chunk, ref, page) : NONE;
    if (bytes === undefined) return length === NONE;
    if (length !== bytes.length) return false;
    const start = pageStart(chunk, ref, page);
    // Passed through as it rests here.
    if (bytes.buffer === chunk.bytes.buffer && bytes.byteOffset === start) return true;
    for (let at = 0; at < length; at++) if (chunk.bytes[start + at] !== bytes[at]) return false;
    return true;
  }

  pages(ref: number): (Uint8Array | undefined)[] {
    const count = this.pageCount(ref);
    if (count === 1) return [this.page(ref, 0)];
    return Array.from({ length: count }, (_, page) => this.page(ref, page));
  }

  #view(ref: number, part: number): Uint8Array | undefined {
    const chunk = this.#chunkOf(ref);
    const length = lengthOf(chunk, ref, part);
    if (length === NONE) return undefined;
    const at = pageStart(chunk, ref, part);
    return chunk.bytes.subarray(at, at + length);
  }

  /** Rewrites the emptiest chunks while there is too much garbage. `refs[slot]` names each entry that still counts. */
  tidy(refs: Uint32Array): void {
    for (let round = 0; round < CHUNKS_PER_TIDY; round++) {
      const garbage = this.#used - this.#live;
      if (garbage <= Math.max(2 * CHUNK_BYTES, GARBAGE_MAX * this.#used)) return;
      const emptiest = this.#emptiest();
      if (emptiest < 0) return;
      this.#rewrite(emptiest, refs);
    }
  }

  #rewrite(index: number, refs: Uint32Array): void {
    const from = this.#chunks[index]!;
    for (let at = 0; at < from.used;) {
      const slot = from.words[at >>> 2]!;
      const size = from.words[(at >>> 2) + 1]!;
      if (refs[slot] === refOf(index, at)) {
        const toIndex = this.#chunkFor(size);
        const to = this.#chunks[toIndex]!;
        to.bytes.set(from.bytes.subarray(at, at + size), to.used);
        refs[slot] = refOf(toIndex, to.used);
        this.#take(to, size);
      }
      at += size;
    }
    this.#used -= from.used;
    this.#live -= from.live;
    from.used = 0;
    from.live = 0;
    // An outsize chunk goes back to the machine, its number to the next one.
    if (from.bytes.length > CHUNK_BYTES) this.#chunks[index] = undefined;
    this.#empty.push(index);
  }

  #emptiest(): number {
    let emptiest = -1;
    let least = Infinity;
    for (let index = 0; index < this.#chunks.length; index++) {
      const chunk = this.#chunks[index];
      if (chunk === undefined || index === this.#open || chunk.used === 0) continue;
      const share = chunk.live / chunk.used;
      if (share < least) [emptiest, least] = [index, share];
    }
    return least < 1 ? emptiest : -1;
  }

  #take(chunk: Chunk, size: number): void {
    chunk.used += size;
    chunk.live += size;
    this.#used += size;
    this.#live += size;
  }

  #chunkFor(size: number): number {
    if (size > CHUNK_BYTES) return this.#start(size);
    const open = this.#chunks[this.#open];
    if (open === undefined || open.used + size > open.bytes.length) this.#open = this.#start(CHUNK_BYTES);
    return this.#open;
  }

  #start(size: number): number {
    const index = this.#empty.pop() ?? this.#chunks.length;
    if (this.#chunks[index]?.bytes.length !== size) {
      const buffer = new ArrayBuffer(size);
      this.#chunks[index] = { bytes: new Uint8Array(buffer), words: new Uint32Array(buffer), used: 0, live: 0 };
    }
    return index;
  }

  #chunkOf(ref: number): Chunk {
    return this.#chunks[ref >>> PLACE_BITS]!;
  }
}

function refOf(chunk: number, at: number): number {
  return ((chunk << PLACE_BITS) | (at / ALIGN)) >>> 0;
}

/** Index of the entry's first word within its chunk. */
function wordOf(ref: number): number {
  return (ref & PLACE_MASK) * (ALIGN / 4);
}

/** Bytes of a page, or of the memory behind the last one; NONE if it is absent. */
function lengthOf(chunk: Chunk, ref: number, part: number): number {
  return chunk.words[wordOf(ref) + HEADER_WORDS + part]!;
}

/** Where a page starts within its chunk. */
function pageStart(chunk: Chunk, ref: number, page: number): number {
  const word = wordOf(ref);
  let at = (word + HEADER_WORDS + chunk.words[word + 2]! + 1) * 4;
  for (let before = 0; before < page; before++) {
    const size = chunk.words[word + HEADER_WORDS + before]!;
    if (size !== NONE) at += size;
  }
  return at;
}

/** Short pages by hand: a call into native code costs more. */
function put(from: Uint8Array, to: Uint8Array, at: number): void {
  if (from.length > 64) to.set(from, at);
  else for (let i = 0; i < from.length; i++) to[at + i] = from[i]!;
}
