import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FAULTS } from '../../services/core/faults.ts';
import { packageVersion } from '../../services/platform/config/package-root.ts';
import { jsonLines, runCli, startCli, temporaryFolder } from './run-cli.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const COLOUR = /\x1b\[/;

describe('the command line', () => {
  it('prints its version, and help with groups, common options and exit codes', async () => {
    expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${packageVersion()}\n`, stderr: '' });
    const { code, stdout } = await runCli(['--help']);
    expect(code).toBe(0);
    for (const words of ['Look:', 'Operate:', '--data <dir>', '--json', 'Exit codes:', '130']) {
      expect(stdout).toContain(words);
    }
    expect(stdout).not.toMatch(COLOUR);
  });

  it('shows examples and the common options in the help of a verb', async () => {
    const { stdout } = await runCli(['config', 'print', '--help']);
    expect(stdout).toContain('Examples:');
    expect(stdout).toContain('$ tributary config print --changed --json');
    expect(stdout).toContain('--config <file>');
  });

  it.each([
    [[], /Usage: tributary/],
    [['conifg'], /unknown command 'conifg'[\s\S]*Did you mean config/],
    [['config', 'print', '--chnged'], /unknown option '--chnged'[\s\S]*Did you mean --changed/],
    [['config', 'print', '--set', 'x'], /key=value/],
    [['send', 'parcels'], /Allowed choices are interactions, purchases/],
    [['tail', '--limit', 'few'], /whole number, 1 or more/],
  ])('answers %j with exit code 2 and help on stderr', async (args, message) => {
    const { code, stdout, stderr } = await runCli(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
  });

  it('takes the common options before and after the verb', async () => {
    const before = await runCli(['--json', '--data', 'here', 'config', 'print'], { cwd: folder.path });
    const after = await runCli(['config', 'print', '--data', 'here', '--json'], { cwd: folder.path });
    expect(before.stdout).toBe(after.stdout);
    expect(jsonLines(after.stdout)[0]).toMatchObject({ key: 'data.directory', origin: 'flag', place: '--data' });
  });
});

describe('a fault', () => {
  const args = ['config', 'check', '--set', 'http.port=x', '--set', 'clok.delayMs=1'];

  it('tells all mistakes at once and the next step, on stderr', async () => {
    writeFileSync(join(folder.path, 'tributary.yaml'), 'commit:\n  maxRecords: 0\n');
    const { code, stdout, stderr } = await runCli(args, { cwd: folder.path });
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.split('\n')).toEqual([
      'error CONFIG_INVALID: The configuration has 3 mistakes',
      '  - --set clok.delayMs: clok.delayMs is no option; did you mean clock.delayMs?',
      '  - tributary.yaml:2: commit.maxRecords must be 1 to 100000 (records), not 0',
      '  - --set http.port: http.port must be 0 to 65535, not "x"',
      `next: ${FAULTS.CONFIG_INVALID.next}`,
      '',
    ]);
  });

  it('is one line of JSON with --json', async () => {
    const { code, stderr } = await runCli([...args, '--json']);
    expect(code).toBe(2);
    const [line, ...rest] = jsonLines(stderr);
    expect(rest).toEqual([]);
    expect(line?.['error']).toMatchObject({ code: 'CONFIG_INVALID', next: FAULTS.CONFIG_INVALID.next });
  });

  it('exits with 4 and names the next command when there is no data directory', async () => {
    const { code, stderr } = await runCli(['tail', '--data', join(folder.path, 'none')]);
    expect(code).toBe(4);
    expect(stderr).toContain('error NOT_FOUND');
    expect(stderr).toContain('tributary up');
  });
});

describe('config print', () => {
  it('shows each value and where it came from, aligned, with secrets masked', async () => {
    const environment = { TRIBUTARY_CLICKHOUSE_PASSWORD: 'canary-secret', TRIBUTARY_LATENESS_LIMIT_MS: '2d' };
    const { stdout } = await runCli(['config', 'print'], { environment });
    expect(stdout).not.toContain('canary-secret');
    expect(stdout).toMatch(/^clickhouse\.password +\*{8} +TRIBUTARY_CLICKHOUSE_PASSWORD$/m);
    expect(stdout).toMatch(/^lateness\.limitMs +172800000 \(2 d\) +TRIBUTARY_LATENESS_LIMIT_MS$/m);
    const columns = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.search(/(default|TRIBUTARY_\w+|FROM)$/));
    expect(new Set(columns).size).toBe(1);
    const json = await runCli(['config', 'print', '--changed', '--json'], { environment });
    expect(json.stdout).not.toContain('canary-secret');
    expect(jsonLines(json.stdout).map((line) => line['key'])).toEqual(['lateness.limitMs', 'clickhouse.password']);
  });

  it('has no colour in a pipe, with or without NO_COLOR', async () => {
    expect((await runCli(['config', 'print'])).stdout).not.toMatch(COLOUR);
    expect((await runCli(['config', 'print'], { environment: { NO_COLOR: '1' } })).stdout).not.toMatch(COLOUR);
  });

  it('is a success for a reader that stops reading', async () => {
    const child = startCli(['reference', 'configuration', '--set', 'http.port=0']);
    child.stdout!.destroy();
    let stderr = '';
    child.stderr!.on('data', (chunk) => (stderr += String(chunk)));
    const [code] = (await once(child, 'close')) as [number];
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('doctor', () => {
  it('finds this machine fit, one finding a line with --json', async () => {
    const data = join(folder.path, 'data');
    const { code, stdout } = await runCli(['doctor', '--json', '--data', data, '--set', 'http.port=0']);
    const findings = jsonLines(stdout);
    expect(findings.filter(({ level }) => level === 'fail')).toEqual([]);
    expect(code).toBe(0);
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['node', 'configuration', 'disk space', 'flush speed', 'clock', 'http port']),
    );
  });

  it('fails with exit code 1 and a fix when the port is taken', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as { port: number };
    const { code, stdout, stderr } = await runCli(['doctor', '--set', `http.port=${port}`], { cwd: folder.path });
    squatter.close();
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAIL +http port +127\.0\.0\.1:\d+ cannot be used \(EADDRINUSE\)\n +fix: /m);
    expect(stderr).toContain('error CHECK_FAILED');
  });
});
