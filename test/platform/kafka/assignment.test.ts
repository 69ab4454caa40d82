import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assignPartitions, type Claim } from '../../../services/platform/kafka/assignment.ts';

const claim = (memberId: string, owned: readonly number[] = [], generation = 1): Claim => ({
  memberId,
  owned,
  generation,
});
const given = (partitions: number, ...claims: Claim[]) => Object.fromEntries(assignPartitions(partitions, claims));

test('the first member gets everything', () => {
  expect(given(4, claim('a'))).toEqual({ a: [0, 1, 2, 3] });
});

test('what moves is given to nobody until its owner has let it go', () => {
  const first = given(4, claim('a', [0, 1, 2, 3]), claim('b'));
  expect(first).toEqual({ a: [0, 1], b: [] });
  expect(given(4, claim('a', [0, 1], 2), claim('b', [], 2))).toEqual({ a: [0, 1], b: [2, 3] });
});

test('who stays keeps what it has when another goes', () => {
  expect(given(5, claim('b', [2, 3]), claim('c', [4]))).toEqual({ b: [2, 3, 0], c: [4, 1] });
});

test('of two claims the later generation holds', () => {
  expect(given(2, claim('late', [0, 1], 7), claim('zombie', [0, 1], 3))).toEqual({ late: [0], zombie: [] });
});

test('members beyond the number of partitions get nothing', () => {
  expect(given(1, claim('a'), claim('b'))).toEqual({ a: [0], b: [] });
});

test('rounds end with every number owned once, in fair shares, whoever came and went', () => {
  const history = fc.array(fc.tuple(fc.constantFrom('come', 'go'), fc.nat(5)), { maxLength: 12 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), history, (partitions, steps) => {
      const members = new Map<string, Claim>([['m0', claim('m0')]]);
      let generation = 1;
      const settle = (): void => {
        for (let round = 0; round < 3; round += 1) {
          generation += 1;
          const next = assignPartitions(partitions, [...members.values()]);
          for (const [id, before] of members) {
            const numbers = next.get(id)!;
            // Nobody is given what another still works on.
            for (const [other, { owned }] of members) {
              if (other !== id) expect(numbers.filter((number) => owned.includes(number))).toEqual([]);
            }
            members.set(id, { ...before, owned: numbers, generation });
          }
        }
      };
      settle();
      for (const [step, which] of steps) {
        const id = `m${which}`;
        if (step === 'come' && !members.has(id)) members.set(id, claim(id));
        else if (step === 'go' && members.size > 1) members.delete(id);
        settle();
        const all = [...members.values()].flatMap(({ owned }) => owned);
        expect([...all].sort((a, b) => a - b)).toEqual(Array.from({ length: partitions }, (_, number) => number));
        const sizes = [...members.values()].map(({ owned }) => owned.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }
    }),
  );
});
