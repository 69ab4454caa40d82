import { expect, test } from 'vitest';
import type { Survey } from '../../../services/core/domain/events/survey.ts';
import { readRealSet } from '../../../services/ingest/demo/real-sets.ts';
import { rawRows } from './raw-rows.ts';

function histogram(values: readonly (string | number | null)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  return counts;
}

test.each([2015, 2016, 2017])(
  'answers of %i are the scores of the file; codes for no answer are none',
  async (year) => {
    const { events, counts } = await readRealSet(`sfo-survey-${year}`);
    const raw = rawRows(`sfo-survey-${year}`, ['Q7ALL', 'NETPRO']);
    const answers = events.map(({ event }) => event as Survey);
    const given = (column: 'Q7ALL' | 'NETPRO', scores: readonly string[]): Record<string, number> =>
      histogram(raw.map((row) => row[column]).filter((score) => scores.includes(score)));
    const told = (kind: Survey['kind']): Record<string, number> =>
      histogram(answers.filter((answer) => answer.kind === kind).map(({ score }) => score));
    expect(told('csat')).toEqual(given('Q7ALL', ['1', '2', '3', '4', '5']));
    const recommend = Array.from({ length: 11 }, (_, score) => String(score));
    expect(told('nps')).toEqual(year === 2017 ? given('NETPRO', recommend) : {});
    expect(counts).toMatchObject({ rows: raw.length, rejected: 0, unknownCustomer: 0 });
    expect(counts.mapped + counts.silent).toBe(raw.length);
    for (const { occurredAt, customerId, responseId } of answers) {
      const day = new Date(occurredAt);
      if (day.getUTCFullYear() !== year || day.getUTCMonth() !== 4) expect.fail(day.toISOString());
      expect(customerId).toBe(`SFO-${responseId}`);
    }
  },
);
