/** Rules written as trees, without an author's form, and what an oracle makes of them. */
import type {
  Condition,
  CutTable,
  EventFilter,
  EventName,
  FieldClause,
  GroupDefinition,
  GroupMember,
  Measure,
  Membership,
  NumberTest,
  SegmentDefinition,
  Stability,
} from '../../../services/core/domain/language/ast.ts';
import type { RuleSet } from '../../../services/core/domain/language/catalogue.ts';
import type { InputEvent } from '../../../services/core/domain/events/fact.ts';
import { journal, type Journal } from './journal.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const CALM: Stability = { confirmMs: 0, graceMs: 0, minStayMs: 0, maxStayMs: null, cooldownMs: 0 };

type GivenMembership = Partial<Omit<Membership, 'stability'>> & Pick<Membership, 'enter'> & Partial<Stability>;

function membership(given: GivenMembership): Membership {
  const { enter, stay = null, unknown = 'out', include = [], exclude = [], consent = null } = given;
  const { confirmMs, graceMs, minStayMs, maxStayMs, cooldownMs } = { ...CALM, ...given };
  const stability = { confirmMs, graceMs, minStayMs, maxStayMs, cooldownMs };
  return { enter, stay, stability, unknown, include, exclude, consent };
}

export function segment(key: string, given: GivenMembership): SegmentDefinition {
  return { kind: 'segment', key, name: key, about: {}, ...membership(given) };
}

/** `members` in order; one without a rule is the default. */
export function group(
  key: string,
  members: Readonly<Record<string, GivenMembership | null>>,
  demoteAt: GroupDefinition['demoteAt'] = null,
): GroupDefinition {
  const built = Object.entries(members).map(([name, given]): GroupMember => {
    return { key: name, name, about: {}, ...membership(given ?? { enter: { kind: 'all', of: [] } }) };
  });
  const fallback = Object.keys(members).find((name) => members[name] === null)!;
  return { kind: 'group', key, name: key, members: built, default: fallback, demoteAt, about: {} };
}

export interface SetOptions {
  readonly offset?: number;
  readonly dueAt?: number;
  /** Since when every feed is whole; −∞ unless said otherwise. */
  readonly since?: number;
  readonly tables?: readonly CutTable[];
}

/** Numbers as they are written: segments and groups count from 1, the members of a group behind it. */
export function ruleSet(
  definitions: readonly (SegmentDefinition | GroupDefinition)[],
  { offset = 0, dueAt = 0, since = -Infinity, tables = [] }: SetOptions = {},
): RuleSet {
  let number = 0;
  const next = (): number => (number += 1);
  const segments: RuleSet['segments'][number][] = [];
  const groups: RuleSet['groups'][number][] = [];
  for (const definition of definitions) {
    const own = { number: next(), version: 1, offset };
    if (definition.kind === 'segment') segments.push({ ...own, definition });
    else {
      const numbers = new Map(definition.members.map(({ key }) => [key, next()]));
      groups.push({ ...own, definition, numbers });
    }
  }
  const inputs: EventName[] = ['interaction', 'purchase', 'survey'];
  return {
    offset,
    dueAt,
    segments,
    groups,
    tables: new Map(tables.map((table) => [table.key, { version: 1, offset, table }])),
    coverage: new Map(inputs.map((input) => [input, new Map([['*', since]])])),
    coverageOnly: false,
  };
}

/** A customer under rules that were there before the first event. */
export function under(
  definitions: readonly (SegmentDefinition | GroupDefinition)[],
  options: SetOptions = {},
): Journal {
  return journal([ruleSet(definitions, options)], options.offset ?? 0);
}

/**
 * What a condition is, from the first event through an instant: `truth@instant` for each time it becomes another. Late events come
 * where they stand in the list.
 */
export function truths(
  condition: Condition,
  events: readonly InputEvent[],
  through: number,
  options: SetOptions = {},
): readonly string[] {
  const told = under(
    [segment('sure', { enter: condition }), segment('likely', { enter: condition, unknown: 'in' })],
    options,
  );
  const found: string[] = [];
  const held = new Set<number>();
  let looked = 0;
  const note = (): void => {
    for (; looked < told.transitions.length; looked++) {
      const { kind, number, effectiveAt, index, of } = told.transitions[looked]!;
      if (kind === 'entered') held.add(number);
      else held.delete(number);
      if (index === of - 1) found.push(`${truthBy(held)}@${effectiveAt}`);
    }
  };
  let asOf = -Infinity;
  for (const event of events) {
    asOf = Math.max(asOf, event.occurredAt);
    told.apply(event, { asOf });
    note();
    if (found.length === 0) found.push(`false@${event.occurredAt}`);
  }
  told.settle(through);
  note();
  return found;
}

function truthBy(held: ReadonlySet<number>): string {
  return held.has(1) ? 'true' : held.has(2) ? 'unknown' : 'false';
}

export function oneOf(field: string, ...values: readonly (string | number | boolean)[]): FieldClause {
  return { field, test: { op: 'in', values } };
}

export function events(name: EventName, ...clauses: readonly FieldClause[]): EventFilter {
  return { events: [name], where: clauses };
}

export const CONTACTS: EventFilter = events('interaction', oneOf('kind', 'contact'));
export const ORDERS: EventFilter = events('purchase');

export function compare(measure: Measure, op: NumberTest['op'], value: number): Condition {
  return { kind: 'compare', measure, test: { op, value } };
}

export function against(measure: Measure, op: NumberTest['op'], other: NonNullable<NumberTest['against']>): Condition {
  return { kind: 'compare', measure, test: { op, value: 0, against: other } };
}

export const UTC = { ofCustomer: false, name: 'UTC' };
export const BERLIN = { ofCustomer: false, name: 'Europe/Berlin' };

export function at(text: string): number {
  const instant = Date.parse(text);
  if (Number.isNaN(instant)) throw new Error(`${text} is no instant`);
  return instant;
}
