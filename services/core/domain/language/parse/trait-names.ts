/** Names of traits: those of the dictionary are checked, others may be of any type; none that identifies a person is read. */
import { TRAITS, type TraitSpec } from '../../events/traits.ts';
import { didYouMean } from '../mistakes.ts';
import { FORBIDDEN } from '../structure.ts';
import type { Parsing, Path } from './parsing.ts';
import { isNumeric } from './specs.ts';

/** What the dictionary says of a trait; undefined of a custom one. */
export function traitSpec(p: Parsing, trait: string, path: Path): TraitSpec | undefined {
  const spec = Object.hasOwn(TRAITS, trait) ? TRAITS[trait] : undefined;
  const custom = /^(account\.)?[A-Za-z][A-Za-z0-9_]*$/.test(trait) && !FORBIDDEN.has(trait);
  if (spec === undefined && !custom) p.mistake(path, `no trait can have the name ${trait}`);
  if (spec?.pii === 'D') p.mistake(path, `${trait} identifies a person directly; no rule reads it`);
  const near = spec === undefined ? didYouMean(trait, Object.keys(TRAITS)) : '';
  if (near !== '') p.mistake(path, `${trait} is not in the dictionary${near}`);
  return spec;
}

export function dateTrait(p: Parsing, trait: string, path: Path): void {
  const spec = traitSpec(p, trait, path);
  if (spec !== undefined && spec.type !== 'date' && spec.type !== 'instant') p.mistake(path, `${trait} is no date`);
}

export function numericTrait(p: Parsing, trait: string, path: Path): void {
  const spec = traitSpec(p, trait, path);
  if (spec !== undefined && !isNumeric(spec)) p.mistake(path, `${trait} is no number`);
}
