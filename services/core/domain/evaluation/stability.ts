/**
 * How sure and how long (E5): from the truth of a segment's rule to membership. Pure: what is remembered comes in and goes out.
 *
 *  1. `holds` is the resolved rule (enter while out; enter or stay while in), `since` the instant of its last change: never
 *     back-dated.
 *  2. A list or a missing consent sets all of it aside; the rule goes on underneath.
 *  3. Evaluating twice at one instant changes nothing.
 */
import type { Membership } from '../language/ast.ts';
import { FALSE, TRUE, UNKNOWN, type TruthCode } from '../operators/operator.ts';
import type { Stays } from '../profile/stays.ts';

/** What a list or a consent says: nothing, in, or out; until when it says so, ms UTC. */
export interface Force {
  readonly member: boolean | undefined;
  readonly why: 'include' | 'exclude' | 'consent' | undefined;
  readonly until: number;
}

export type Why =
  | 'rule'
  | 'confirmed'
  | 'cooledDown'
  | 'graceOver'
  | 'minStayOver'
  | 'maxStayOver'
  | 'include'
  | 'exclude'
  | 'consent'
  | 'retired';

export interface Decision {
  readonly member: boolean;
  /** When time alone would decide otherwise; Infinity = never. */
  readonly deadline: number;
  readonly why: Why;
}

/** Kleene's or. */
export function either(enter: TruthCode, stay: TruthCode): TruthCode {
  if (enter === TRUE || stay === TRUE) return TRUE;
  return enter === FALSE && stay === FALSE ? FALSE : UNKNOWN;
}

/** What an unknown root means; `held`: what it was before. */
export function resolved(truth: TruthCode, { unknown }: Membership, held: boolean): boolean {
  if (truth !== UNKNOWN) return truth === TRUE;
  return unknown === 'hold' ? held : unknown === 'in';
}

/** Decides at an instant, and brings what is remembered up to date. `enteredAt`: of the current stay; null while out. */
export function decide(
  rule: Membership,
  enter: TruthCode,
  stay: TruthCode,
  stays: Stays,
  enteredAt: number | null,
  force: Force,
  at: number,
): Decision {
  const member = enteredAt !== null;
  note(rule, enter, stay, stays, member, at);
  const next = force.member ?? (member ? remains(rule, stays, enteredAt, at) : comes(rule, stays, at));
  const why = force.why ?? reason(rule, stays, enteredAt, at);
  if (next !== member) {
    if (next) stays.entered = at;
    else {
      stays.left = at;
      const { maxStayMs } = rule.stability;
      if (force.member === undefined && maxStayMs !== null && at >= enteredAt! + maxStayMs) stays.spent = stays.holds;
    }
    // What holds is another question from now on: stay counts only while in.
    note(rule, enter, stay, stays, next, at);
  }
  const since = next ? (enteredAt ?? at) : null;
  return { member: next, deadline: Math.min(force.until, deadlineOf(rule, stays, since, force, at)), why };
}

/** When the machine itself would change its mind if nothing else happened; of the state after a decision. */
function deadlineOf(rule: Membership, stays: Stays, enteredAt: number | null, force: Force, at: number): number {
  if (force.member !== undefined) return Infinity;
  const due = enteredAt === null ? entryDue(rule, stays) : exitDue(rule, stays, enteredAt);
  return due > at ? due : Infinity;
}

function note(rule: Membership, enter: TruthCode, stay: TruthCode, stays: Stays, member: boolean, at: number): void {
  const holds = resolved(member ? either(enter, stay) : enter, rule, stays.holds);
  if (holds !== stays.holds) {
    stays.holds = holds;
    stays.since = at;
  }
  if (stays.spent && !resolved(enter, rule, true)) stays.spent = false;
}

function comes(rule: Membership, stays: Stays, at: number): boolean {
  return entryDue(rule, stays) <= at;
}

function remains(rule: Membership, stays: Stays, enteredAt: number, at: number): boolean {
  return exitDue(rule, stays, enteredAt) > at;
}

export function entryDue({ stability }: Membership, { holds, spent, since, left }: Stays): number {
  if (!holds || spent) return Infinity;
  return Math.max(since + stability.confirmMs, left + stability.cooldownMs);
}

export function exitDue({ stability }: Membership, { holds, since }: Stays, enteredAt: number): number {
  const longest = stability.maxStayMs === null ? Infinity : enteredAt + stability.maxStayMs;
  if (holds) return longest;
  return Math.min(longest, Math.max(since + stability.graceMs, enteredAt + stability.minStayMs));
}

function reason({ stability }: Membership, stays: Stays, enteredAt: number | null, at: number): Why {
  if (enteredAt === null) {
    if (stability.cooldownMs > 0 && stays.left + stability.cooldownMs === at) return 'cooledDown';
    return stability.confirmMs > 0 ? 'confirmed' : 'rule';
  }
  if (stability.maxStayMs !== null && at >= enteredAt + stability.maxStayMs) return 'maxStayOver';
  if (stability.minStayMs > 0 && enteredAt + stability.minStayMs === at && stays.since < at) return 'minStayOver';
  return stability.graceMs > 0 ? 'graceOver' : 'rule';
}
