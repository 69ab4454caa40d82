/**
 * A treatment that changes a service level may not rest on protected traits alone (catalogue §1). Traits that say that somebody needs
 * care (class S: vulnerability, accessibility, conditions) are what such treatments are for; they are told apart by their class.
 */
import { TRAITS } from '../../events/traits.ts';
import type { Condition, LeafCondition } from '../ast.ts';
import { leavesIn } from '../series-identity.ts';

/** Entries of a treatment that change how fast, by whom or on which way somebody is served. */
const SERVICE_LEVEL = ['queue', 'priority', 'targets', 'channels', 'hours'] as const;

/** Why the treatment is refused; undefined when it is not. */
export function unfairTreatment(conditions: readonly Condition[], treatment: unknown): string | undefined {
  if (typeof treatment !== 'object' || treatment === null) return undefined;
  const changed = SERVICE_LEVEL.filter((entry) => entry in treatment);
  const leaves = conditions.flatMap(leavesIn);
  if (changed.length === 0 || leaves.length === 0) return undefined;
  const traits = leaves.map(traitOf);
  if (!traits.every((trait) => trait !== undefined && isGuarded(trait))) return undefined;
  const names = [...new Set(traits)].join(' and ');
  return `changes a service level (${changed.join(', ')}) by ${names} alone, which is protected; add what makes it needed`;
}

function isGuarded(trait: string): boolean {
  const spec = Object.hasOwn(TRAITS, trait) ? TRAITS[trait] : undefined;
  return spec?.protected === true && spec.pii !== 'S';
}

function traitOf(leaf: LeafCondition): string | undefined {
  if (leaf.kind === 'trait' || leaf.kind === 'traitChanged' || leaf.kind === 'traitHeld') return leaf.trait;
  return leaf.kind === 'date' && leaf.source.kind === 'trait' ? leaf.source.trait : undefined;
}
