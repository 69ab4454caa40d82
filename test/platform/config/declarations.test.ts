import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REFERENCE_PAGES } from '../../../services/cli/reference.ts';
import { OPTIONS } from '../../../services/platform/config/option-list.ts';
import { packagePath, packageVersion } from '../../../services/platform/config/package-root.ts';
import { formatDuration, parseAmount } from '../../../services/platform/config/units.ts';

describe('the declarations', () => {
  it('give every option a description, a range and a default that its own schema accepts', () => {
    for (const { key, schema, facts } of OPTIONS) {
      expect(facts.description, key).toMatch(/\.$/);
      expect(facts.range, key).not.toBe('');
      expect(schema.safeParse(facts.default).success, key).toBe(true);
    }
  });

  it('give every option a name of its own in the environment', () => {
    expect(new Set(OPTIONS.map(({ variable }) => variable)).size).toBe(OPTIONS.length);
    expect(OPTIONS.find(({ key }) => key === 'clock.delayMs')?.variable).toBe('TRIBUTARY_CLOCK_DELAY_MS');
    expect(OPTIONS.every(({ variable }) => /^TRIBUTARY_[A-Z0-9_]+$/.test(variable))).toBe(true);
  });

  it.each(Object.entries(REFERENCE_PAGES))(
    'are what the page %s says; `npm run docs` makes it anew',
    (_name, { file, text }) => {
      expect(readFileSync(packagePath(...file), 'utf8')).toBe(text());
    },
  );

  it('belong to the package whose version is known', () => {
    expect(packageVersion()).toMatch(/^\d+\.\d+\.\d+/);
  });
});

describe('amounts', () => {
  it('read back a duration as it is written', () => {
    fc.assert(fc.property(fc.nat(), (ms) => parseAmount(formatDuration(ms), 'ms') === ms));
  });

  it.each([
    ['7d', 'ms', 604_800_000],
    ['900 KB', 'bytes', 900_000],
    ['1_000', 'rows', 1_000],
    ['5s', 'rows', undefined],
    ['constructor', 'ms', undefined],
    ['1 constructor', 'ms', undefined],
    ['', 'ms', undefined],
    ['-3', 'ms', -3],
  ] as const)('read %j in %s as %s', (words, unit, expected) => {
    expect(parseAmount(words, unit)).toBe(expected);
  });
});
