/** What the README says is true: its commands run in order and say what it shows, and its links lead somewhere. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packagePath } from '../../services/platform/config/package-root.ts';
import { temporaryFolder } from '../cli/run-cli.ts';
import { blocksOf, fileLinksOf, missingLine, type Block } from './markdown.ts';
import { runBlocks, type Said } from './session.ts';

const SESSION_MS_MAX = 4 * 60_000;

const page = readFileSync(packagePath('README.md'), 'utf8');
const blocks = blocksOf(page);
const shell = blocks.filter(({ language }) => language === 'sh');
const run = shell.filter(({ notRun }) => notRun === undefined);
const folder = temporaryFolder();
/** The one thing that the page itself leaves in the checkout. */
const DEMO = packagePath('.tributary-demo');
const hadDemo = existsSync(DEMO);
let said: ReadonlyMap<Block, Said>;

beforeAll(async () => {
  const temporary = join(folder.path, 'tmp');
  mkdirSync(temporary);
  // Nothing of it stays in the checkout, and nothing meets what else runs on this machine.
  const environment = {
    TRIBUTARY_DATA_DIRECTORY: join(folder.path, 'data'),
    TRIBUTARY_HTTP_PORT: '0',
    TMPDIR: temporary,
    NO_COLOR: '1',
    npm_config_update_notifier: 'false',
  };
  said = await runBlocks(run, environment, SESSION_MS_MAX);
}, SESSION_MS_MAX + 20_000);
afterAll(() => {
  folder.remove();
  if (!hadDemo) rmSync(DEMO, { recursive: true, force: true });
});

describe('each block of the README', () => {
  for (const block of shell) {
    const [first = ''] = block.text.split('\n');
    const place = `line ${block.line}, \`${first}\``;
    if (block.notRun === undefined) it(`${place} runs`, () => expectRan(block));
    else it(`${place} is valid shell (not run: ${block.notRun})`, () => expectValid(block));
  }

  it('is of a language that is checked, or of one that is only shown', () => {
    const languages = new Set(blocks.map(({ language }) => language));
    expect([...languages].filter((language) => !['sh', 'text', 'yaml', 'json', 'sql'].includes(language))).toEqual([]);
  });
});

function expectRan(block: Block): void {
  const { output, code } = said.get(block)!;
  expect(output, 'a block before this one failed').toBeDefined();
  expect(code, `it ended badly or not at all; it said:\n${output!}`).toBe(0);
  const shown = blocks[blocks.indexOf(block) + 1];
  if (shown?.language !== 'text') return;
  const missing = missingLine(shown.text, output!);
  expect(missing, `this line is shown and was not said; it said:\n${output!}`).toBeUndefined();
}

function expectValid({ text }: Block): void {
  expect(spawnSync('bash', ['-n', '-c', text], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
}

describe('links to files', () => {
  const docs = readdirSync(packagePath('infra', 'docs')).filter((file) => file.endsWith('.md'));
  const pages = ['README.md', 'infra/demo/README.md', ...docs.map((file) => `infra/docs/${file}`)];
  it.each(pages)('of %s lead somewhere', (file) => {
    const targets = fileLinksOf(readFileSync(packagePath(file), 'utf8'));
    const broken = targets.filter((target) => !existsSync(packagePath(dirname(file), target)));
    expect(broken).toEqual([]);
  });
});

describe('the session', () => {
  it('ends with the first block that fails, and stops what was left running', async () => {
    const texts = ['sleep 1000 &\necho "job $!"', 'echo before\nfalse\necho after', 'echo never'];
    const own = texts.map((text): Block => ({ line: 1, language: 'sh', text, notRun: undefined }));
    const answers = [...(await runBlocks(own, {}, 30_000)).values()];
    expect(answers.map(({ code }) => code)).toEqual([0, 1, undefined]);
    expect(answers[1]!.output).toMatch(/^before\n(?!after)/);
    const job = Number(/job (\d+)/.exec(answers[0]!.output!)?.[1]);
    expect(() => process.kill(job, 0)).toThrow('ESRCH');
  });
});

describe('output as shown', () => {
  it('is found in order, whatever stands for the ellipsis', () => {
    const output = 'one  1\ntwo\nthree 3 of 4\n';
    expect(missingLine('one 1\n…\nthree … of 4', output)).toBeUndefined();
    expect(missingLine('two\none …', output)).toBe('one …');
    expect(missingLine('tw', output)).toBe('tw');
  });
});
