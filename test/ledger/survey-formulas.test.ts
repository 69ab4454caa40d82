/** NPS with its standard error, CSAT and its mean, as the formulas of the trade give them, out of the views. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { definition, survey, T0 } from './records.ts';
import { append, openWorld, SCHEMA, settle, type World } from './world.ts';

interface Case {
  readonly name: string;
  readonly scores: readonly number[];
  readonly nps: number | null;
}

const many = (count: number, score: number): number[] => Array.from({ length: count }, () => score);

/** Promoters 9 and 10, passives 7 and 8, detractors 0 to 6: 100 · (promoters − detractors) ÷ answers. */
const NPS_CASES: readonly Case[] = [
  { name: 'all promoters', scores: [9, 10, 10], nps: 100 },
  { name: 'all detractors, 0 among them', scores: [0, 6, 3], nps: -100 },
  { name: 'all passives', scores: [7, 8], nps: 0 },
  { name: 'one of each', scores: [10, 8, 2], nps: 0 },
  { name: 'half promoters, a fifth detractors', scores: [...many(50, 10), ...many(30, 8), ...many(20, 4)], nps: 30 },
  { name: 'the boundaries', scores: [6, 7, 8, 9], nps: 0 },
  { name: 'no answers', scores: [], nps: null },
  { name: 'a single one', scores: [9], nps: 100 },
];
/** Answers 1 to 5; positive are 4 and 5. */
const CSAT = { scores: [1, 2, 3, 4, 5, 5, 4, 3], positive: 50, mean: 3.375 };
const CSAT_NUMBER = NPS_CASES.length + 1;

interface Row {
  readonly number: number;
  readonly metric: string;
  readonly n: number;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

let world: World;
let measured: readonly Row[];

function answers(number: number, kind: 'nps' | 'csat', scores: readonly number[]) {
  return scores.map((score, index) =>
    survey(
      { customerId: `case ${number}, person ${index}`, instant: T0, segments: [number] },
      { kind, score, responseId: `${number}-${index}` },
    ),
  );
}

beforeAll(async () => {
  world = await openWorld({ schema: { ...SCHEMA, minimumN: 1 } });
  const numbers = Array.from({ length: CSAT_NUMBER }, (_, index) => index + 1);
  await append(
    world,
    'definition',
    0,
    numbers.map((number) => definition(number)),
  );
  const given = NPS_CASES.flatMap(({ scores }, index) => answers(index + 1, 'nps', scores));
  await append(world, 'fact', 0, [...given, ...answers(CSAT_NUMBER, 'csat', CSAT.scores)]);
  await settle(world);
  measured = await world.clickhouse.query<Row>(
    "SELECT number, metric, n, value, low, high FROM tributary_v1.segment_metrics WHERE metric IN ('nps', 'csat', 'csat_mean')",
  );
});
afterAll(() => world.close());

const rowOf = (number: number, metric: string): Row =>
  measured.find((row) => row.number === number && row.metric === metric)!;

describe('the formulas of surveys', () => {
  it.each(NPS_CASES.map(({ name, nps }, index) => [name, nps, index + 1] as const))(
    'give of %s an NPS of %s',
    (_, nps, number) => {
      const { value, n } = rowOf(number, 'nps');
      expect({ value, n }).toEqual({ value: nps, n: NPS_CASES[number - 1]!.scores.length });
    },
  );

  it('give an interval of 1.96 standard errors: 100 · √((P + D − (P − D)²) ÷ n)', () => {
    for (const [index, { scores }] of NPS_CASES.entries()) {
      const { value, low, high } = rowOf(index + 1, 'nps');
      if (value === null) {
        expect({ low, high }).toEqual({ low: null, high: null });
        continue;
      }
      const promoters = scores.filter((score) => score >= 9).length / scores.length;
      const detractors = scores.filter((score) => score <= 6).length / scores.length;
      const error = 100 * Math.sqrt((promoters + detractors - (promoters - detractors) ** 2) / scores.length);
      expect(value - low!).toBeCloseTo(1.96 * error, 9);
      expect(high! - value).toBeCloseTo(1.96 * error, 9);
    }
  });

  it('give CSAT as the share of the two best answers, and its mean apart', () => {
    expect(rowOf(CSAT_NUMBER, 'csat')).toMatchObject({ n: CSAT.scores.length, value: CSAT.positive });
    expect(rowOf(CSAT_NUMBER, 'csat_mean')).toMatchObject({ n: CSAT.scores.length, value: CSAT.mean });
  });
});
