import { describe, expect, it } from 'vitest';
import { check, inWords, play, shrink } from './compare.ts';
import { historyOf } from './histories.ts';
import { LiveRun } from './live-run.ts';

const HISTORIES = 400;

describe('the segmenter over random histories', () => {
  it(`tells what the oracle tells: facts, changes, memberships and profiles of ${HISTORIES} histories`, async () => {
    for (let seed = 1; seed <= HISTORIES; seed++) {
      const history = historyOf(seed);
      if ((await play(history)).length === 0) continue;
      const shrunk = await shrink(history);
      expect.fail(`${inWords(shrunk)}\n${(await play(shrunk)).join('\n')}`);
    }
  });

  it('covers what it is there for', async () => {
    const causes = new Map<string, number>();
    const totals = { late: 0, tooLate: 0, duplicates: 0, deadLetters: 0, facts: 0 };
    for (let seed = 1; seed <= 200; seed++) {
      const run = new LiveRun(historyOf(seed));
      run.play();
      const { counts } = await check(run);
      for (const { value } of run.changes) causes.set(value.cause, (causes.get(value.cause) ?? 0) + 1);
      for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += counts[name];
    }
    for (const cause of ['event', 'timer', 'late', 'definition', 'backfill']) {
      expect(causes.get(cause) ?? 0, cause).toBeGreaterThan(10);
    }
    for (const [name, count] of Object.entries(totals)) expect(count, name).toBeGreaterThan(20);
  });
});
