import { describe, expect, it } from 'vitest';
import type { Comparator } from '../../../../services/core/domain/language/ast.ts';
import { compareVersions, compileVersion, parseVersion } from '../../../../services/core/domain/text/version.ts';

describe('versions', () => {
  it.each([
    ['4.9', '4.10', -1],
    ['4', '4.0', 0],
    ['4.0.1', '4', 1],
    ['10', '9.9.9', 1],
    ['1.2.3', '1.2.3', 0],
  ])('%s beside %s', (a, b, sign) => {
    expect(Math.sign(compareVersions(parseVersion(a)!, parseVersion(b)!))).toBe(sign);
  });

  it.each(['', 'v4', '4.', '4..1', '4.1-beta', ' 4'])('"%s" is none, and says nothing about one', (text) => {
    expect(parseVersion(text)).toBeUndefined();
    expect(compileVersion({ op: 'version', comparator: 'atLeast', parts: [1] })(text)).toBeUndefined();
  });

  it.each<[Comparator, boolean, boolean, boolean]>([
    ['atLeast', false, true, true],
    ['atMost', true, true, false],
    ['moreThan', false, false, true],
    ['lessThan', true, false, false],
    ['equals', false, true, false],
    ['notEquals', true, false, true],
  ])('%s of a lower, the same and a higher one', (comparator, lower, same, higher) => {
    const passes = compileVersion({ op: 'version', comparator, parts: [4, 10] });
    expect(['4.9', '4.10', '4.11'].map(passes)).toEqual([lower, same, higher]);
  });
});
