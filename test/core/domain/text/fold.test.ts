import { describe, expect, it } from 'vitest';
import type { TextTest } from '../../../../services/core/domain/language/ast.ts';
import { compileText, fold } from '../../../../services/core/domain/text/fold.ts';

const test = (op: TextTest['op'], folding: TextTest['folding'], ...values: string[]): ((text: string) => boolean) =>
  compileText({ op, folding, values });

describe('folding', () => {
  it.each([
    ['Zürich', 'zurich'],
    ['ÉCOLE', 'ecole'],
    ['Ångström', 'angstrom'],
    ['straße', 'straße'],
    ['', ''],
  ])('of %s gives %s: case and accents are set aside, letters are not', (text, folded) => {
    expect(fold(text)).toBe(folded);
  });

  it('takes a letter with its accent and a letter followed by it as the same', () => {
    expect(fold('e\u0301')).toBe(fold('\u00e9'));
  });
});

describe('a test of a text', () => {
  it('passes for one of several values', () => {
    expect(test('contains', 'exact', 'late', 'never')('it never came')).toBe(true);
    expect(test('startsWith', 'exact', 'it')('it never came')).toBe(true);
    expect(test('endsWith', 'exact', 'it')('it never came')).toBe(false);
    expect(test('sameText', 'exact', 'a', 'b')('b')).toBe(true);
  });

  it('that asks for another text passes only if it is none of them', () => {
    expect(test('notSameText', 'exact', 'a', 'b')('b')).toBe(false);
    expect(test('notSameText', 'exact', 'a', 'b')('B')).toBe(true);
    expect(test('notSameText', 'folded', 'a', 'b')('B')).toBe(false);
  });

  it('minds case and accents only when it is exact', () => {
    expect(test('startsWith', 'exact', 'zur')('Zürich')).toBe(false);
    expect(test('startsWith', 'folded', 'zur')('Zürich')).toBe(true);
  });

  it('takes marks of patterns as what they are', () => {
    expect(test('contains', 'exact', '.*')('anything')).toBe(false);
    expect(test('contains', 'exact', '.*')('a.*b')).toBe(true);
  });
});
