/** Which operators of the language a condition is made of, by name: what the coverage table counts. */
import type { LeafCondition, Measure, TextMeasure } from '../../services/core/domain/language/ast.ts';
import type { Condition, Definition, EventFilter, Operand } from '../../services/core/domain/language/ast.ts';
import { isLeaf } from '../../services/core/domain/language/series-identity.ts';
import type { Window } from '../../services/core/domain/time/window.ts';

/** Leaves of a definition by their path, as explanations name them. */
export function leavesByPath(definition: Definition): ReadonlyMap<string, LeafCondition> {
  const found = new Map<string, LeafCondition>();
  const rules =
    definition.kind === 'segment'
      ? [{ at: '', rule: definition }]
      : definition.members.map((rule) => ({ at: `members.${rule.key}.`, rule }));
  for (const { at, rule } of rules) {
    for (const [path, leaf] of leavesAt(rule.enter, `${at}enter`)) found.set(path, leaf);
    if (rule.stay !== null) for (const [path, leaf] of leavesAt(rule.stay, `${at}stay`)) found.set(path, leaf);
  }
  return found;
}

/** Leaves of a condition that stands at a path, each with its own. */
export function* leavesAt(condition: Condition, path: string): Generator<readonly [path: string, leaf: LeafCondition]> {
  if (condition.kind === 'not') yield* leavesAt(condition.of, `${path}.not`);
  else if (isLeaf(condition)) yield [path, condition];
  else for (const [at, part] of condition.of.entries()) yield* leavesAt(part, `${path}.${condition.kind}[${at}]`);
}

/** Kinds of logic in a definition. */
export function logicIn(definition: Definition): readonly string[] {
  const rules = definition.kind === 'segment' ? [definition] : definition.members;
  return rules.flatMap(({ enter, stay }) => [...logicOf(enter), ...(stay === null ? [] : logicOf(stay))]);
}

function logicOf(condition: Condition): readonly string[] {
  if (isLeaf(condition)) return [];
  const parts = condition.kind === 'not' ? [condition.of] : condition.of;
  return [`logic ${condition.kind}`, ...parts.flatMap(logicOf)];
}

/** Everything a leaf is made of. */
export function operatorsIn(leaf: LeafCondition): readonly string[] {
  switch (leaf.kind) {
    case 'compare':
      return [...ofMeasure(leaf.measure), `comparator ${leaf.test.op}`, ...ofOperand(leaf.test.against)];
    case 'text':
      return [...ofText(leaf.measure), `text test ${leaf.test.op}${foldingOf(leaf.test)}`];
    case 'none':
    case 'never':
      return [`absence ${leaf.kind}`, ...ofFilter(leaf.filter)];
    case 'noneSince':
      return ['absence noneSince', ...ofFilter(leaf.filter), ...ofFilter(leaf.since)];
    case 'trait':
      return [`trait ${leaf.test.op}${foldingOf(leaf.test)}`];
    case 'traitChanged':
    case 'traitHeld':
    case 'consent':
    case 'bucket':
      return [leaf.kind];
    case 'date':
      return [`date of ${leaf.source.kind}`, `date ${leaf.test.op}${'unit' in leaf.test ? ` ${leaf.test.unit}` : ''}`];
    case 'score':
      return [
        'score',
        `score ${leaf.maxAgeMs === null ? 'of any age' : 'of a maximum age'}`,
        ...(leaf.test.against === undefined ? [] : ['score against a cut']),
      ];
    case 'segment':
      return [`segment ${leaf.test.op}`];
    case 'tier':
      return [`tier ${leaf.test.op}`];
  }
}

function foldingOf(test: object): string {
  return 'folding' in test && test.folding === 'folded' ? ' folded' : '';
}

function ofOperand(operand: Operand | undefined): readonly string[] {
  return operand === undefined ? ['against a constant'] : [`against a ${operand.kind}`];
}

function ofText(measure: TextMeasure): readonly string[] {
  if (measure.kind !== 'mostFrequent') return [`text ${measure.kind}`];
  return [`text mostFrequent in ${'n' in measure.over ? 'the newest' : 'a window'}`];
}

function ofMeasure(measure: Measure): readonly string[] {
  switch (measure.kind) {
    case 'ratio':
      return [`measure ${measure.form}`, ...(measure.enough === null ? [] : ['measure share of enough'])];
    case 'largestPerKey':
      return [`measure ${measure.per.kind} of the same key`, windowOf(measure.window), ...ofFilter(measure.filter)];
    case 'sequence':
      return [
        `measure sequence${measure.key === null ? '' : ' of the same key'}`,
        ...(measure.without === null ? [] : ['measure sequence without']),
      ];
    case 'notFollowedBy':
      return [
        `measure notFollowedBy${measure.key === null ? '' : ' of the same key'}`,
        ...(measure.orLater ? ['measure notFollowedBy or later'] : []),
      ];
    case 'openIssues':
      return [
        'measure openIssues',
        ...(measure.where.length === 0 ? [] : ['measure openIssues where']),
        ...(measure.escalated === null ? [] : ['measure openIssues escalated']),
      ];
    case 'reopenedIssues':
    case 'failedFirstContacts':
      return [`measure ${measure.kind}`];
    case 'last':
    case 'nthLast':
      return [`measure ${measure.kind}${measure.withinMs === null ? '' : ' within'}`, ...ofFilter(measure.filter)];
    case 'count':
    case 'countDistinct':
    case 'daysActive':
    case 'sum':
    case 'average':
    case 'min':
    case 'max':
    case 'averageGap':
      return [`measure ${measure.kind}`, windowOf(measure.window), ...ofFilter(measure.filter)];
    case 'first':
    case 'averageLast':
    case 'sumLast':
    case 'minLast':
    case 'maxLast':
    case 'countDistinctLast':
    case 'trendLast':
    case 'timeSinceLast':
    case 'timeSinceFirst':
    case 'decayedSum':
    case 'decayedAverage':
      return [`measure ${measure.kind}`, ...ofFilter(measure.filter)];
  }
}

function windowOf(window: Window): string {
  switch (window.kind) {
    case 'sliding':
      return `window sliding${window.offsetMs === 0 ? '' : ' with an offset'}`;
    case 'calendar':
      return `window ${window.unit}${window.back === 0 ? '' : ' before'}`;
    case 'sinceEvent':
    case 'sinceTrait':
    case 'fixed':
    case 'lifetime':
      return `window ${window.kind}`;
  }
}

function ofFilter(filter: EventFilter): readonly string[] {
  return filter.where.map(({ test }) => `field ${test.op}${foldingOf(test)}`);
}
