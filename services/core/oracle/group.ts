/**
 * Exclusive groups (E6): in which member of a group a customer is. Decided again at each evaluation, from the truths of the members'
 * rules then: the first in order that holds, else the default.
 */
import type { GroupDefinition, GroupMember, Truth } from '../domain/language/ast.ts';
import { unitStart } from './calendar.ts';
import { either } from './numbers.ts';
import { resolved, type Forced } from './stability.ts';

export interface MemberTruth {
  readonly enter: Truth;
  readonly stay: Truth;
  readonly forced: Forced;
}

export interface Move {
  readonly from: string | null;
  readonly to: string;
  /** Start of the stay that ends; null for the first move. */
  readonly enteredAt: number | null;
}

export class GroupState {
  /** Key of the member the customer is in; null before the first full evaluation. */
  current: string | null = null;
  enteredAt = -Infinity;
  lastUp = -Infinity;
  lastDown = -Infinity;
  /** When time alone would decide otherwise. */
  due = Infinity;
  /** Number of the current member, for when it is there no more. */
  number = 0;
  /** Whether each member's rule holds, as it is resolved. */
  private holds = new Map<string, boolean>();
  /** Since when that of the current member is as it is. */
  private since = -Infinity;
  private trace = '';

  /** Of what is remembered: forgotten, nothing but the current stay is left (D4). */
  memory: string | undefined = undefined;

  /** Decides at an instant. `changed`: a truth, what follows from it for the current member, or the member is another (T2). */
  evaluate(
    group: GroupDefinition,
    truths: ReadonlyMap<string, MemberTruth>,
    zone: string,
    at: number,
  ): { readonly move: Move | undefined; readonly changed: boolean } {
    const before = this.trace;
    this.resolve(group, truths, at);
    const candidate = this.candidate(group);
    const due = this.dueOf(group, truths, candidate, zone);
    this.due = due > at ? due : Infinity;
    let move: Move | undefined;
    if (candidate !== this.current && due <= at) {
      move = { from: this.current, to: candidate, enteredAt: this.current === null ? null : this.enteredAt };
      this.move(group, candidate, at);
      // Stay counts only for the member the customer is in.
      this.resolve(group, truths, at);
    }
    const own = this.current === null ? undefined : this.holds.get(this.current);
    const all = [...truths.values()].map(({ enter, stay }) => `${enter} ${stay}`);
    this.trace = [this.current, own, ...all].join(' ');
    return { move, changed: move !== undefined || before !== this.trace };
  }

  private resolve(group: GroupDefinition, truths: ReadonlyMap<string, MemberTruth>, at: number): void {
    const holds = new Map<string, boolean>();
    for (const member of rulesOf(group)) {
      const { enter, stay, forced } = truths.get(member.key)!;
      const root = member.key === this.current && member.stay !== null ? either(enter, stay) : enter;
      const own = resolved(root, member.unknown, this.holds.get(member.key) ?? false);
      holds.set(member.key, forced === undefined ? own : forced === 'in');
    }
    if (this.current !== null && holds.get(this.current) !== this.holds.get(this.current)) this.since = at;
    this.holds = holds;
  }

  private candidate(group: GroupDefinition): string {
    return rulesOf(group).find(({ key }) => this.holds.get(key) === true)?.key ?? group.default;
  }

  /** When the move to the candidate may happen. */
  private dueOf(
    group: GroupDefinition,
    truths: ReadonlyMap<string, MemberTruth>,
    candidate: string,
    zone: string,
  ): number {
    const { current } = this;
    if (candidate === current) return Infinity;
    const place = placeOf(group, current);
    // The first member, a removed one, a way up, and the default, which is only what is left: nothing to wait for.
    if (current === null || place < 0 || placeOf(group, candidate) < place || current === group.default)
      return -Infinity;
    if (truths.get(current)!.forced === 'out') return -Infinity;
    const { graceMs, minStayMs } = group.members[place]!.stability;
    const due = Math.max(this.since + graceMs, this.enteredAt + minStayMs);
    if (group.demoteAt === null) return due;
    const { unit } = group.demoteAt;
    const start = unitStart(unit, due, 0, zone);
    return start === due ? due : unitStart(unit, due, -1, zone);
  }

  private move(group: GroupDefinition, to: string, at: number): void {
    const from = placeOf(group, this.current);
    if (from >= 0) {
      if (placeOf(group, to) < from) this.lastUp = at;
      else this.lastDown = at;
    }
    this.current = to;
    this.enteredAt = at;
    this.since = at;
  }

  /** Begins to remember: where the customer is then is all that is known. */
  rememberAs(memory: string | undefined): void {
    if (memory === this.memory) return;
    this.memory = memory;
    this.lastUp = -Infinity;
    this.lastDown = -Infinity;
    this.holds = new Map(this.current === null ? [] : [[this.current, true]]);
    this.since = this.current === null ? -Infinity : this.enteredAt;
  }
}

/** The members but the default, whose own rule is never asked; in order. */
export function rulesOf(group: GroupDefinition): readonly GroupMember[] {
  return group.members.filter(({ key }) => key !== group.default);
}

function placeOf(group: GroupDefinition, key: string | null): number {
  return group.members.findIndex((member) => member.key === key);
}
