import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { segmentsVerb } from '../../../services/cli/verbs/segments.ts';
import { runVerb } from './in-process.ts';

const BROKEN = `key: broken
name: Broken
enter:
  all:
    - { count: { event: purchase, where: { chanel: web }, wihin: 30d }, atLeast: 1 }
    - { trait: plan, equals: {} }
---
key: leans-on-it
name: Leans on it
enter:
  all:
    - { segment: broken }
    - { segment: absent }
`;

describe('tributary segments apply', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'tributary-segments-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));
  const apply = (...words: readonly string[]) =>
    runVerb(segmentsVerb, home, ['--data', join(home, 'data'), 'segments', 'apply', ...words]);

  it('tells mistakes of form, of meaning and of what fits together in one round, with their lines', async () => {
    const file = join(home, 'all.yaml');
    writeFileSync(file, BROKEN);
    const mistakes = [
      expect.stringMatching(
        /all\.yaml:5: enter\.all\[0\]\.count\.wihin: unknown entry "wihin"; did you mean within\?$/,
      ),
      expect.stringMatching(/all\.yaml:5: enter\.all\[0\]\.count\.where\.chanel: .*did you mean channel\?$/),
      expect.stringMatching(/all\.yaml:6: enter\.all\[1\]\.equals: /),
      expect.stringMatching(/all\.yaml:\d+: enter: there is no live segment absent$/),
    ];
    await expect(apply(file)).rejects.toMatchObject({ code: 'DEFINITION_INVALID', mistakes });
    expect(existsSync(join(home, 'data'))).toBe(false);
  });

  it('looks at what is live already for what files with mistakes refer to', async () => {
    const good = join(home, 'good.yaml');
    writeFileSync(good, 'key: absent\nname: There\nenter: { trait: plan, known: true }\n');
    await apply(good);
    const file = join(home, 'all.yaml');
    writeFileSync(file, BROKEN);
    await expect(apply(file, '--dry-run')).rejects.toThrow('3 mistakes in the definitions');
  });
});
