/** Chance that can be repeated: the same seed draws the same numbers on every machine. */
export interface Random {
  /** Evenly in [0, 1). */
  unit(): number;
  /** Whole, evenly in 0 … below − 1. */
  below(bound: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** Waiting time of a Poisson process with this mean. */
  exponential(mean: number): number;
  /** Standard normal. */
  normal(): number;
  pick<T>(of: readonly T[]): T;
  /** The key of the entry drawn; weights need not add up to anything. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K;
  /** A new array in random order. */
  shuffled<T>(of: readonly T[]): T[];
}

/** `purpose` separates streams of one seed, so that drawing more for one thing does not change another. */
export function seededRandom(seed: number, purpose: string): Random {
  const unit = generator(seed, purpose);
  const below = (bound: number): number => Math.floor(unit() * bound);
  return {
    unit,
    below,
    chance: (probability) => unit() < probability,
    exponential: (mean) => -Math.log(1 - unit()) * mean,
    normal: () => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit()),
    pick: (of) => of[below(of.length)]!,
    weighted: <K extends string>(weights: Readonly<Record<K, number>>): K => {
      const entries = Object.entries(weights) as [K, number][];
      let left = unit() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [key, weight] of entries) {
        left -= weight;
        if (left < 0) return key;
      }
      return entries.at(-1)![0];
    },
    shuffled: (of) => {
      const result = [...of];
      for (let index = result.length - 1; index > 0; index--) {
        const other = below(index + 1);
        [result[index], result[other]] = [result[other]!, result[index]!];
      }
      return result;
    },
  };
}

/** sfc32: small, fast, passes PractRand; seeded by mixing the purpose in and running it warm. */
function generator(seed: number, purpose: string): () => number {
  let a = seed | 0;
  let b = 0x9e3779b9;
  let c = 0x243f6a88;
  let counter = 1;
  for (let index = 0; index < purpose.length; index++) b = Math.imul(b ^ purpose.charCodeAt(index), 0x85ebca6b);
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let round = 0; round < 16; round++) next();
  return next;
}
