/** `segments list`: what is live, with numbers of members. */
import type { Membership } from '../../core/domain/events/change.ts';
import type { Catalogue } from '../../core/domain/language/catalogue.ts';
import { conditionInWords } from '../../core/domain/language/sentence.ts';
import { topicNames } from '../../platform/topics/topic-plan.ts';
import { withLog } from '../open-log.ts';
import type { CliContext } from '../verb.ts';
import { readMemberships } from './members.ts';
import { readPublished } from './published.ts';

interface Row {
  /** Of a member of a group GROUP/MEMBER. */
  readonly key: string;
  readonly kind: 'segment' | 'group' | 'member';
  readonly name: string;
  readonly number: number;
  readonly version: number;
  /** Customers in it; of a group in any of its members. */
  readonly members: number;
  readonly customers: number;
  readonly rule: string;
}

export async function listSegments(context: CliContext): Promise<void> {
  await withLog(context, { owner: false }, async ({ log, config }) => {
    const { catalogue, registry } = await readPublished(log, config);
    const memberships = await readMemberships(log, topicNames(config.topics).memberships, registry, context.signal);
    const rows = rowsOf(catalogue, memberships);
    context.output.table(
      [
        {
          title: 'SEGMENT',
          cell: ({ key, kind }) => (kind === 'member' ? `  ${key}` : key),
          paint: (words, { kind }, paint) => (kind === 'member' ? words : paint.bold(words)),
        },
        { title: 'MEMBERS', cell: ({ members }) => String(members), align: 'right' },
        { title: 'VERSION', cell: ({ version }) => String(version), align: 'right' },
        { title: 'RULE', cell: ({ rule }) => rule, elastic: true },
      ],
      rows,
    );
    if (rows.length === 0) context.output.talk('No segment is live; publish some with `tributary segments apply DIR`.');
  });
}

function rowsOf(catalogue: Catalogue, memberships: ReadonlyMap<string, Membership>): readonly Row[] {
  const counts = new Map<string, number>();
  for (const { segments } of memberships.values())
    for (const { segment } of segments) counts.set(segment, (counts.get(segment) ?? 0) + 1);
  const customers = memberships.size;
  const segments = catalogue.segments.map(({ number, version, definition: { key, name, enter } }): Row => {
    const members = counts.get(key) ?? 0;
    return { key, kind: 'segment', name, number, version, members, customers, rule: conditionInWords(enter) };
  });
  const groups = catalogue.groups.map(({ number, version, numbers, definition }): readonly Row[] => {
    const members = definition.members.map((member): Row => {
      const key = `${definition.key}/${member.key}`;
      const isDefault = member.key === definition.default;
      const rule = isDefault ? 'whoever is in none of the others' : conditionInWords(member.enter);
      const row = { key, name: member.name, number: numbers.get(member.key)!, version, customers, rule };
      return { ...row, kind: 'member', members: counts.get(key) ?? 0 };
    });
    const { key, name } = definition;
    const rule = `exactly one of ${definition.members.map((member) => member.key).join(', ')}`;
    const inside = members.reduce((sum, row) => sum + row.members, 0);
    return [{ key, kind: 'group', name, number, version, members: inside, customers, rule }, ...members];
  });
  // In the order in which they were first published; a group with its members.
  return [...segments.map((row) => [row]), ...groups].sort(([a], [b]) => a!.number - b!.number).flat();
}
