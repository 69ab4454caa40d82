/** A customer as operators see it at an instant. One object serves all of them, one after the other. */
import { UNKNOWN, TRUE, FALSE, type Sight, type Stay, type View } from '../operators/operator.ts';
import type { AnySeries } from '../series/series-bytes.ts';
import type { TraitValue } from '../events/profile.ts';
import { seriesView, traitView, type Profile } from '../profile/profile.ts';
import type { GeneralComparison } from './comparisons.ts';
import type { Plan, Unit } from './plan.ts';
import { either } from './stability.ts';
import { forceOf } from './lists.ts';
import type { Standing } from './standing.ts';
import type { Births } from './births.ts';
import { heldRule, staysOf } from './memberships.ts';

class CustomerView implements View {
  at = 0;
  profile!: Profile;
  standing!: Standing;
  births!: Births;
  comparison!: GeneralComparison;

  get tenure(): number {
    return this.profile.tenure;
  }

  get customer(): string {
    return this.profile.key;
  }

  series(place: number): AnySeries | undefined {
    return seriesView(this.profile, this.births.numbers[this.comparison.slots[place]!]!);
  }

  wholeFrom(place: number): number {
    const slot = this.comparison.slots[place]!;
    return Math.max(this.standing.plan.series[slot]!.wholeFrom, this.births.bornAt[slot]!);
  }

  trait(name: string): TraitValue | undefined {
    return traitView(this.profile, name);
  }

  stay(key: string): Stay | undefined {
    const unit = this.standing.plan.unit(key);
    return unit === undefined ? undefined : stayOf(unit, this.profile, this.standing, this.births, this.at);
  }
}

const view = new CustomerView();

/** The view for one comparison; used up by the next call. */
export function viewFor(
  profile: Profile,
  standing: Standing,
  births: Births,
  at: number,
  comparison: GeneralComparison,
): View {
  view.profile = profile;
  view.standing = standing;
  view.births = births;
  view.at = at;
  view.comparison = comparison;
  return view;
}

const sight: Sight = { at: 0, wholeFrom: 0, tenure: 0 };

/** What a plain comparison over a series sees; used up by the next call. */
export function sightFor(profile: Profile, plan: Plan, births: Births, at: number, slot: number): Sight {
  sight.at = at;
  sight.wholeFrom = Math.max(plan.series[slot]!.wholeFrom, births.bornAt[slot]!);
  sight.tenure = profile.tenure;
  return sight;
}

/** E4: membership after stability; unknown when the root is unknown and the segment does not hold. */
function stayOf(unit: Unit, profile: Profile, standing: Standing, births: Births, at: number): Stay {
  const current = heldRule(unit, profile);
  const enteredAt = current === undefined ? null : profile.held.since(current.number);
  const stays = staysOf(unit, profile, births);
  if (unit.kind === 'group') {
    const { entered, left } = stays;
    const truth = current === undefined ? UNKNOWN : TRUE;
    return {
      truth,
      enteredAt,
      lastEntered: entered,
      lastLeft: left,
      order: unit.order,
      member: current?.member ?? null,
    };
  }
  const { rule } = unit;
  const root = rootOf(unit.rule.root, rule.stay !== null && current !== undefined, standing);
  const open = root === UNKNOWN && rule.membership.unknown !== 'hold';
  const unknown = open && forceOf(rule.membership, profile, at).member === undefined;
  const truth = unknown ? UNKNOWN : current === undefined ? FALSE : TRUE;
  return { truth, enteredAt, lastEntered: stays.entered, lastLeft: stays.left, order: NO_ORDER, member: null };
}

function rootOf(root: number, withStay: boolean, standing: Standing) {
  const enter = standing.root(root);
  return withStay ? either(enter, standing.root(root + 1)) : enter;
}

const NO_ORDER: readonly string[] = [];
