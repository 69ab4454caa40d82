import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { segmentsVerb } from '../../../services/cli/verbs/segments.ts';
import { linesOf, runVerb } from './in-process.ts';

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
      expect.stringMatching(/all\.yaml:5:44: enter\.all\[0\]\.count\.where\.chanel: .*did you mean channel\?$/),
      expect.stringMatching(
        /all\.yaml:5:59: enter\.all\[0\]\.count\.wihin: unknown entry "wihin"; did you mean within\?$/,
      ),
      expect.stringMatching(/all\.yaml:6:22: enter\.all\[1\]\.equals: /),
      expect.stringMatching(/all\.yaml:13:9: enter\.all\[1\]\.segment: there is no live segment absent$/),
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

const GROUP = `group: tier
name: Tier
order: [gold, plain]
default: plain
members:
  gold:
    name: Gold
    enter: { sum: { event: purchase, of: amountBaseMinor, within: 365d }, atLeast: { cut: spend, p: 90 } }
    grace: 14d
  plain: { name: Everybody else }
goal: Serve whom we earn most from first.
`;
const TABLE = `table: spend
name: Spend
measure: spend of a year in cents
cuts: { 50: 1000, 90: 5000 }
`;
const SEGMENT = `key: bought
name: Bought something
enter:
  all:
    - { count: { event: purchase, within: 30d }, atLeast: 1 }
    - { tier: tier, is: gold }
maxStay: 60d
tests:
  - name: one order
    given: [{ at: '2026-03-01T10:00:00Z', purchase: { kind: order, amountMinor: 6000 } }]
    expect:
      - { at: '2026-03-01T09:59:59Z', member: false }
      - { at: '2026-03-01T10:00:00Z', member: true, in: { tier: gold } }
    transitions: [{ at: '2026-03-01T10:00:00Z', entered: true, cause: event }]
`;
const CUSTOMERS = ['Ada-1', 'Ben-2'];

describe('tributary segments', () => {
  let home: string;
  let files: string;
  const run = async (...words: readonly string[]) =>
    runVerb(segmentsVerb, home, ['--data', join(home, 'data'), 'segments', ...words]);
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'tributary-segments-'));
    files = join(home, 'definitions');
    mkdirSync(files);
    for (const [name, text] of Object.entries({ 'a.yaml': SEGMENT, 'b.yaml': GROUP, 'c.yaml': TABLE }))
      writeFileSync(join(files, name), text);
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('publishes tables, groups and segments in an order in which each finds what it refers to', async () => {
    const first = await run('apply', files);
    const rows = linesOf(first.data).slice(1);
    expect(rows.map((line) => line.trim().split(/\s+/).slice(0, 4))).toEqual([
      ['new', 'table', 'spend', '1'],
      ['new', 'group', 'tier', '1'],
      ['new', 'segment', 'bought', '1'],
    ]);
    const again = await run('apply', files);
    expect(again.talk).toContain('Nothing to publish.');
    writeFileSync(join(files, 'c.yaml'), TABLE.replace('5000', '6000'));
    const changed = await run('apply', files, '--json');
    expect(linesOf(changed.data).map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({ step: 'changed', kind: 'table', key: 'spend', version: 2 }),
      expect.objectContaining({ step: 'unchanged', key: 'tier' }),
      expect.objectContaining({ step: 'unchanged', key: 'bought' }),
    ]);
  });

  it('takes a member away together with what asked for it, whatever the order of the files', async () => {
    await run('apply', files);
    writeFileSync(join(files, 'a.yaml'), SEGMENT.replace('is: gold', 'is: plain').replace('in: { tier: gold }', ''));
    rmSync(join(files, 'b.yaml'));
    writeFileSync(join(files, '0.yaml'), GROUP.replace('[gold', '[silver').replace('gold:', 'silver:'));
    await expect(run('apply', files)).resolves.toBeDefined();
  });

  it('lists a group with each of its members', async () => {
    await run('apply', files);
    const { data } = await run('list', '--json');
    const rows = linesOf(data).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows.map(({ key, kind, members }) => [key, kind, members])).toEqual([
      ['tier', 'group', 0],
      ['tier/gold', 'member', 0],
      ['tier/plain', 'member', 0],
      ['bought', 'segment', 0],
    ]);
  });

  it('shows a definition, a member and a table, published or in files', async () => {
    await run('apply', files);
    const group = await run('show', 'tier');
    expect(group.data).toContain('exactly one of, best first: gold, plain; default plain');
    expect(group.data).toContain('leaves only after it was not so for 14 days');
    expect(group.data).toContain('goal: Serve whom we earn most from first.');
    expect((await run('show', 'tier/gold')).data).toContain('Gold (tier/gold, number 2, version 1)');
    expect((await run('show', 'spend')).data).toContain('90 % lie at or below 5000');
    expect((await run('show', 'bought', '--files', files)).data).toMatch(/tests: 1 case/);
    await expect(run('show', 'tier/golden')).rejects.toThrow('did you mean tier/gold?');
  });

  it('explains a rule condition by condition', async () => {
    const { data } = await run('explain', 'bought', '--files', files);
    expect(data).toMatch(/enters when\n {4}all of\n {4}├ .*purchase.*\n {4}└ .*\n {2}stays at most 60 days/);
    await expect(run('explain', 'bought', '--files', files, '--customer', CUSTOMERS[0]!)).rejects.toThrow(
      '--customer and --files do not go together',
    );
  });

  it('runs the tests of a directory, or of one file with what it refers to', async () => {
    const all = await run('test', files);
    expect(all.data).toContain('2 definitions, 1 test: 1 passed, 0 failed');
    expect(all.talk).toContain('Without tests: tier.');
    const one = await run('test', join(files, 'a.yaml'), '--json');
    expect(linesOf(one.data).map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({ key: 'bought', test: 'one order', passed: true, line: 9, column: 5 }),
      { definitions: 1, tests: 1, passed: 1, failed: 0, withoutTests: [] },
    ]);
    expect(existsSync(join(home, 'data'))).toBe(false);
  });

  it('fails with what was expected, what was found and why', async () => {
    writeFileSync(join(files, 'a.yaml'), SEGMENT.replace('amountMinor: 6000', 'amountMinor: 4000'));
    const said = { data: '' };
    await expect(run('test', files).then(({ data }) => (said.data = data))).rejects.toMatchObject({
      code: 'TEST_FAILED',
      message: '1 test of 1 failed',
    });
  });

  it('tells a mistake of a test with its place, and runs nothing', async () => {
    writeFileSync(join(files, 'a.yaml'), SEGMENT.replace('kind: order', 'kind: ordr'));
    await expect(run('test', files)).rejects.toMatchObject({
      mistakes: [
        expect.stringMatching(/a\.yaml:10:55: tests\[0\]\.given\[0\]\.purchase\.kind: .*did you mean order\?$/),
      ],
    });
  });
});

describe('tributary segments fmt', () => {
  let home: string;
  const run = async (...words: readonly string[]) => runVerb(segmentsVerb, home, ['segments', 'fmt', ...words]);
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'tributary-format-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('writes files in one form and leaves them so; comments stay', async () => {
    const yaml = join(home, 'a.yaml');
    writeFileSync(yaml, '# Said of all.\nname:   Known\nkey: known\nenter: {trait: plan, known: true}   # any plan\n');
    const json = join(home, 'b.json');
    writeFileSync(json, '{"key":"also","name":"Also","enter":{"trait":"plan","known":true}}');
    await expect(run(home, '--check')).rejects.toMatchObject({
      code: 'CHECK_FAILED',
      message: expect.stringMatching(/^2 of 2 files/) as string,
    });
    const { data } = await run(home);
    expect(linesOf(data)).toEqual([yaml, json]);
    const text = readFileSync(yaml, 'utf8');
    expect(text).toMatch(/^# Said of all\.\nkey: known\nname: Known\n/);
    expect(text).toContain('# any plan');
    expect(linesOf((await run(home, '--check')).data)).toEqual([]);
    expect((await run(home)).talk).toContain('0 of 2 files written.');
  });

  it('writes nothing while a file cannot be read', async () => {
    const file = join(home, 'a.yaml');
    writeFileSync(file, 'key: [\n');
    await expect(run(file)).rejects.toMatchObject({ code: 'DEFINITION_INVALID' });
    expect(readFileSync(file, 'utf8')).toBe('key: [\n');
  });
});
