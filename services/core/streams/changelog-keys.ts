/**
 * Keys of the changelog. The first byte says what a record is, so that one partition holds the state of a task and its
 * position, which become visible together.
 *
 *   meta       0x00
 *   key page   0x01 ‖ page number u8 ‖ key in UTF-8
 */
const META = 0x00;
const PAGE = 0x01;
const PAGE_PREFIX_BYTES = 2;
/** Pages of one key, at most: the number is one byte. */
export const PAGES_MAX = 256;

const encoder = new TextEncoder();

export const META_KEY: Uint8Array = Uint8Array.of(META);

export function isMetaKey(key: Uint8Array): boolean {
  return key.length === 1 && key[0] === META;
}

export function isPageKey(key: Uint8Array): boolean {
  return key.length >= PAGE_PREFIX_BYTES && key[0] === PAGE;
}

export function pageOf(pageKey: Uint8Array): number {
  return pageKey[1]!;
}

export function keyOf(pageKey: Uint8Array): string {
  return Buffer.from(pageKey.buffer, pageKey.byteOffset, pageKey.byteLength).toString('utf8', PAGE_PREFIX_BYTES);
}

/** Writes page keys into one buffer: what `write` returns is valid until its next call. */
export class PageKeyWriter {
  #bytes = new Uint8Array(256);

  write(key: string, page: number): Uint8Array {
    const longest = PAGE_PREFIX_BYTES + key.length * 3;
    if (longest > this.#bytes.length) this.#bytes = new Uint8Array(longest * 2);
    const bytes = this.#bytes;
    bytes[0] = PAGE;
    bytes[1] = page;
    // Nearly every key is ASCII and short: faster by hand than by a call into native code.
    for (let at = 0; at < key.length; at++) {
      const unit = key.charCodeAt(at);
      if (unit > 0x7f) return this.#writeText(key);
      bytes[PAGE_PREFIX_BYTES + at] = unit;
    }
    return bytes.subarray(0, PAGE_PREFIX_BYTES + key.length);
  }

  #writeText(key: string): Uint8Array {
    const { written } = encoder.encodeInto(key, this.#bytes.subarray(PAGE_PREFIX_BYTES));
    return this.#bytes.subarray(0, PAGE_PREFIX_BYTES + written);
  }
}
