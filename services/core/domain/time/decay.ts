/**
 * Weights of what grows old: 2^(−age ÷ half-life), whole numbers of 2^−30 from one table, so that the same events weigh the same on
 * every machine (S3). The age is counted in steps of half-life ÷ 64 on a grid of absolute time: a weight changes at the same
 * instants for everybody.
 */
const STEP_BITS = 6;
const STEPS = 1 << STEP_BITS;
const HALF_LIVES = 20;
/** Steps after which nothing is left. */
const STEPS_MAX = STEPS * HALF_LIVES;

/** The weight of now. */
export const WEIGHT_ONE = 2 ** 30;

const WEIGHTS: readonly number[] = Array.from({ length: STEPS }, (_, step) =>
  Math.round(WEIGHT_ONE * 2 ** (-step / STEPS)),
);

/** Width of a step, ms; at least one. */
export function decayStepMs(halfLifeMs: number): number {
  return Math.max(1, Math.floor(halfLifeMs / STEPS));
}

/** Span over which a feed must be whole for a decayed measure, ms. */
export function decaySpanMs(halfLifeMs: number): number {
  return HALF_LIVES * halfLifeMs;
}

/** Of an age in steps: WEIGHT_ONE at 0, half of it a half-life later, 0 from twenty half-lives on. */
export function decayWeight(steps: number): number {
  return steps >= STEPS_MAX ? 0 : WEIGHTS[steps & (STEPS - 1)]! >> (steps >>> STEP_BITS);
}

/** From here on an event has no weight any more, ms UTC. */
export function weightlessFrom(instant: number, stepMs: number): number {
  return (Math.floor(instant / stepMs) + STEPS_MAX) * stepMs;
}
