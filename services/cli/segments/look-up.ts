/** One definition by its key: what is live, or, with files, what stands there. */
import type { CutTable, Definition, GroupDefinition, GroupMember, Membership } from '../../core/domain/language/ast.ts';
import type { Catalogue } from '../../core/domain/language/catalogue.ts';
import { withLog, settledConfig } from '../open-log.ts';
import type { CliContext } from '../verb.ts';
import { lookAtDefinitionFiles } from './definition-files.ts';
import { readPublished } from './published.ts';
import { unknownSegment } from './unknown-segment.ts';

export type Found =
  | { readonly kind: 'definition'; readonly definition: Definition; readonly place: PlaceFound }
  | {
      readonly kind: 'member';
      readonly definition: GroupDefinition;
      readonly member: GroupMember;
      readonly place: PlaceFound;
    }
  | { readonly kind: 'table'; readonly table: CutTable; readonly place: PlaceFound };

export interface PlaceFound {
  /** Null in a file. */
  readonly version: number | null;
  readonly number: number | null;
  readonly offset: number | null;
  readonly file: string | null;
  /** How many tests there are; null where they are not known, as of what is published. */
  readonly tests: number | null;
  /** Every definition there is beside it. */
  readonly others: readonly Definition[];
}

/** Throws NOT_FOUND with the nearest key. */
export async function lookUp(context: CliContext, key: string, files: string | undefined): Promise<Found> {
  if (files === undefined)
    return withLog(context, { owner: false }, async ({ log, config }) => {
      const { catalogue } = await readPublished(log, config);
      return inCatalogue(catalogue, key);
    });
  const config = await settledConfig(context);
  const found = lookAtDefinitionFiles(files, { zone: config.workspace.timezone });
  const others = found.files.flatMap(({ what }) => (what.kind === 'definition' ? [what.definition] : []));
  const authored = found.files.find((one) => one.key === key || key.startsWith(`${one.key}/`));
  if (authored === undefined)
    throw unknownSegment(
      key,
      found.files.map((one) => one.key),
      files,
    );
  const { what, file, tests } = authored;
  const nothing = { version: null, number: null, offset: null };
  const place = { ...nothing, file, tests: Array.isArray(tests) ? tests.length : 0, others };
  if (what.kind === 'table') return { ...what, place };
  return inDefinition(what.definition, key, place) ?? notAMember(what.definition, key);
}

export function inCatalogue(catalogue: Catalogue, key: string): Found {
  const all = [...catalogue.segments, ...catalogue.groups];
  const others = all.map(({ definition }) => definition);
  const unknown = { file: null, tests: null, others };
  const [head] = key.split('/');
  const live = catalogue.current(key) ?? catalogue.current(head!);
  if (live !== undefined) {
    const { version, offset, definition } = live;
    const number = catalogue.numberOf(key) ?? null;
    return inDefinition(definition, key, { version, offset, number, ...unknown }) ?? notAMember(definition, key);
  }
  const table = catalogue.table(key);
  if (table === undefined) throw unknownSegment(key, keysOf(catalogue));
  const { version, offset } = table;
  return { kind: 'table', table: table.table, place: { version, offset, number: null, ...unknown } };
}

/** Of segments, groups, their members and tables. */
function keysOf(catalogue: Catalogue): readonly string[] {
  const members = catalogue.groups.flatMap(({ definition }) => memberKeys(definition));
  const definitions = [...catalogue.segments, ...catalogue.groups].map(({ definition }) => definition.key);
  return [...definitions, ...members, ...catalogue.tables.keys()];
}

function memberKeys({ key, members }: GroupDefinition): readonly string[] {
  return members.map((member) => `${key}/${member.key}`);
}

function inDefinition(definition: Definition, key: string, place: PlaceFound): Found | undefined {
  if (definition.key === key) return { kind: 'definition', definition, place };
  if (definition.kind === 'segment') return undefined;
  const member = definition.members.find((one) => `${definition.key}/${one.key}` === key);
  return member === undefined ? undefined : { kind: 'member', definition, member, place };
}

function notAMember(definition: Definition, key: string): never {
  throw unknownSegment(key, definition.kind === 'group' ? memberKeys(definition) : [definition.key]);
}

export interface NamedRule {
  /** As it is told: KEY, of a member GROUP/MEMBER. */
  readonly key: string;
  readonly name: string;
  /** Paths of its conditions begin with it. */
  readonly enterAt: string;
  readonly stayAt: string;
  /** Null for a group's default, whose rule is never asked. */
  readonly membership: Membership | null;
}

/** The rules of what was found: of a segment and of a member one, of a group one for each member. */
export function rulesIn(found: Found): readonly NamedRule[] {
  if (found.kind === 'table') return [];
  const { definition } = found;
  if (definition.kind === 'segment') {
    const { key, name } = definition;
    return [{ key, name, enterAt: 'enter', stayAt: 'stay', membership: definition }];
  }
  const members = found.kind === 'member' ? [found.member] : definition.members;
  return members.map((member): NamedRule => {
    const at = `members.${member.key}`;
    return {
      key: `${definition.key}/${member.key}`,
      name: member.name,
      enterAt: `${at}.enter`,
      stayAt: `${at}.stay`,
      membership: member.key === definition.default ? null : member,
    };
  });
}
