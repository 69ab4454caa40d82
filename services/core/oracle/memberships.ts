/**
 * What is decided of one customer under the rules in force: every segment and group again at each evaluation, in the order of their
 * references, so that one evaluation gives one consistent set (E1, E4 to E6).
 */
import type { LeafCondition, Membership, Truth } from '../domain/language/ast.ts';
import type { LiveGroup, LiveSegment } from '../domain/language/catalogue.ts';
import { staysOf } from '../domain/language/series-identity.ts';
import { truthOf } from './condition.ts';
import { GroupState, rulesOf, type MemberTruth } from './group.ts';
import { instantsOf, truthOfReference, type Reference, type Target } from './references.ts';
import type { OwnLeaf } from './leaf.ts';
import { rulesIn, type Force, type Live } from './rules.ts';
import { zoneName, type Sight } from './sight.ts';
import { forcedBy, nextExpiry, SegmentState, type Forced } from './stability.ts';

/** A difference between two evaluations, by the number of the segment, or of the member a customer moves to. */
export interface Difference {
  readonly number: number;
  readonly version: number;
  readonly kind: 'entered' | 'exited' | 'moved';
  /** Keys of members of a group, where it is a move. */
  readonly from: string | null;
  readonly to: string | null;
  /** Number of the member that is left, where there is one. */
  readonly leaves: number | null;
  /** Start of the stay that ends; else null. */
  readonly enteredAt: number | null;
}

export interface Outcome {
  /** Ascending by number. */
  readonly differences: readonly Difference[];
  /** A truth of a rule, its resolution or a membership is another than before: time leaves a trace (T2). */
  readonly changed: boolean;
}

export class Memberships {
  private readonly segments = new Map<number, { readonly live: LiveSegment; readonly state: SegmentState }>();
  private readonly groups = new Map<number, { readonly live: LiveGroup; readonly state: GroupState }>();
  private force: Force | undefined;
  private gone: Difference[] = [];
  /** The first instant at which time alone could change what is decided here. */
  due = Infinity;
  /** Truths of the leaves of the rules in force, as last decided. */
  leafTruth: LeafTruth = () => 'unknown';

  /** Takes a set of rules into use: states live on by number; who is in what is no longer there leaves at the next evaluation. */
  look(force: Force): void {
    this.force = force;
    const numbers = new Set(force.lives.map(({ number }) => number));
    for (const [number, { live, state }] of this.segments) {
      if (numbers.has(number)) continue;
      this.segments.delete(number);
      if (state.member) this.gone.push(exit(number, live.version, state.enteredAt));
    }
    for (const [number, { live, state }] of this.groups) {
      if (numbers.has(number)) continue;
      this.groups.delete(number);
      if (state.current !== null) this.gone.push(exit(state.number, live.version, state.enteredAt));
    }
    for (const live of force.lives) {
      const memory = force.sources.get(staysOf(live.definition.key).identity.text)?.name;
      if (isSegment(live)) {
        const state = this.segments.get(live.number)?.state ?? new SegmentState();
        state.rememberAs(memory);
        this.segments.set(live.number, { live, state });
      } else if (isGroup(live)) {
        const state = this.groups.get(live.number)?.state ?? new GroupState();
        state.rememberAs(memory);
        this.groups.set(live.number, { live, state });
      }
    }
  }

  evaluate(at: number, own: (leaf: OwnLeaf) => Truth, sight: Sight): Outcome {
    const differences = this.gone;
    let changed = this.gone.length > 0;
    this.gone = [];
    const targets = new Map<string, Target>();
    const leafTruth = (leaf: LeafCondition): Truth =>
      leaf.kind === 'segment' || leaf.kind === 'tier'
        ? truthOfReference(leaf, targets.get(keyOf(leaf)), at)
        : own(leaf);
    this.leafTruth = leafTruth;
    for (const live of this.force?.lives ?? []) {
      const source = this.force!.sources.get(staysOf(live.definition.key).identity.text);
      const rememberedFrom = source?.completeFrom ?? Infinity;
      if (isSegment(live)) {
        const { state } = this.segments.get(live.number)!;
        changed = decideSegment(live, state, at, leafTruth, sight, differences) || changed;
        targets.set(live.definition.key, { live, state, rememberedFrom });
      } else if (isGroup(live)) {
        const { state } = this.groups.get(live.number)!;
        changed = decideGroup(live, state, at, leafTruth, sight, differences) || changed;
        targets.set(live.definition.key, { live, state, rememberedFrom });
      }
    }
    this.due = this.nextDue(at, sight, targets);
    differences.sort((a, b) => a.number - b.number);
    return { differences, changed };
  }

  private nextDue(after: number, sight: Sight, targets: ReadonlyMap<string, Target>): number {
    let next = Infinity;
    const take = (at: number): void => {
      if (at > after && at < next) next = at;
    };
    for (const { state } of [...this.segments.values(), ...this.groups.values()]) take(state.due);
    for (const { definition } of this.force?.lives ?? []) {
      for (const rule of rulesIn(definition)) take(nextExpiry(rule, sight.customer, after));
    }
    for (const leaf of this.force?.references ?? []) instantsOf(leaf, targets.get(keyOf(leaf))).forEach(take);
    return next;
  }
}

function isSegment(live: Live): live is LiveSegment {
  return live.definition.kind === 'segment';
}

function isGroup(live: Live): live is LiveGroup {
  return live.definition.kind === 'group';
}

function keyOf(leaf: Reference): string {
  return leaf.kind === 'segment' ? leaf.key : leaf.group;
}

function exit(number: number, version: number, enteredAt: number): Difference {
  return { number, version, kind: 'exited', from: null, to: null, leaves: null, enteredAt };
}

type LeafTruth = (leaf: LeafCondition) => Truth;

function truthsOf({ enter, stay }: Membership, leafTruth: LeafTruth): { enter: Truth; stay: Truth } {
  return { enter: truthOf(enter, leafTruth), stay: stay === null ? 'false' : truthOf(stay, leafTruth) };
}

function forcedIn(rule: Membership, sight: Sight, at: number): Forced {
  return forcedBy(rule, sight.customer, rule.consent === null || sight.consent(rule.consent) === true, at);
}

function decideSegment(
  { number, version, definition }: LiveSegment,
  state: SegmentState,
  at: number,
  leafTruth: LeafTruth,
  sight: Sight,
  differences: Difference[],
): boolean {
  const { member, enteredAt } = state;
  const changed = state.evaluate(definition, truthsOf(definition, leafTruth), forcedIn(definition, sight, at), at);
  if (state.member === member) return changed;
  differences.push(
    member
      ? exit(number, version, enteredAt)
      : { number, version, kind: 'entered', from: null, to: null, leaves: null, enteredAt: null },
  );
  return changed;
}

function decideGroup(
  { version, definition, numbers }: LiveGroup,
  state: GroupState,
  at: number,
  leafTruth: LeafTruth,
  sight: Sight,
  differences: Difference[],
): boolean {
  const truths = new Map<string, MemberTruth>();
  for (const member of rulesOf(definition))
    truths.set(member.key, { ...truthsOf(member, leafTruth), forced: forcedIn(member, sight, at) });
  const zone = definition.demoteAt === null ? 'UTC' : zoneName(definition.demoteAt.zone, sight);
  const leaves = state.current === null ? null : state.number;
  const { move, changed } = state.evaluate(definition, truths, zone, at);
  if (move === undefined) return changed;
  state.number = numbers.get(move.to)!;
  const { from, to, enteredAt } = move;
  differences.push({ number: state.number, version, kind: 'moved', from, to, leaves, enteredAt });
  return changed;
}
