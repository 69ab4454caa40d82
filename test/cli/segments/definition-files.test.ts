import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  lookAtDefinitionFiles,
  namesOf,
  readDefinitionFiles,
} from '../../../services/cli/segments/definition-files.ts';
import { inFile } from '../../../services/cli/segments/place-in-file.ts';
import { DefinitionDirectory } from './directory.ts';

const TERMS = { zone: 'UTC' };
const SEGMENT = `key: buyer
name: Buyer
enter:
  count: { event: purchase, within: 30d }
  atLeast: 1
tests:
  - name: one order
    given: []
    expect: [{ at: '2026-01-01T00:00:00Z', member: false }]
`;
const GROUP = `group: tier
name: Tier
order: [gold, plain]
default: plain
members:
  gold: { name: Gold, enter: { segment: buyer } }
  plain: { name: Everybody else }
`;
const TABLE = `table: spend
name: Spend
measure: spend of a year
cuts: { 50: 1000, 90: 5000.5 }
`;

describe('definition files', () => {
  let directory: DefinitionDirectory;
  beforeEach(() => {
    directory = new DefinitionDirectory();
  });
  afterEach(() => directory.remove());

  it('reads segments, groups and tables, several to a file, and JSON as well', () => {
    directory.write('a.yaml', `${SEGMENT}---\n${GROUP}`);
    directory.write('b.yml', TABLE);
    directory.write('c.json', JSON.stringify({ key: 'known', name: 'Known', enter: { trait: 'plan', known: true } }));
    directory.write('definition.schema.json', '{ "type": "object" }');
    directory.write('notes.txt', 'no definition');
    const files = readDefinitionFiles(directory.path, TERMS);
    expect(files.map(({ key, what }) => [key, what.kind])).toEqual([
      ['buyer', 'definition'],
      ['tier', 'definition'],
      ['spend', 'table'],
      ['known', 'definition'],
    ]);
    expect(namesOf(files).get('tier/gold')).toBe('Gold (Tier)');
  });

  it('keeps tests out of what is published', () => {
    directory.write('a.yaml', SEGMENT);
    directory.write('b.yaml', SEGMENT.replace('buyer', 'other').replace(/tests:[^]*/, ''));
    const [withTests, without] = readDefinitionFiles(directory.path, TERMS);
    expect(withTests!.tests).toHaveLength(1);
    expect(withTests!.body).not.toContain('one order');
    expect(without!.tests).toBeUndefined();
    expect(withTests!.body.replace('buyer', 'other')).toBe(without!.body);
  });

  it('tells every mistake with file, line, column and path, in the order of the file', () => {
    const file = directory.write(
      'a.yaml',
      `key: buyer
name: Buyer
enter:
  all:
    - { count: { event: purchase, wihin: 30d }, atLeast: 1 }
    - { segmnet: other }
---
key: [
`,
    );
    const told = lookAtDefinitionFiles(directory.path, TERMS).mistakes.map(inFile);
    expect(told[0]).toBe(`${file}:5:35: enter.all[0].count.wihin: unknown entry "wihin"; did you mean within?`);
    expect(told.some((line) => line.startsWith(`${file}:6:`) && line.includes('did you mean segment?'))).toBe(true);
    expect(told.at(-1)).toMatch(/a\.yaml:9:1: Flow sequence .* end with a \]$/);
  });

  it('puts something harmless in the place of a definition with mistakes, so that who refers to it is not blamed', () => {
    directory.write('a.yaml', SEGMENT.replace('event: purchase', 'event: purchas'));
    directory.write('b.yaml', GROUP.replace('segment: buyer', 'segmnet: buyer'));
    directory.write('c.yaml', TABLE.replace('measure', 'mesure'));
    const { files, standIns } = lookAtDefinitionFiles(directory.path, TERMS);
    expect(files).toEqual([]);
    expect(standIns.map(({ key }) => key)).toEqual(['buyer', 'tier', 'spend']);
    const [, tier, spend] = standIns;
    if (tier?.what.kind !== 'definition' || tier.what.definition.kind !== 'group') throw new Error('expected a group');
    expect(tier.what.definition.members.map(({ key }) => key)).toEqual(['gold', 'plain']);
    if (spend?.what.kind !== 'table') throw new Error('expected a table');
    expect([...spend.what.table.cuts.keys()]).toEqual([50, 90]);
  });

  it('refuses one key in two files, whatever stands under it', () => {
    directory.write('a.yaml', SEGMENT);
    const file = directory.write('b.yaml', TABLE.replace('table: spend', 'table: buyer'));
    expect(lookAtDefinitionFiles(directory.path, TERMS).mistakes.map(inFile)).toEqual([
      expect.stringMatching(new RegExp(`^${file}:1:1: the key buyer is also in .*a.yaml:1$`)),
    ]);
  });

  it('says that there is no such place', () => {
    expect(() => readDefinitionFiles(`${directory.path}/none`, TERMS)).toThrow('There is no file or directory');
  });
});
