/** Lists by hand and consents: what they say of a customer, whatever the rule says. Exclude wins over include. */
import type { Listed, Membership } from '../language/ast.ts';
import { consentTrait } from '../language/dependencies.ts';
import { traitView, type Profile } from '../profile/profile.ts';
import type { Force } from './stability.ts';

const NOTHING: Force = { member: undefined, why: undefined, until: Infinity };

export function forceOf(rule: Membership, profile: Profile, at: number): Force {
  const { include, exclude, consent } = rule;
  if (consent === null && include.length === 0 && exclude.length === 0) return NOTHING;
  if (consent !== null && traitView(profile, consentTrait(consent)) !== true)
    return { member: false, why: 'consent', until: nextExpiry(rule, profile.key, at) };
  const until = nextExpiry(rule, profile.key, at);
  if (names(exclude, profile.key, at)) return { member: false, why: 'exclude', until };
  if (names(include, profile.key, at)) return { member: true, why: 'include', until };
  return { member: undefined, why: undefined, until };
}

function names(list: readonly Listed[], customer: string, at: number): boolean {
  return list.some((one) => one.customer === customer && isOn(one, at));
}

function isOn({ expiresAt }: Listed, at: number): boolean {
  return expiresAt === null || at < expiresAt;
}

function nextExpiry({ include, exclude }: Membership, customer: string, at: number): number {
  let next = Infinity;
  for (const list of [include, exclude]) {
    for (const one of list) {
      if (one.customer === customer && one.expiresAt !== null && one.expiresAt > at)
        next = Math.min(next, one.expiresAt);
    }
  }
  return next;
}
