/**
 * The class of recency and frequency. Both are scored 1 to 5 against the cut-offs at 20, 40, 60 and 80 percent: up to the first
 * is 1, above the last is 5. Recency counts whole days since the last order and is turned round, so that 5 is the most recent. A table of
 * recency holds whole days: a day that has begun and not ended counts as the days before it.
 */
import type { Condition, EventFilter, Measure, NumberTest } from '../ast.ts';
import type { RfmClass } from '../authored/macros.ts';
import { asList, type Entry, type Parsing, type Path } from './parsing.ts';

type Scores = readonly [from: number, to: number];

/** Every pair of scores belongs to exactly one class. */
const CLASSES: Readonly<Record<RfmClass, readonly [recency: Scores, frequency: Scores]>> = {
  champions: [
    [5, 5],
    [4, 5],
  ],
  'loyal-customers': [
    [3, 4],
    [4, 5],
  ],
  'potential-loyalists': [
    [4, 5],
    [2, 3],
  ],
  'new-customers': [
    [5, 5],
    [1, 1],
  ],
  promising: [
    [4, 4],
    [1, 1],
  ],
  'need-attention': [
    [3, 3],
    [3, 3],
  ],
  'about-to-sleep': [
    [3, 3],
    [1, 2],
  ],
  'at-risk': [
    [1, 2],
    [3, 4],
  ],
  'cant-lose': [
    [1, 2],
    [5, 5],
  ],
  hibernating: [
    [1, 2],
    [1, 2],
  ],
};

const ORDERS: EventFilter = { events: ['purchase'], where: [{ field: 'kind', test: { op: 'in', values: ['order'] } }] };

/** Thousandths of a day: whole days up to a cut-off are less than the cut-off and one day. */
const ONE_DAY = 1000;

export function rfmCondition(p: Parsing, body: Entry, path: Path): Condition {
  const ms = p.window(body['within'] as string, [...path, 'within']);
  const cells = asList(body['is'] as RfmClass | readonly RfmClass[]).map((name): Condition => {
    const [recency, frequency] = CLASSES[name];
    return {
      kind: 'all',
      of: [...recent(recency, body['recency'] as string), ...frequent(frequency, body['frequency'] as string, ms)],
    };
  });
  const [only, ...more] = cells;
  return only !== undefined && more.length === 0 ? only : { kind: 'any', of: cells };
}

function recent([from, to]: Scores, table: string): Condition[] {
  const measure: Measure = { kind: 'timeSinceLast', filter: ORDERS };
  const asked: Condition[] = [];
  if (from > 1) asked.push(compare(measure, 'lessThan', table, 20 * (6 - from), ONE_DAY));
  if (to < 5) asked.push(compare(measure, 'atLeast', table, 20 * (5 - to), ONE_DAY));
  return asked;
}

function frequent([from, to]: Scores, table: string, ms: number): Condition[] {
  const window = { kind: 'sliding', ms, offsetMs: 0 } as const;
  const measure: Measure = { kind: 'countDistinct', filter: ORDERS, window, field: 'orderId' };
  const asked: Condition[] = [];
  if (from > 1) asked.push(compare(measure, 'moreThan', table, 20 * (from - 1), 0));
  if (to < 5) asked.push(compare(measure, 'atMost', table, 20 * to, 0));
  return asked;
}

function compare(measure: Measure, op: NumberTest['op'], table: string, percentile: number, plus: number): Condition {
  return { kind: 'compare', measure, test: { op, value: 0, against: { kind: 'cut', table, percentile, plus } } };
}
