/** Two orders of keys: by bytes (ties between timers) and by hash (slices over all keys). Both are part of the format. */

/** Above every hash: hashes are whole numbers from 0 to 2^32 − 1. */
export const HASH_END = 2 ** 32;

/**
 * Spreads keys over 0 … 2^32 − 1: FNV-1a over UTF-16 units with a final mix. Not the hash that chose the partition:
 * within a task that one would fill only some ranges.
 */
export function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Order of the keys' UTF-8 bytes, without encoding them: only surrogates sort differently as UTF-16. */
export function compareKeys(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at++) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above every other unit. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}
