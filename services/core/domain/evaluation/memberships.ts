/** What a customer holds of a unit, and what is remembered of it. */
import type { Profile } from '../profile/profile.ts';
import type { Stays } from '../profile/stays.ts';
import type { Births } from './births.ts';
import type { RulePlan, Unit } from './plan.ts';

/** The rule by which a customer is in a segment, or in a member of a group; undefined while in none. */
export function heldRule(unit: Unit, { held }: Profile): RulePlan | undefined {
  if (held.size === 0) return undefined;
  if (unit.kind === 'segment') return held.has(unit.rule.number) ? unit.rule : undefined;
  return unit.rules.find(({ number }) => held.has(number));
}

/**
 * What is remembered; a copy that may be changed. What was remembered under another birth, or never, is what is held: in since
 * it was entered, or out.
 */
export function staysOf(unit: Unit, profile: Profile, births: Births): Stays {
  const birth = unit.stays < 0 ? -1 : births.numbers[unit.stays]!;
  const known = profile.stays.get(unit.number);
  if (known !== undefined && known.birth === birth) return { ...known };
  const rule = heldRule(unit, profile);
  const since = rule === undefined ? -Infinity : profile.held.since(rule.number)!;
  const isGroup = unit.kind === 'group';
  const entered = isGroup ? -Infinity : since;
  const yes = isGroup && rule !== undefined && rule !== unit.fallback ? [rule.number] : NONE;
  return { birth, holds: rule !== undefined, since, entered, left: -Infinity, spent: false, yes };
}

/** Keeps what is remembered, unless it says no more than what is held. */
export function keepStays(unit: Unit, profile: Profile, stays: Stays): void {
  if (unit.stays < 0) return;
  const known = profile.stays.get(unit.number);
  if (known === undefined && heldRule(unit, profile) === undefined && isBlank(stays)) return;
  profile.stays.set(unit.number, stays);
}

function isBlank({ holds, entered, left, spent, yes }: Stays): boolean {
  return !holds && !spent && entered === -Infinity && left === -Infinity && yes.length === 0;
}

const NONE: readonly number[] = [];
