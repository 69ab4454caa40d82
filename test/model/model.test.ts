import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { History } from './histories.ts';
import { inWords } from './in-words.ts';
import { playMany } from './many.ts';
import { play } from './play.ts';

const HISTORIES = 2000;
const REGRESSIONS = new URL('regressions/', import.meta.url);

describe('the segmenter over random histories', () => {
  it(
    `tells what the oracle tells, of ${HISTORIES} histories, and reaches everything there is`,
    { timeout: 600_000 },
    async () => {
      const { failures, coverage } = await playMany(1, HISTORIES, { threads: 2, failuresMax: 1 });
      for (const { history, problems } of failures) expect.fail(`${inWords(history)}\n${problems.join('\n')}`);
      expect(coverage.missing()).toEqual([]);
      expect(coverage.unlisted()).toEqual([]);
    },
  );

  const files = readdirSync(REGRESSIONS).filter((name) => name.endsWith('.json'));
  it.each(files)('tells it too of %s, which once failed', async (name) => {
    const history = JSON.parse(readFileSync(new URL(name, REGRESSIONS), 'utf8')) as History;
    expect((await play(history)).problems).toEqual([]);
  });
});
