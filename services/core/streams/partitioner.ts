/** Which partition a key belongs to: MurmurHash2 with the seed of Kafka's default partitioner, as Java producers do. */

const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/** 0 … partitions − 1. `partitions` is at least 1. */
export function partitionFor(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

/** Signed 32 bit, as Java prints it. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length;
  const whole = length & ~3;
  let hash = SEED ^ length;
  for (let at = 0; at < whole; at += 4) {
    let block = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    block = Math.imul(block, M);
    block = Math.imul(block ^ (block >>> 24), M);
    hash = Math.imul(hash, M) ^ block;
  }
  if (whole < length) {
    let tail = 0;
    for (let at = length - 1; at >= whole; at -= 1) tail = (tail << 8) | bytes[at]!;
    hash = Math.imul(hash ^ tail, M);
  }
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return (hash ^ (hash >>> 15)) | 0;
}
