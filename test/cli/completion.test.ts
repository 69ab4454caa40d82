import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { jsonLines, runCli } from './run-cli.ts';

/** What bash would offer for the words, the last of them being typed. */
function offered(script: string, words: readonly string[]): readonly string[] {
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const run = `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _tributary; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const printed = execFileSync('bash', ['-c', `${script}\n${run}`], { encoding: 'utf8' });
  return printed.split('\n').filter((word) => word !== '');
}

describe('completion', () => {
  it('offers verbs, their own verbs, options and choices in bash', async () => {
    const { stdout: script } = await runCli(['completion', 'bash']);
    expect(offered(script, ['tributary', 'dead'])).toEqual(['dead-letters']);
    expect(offered(script, ['tributary', 'dead-letters', ''])).toEqual(
      expect.arrayContaining(['list', 'show', 'retry']),
    );
    expect(offered(script, ['tributary', '--data', 'x', 'config', 'p'])).toEqual(['print']);
    expect(offered(script, ['tributary', 'config', 'print', '--ch'])).toEqual(['--changed']);
    expect(offered(script, ['tributary', 'send', 'sur'])).toEqual(['surveys']);
  });

  it.each(['zsh', 'fish'] as const)('is a script that %s accepts', async (shell) => {
    const { stdout: script } = await runCli(['completion', shell]);
    expect(script).toContain('dead-letters');
    const judged = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' });
    // Not installed everywhere; where it is, it judges.
    if (judged.error === undefined)
      expect({ status: judged.status, stderr: judged.stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('refuses a shell it does not know', async () => {
    const { code, stderr } = await runCli(['completion', 'csh', '--json']);
    expect(code).toBe(2);
    expect(() => jsonLines(stderr)).toThrow();
  });
});
