import fc from 'fast-check';
import { expect, test } from 'vitest';
import { add, multiply, parseDecimal, toMinor } from '../../../services/ingest/import/decimal.ts';

const minor = (text: string): number | undefined => toMinor(parseDecimal(text)!, 2);

test('amounts become minor units, half a unit away from zero', () => {
  expect(['2.55', '-2.55', '0.001', '0.005', '-0.005', '7', '.5', '3.'].map(minor)).toEqual([
    255, -255, 0, 1, -1, 700, 50, 300,
  ]);
});

test('what is no number is not read as one', () => {
  for (const text of ['', '.', '-', '1e3', '1,5', '0x10', 'NaN', '1 000', '99999999999999999999']) {
    expect(parseDecimal(text), text).toBeUndefined();
  }
});

test('numbers are read in the style of the file', () => {
  const german = { decimalMark: ',', groupMark: '.' } as const;
  expect(toMinor(parseDecimal('1.234,56', german)!, 2)).toBe(123_456);
  expect(parseDecimal('1.5', { decimalMark: ',', groupMark: '' })).toBeUndefined();
});

test('sums and products are those of exact integers', () => {
  const amount = fc.integer({ min: -1_000_000, max: 1_000_000 });
  fc.assert(
    fc.property(
      amount,
      fc.integer({ min: 0, max: 3 }),
      amount,
      fc.integer({ min: 0, max: 3 }),
      (a, scaleA, b, scaleB) => {
        const scaled = (units: number, scale: number): bigint => BigInt(units) * 10n ** BigInt(6 - scale);
        const sum = add({ units: a, scale: scaleA }, { units: b, scale: scaleB })!;
        expect(scaled(sum.units, sum.scale)).toBe(scaled(a, scaleA) + scaled(b, scaleB));
        const product = multiply({ units: a, scale: scaleA }, { units: b, scale: scaleB })!;
        expect(scaled(product.units, product.scale)).toBe(BigInt(a) * BigInt(b) * 10n ** BigInt(6 - scaleA - scaleB));
      },
    ),
  );
});

test('what would not be exact is refused', () => {
  const large = { units: 2 ** 52, scale: 0 };
  expect(add(large, large)).toBeUndefined();
  expect(multiply(large, { units: 3, scale: 0 })).toBeUndefined();
});
