/** The starter catalogue is complete, says of each definition what people need to know, and does what its own tests say. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { describe, expect, it } from 'vitest';
import { packagePath } from '../../services/platform/config/package-root.ts';
import { runCli } from '../cli/run-cli.ts';

interface Case {
  readonly name: string;
  readonly given: readonly { readonly at: string }[];
  readonly expect: readonly { readonly at: string; readonly member?: boolean | string }[];
}

interface Definition {
  readonly key?: string;
  readonly group?: string;
  readonly order?: readonly string[];
  readonly tests: readonly Case[];
  readonly [entry: string]: unknown;
}

const DIRECTORY = packagePath('schemas', 'segments');
const TABLES = 'tables.yaml';
const files = readdirSync(DIRECTORY).filter((file) => file.endsWith('.yaml'));
const texts = new Map(files.map((file) => [file, readFileSync(join(DIRECTORY, file), 'utf8')]));
const definitions = new Map(
  files.filter((file) => file !== TABLES).map((file) => [file, parse(texts.get(file)!) as Definition]),
);

const FOR_PEOPLE = ['goal', 'owner', 'targetMetric', 'behaviourWanted', 'reviewAfter', 'sectors', 'guide'];
const GUIDE = ['needs', 'preferences', 'tone', 'typicalIssues', 'preparedAnswers', 'validated'];

describe('the starter catalogue', () => {
  it('has nine groups, thirty-one segments and the five tables they compare with', () => {
    const all = [...definitions.values()];
    expect(all.filter(({ group }) => group !== undefined)).toHaveLength(9);
    expect(all.filter(({ key }) => key !== undefined)).toHaveLength(31);
    const tables = parseAllDocuments(texts.get(TABLES)!).map(
      (document) => (document.toJS() as { table: string }).table,
    );
    expect(tables.sort()).toEqual(['clv12m', 'contract-value', 'revenue-365d', 'rfm-frequency', 'rfm-recency']);
  });

  it('does what its tests say', async () => {
    const { code, stdout, stderr } = await runCli(['segments', 'test', 'schemas/segments'], { cwd: packagePath() });
    expect(code, `${stdout}\n${stderr}`).toBe(0);
  });
});

describe.each([...definitions])('%s', (file, definition) => {
  it('is named as its key, has a schema for editors and says of which kind it is', () => {
    const [schema, kind] = texts.get(file)!.split('\n');
    expect(`${definition.group ?? definition.key!}.yaml`).toBe(file);
    expect(schema).toBe('# yaml-language-server: $schema=./definition.schema.json');
    expect(kind).toMatch(/^# Kind: .+\.$/);
  });

  it('says what people need to know', () => {
    expect(Object.keys(definition)).toEqual(expect.arrayContaining(FOR_PEOPLE));
    expect(Object.keys(definition['guide'] as object)).toEqual(expect.arrayContaining(GUIDE));
  });

  it('has three cases or more, and one in which time passes after the last event', () => {
    expect(definition.tests.length).toBeGreaterThanOrEqual(3);
    const instants = (of: readonly { readonly at: string }[]): number[] => of.map(({ at }) => Date.parse(at));
    const timed = definition.tests.filter(
      (one) => Math.max(...instants(one.expect)) > Math.max(...instants(one.given)),
    );
    expect(timed.map(({ name }) => name)).not.toEqual([]);
  });
});

describe.each([...definitions].filter(([, { order }]) => order !== undefined))(
  'the group in %s',
  (_, { order, tests }) => {
    it('has a case for each member', () => {
      const expected = tests.flatMap((one) => one.expect.map(({ member }) => member));
      expect(order!.filter((member) => !expected.includes(member))).toEqual([]);
    });
  },
);
