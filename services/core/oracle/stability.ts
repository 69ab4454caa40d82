/**
 * How sure and how long (E5): one customer in one segment. Everything is decided again at each evaluation, from the truths of the
 * rule then; evaluating twice at one instant changes nothing.
 */
import type { Membership, Truth, UnknownPolicy } from '../domain/language/ast.ts';
import { either } from './numbers.ts';

/** What lists and consents say, whatever the rule says; undefined = nothing. */
export type Forced = 'in' | 'out' | undefined;

export class SegmentState {
  /** The resolved rule: enter while out, enter or stay while in; and since when it is so. */
  x = false;
  since = -Infinity;
  member = false;
  /** Of the current stay, or of the last one. */
  enteredAt = -Infinity;
  lastEntered = -Infinity;
  lastLeft = -Infinity;
  /** The longest stay is over, and enter has not been false since. */
  spent = false;
  /** The truth of the rule, before unknown is resolved. */
  root: Truth = 'false';
  forced: Forced = undefined;
  /** When time alone would decide otherwise. */
  due = Infinity;
  /** Of what is remembered; undefined while nothing is (D4). */
  memory: string | undefined = undefined;
  private trace = '';

  /** What references read (E4). */
  reference(policy: UnknownPolicy): Truth {
    if (this.root === 'unknown' && policy !== 'hold' && this.forced === undefined) return 'unknown';
    return this.member ? 'true' : 'false';
  }

  /** Begins to remember, or to forget: what is held then is all that is known. */
  rememberAs(memory: string | undefined): void {
    if (memory === this.memory) return;
    this.memory = memory;
    this.x = this.member;
    this.since = this.member ? this.enteredAt : -Infinity;
    this.spent = false;
    this.lastEntered = this.member ? this.enteredAt : -Infinity;
    this.lastLeft = -Infinity;
  }

  /** Decides at an instant. True when a truth, what follows from it or the membership is another than before (T2). */
  evaluate(rule: Membership, truths: { enter: Truth; stay: Truth }, forced: Forced, at: number): boolean {
    const before = this.trace;
    this.forced = forced;
    this.resolve(rule, truths, at);
    const wanted = forced === undefined ? this.wanted(rule, at) : forced === 'in';
    if (wanted !== this.member) {
      this.toggle(rule, forced, at);
      // Stay counts only while in, so the rule asks something else from now on.
      this.resolve(rule, truths, at);
    }
    this.due = forced === undefined ? this.dueAfter(rule, at) : Infinity;
    this.trace = [truths.enter, truths.stay, this.x, this.member].join(' ');
    return before !== this.trace;
  }

  private resolve(rule: Membership, { enter, stay }: { enter: Truth; stay: Truth }, at: number): void {
    this.root = this.member && rule.stay !== null ? either(enter, stay) : enter;
    const x = resolved(this.root, rule.unknown, this.x);
    if (x !== this.x) {
      this.x = x;
      this.since = at;
    }
    if (!resolved(enter, rule.unknown, true)) this.spent = false;
  }

  private wanted(rule: Membership, at: number): boolean {
    return this.member ? at < this.exitDue(rule) : at >= this.entryDue(rule);
  }

  private toggle({ stability }: Membership, forced: Forced, at: number): void {
    this.member = !this.member;
    if (this.member) {
      this.enteredAt = at;
      this.lastEntered = at;
      return;
    }
    this.lastLeft = at;
    const { maxStayMs } = stability;
    const isOver = maxStayMs !== null && at >= this.enteredAt + maxStayMs;
    this.spent = forced === undefined ? isOver && this.x : this.spent;
  }

  private entryDue({ stability }: Membership): number {
    if (!this.x || this.spent) return Infinity;
    return Math.max(this.since + stability.confirmMs, this.lastLeft + stability.cooldownMs);
  }

  private exitDue({ stability }: Membership): number {
    const longest = stability.maxStayMs === null ? Infinity : this.enteredAt + stability.maxStayMs;
    if (this.x) return longest;
    return Math.min(longest, Math.max(this.since + stability.graceMs, this.enteredAt + stability.minStayMs));
  }

  private dueAfter(rule: Membership, at: number): number {
    const due = this.member ? this.exitDue(rule) : this.entryDue(rule);
    return due > at ? due : Infinity;
  }
}

/** What an unknown rule means; `before`: what it last was. */
export function resolved(truth: Truth, policy: UnknownPolicy, before: boolean): boolean {
  if (truth !== 'unknown') return truth === 'true';
  return policy === 'hold' ? before : policy === 'in';
}

/** Exclude wins over include, and a consent that is missing over both. */
export function forcedBy(rule: Membership, customer: string, granted: boolean, at: number): Forced {
  const isListed = (list: Membership['include']): boolean =>
    list.some((one) => one.customer === customer && (one.expiresAt === null || at < one.expiresAt));
  if (!granted || isListed(rule.exclude)) return 'out';
  return isListed(rule.include) ? 'in' : undefined;
}

/** The next instant at which the customer's place on a list ends. */
export function nextExpiry(rule: Membership, customer: string, after: number): number {
  const ends = [...rule.include, ...rule.exclude]
    .filter((one) => one.customer === customer && one.expiresAt !== null && one.expiresAt > after)
    .map((one) => one.expiresAt!);
  return Math.min(Infinity, ...ends);
}
