import { describe, expect, it } from 'vitest';
import { decayStepMs, decayWeight, WEIGHT_ONE, weightlessFrom } from '../../../../services/core/domain/time/decay.ts';

describe('the weight of what grows old', () => {
  it('halves with each half-life of 64 steps, and is nothing from twenty of them on', () => {
    expect(decayWeight(0)).toBe(WEIGHT_ONE);
    for (let halves = 1; halves < 20; halves++) expect(decayWeight(64 * halves)).toBe(WEIGHT_ONE / 2 ** halves);
    expect(decayWeight(1279)).toBe(Math.round(2 ** 30 * 2 ** (-63 / 64)) >> 19);
    expect(decayWeight(1280)).toBe(0);
  });

  it('is the rounded power of two within a half-life', () => {
    expect(decayWeight(32)).toBe(759_250_125);
    expect(Math.abs(decayWeight(1) / WEIGHT_ONE - 2 ** (-1 / 64))).toBeLessThan(1e-9);
  });

  it('never grows with age', () => {
    for (let steps = 1; steps <= 1280; steps++) expect(decayWeight(steps)).toBeLessThanOrEqual(decayWeight(steps - 1));
  });

  it('is counted in steps of half-life ÷ 64, of at least one millisecond', () => {
    expect([decayStepMs(64_000), decayStepMs(100), decayStepMs(5)]).toEqual([1000, 1, 1]);
  });

  it('is nothing from the step on that is 1,280 after that of the event', () => {
    const step = 1000;
    const from = weightlessFrom(3_720_999, step);
    const steps = (at: number): number => Math.floor(at / step) - Math.floor(3_720_999 / step);
    expect([steps(from - 1), steps(from)]).toEqual([1279, 1280]);
  });
});
