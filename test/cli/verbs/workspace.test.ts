import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backupVerbs } from '../../../services/cli/verbs/backup.ts';
import { doctorVerb } from '../../../services/cli/verbs/doctor.ts';
import { sendVerb } from '../../../services/cli/verbs/send.ts';
import { tailVerb } from '../../../services/cli/verbs/tail.ts';
import { topicsVerb } from '../../../services/cli/verbs/topics.ts';
import type { Verb } from '../../../services/cli/verb.ts';
import { linesOf, runVerb, type Said } from './in-process.ts';

const ORDER = JSON.stringify({ customerId: 'c', kind: 'order', orderId: '1', amountMinor: 700, currency: 'EUR' });

describe('the currency and time zone of a data directory', () => {
  let home: string;
  const tributary = (verb: Verb, data: string, ...words: readonly string[]): Promise<Said> =>
    runVerb(verb, home, ['--data', join(home, data), ...words]);

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'tributary-workspace-'));
    const euros = ['--set', 'workspace.currency=EUR', '--set', 'workspace.timezone=Europe/Berlin'];
    await tributary(topicsVerb, 'data', 'topics', 'apply', ...euros);
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  async function baseAmounts(data: string): Promise<readonly unknown[]> {
    const said = await tributary(tailVerb, data, 'tail', 'purchases', '--no-follow', '--json');
    return linesOf(said.data).map(
      (line) => (JSON.parse(line) as { value: { amountBaseMinor: unknown } }).value.amountBaseMinor,
    );
  }

  it('are those of its first owner, also where they are not said again', async () => {
    expect(await tributary(sendVerb, 'data', 'send', 'purchases', ORDER)).toEqual({
      data: '1 acknowledged\n',
      talk: '',
    });
    expect(await baseAmounts('data')).toEqual([700]);
  });

  it('refuse others, and say what to do', async () => {
    const others = ['--set', 'workspace.currency=GBP', '--set', 'workspace.timezone=Europe/Berlin'];
    for (const [verb, ...words] of [
      [sendVerb, 'send', 'purchases', ORDER],
      [topicsVerb, 'topics', 'apply'],
    ] as const) {
      await expect(tributary(verb, 'data', ...words, ...others)).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        mistakes: [`--set workspace.currency: workspace.currency is GBP, and ${join(home, 'data')} is kept in EUR`],
        next: expect.stringMatching(/^Take the option away to go on as it is kept\./) as string,
      });
    }
    expect(await baseAmounts('data')).toEqual([700]);
  });

  it('are shown by doctor', async () => {
    const { data } = await tributary(doctorVerb, 'data', 'doctor', '--json');
    const found = linesOf(data).map((line) => JSON.parse(line) as { check: string });
    expect(found.filter(({ check }) => check === 'workspace')).toEqual([
      { check: 'workspace', level: 'ok', message: 'amounts in EUR, days of Europe/Berlin, as the data are kept' },
    ]);
  });

  it('come back with a backup', async () => {
    await tributary(backupVerbs, 'data', 'backup', join(home, 'copy'));
    await tributary(backupVerbs, 'again', 'restore', join(home, 'copy'));
    await tributary(sendVerb, 'again', 'send', 'purchases', ORDER);
    expect(await baseAmounts('again')).toEqual([700, 700]);
  });
});
