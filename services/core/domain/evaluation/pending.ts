/** What a membership waits for (E5, E6), so that a person can see it. */
import type { Profile } from '../profile/profile.ts';
import type { Births } from './births.ts';
import { staysOf } from './memberships.ts';
import type { RulePlan, Unit } from './plan.ts';
import { entryDue, exitDue, type Force } from './stability.ts';

export interface Pending {
  readonly kind:
    | 'plain'
    | 'confirming'
    | 'cooldown'
    | 'spent'
    | 'grace'
    | 'minStay'
    | 'maxStay'
    | 'included'
    | 'excluded'
    | 'noConsent';
  /** When it is over, ms UTC; null = not by time alone. */
  readonly until: number | null;
}

const PLAIN: Pending = { kind: 'plain', until: null };
const FORCED = { include: 'included', exclude: 'excluded', consent: 'noConsent' } as const;

export function pendingOf(
  unit: Unit,
  rule: RulePlan,
  profile: Profile,
  births: Births,
  force: Force,
  at: number,
): Pending {
  if (force.why !== undefined)
    return { kind: FORCED[force.why], until: force.until === Infinity || force.why === 'consent' ? null : force.until };
  if (unit.stays < 0) return PLAIN;
  const enteredAt = profile.held.since(rule.number);
  const { membership } = rule;
  const { stability } = membership;
  const stays = staysOf(unit, profile, births);
  if (enteredAt !== null) {
    if (!stays.holds) {
      const graceEnds = stays.since + stability.graceMs;
      const stayEnds = enteredAt + stability.minStayMs;
      if (Math.max(graceEnds, stayEnds) <= at) return PLAIN;
      return graceEnds >= stayEnds ? { kind: 'grace', until: graceEnds } : { kind: 'minStay', until: stayEnds };
    }
    const ends = exitDue(membership, stays, enteredAt);
    return ends === Infinity ? PLAIN : { kind: 'maxStay', until: ends };
  }
  if (unit.kind === 'group') return PLAIN;
  if (stays.spent) return { kind: 'spent', until: null };
  const due = entryDue(membership, stays);
  if (due === Infinity || due <= at) return PLAIN;
  return { kind: stays.since + stability.confirmMs >= due ? 'confirming' : 'cooldown', until: due };
}
