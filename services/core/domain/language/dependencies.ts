/** What of a customer's traits a leaf looks at: when one of them is written, the leaf is judged again. */
import type { Window } from '../time/window.ts';
import type { LeafCondition, Measure, Zone } from './ast.ts';

/** Scores and consents are kept beside the traits under names that no trait can have. */
export function scoreTrait(model: string): string {
  return `score:${model}`;
}

export function consentTrait(purpose: string): string {
  return `consent:${purpose}`;
}

/** Names of the traits a leaf depends on, each once. */
export function traitsOf(leaf: LeafCondition): readonly string[] {
  return [...new Set(namesOf(leaf))];
}

function namesOf(leaf: LeafCondition): readonly string[] {
  switch (leaf.kind) {
    case 'compare': {
      const { against } = leaf.test;
      const operand =
        against?.kind === 'trait' ? [against.trait] : against?.kind === 'measure' ? ofMeasure(against.measure) : [];
      return [...ofMeasure(leaf.measure), ...operand];
    }
    case 'trait':
    case 'traitChanged':
    case 'traitHeld':
      return [leaf.trait];
    case 'date':
      return [...(leaf.source.kind === 'trait' ? [leaf.source.trait] : []), ...ofZone(leaf.zone)];
    case 'score': {
      const name = scoreTrait(leaf.model);
      const { against } = leaf.test;
      return [name, `${name}:computedAt`, `${name}:expiresAt`, ...(against?.kind === 'trait' ? [against.trait] : [])];
    }
    case 'consent':
      return [consentTrait(leaf.purpose)];
    case 'text':
    case 'none':
    case 'never':
    case 'noneSince':
    case 'segment':
    case 'tier':
    case 'bucket':
      return [];
  }
}

function ofMeasure(measure: Measure): readonly string[] {
  if (measure.kind === 'ratio')
    return [measure.top, measure.bottom, ...(measure.enough === null ? [] : [measure.enough.measure])].flatMap(
      ofMeasure,
    );
  const window = 'window' in measure ? ofWindow(measure.window) : [];
  return measure.kind === 'daysActive' ? [...window, ...ofZone(measure.zone)] : window;
}

function ofWindow(window: Window): readonly string[] {
  switch (window.kind) {
    case 'calendar':
      return ofZone(window.zone);
    case 'sinceTrait':
      return [window.trait, ...ofZone(window.zone)];
    case 'sliding':
    case 'sinceEvent':
    case 'fixed':
    case 'lifetime':
      return [];
  }
}

function ofZone(zone: Zone): readonly string[] {
  return zone.ofCustomer ? ['timezone'] : [];
}
