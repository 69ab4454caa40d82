/** What random histories reached: counted, told as a table, and missing where the generator left something out. */
import type { Change } from '../../services/core/domain/events/change.ts';
import type { Truth } from '../../services/core/domain/language/ast.ts';

/** Truths seen of an operator, in the order true, false, unknown. */
type Tally = [isTrue: number, isFalse: number, isUnknown: number];
const PLACE: Readonly<Record<Truth, 0 | 1 | 2>> = { true: 0, false: 1, unknown: 2 };

export interface Reached {
  readonly truths: Readonly<Record<string, Tally>>;
  readonly counts: Readonly<Record<string, number>>;
}

export class Coverage {
  readonly #truths = new Map<string, Tally>();
  readonly #counts = new Map<string, number>();

  constructor(reached?: Reached) {
    if (reached !== undefined) this.add(reached);
  }

  truth(operators: readonly string[], truth: Truth): void {
    for (const operator of operators) this.#tally(operator)[PLACE[truth]] += 1;
  }

  count(name: string, more = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + more);
  }

  change(change: Pick<Change, 'cause' | 'kind'>): void {
    this.count(`cause ${change.cause}`);
    this.count(`change ${change.kind}`);
  }

  add({ truths, counts }: Reached): void {
    for (const [name, tally] of Object.entries(truths)) {
      const own = this.#tally(name);
      for (const at of [0, 1, 2] as const) own[at] += tally[at];
    }
    for (const [name, count] of Object.entries(counts)) this.count(name, count);
  }

  get reached(): Reached {
    return { truths: Object.fromEntries(this.#truths), counts: Object.fromEntries(this.#counts) };
  }

  /** What must be reached and was not. */
  missing(): readonly string[] {
    const truths = TRUTHS.flatMap(([operator, never]) =>
      (['true', 'false', 'unknown'] as const)
        .filter((truth) => !never.includes(truth) && (this.#truths.get(operator)?.[PLACE[truth]] ?? 0) === 0)
        .map((truth) => `${operator}: ${truth}`),
    );
    return [...truths, ...COUNTS.filter((name) => (this.#counts.get(name) ?? 0) === 0)];
  }

  /** Names that are counted and not asked for: a slip in the lists below. */
  unlisted(): readonly string[] {
    const listed = new Set<string>([...TRUTHS.map(([name]) => name), ...COUNTS]);
    return [...this.#truths.keys(), ...this.#counts.keys()].filter((name) => !listed.has(name));
  }

  table(): string {
    const width = Math.max(...[...TRUTHS.map(([name]) => name), ...COUNTS].map((name) => name.length)) + 2;
    const number = (value: number): string => String(value).padStart(9);
    const rows = TRUTHS.map(([name]) => {
      const tally = this.#truths.get(name) ?? [0, 0, 0];
      return `${name.padEnd(width)}${tally.map(number).join('')}`;
    });
    const counts = COUNTS.map((name) => `${name.padEnd(width)}${number(this.#counts.get(name) ?? 0)}`);
    const head = `${''.padEnd(width)}${['true', 'false', 'unknown'].map((word) => word.padStart(9)).join('')}`;
    return [head, ...rows, '', ...counts].join('\n');
  }

  #tally(operator: string): Tally {
    let tally = this.#truths.get(operator);
    if (tally === undefined) this.#truths.set(operator, (tally = [0, 0, 0]));
    return tally;
  }
}

type Never = readonly Truth[];
const ANY: Never = [];
const DECIDED: Never = ['unknown'];

function each(prefix: string, names: readonly string[], never: Never = ANY): readonly (readonly [string, Never])[] {
  return names.map((name) => [`${prefix} ${name}`, never] as const);
}

/** Every operator, and which truths it never has. */
const TRUTHS: readonly (readonly [operator: string, never: Never])[] = [
  ...each('measure', ['count', 'countDistinct', 'daysActive', 'sum', 'average', 'min', 'max']),
  ...each('measure', ['count of the same key', 'countDistinct of the same key', 'sum of the same key']),
  ...each('measure', ['last', 'last within', 'nthLast', 'nthLast within', 'first']),
  ...each('measure', ['averageLast', 'sumLast', 'minLast', 'maxLast', 'countDistinctLast', 'trendLast']),
  ...each('measure', ['timeSinceLast', 'timeSinceFirst', 'averageGap', 'decayedSum', 'decayedAverage']),
  ...each('measure', ['ratio', 'share', 'share of enough', 'change']),
  ...each('measure', ['sequence', 'sequence of the same key', 'sequence without']),
  ...each('measure', ['notFollowedBy', 'notFollowedBy of the same key', 'notFollowedBy or later']),
  ...each('measure', [
    'openIssues',
    'openIssues where',
    'openIssues escalated',
    'reopenedIssues',
    'failedFirstContacts',
  ]),
  ...each('window', ['sliding', 'sliding with an offset', 'lifetime', 'sinceEvent', 'sinceTrait', 'fixed']),
  ...each('window', ['day', 'week', 'month', 'quarter', 'year']),
  ...each('window', ['day before', 'week before', 'month before', 'quarter before', 'year before']),
  ...each('comparator', ['atLeast', 'atMost', 'moreThan', 'lessThan', 'equals', 'notEquals']),
  ...each('against a', ['constant', 'trait', 'measure', 'cut']),
  ...each('text', ['textLast', 'textFirst', 'mostFrequent in a window', 'mostFrequent in the newest']),
  ...each('text test', ['in', 'notIn', 'contains', 'startsWith', 'endsWith']),
  ...each('text test', ['contains folded', 'sameText folded', 'notSameText folded']),
  ...each('absence', ['none', 'never', 'noneSince']),
  ...each('trait', ['in', 'notIn', 'atLeast', 'atMost', 'moreThan', 'lessThan', 'version']),
  ...each('trait', ['has', 'hasAll', 'hasNone', 'size']),
  ...each('trait', ['contains folded', 'startsWith', 'endsWith', 'sameText folded', 'notSameText folded']),
  ['trait known', DECIDED],
  ['traitChanged', ANY],
  ['traitHeld', ANY],
  ...each('date', ['of trait', 'of field', 'withinLast', 'withinNext', 'anniversary']),
  ...each('date', ['olderThan day', 'olderThan week', 'olderThan month', 'olderThan year']),
  ...each('score', ['of any age', 'of a maximum age', 'against a cut']),
  ['score', ANY],
  ['consent', ANY],
  ['bucket', DECIDED],
  ...each('segment', ['in', 'inFor', 'enteredWithin', 'leftWithin']),
  // Unknown only before the first full evaluation, which nobody sees.
  ...each('tier', ['is', 'atLeast'], DECIDED),
  ...each('tier', ['movedUp', 'movedDown']),
  ...each('field', ['in', 'notIn', 'between', 'known', 'has', 'hasAll', 'hasNone', 'size', 'version']),
  ...each('field', ['contains folded', 'startsWith', 'endsWith folded', 'sameText folded', 'notSameText folded']),
];

const COUNTS: readonly string[] = [
  ...['all', 'any', 'not', 'atLeastOf'].map((kind) => `logic ${kind}`),
  ...['event', 'timer', 'late', 'definition', 'backfill'].map((cause) => `cause ${cause}`),
  ...['entered', 'exited', 'moved'].map((kind) => `change ${kind}`),
  ...['unknown as out', 'unknown as in', 'unknown held'].map((policy) => `root ${policy}`),
  ...['confirming', 'in grace', 'held by the minimum stay', 'cooling down', 'spent'].map((state) => `state ${state}`),
  ...['left by the maximum stay', 'included', 'excluded', 'without consent', 'kept by stay'].map(
    (state) => `state ${state}`,
  ),
  ...['first', 'up', 'down at once', 'down by time', 'down at a beginning', 'out of a removed member'].map(
    (move) => `move ${move}`,
  ),
  ...['late', 'tooLate', 'duplicates', 'deadLetters', 'facts'].map((name) => `input ${name}`),
  ...['came true', 'of nothing'].map((what) => `forecast ${what}`),
];
