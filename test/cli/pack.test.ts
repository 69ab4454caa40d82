import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT, packageVersion } from '../../services/platform/config/package-root.ts';

const run = promisify(execFile);
const MINUTES = 60_000;

let home: string;
let app: string;
let bin: string;

/** As somebody who installs it has it: built to JavaScript, in an empty folder, with nothing of this checkout. */
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'tributary-pack-'));
  app = join(home, 'app');
  mkdirSync(app);
  await run('npm', ['pack', '--silent', '--pack-destination', home], { cwd: PACKAGE_ROOT });
  const packed = readdirSync(home).find((file) => file.endsWith('.tgz'))!;
  await run('npm', ['install', join(home, packed), '--prefer-offline', '--no-audit', '--no-fund'], { cwd: app });
  bin = join(app, 'node_modules', 'tributary', 'dist', 'services', 'cli', 'bin.js');
}, 8 * MINUTES);
afterAll(() => rmSync(home, { recursive: true, force: true }));

const npx = async (...args: readonly string[]): Promise<string> => {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  const env = { ...process.env, PATH: path.join(delimiter) };
  return (await run('npx', ['--no-install', 'tributary', ...args], { cwd: app, env })).stdout;
};

describe('the packed package', () => {
  it('knows its version and its configuration', async () => {
    expect(await npx('--version')).toBe(`${packageVersion()}\n`);
    expect(await npx('config', 'print')).toMatch(/^clock\.delayMs +500 +default$/m);
  });

  it('finds its schemas, makes topics and takes an event', async () => {
    await npx('topics', 'apply');
    expect(await npx('send', 'interactions', '{"customerId":"c-1","kind":"contact","channel":"phone"}')).toBe(
      '1 acknowledged\n',
    );
    const [line] = (await npx('tail', 'interactions', '--no-follow', '--json')).split('\n');
    expect(JSON.parse(line!)).toMatchObject({ key: 'c-1', value: { channel: 'phone' } });
  });

  it(
    'plays the demo to its report',
    async () => {
      const shown = await npx('demo', '--once');
      expect(shown).toMatch(/^Latest changes/m);
      expect(shown).toMatch(/^Segments now/m);
      expect(shown).toMatch(/^What that says, per segment, against everyone/m);
      // In a directory of its own, beside the default one.
      expect(readdirSync(app)).toEqual(expect.arrayContaining(['.tributary', '.tributary-demo']));
    },
    2 * MINUTES,
  );

  it('hands over to the Node it brings when the running one is too old, exit code and signals included', async () => {
    const old = join(home, 'old.cjs');
    const pretend = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.0' } });";
    writeFileSync(old, pretend);
    const launch = (...args: readonly string[]) =>
      spawn(process.execPath, ['--require', old, bin, ...args], { cwd: app, stdio: 'pipe' });
    const wrong = launch('config', 'check', '--set', 'http.port=x');
    expect(await once(wrong, 'close')).toEqual([2, null]);
    const follower = launch('tail', 'interactions', '--from-beginning');
    await once(follower.stdout, 'data');
    follower.kill('SIGTERM');
    expect(await once(follower, 'close')).toEqual([0, null]);
  });
});
