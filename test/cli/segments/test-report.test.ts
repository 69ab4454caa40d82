import { describe, expect, it } from 'vitest';
import { differenceOf } from '../../../services/cli/segments/test-report.ts';

describe('the difference of two lists', () => {
  const told = (expected: string, found: string) =>
    differenceOf(expected.split(' '), found.split(' ')).map(({ sign, text }) => `${sign}${text}`);

  it('keeps what is common and tells what is missing before what came instead', () => {
    expect(told('a b c d', 'a b x d')).toEqual([' a', ' b', '-c', '+x', ' d']);
    expect(told('a b', 'b')).toEqual(['-a', ' b']);
    expect(told('a', 'a b')).toEqual([' a', '+b']);
    expect(told('a b', 'b a')).toEqual(['-a', ' b', '+a']);
  });
});
