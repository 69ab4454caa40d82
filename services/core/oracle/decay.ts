/**
 * Weights of what grows old: 2^(−age ÷ half-life), the age counted in steps of half-life ÷ 64 on a grid of absolute time. Whole
 * numbers of 2^−30, so that a sum of them is the same in whatever order and on whatever machine.
 */
const STEPS = 64;
/** Half-lives after which nothing is left. */
const HALF_LIVES = 20;
export const WEIGHT_ONE = 2n ** 30n;

const weights = Array.from({ length: STEPS }, (_, step) => BigInt(Math.round(2 ** 30 * 2 ** (-step / STEPS))));

/** Width of a step, ms; at least one. */
export function stepOf(halfLifeMs: number): number {
  return Math.max(1, Math.floor(halfLifeMs / STEPS));
}

export function spanOfDecay(halfLifeMs: number): number {
  return HALF_LIVES * halfLifeMs;
}

/** Of an event at `instant` seen from `at`; 0 once it is too old. */
export function weightOf(instant: number, at: number, halfLifeMs: number): bigint {
  const step = stepOf(halfLifeMs);
  const age = Math.floor(at / step) - Math.floor(instant / step);
  if (age >= HALF_LIVES * STEPS) return 0n;
  return weights[age % STEPS]! >> BigInt(Math.floor(age / STEPS));
}
