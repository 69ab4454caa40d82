import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildProgram } from '../../../services/cli/program.ts';
import { topicsVerb } from '../../../services/cli/verbs/topics.ts';

interface Said {
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

  async function tributary(...words: readonly string[]): Promise<Said> {
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    const said = { stdout: '', stderr: '' };
    stdout.on('data', (chunk) => (said.stdout += String(chunk)));
    stderr.on('data', (chunk) => (said.stderr += String(chunk)));
    const { command } = buildProgram([topicsVerb], {
      stdout,
      stderr,
      stdin: Readable.from([]),
      environment: {},
      workingDirectory: directory,
      signal: new AbortController().signal,
      closed: () => undefined,
    });
    await command.parseAsync(['--data', join(directory, 'data'), ...words], { from: 'user' });
    return { data: said.stdout.split('\n').filter(Boolean), talk: said.stderr };
  }

  const stepsOf = ({ data }: Said) => data.map((line) => (JSON.parse(line) as { step: string }).step);

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
