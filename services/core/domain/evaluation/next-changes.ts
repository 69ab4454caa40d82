/** What happens to a customer next if nothing else does, found by letting the time of a copy run. */
import { decodeProfile, encodeProfile, type Pages } from '../profile/codec.ts';
import { fireThrough, type AppliedRules, type Customer } from './customer.ts';

/** How far ahead it looks, ms: the longest window of the language. */
const HORIZON_MS = 1096 * 86_400_000;
/** A grid of looks without effect must not keep a reader waiting: after so many nothing further is told. */
const LOOKS_MAX = 20_000;

export interface NextChange {
  readonly at: number;
  readonly entered: boolean;
}

/** The first change of each segment, by number, by time alone. */
export function nextChanges(customer: Customer, rules: AppliedRules): ReadonlyMap<number, NextChange> {
  const { profile } = customer;
  const copy: Customer = {
    profile: decodeProfile(profile.key, copyOf(encodeProfile(profile, Infinity))),
    standing: undefined,
    memory: undefined,
    due: Infinity,
  };
  const found = new Map<number, NextChange>();
  const note = (number: number, at: number, entered: boolean): void => {
    if (!found.has(number)) found.set(number, { at, entered });
  };
  const from = Math.max(profile.asOf, profile.firedThrough);
  fireThrough(
    copy,
    rules,
    from + HORIZON_MS,
    (_cause, { at, toggles }) => {
      for (const { kind, rule, from: left } of toggles) {
        note(rule.number, at, kind !== 'exited');
        if (left !== null) note(left.number, at, false);
      }
    },
    LOOKS_MAX,
  );
  return found;
}

function copyOf(pages: Pages): Pages {
  return pages.map((page) => page?.slice());
}
