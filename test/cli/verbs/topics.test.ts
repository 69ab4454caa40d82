import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { topicsVerb } from '../../../services/cli/verbs/topics.ts';
import { linesOf, runVerb } from './in-process.ts';

interface LinesSaid {
  readonly data: readonly string[];
  readonly talk: string;
}

describe('tributary topics apply', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tributary-topics-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  async function tributary(...words: readonly string[]): Promise<LinesSaid> {
    const { data, talk } = await runVerb(topicsVerb, directory, ['--data', join(directory, 'data'), ...words]);
    return { data: linesOf(data), talk };
  }

  const stepsOf = ({ data }: LinesSaid) => data.map((line) => (JSON.parse(line) as { step: string }).step);

  it('shows with --dry-run what it would do, and does nothing', async () => {
    const said = await tributary('--json', 'topics', 'apply', '--dry-run');
    expect(stepsOf(said).filter((step) => step === 'create')).toHaveLength(13);
    expect(stepsOf(said).filter((step) => step === 'register')).toHaveLength(9);
    expect(said.talk).toContain('Nothing was changed');
    expect(existsSync(join(directory, 'data'))).toBe(false);
  });

  it('creates everything in a new data directory, and nothing the second time', async () => {
    const first = await tributary('topics', 'apply');
    expect(first.data.join('\n')).toMatch(
      /create\s+customer\.interactions\.v1\s+4 partitions, delete, kept 30 d, LogAppendTime/,
    );
    const second = await tributary('--json', 'topics', 'apply');
    expect(new Set(stepsOf(second))).toEqual(new Set(['in place']));
    expect(second.talk).toContain('Everything is in place.');
  });

  it('fails with every difference when the configuration no longer fits', async () => {
    await tributary('topics', 'apply');
    const again = tributary('--set', 'topics.partitions=8', 'topics', 'apply');
    await expect(again).rejects.toMatchObject({ code: 'TOPIC_MISMATCH' });
    const shown = await tributary('--json', '--set', 'topics.partitions=8', 'topics', 'apply', '--dry-run');
    expect(stepsOf(shown).filter((step) => step === 'differs')).toHaveLength(10);
  });
});
