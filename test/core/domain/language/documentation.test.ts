import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { FIELDS } from '../../../../services/core/domain/events/fields.ts';
import { BOUNDS } from '../../../../services/core/domain/language/authored.ts';
import { CONDITION_KEYS } from '../../../../services/core/domain/language/authored/conditions.ts';
import { RFM_CLASSES } from '../../../../services/core/domain/language/authored/macros.ts';
import { pathInWords } from '../../../../services/core/domain/language/mistakes.ts';
import { parseDefinition, parseTable } from '../../../../services/core/domain/language/parse.ts';
import { conditionInWords } from '../../../../services/core/domain/language/sentence.ts';
import { packagePath } from '../../../../services/platform/config/package-root.ts';

type Entry = Readonly<Record<string, unknown>>;

const page = readFileSync(packagePath('infra', 'docs', 'segments.md'), 'utf8');
const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```\n(?:\n> (.*)\n)?/g)].map(
  (match) => [parse(match[1]!) as Entry, match[2]] as const,
);

function parsed(input: Entry) {
  return 'table' in input ? parseTable(input) : parseDefinition(input, { zone: 'UTC' });
}

function mistakesOf(input: Entry): readonly string[] {
  const result = parsed(input);
  return result.ok ? [] : result.mistakes.map(({ path, message }) => `${pathInWords(path)}: ${message}`);
}

describe('the page about the language', () => {
  it.each(examples)('%j is said as the page says', (example, said) => {
    const isDocument = ['enter', 'group', 'table'].some((name) => name in example);
    const whole = isDocument ? example : { key: 'a', name: 'A', enter: example };
    expect(mistakesOf(whole)).toEqual([]);
    const result = parsed(whole);
    if (said === undefined || !result.ok || !('definition' in result) || result.definition.kind !== 'segment') return;
    expect(conditionInWords(result.definition.enter)).toBe(said);
  });

  it('says every example of a condition in words', () => {
    const silent = examples.filter(([example, said]) => said === undefined && !('name' in example));
    expect(silent).toEqual([]);
  });

  it('has an example of every form', () => {
    const shown = new Set(examples.flatMap(([example]) => namesIn(example)));
    expect(CONDITION_KEYS.filter((key) => !shown.has(key))).toEqual([]);
  });

  it('lists the fields there are', () => {
    for (const [event, fields] of Object.entries(FIELDS)) {
      const listed = new RegExp(`^- \`${event}\`: (.*)$`, 'm').exec(page)![1]!;
      expect([...listed.matchAll(/`([^`]+)`/g)].map((match) => match[1])).toEqual(Object.keys(fields));
    }
  });

  it('tells the bounds there are', () => {
    const table = page.slice(page.indexOf('## Bounds'), page.indexOf('## Fields'));
    expect([...table.matchAll(/[0-9][0-9,]*/g)].map(([text]) => Number(text.replace(',', '')))).toEqual([
      BOUNDS.nodes,
      BOUNDS.depth,
      BOUNDS.listValues,
      BOUNDS.stringBytes,
      BOUNDS.windowDays,
      BOUNDS.referenceDepth,
    ]);
  });

  it('names as "not yet" what is refused as such', () => {
    const names = [...page.slice(page.indexOf('## Not yet')).matchAll(/`([a-zA-Z]+)`/g)].map((match) => match[1]!);
    expect(names).toHaveLength(4);
    for (const name of names) {
      const entries = { key: 'a', name: 'A', enter: { trait: 'plan', known: true }, [name]: 'x' };
      expect(mistakesOf(entries), name).toEqual([`${name}: "${name}" is not in the language yet`]);
    }
  });

  it('lists the classes of recency and frequency there are', () => {
    for (const name of RFM_CLASSES) expect(page).toContain(`| ${name} |`);
  });
});

function namesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...namesIn(inner)]);
}
