import { Ajv } from 'ajv';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { definitionSchema } from '../../../../services/core/domain/language/schema.ts';
import { packagePath } from '../../../../services/platform/config/package-root.ts';
import { Chance } from '../../../model/chance.ts';
import { segment } from '../../../model/rules/definition.ts';

type Entry = Readonly<Record<string, unknown>>;

const validate = new Ajv({ allErrors: true, strict: false }).compile(definitionSchema());

function errorsOf(input: unknown): readonly string[] {
  return validate(input)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

describe('the JSON Schema of definitions', () => {
  const page = readFileSync(packagePath('infra', 'docs', 'segments.md'), 'utf8');
  const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => parse(match[1]!) as Entry);

  it.each(examples)('takes the example %j', (example) => {
    const isDocument = ['enter', 'group', 'table'].some((name) => name in example);
    expect(errorsOf(isDocument ? example : { key: 'a', name: 'A', enter: example })).toEqual([]);
  });

  it('takes every definition that is shipped', () => {
    const files = readdirSync(packagePath('schemas', 'segments')).filter((file) => file.endsWith('.yaml'));
    for (const file of files) {
      const documents = parseAllDocuments(readFileSync(packagePath('schemas', 'segments', file), 'utf8'));
      for (const document of documents) expect(errorsOf(document.toJS()), file).toEqual([]);
    }
  });

  it('takes random rules', () => {
    for (let seed = 0; seed < 200; seed++) {
      const chance = new Chance(seed);
      const draft = { chance, anchorMs: 0, customers: ['c'], segments: ['s0'], groups: [], tables: ['money', 'unit'] };
      const authored = segment(draft, 's1');
      expect([authored, errorsOf(authored)]).toEqual([authored, []]);
    }
  });

  it.each<[Entry]>([
    [{ key: 'a', name: 'A' }],
    [{ key: 'a', name: 'A', enter: { counts: { event: 'purchase' }, atLeast: 1 } }],
    [{ key: 'a', name: 'A', enter: { count: { event: 'purchase', within: '30 days' }, atLeast: 1 } }],
    [{ key: 'a', name: 'A', enter: { segment: 'b' }, grase: '1d' }],
    [{ group: 'g', name: 'G', order: ['a'], default: 'a', members: {} }],
  ])('refuses %j', (input) => {
    expect(errorsOf(input)).not.toEqual([]);
  });

  it('says what each form of a condition is', () => {
    const definitions = definitionSchema()['definitions'] as Readonly<Record<string, { anyOf?: readonly Entry[] }>>;
    const forms = definitions['condition']?.anyOf ?? [];
    expect(forms.length).toBeGreaterThan(50);
    for (const form of forms) {
      const target = typeof form['$ref'] === 'string' ? definitions[form['$ref'].replace('#/definitions/', '')] : form;
      expect((target as Entry)['description'], JSON.stringify(form).slice(0, 100)).toMatch(/\.$/);
    }
  });
});
