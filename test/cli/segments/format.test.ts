import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { formatYaml } from '../../../services/cli/segments/format.ts';
import { packagePath } from '../../../services/platform/config/package-root.ts';

const untidy = `# yaml-language-server: $schema=./definition.schema.json

# Who calls often.
name: Frequent caller
key: frequent   # never changes
goal: 'find the cause'
tests: []
unknown: hold
# Three calls,
# within a month.
enter:
    count: {event: interaction,   where: {kind: [ contact ]}, within: 30d}
    atLeast: 3
owner: "support"
---
group: care
default: plain
name: Care
members:
  vip:
    grace: 3d
    enter: { trait: plan, equals: pro }
order: [ vip, plain ]
`;

describe('the form of definition files', () => {
  it('has entries in one order, two spaces, and every comment where it belongs', () => {
    expect(formatYaml(untidy)).toBe(`# yaml-language-server: $schema=./definition.schema.json

# Who calls often.
key: frequent # never changes
name: Frequent caller
# Three calls,
# within a month.
enter:
  count: { event: interaction, where: { kind: [contact] }, within: 30d }
  atLeast: 3
unknown: hold
goal: 'find the cause'
owner: "support"
tests: []
---
group: care
name: Care
order: [vip, plain]
default: plain
members:
  vip:
    enter: { trait: plan, equals: pro }
    grace: 3d
`);
  });

  const files = readdirSync(packagePath('schemas', 'segments')).filter((file) => file.endsWith('.yaml'));
  const texts = [untidy, ...files.map((file) => readFileSync(packagePath('schemas', 'segments', file), 'utf8'))];

  it('changes no meaning and no comment, and a second time nothing', () => {
    for (const text of texts) {
      const formatted = formatYaml(text);
      expect(formatYaml(formatted)).toBe(formatted);
      expect(dataOf(formatted)).toEqual(dataOf(text));
      expect(commentsOf(formatted)).toEqual(commentsOf(text));
    }
  });

  it('leaves alone what is no YAML', () => {
    expect(formatYaml('key: [')).toBe('key: [');
  });
});

function dataOf(text: string): readonly unknown[] {
  return parseAllDocuments(text).map((document) => document.toJS() as unknown);
}

function commentsOf(text: string): readonly string[] {
  return [...text.matchAll(/(?:^|\s)# ?(.*)$/gm)].map((match) => match[1]!.trim()).sort();
}
