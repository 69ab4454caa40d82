/**
 * The traits of one source of a customer: last writer by instant, then by the hash of the event id. Bounded, because they lie on
 * the core page of the profile (S4): a customer who is given more must not stop a partition.
 *
 *  1. At most TRAITS_MAX traits, and UNITS_MAX UTF-16 units of names and values. What does not fit is not kept: a new trait stays
 *     unknown, and one that was known becomes so, for the old value is not the customer's any more.
 *  2. Texts longer than any text a rule may hold are cut: they equal none of them either way.
 */
import type { Profile as ProfileRecord, TraitValue } from '../events/profile.ts';
import { consentTrait, scoreTrait } from '../language/dependencies.ts';
import { isNewer } from './profile.ts';
import type { Source, Trait } from './source.ts';

const TRAITS_MAX = 500;
const UNITS_MAX = 12_288;
/** A rule's texts have at most 256 bytes. */
const TEXT_UNITS_MAX = 257;
/** What a value takes that is no text. */
const VALUE_UNITS = 4;

/** When it was said, and by which event. */
export type Stamp = Pick<Trait, 'at' | 'high' | 'low'>;

/** Folds a patch; returns the names that were written, `account.` before those of the company. */
export function foldTraits(source: Source, record: ProfileRecord, stamp: Stamp): readonly string[] {
  const written: string[] = [];
  let units = 0;
  for (const [name, trait] of source.traits) units += unitsOf(name, trait.value);
  const write = (name: string, given: TraitValue | undefined): void => {
    const known = source.traits.get(name);
    if (known !== undefined && !isNewer(stamp, known)) return;
    const rest = known === undefined ? units : units - unitsOf(name, known.value);
    let value = cut(given);
    const fits = rest + unitsOf(name, value) <= UNITS_MAX;
    if (known === undefined && (!fits || source.traits.size >= TRAITS_MAX)) return;
    if (!fits) value = undefined;
    source.traits.set(name, { value, ...stamp });
    units = rest + unitsOf(name, value);
    written.push(name);
  };
  for (const [name, value] of Object.entries(record.traits)) if (!isReserved(name)) write(name, value);
  for (const [name, value] of Object.entries(record.accountTraits)) write(`account.${name}`, value);
  for (const { model, value, computedAt, expiresAt } of record.scores) {
    const name = scoreTrait(model);
    write(name, value);
    write(`${name}:computedAt`, computedAt);
    write(`${name}:expiresAt`, expiresAt ?? undefined);
  }
  for (const { purpose, granted } of record.consents) write(consentTrait(purpose), granted);
  // Said last, so that a name that is both written and unset is unset.
  for (const name of record.unset) if (!isReserved(name)) write(name, undefined);
  return written;
}

/** Scores and consents are told as such, and under no other name. */
function isReserved(name: string): boolean {
  return name.startsWith(scoreTrait('')) || name.startsWith(consentTrait(''));
}

function unitsOf(name: string, value: TraitValue | undefined): number {
  if (typeof value === 'string') return name.length + VALUE_UNITS + value.length;
  if (typeof value !== 'object' || value === null) return name.length + VALUE_UNITS;
  return value.reduce((sum, member) => sum + member.length + 1, name.length + VALUE_UNITS);
}

function cut(value: TraitValue | undefined): TraitValue | undefined {
  return typeof value === 'string' && value.length > TEXT_UNITS_MAX ? value.slice(0, TEXT_UNITS_MAX) : value;
}
