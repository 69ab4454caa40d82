/** The naive form of references to segments and groups (E4): what was decided of them before, in this evaluation. */
import { unreachable } from '../faults.ts';
import type { Condition, Truth } from '../domain/language/ast.ts';
import type { LiveGroup, LiveSegment } from '../domain/language/catalogue.ts';
import { GroupState } from './group.ts';
import { truthFrom } from './numbers.ts';
import { SegmentState } from './stability.ts';

export type Reference = Extract<Condition, { kind: 'segment' | 'tier' }>;

/** What a reference looks at; `rememberedFrom`: since when entries and exits are remembered, ms UTC. */
export type Target =
  | { readonly live: LiveSegment; readonly state: SegmentState; readonly rememberedFrom: number }
  | { readonly live: LiveGroup; readonly state: GroupState; readonly rememberedFrom: number };

export function truthOfReference(leaf: Reference, target: Target | undefined, at: number): Truth {
  if (target === undefined) return 'unknown';
  if (leaf.kind === 'segment')
    return target.state instanceof SegmentState ? inSegment(leaf, target.state, target, at) : 'unknown';
  return target.state instanceof GroupState ? inTier(leaf, target.state, target, at) : 'unknown';
}

function inSegment(
  leaf: Extract<Reference, { kind: 'segment' }>,
  state: SegmentState,
  target: Target,
  at: number,
): Truth {
  const { live, rememberedFrom } = target;
  const { test } = leaf;
  switch (test.op) {
    case 'in':
    case 'inFor': {
      const policy = live.definition.kind === 'segment' ? live.definition.unknown : 'out';
      const member = state.reference(policy);
      return test.op === 'inFor' && member === 'true' ? truthFrom(at - state.enteredAt >= test.ms) : member;
    }
    case 'enteredWithin':
      return within(state.lastEntered, test.ms, rememberedFrom, at);
    case 'leftWithin':
      return within(state.lastLeft, test.ms, rememberedFrom, at);
    default:
      return unreachable(test);
  }
}

function inTier(leaf: Extract<Reference, { kind: 'tier' }>, state: GroupState, target: Target, at: number): Truth {
  const { current } = state;
  const { test } = leaf;
  if (current === null) return 'unknown';
  switch (test.op) {
    case 'is':
      return truthFrom(test.members.includes(current));
    case 'atLeast': {
      const { definition } = target.live;
      const order = definition.kind === 'group' ? definition.members.map(({ key }) => key) : [];
      return truthFrom(order.indexOf(current) <= order.indexOf(test.member));
    }
    case 'movedUp':
      return within(state.lastUp, test.ms, target.rememberedFrom, at);
    case 'movedDown':
      return within(state.lastDown, test.ms, target.rememberedFrom, at);
    default:
      return unreachable(test);
  }
}

/** Whether the newest such instant lies in (at − ms, at]; without one it is no only as far as things are remembered. */
function within(instant: number, ms: number, rememberedFrom: number, at: number): Truth {
  if (instant > at - ms) return 'true';
  return rememberedFrom <= at - ms ? 'false' : 'unknown';
}

/** Instants at which time alone could change it. */
export function instantsOf(leaf: Reference, target: Target | undefined): readonly number[] {
  if (target === undefined || !('ms' in leaf.test)) return [];
  const { state, rememberedFrom } = target;
  const starts =
    state instanceof SegmentState
      ? [state.enteredAt, state.lastEntered, state.lastLeft]
      : [state.lastUp, state.lastDown];
  const { ms } = leaf.test;
  return [...starts, rememberedFrom].map((start) => start + ms);
}
