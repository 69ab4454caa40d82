/** Random rules: every operator there is, nested, over windows few enough that their edges meet. */
import type { Chance } from './chance.ts';

export type Authored = Readonly<Record<string, unknown>>;

const HOUR_MS = 3_600_000;
/** Sliding windows and gaps, in hours. */
export const WINDOWS_H: readonly number[] = [1, 24, 72, 168, 720];
const COMPARATORS = ['atLeast', 'atMost', 'moreThan', 'lessThan', 'equals', 'notEquals'] as const;

interface Source {
  readonly events: Authored;
  /** Fields with numbers, and thresholds that matter. */
  readonly numbers: readonly (readonly [field: string, thresholds: readonly number[]])[];
  readonly distinct: readonly string[];
}

const SOURCES: readonly Source[] = [
  {
    events: { event: 'interaction', where: { kind: 'contact' } },
    numbers: [
      ['sentiment', [-0.5, 0, 0.25]],
      ['durationMs', [0, 60_000, 120_000]],
    ],
    distinct: ['channel', 'issueId'],
  },
  {
    events: { event: 'interaction', where: { kind: ['contact', 'page_view'], channel: { notIn: ['phone'] } } },
    numbers: [['sentiment', [0]]],
    distinct: ['channel', 'kind'],
  },
  {
    events: { event: 'interaction', where: { sentiment: { lessThan: 0 } } },
    numbers: [['durationMs', [60_000]]],
    distinct: ['channel'],
  },
  {
    events: { event: 'interaction', where: { 'properties.plan': { known: true } } },
    numbers: [['properties.seats', [2, 2.5]]],
    distinct: ['properties.plan'],
  },
  {
    events: { event: 'purchase' },
    numbers: [['amountBaseMinor', [-500, 0, 1000, 3000]]],
    distinct: ['storeId', 'kind'],
  },
  {
    events: { event: 'purchase', where: { kind: 'order', productIds: { has: ['p1', 'p2'] } } },
    numbers: [['amountBaseMinor', [1000, 2000]]],
    distinct: ['channel'],
  },
  { events: { event: 'survey', where: { kind: 'csat' } }, numbers: [['score', [2, 3, 3.5]]], distinct: ['channel'] },
  {
    events: { event: 'survey', where: { kind: 'nps', score: { atMost: 8 } } },
    numbers: [['score', [6, 7]]],
    distinct: ['surveyId'],
  },
  { events: { event: ['interaction', 'purchase'] }, numbers: [], distinct: ['channel'] },
];

/** A segment that may refer to those given. */
export function segment(chance: Chance, key: string, others: readonly string[]): Authored {
  return {
    key,
    name: key,
    enter: condition(chance, chance.whole(1, 3), others),
    unknown: policyOf(key),
  };
}

/** A key keeps its policy: what a change of it means for those who hold on is no matter of the operators. */
function policyOf(key: string): string {
  return ['out', 'in', 'hold'][key.charCodeAt(key.length - 1) % 3]!;
}

function condition(chance: Chance, depth: number, others: readonly string[]): Authored {
  if (depth > 0 && chance.happens(0.6)) {
    const kind = chance.oneOf(['all', 'any', 'not'] as const);
    if (kind === 'not') return { not: condition(chance, depth - 1, others) };
    const size = chance.whole(2, 3);
    return { [kind]: Array.from({ length: size }, () => condition(chance, depth - 1, others)) };
  }
  if (others.length > 0 && chance.happens(0.2)) return { segment: chance.oneOf(others) };
  return chance.happens(0.15) ? trait(chance) : measured(chance);
}

function trait(chance: Chance): Authored {
  return chance.oneOf<Authored>([
    { trait: 'plan', in: ['pro', 'team'] },
    { trait: 'plan', notEquals: 'free' },
    { trait: 'plan', known: chance.happens(0.5) },
    { trait: 'seats', atLeast: 3 },
    { trait: 'account.employees', lessThan: 100 },
  ]);
}

function measured(chance: Chance): Authored {
  const { events, numbers, distinct } = chance.oneOf(SOURCES);
  const window = chance.happens(0.2) ? {} : { within: `${chance.oneOf(WINDOWS_H)}h` };
  const op = chance.oneOf(COMPARATORS);
  const kind = chance.whole(0, numbers.length === 0 ? 3 : 9);
  if (kind <= 1) return { count: { ...events, ...window }, [op]: chance.whole(0, 3) };
  if (kind === 2) return { none: { ...events, within: `${chance.oneOf(WINDOWS_H)}h` } };
  if (kind === 3 && chance.happens(0.5)) {
    return { countDistinct: { ...events, of: chance.oneOf(distinct), ...window }, [op]: chance.whole(0, 3) };
  }
  if (kind === 3) return { timeSinceLast: events, [op]: `${chance.oneOf(WINDOWS_H) * HOUR_MS}ms` };
  const [field, thresholds] = chance.oneOf(numbers);
  const value = chance.oneOf(thresholds);
  const of = { ...events, of: field };
  if (kind === 4) return { last: of, [op]: value };
  if (kind === 5) {
    const n = chance.whole(1, 4);
    return { averageLast: { ...of, n, atLeastValues: chance.whole(1, n) }, [op]: value };
  }
  const measure = (['sum', 'average', 'min', 'max'] as const)[kind - 6]!;
  return { [measure]: { ...of, ...window }, [op]: value };
}
