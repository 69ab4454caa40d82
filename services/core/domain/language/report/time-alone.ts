/** Which conditions can change although nothing happens: each may be what a customer's timer waits for (E2). */
import type { Definition, LeafCondition, Measure, Membership, Operand } from '../ast.ts';
import { leavesIn } from '../series-identity.ts';

/** How many instants may be waited for at once for one customer. */
export function timersOf(definition: Definition): number {
  const rules: readonly Membership[] = definition.kind === 'segment' ? [definition] : definition.members;
  const leaves = new Set(
    rules
      .flatMap(({ enter, stay }) => (stay === null ? [enter] : [enter, stay]))
      .flatMap(leavesIn)
      .filter(changesByTime)
      .map((leaf) => JSON.stringify(leaf)),
  );
  const lists = rules.some(({ include, exclude }) =>
    [...include, ...exclude].some(({ expiresAt }) => expiresAt !== null),
  );
  const stays = rules.some(({ stability: { confirmMs, graceMs, minStayMs, maxStayMs, cooldownMs } }) =>
    [confirmMs, graceMs, minStayMs, maxStayMs ?? 0, cooldownMs].some((ms) => ms > 0),
  );
  const periods = definition.kind === 'group' && definition.demoteAt !== null;
  return leaves.size + (lists ? 1 : 0) + (stays || periods ? 1 : 0);
}

function changesByTime(leaf: LeafCondition): boolean {
  switch (leaf.kind) {
    case 'compare':
      return measureMoves(leaf.measure) || (leaf.test.against !== undefined && operandMoves(leaf.test.against));
    case 'text':
      return leaf.measure.kind === 'mostFrequent'
        ? 'windowMs' in leaf.measure.over
        : leaf.measure.kind === 'textLast' && leaf.measure.withinMs !== null;
    case 'segment':
      return leaf.test.op !== 'in';
    case 'tier':
      return leaf.test.op === 'movedUp' || leaf.test.op === 'movedDown';
    case 'none':
    case 'traitChanged':
    case 'traitHeld':
    case 'date':
    case 'score':
      return true;
    case 'never':
    case 'noneSince':
    case 'trait':
    case 'consent':
    case 'bucket':
      return false;
  }
}

function operandMoves(operand: Operand): boolean {
  return operand.kind === 'measure' && measureMoves(operand.measure);
}

function measureMoves(measure: Measure): boolean {
  switch (measure.kind) {
    case 'ratio':
      return measureMoves(measure.top) || measureMoves(measure.bottom);
    case 'last':
    case 'nthLast':
      return measure.withinMs !== null;
    case 'first':
    case 'averageLast':
    case 'sumLast':
    case 'minLast':
    case 'maxLast':
    case 'countDistinctLast':
    case 'trendLast':
      return false;
    case 'timeSinceLast':
    case 'timeSinceFirst':
    case 'decayedSum':
    case 'decayedAverage':
    case 'sequence':
    case 'notFollowedBy':
    case 'openIssues':
    case 'reopenedIssues':
    case 'failedFirstContacts':
      return true;
    case 'count':
    case 'countDistinct':
    case 'daysActive':
    case 'sum':
    case 'average':
    case 'min':
    case 'max':
    case 'largestPerKey':
    case 'averageGap':
      return measure.window.kind !== 'lifetime';
  }
}
