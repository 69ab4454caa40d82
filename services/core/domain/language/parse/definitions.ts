/** Segments, groups and tables: from documents of the right form to what is evaluated. */
import type {
  Condition,
  CutTable,
  GroupDefinition,
  GroupMember,
  Listed,
  Membership,
  SegmentDefinition,
} from '../ast.ts';
import type { AuthoredGroup, AuthoredSegment, AuthoredTable } from '../authored/definitions.ts';
import { didYouMean } from '../mistakes.ts';
import { implies } from '../validate/contradictions.ts';
import { unfairTreatment } from '../validate/fairness.ts';
import { rule } from './conditions.ts';
import { instantOf } from './instants.ts';
import type { Entry, Parsing, Path } from './parsing.ts';

export function segmentOf(p: Parsing, authored: AuthoredSegment): SegmentDefinition {
  const { key, name, enter, stay, confirm, grace, minStay, maxStay, cooldown, ...rest } = authored;
  const { unknown, include, exclude, consent, ...told } = rest;
  const about = withoutTests(told);
  const own = membership(p, { enter, stay, grace, minStay, unknown, include, exclude, consent }, []);
  const stays = {
    ...own.stability,
    confirmMs: ms(p, confirm, ['confirm']),
    maxStayMs: maxStay === undefined ? null : ms(p, maxStay, ['maxStay']),
    cooldownMs: ms(p, cooldown, ['cooldown']),
  };
  if (stays.maxStayMs === 0) p.mistake(['maxStay'], 'must be longer than nothing');
  if (stays.maxStayMs !== null && stays.minStayMs > stays.maxStayMs) p.mistake(['minStay'], 'is longer than maxStay');
  fair(p, own, about.treatment, []);
  return { kind: 'segment', key, name, ...own, stability: stays, about };
}

/** Tests of a definition are no part of it. */
function withoutTests<T extends { readonly tests?: unknown }>(told: T): Omit<T, 'tests'> {
  const { ...about } = told;
  delete (about as { tests?: unknown }).tests;
  return about;
}

const NEVER_ASKED: Condition = { kind: 'all', of: [] };

export function groupOf(p: Parsing, authored: AuthoredGroup): GroupDefinition {
  const { group: key, name, order, default: fallback, demoteAt, zone, members, ...told } = authored;
  const about = withoutTests(told);
  if (new Set(order).size < order.length) p.mistake(['order'], 'names a member twice');
  if (!order.includes(fallback)) p.mistake(['default'], `is not in order${didYouMean(fallback, order)}`);
  for (const member of Object.keys(members))
    if (!order.includes(member)) p.mistake(['members', member], `is not in order${didYouMean(member, order)}`);
  if (zone !== undefined && demoteAt === undefined) p.mistake(['zone'], 'says nothing without demoteAt');
  return {
    kind: 'group',
    key,
    name,
    members: [...new Set(order)].map((member) =>
      memberOf(p, member, member === fallback, members[member], ['members', member]),
    ),
    default: fallback,
    demoteAt: demoteAt === undefined ? null : { unit: demoteAt, zone: p.zoneOf(zone, []) },
    about,
  };
}

type AuthoredMember = AuthoredGroup['members'][string];

function memberOf(
  p: Parsing,
  key: string,
  isDefault: boolean,
  authored: AuthoredMember | undefined,
  path: Path,
): GroupMember {
  const { name, enter, stay, grace, minStay, unknown, include, exclude, consent, ...about } = authored ?? {};
  if (enter === undefined && !isDefault) p.mistake(path, 'needs a rule: enter');
  if (isDefault) {
    // Who is nothing else is the default: no rule of its own, and no list, could say otherwise.
    const said = { enter, stay, grace, minStay, unknown, include, exclude, consent };
    for (const [what, value] of Object.entries(said))
      if (value !== undefined) p.mistake([...path, what], 'the default member has none: it is for all others');
  }
  const own = membership(p, { enter, stay, grace, minStay, unknown, include, exclude, consent }, path);
  fair(p, own, about.treatment, path);
  return { key, name: name ?? inWords(key), ...own, about };
}

function fair(p: Parsing, { enter, stay }: Membership, treatment: unknown, path: Path): void {
  const unfair = unfairTreatment(stay === null ? [enter] : [enter, stay], treatment);
  if (unfair !== undefined) p.mistake([...path, 'treatment'], unfair);
}

/** `high-value` is called High value. */
function inWords(key: string): string {
  const words = key.replaceAll('-', ' ');
  return /^[0-9]/.test(key) ? key : words.charAt(0).toUpperCase() + words.slice(1);
}

type AuthoredMembership = Pick<
  AuthoredMember,
  'enter' | 'stay' | 'grace' | 'minStay' | 'unknown' | 'include' | 'exclude' | 'consent'
>;

function membership(p: Parsing, authored: AuthoredMembership, path: Path): Membership {
  const { enter, stay } = authored;
  const stability = {
    confirmMs: 0,
    graceMs: ms(p, authored.grace, [...path, 'grace']),
    minStayMs: ms(p, authored.minStay, [...path, 'minStay']),
    maxStayMs: null,
    cooldownMs: 0,
  };
  const before = p.mistakes.length;
  const rules = {
    enter: enter === undefined ? NEVER_ASKED : rule(p, enter as Entry, [...path, 'enter']),
    stay: stay === undefined ? null : rule(p, stay as Entry, [...path, 'stay']),
  };
  if (p.mistakes.length === before && rules.stay !== null && implies(rules.stay, rules.enter))
    p.mistake([...path, 'stay'], 'is no weaker than enter: whoever passes it passes enter too, so it keeps nobody in');
  return {
    ...rules,
    stability,
    unknown: authored.unknown ?? 'out',
    include: listed(p, authored.include, [...path, 'include']),
    exclude: listed(p, authored.exclude, [...path, 'exclude']),
    consent: authored.consent ?? null,
  };
}

function ms(p: Parsing, text: string | undefined, path: Path): number {
  return text === undefined ? 0 : p.stay(text, path);
}

function listed(p: Parsing, authored: AuthoredMember['include'], path: Path): readonly Listed[] {
  const seen = new Set<string>();
  return (authored ?? []).map(({ customer, author, reason, expires }, index) => {
    if (seen.has(customer)) p.mistake([...path, index, 'customer'], `${customer} is listed twice`);
    seen.add(customer);
    p.bounded([customer, author, reason], [...path, index]);
    const expiresAt = expires === undefined ? null : (instantOf(p, expires, [...path, index, 'expires']) ?? null);
    return { customer, author, reason, expiresAt };
  });
}

export function tableOf(p: Parsing, authored: AuthoredTable): CutTable {
  const { table: key, name, measure, cuts, ...about } = authored;
  const pairs = Object.entries(cuts).map(([percentile, value]) => {
    const path = ['cuts', percentile];
    const at = Number(percentile);
    if (!/^[0-9]+(\.[0-9]+)?$/.test(percentile) || at > 100) p.mistake(path, 'expected a percentile from 0 to 100');
    const thousandths = Math.round(value * 1000);
    if (!Number.isSafeInteger(thousandths) || Math.abs(thousandths / 1000 - value) > 1e-9)
      p.mistake(path, 'expected a number with at most three decimals');
    return [at, thousandths] as const;
  });
  if (pairs.length === 0) p.mistake(['cuts'], 'needs at least one entry');
  const ascending = [...pairs].sort(([a], [b]) => a - b);
  ascending.forEach(([percentile, value], index) => {
    const before = ascending[index - 1];
    if (before?.[0] === percentile) p.mistake(['cuts', String(percentile)], 'is named twice');
    else if (before !== undefined && value < before[1])
      p.mistake(['cuts', String(percentile)], `is less than the value at ${before[0]}; cut-offs ascend`);
  });
  return { key, name, measure, cuts: new Map(ascending), about };
}
