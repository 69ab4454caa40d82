import { describe, expect, it } from 'vitest';
import { rescaledThousandths, type Scored } from '../../../../services/core/domain/events/score.ts';

function scored(kind: Scored['kind'], score: number | null, scale?: [number, number], lowerIsBetter = false): Scored {
  return { kind, score, scaleMin: scale?.[0] ?? null, scaleMax: scale?.[1] ?? null, lowerIsBetter };
}

describe('rescaled scores', () => {
  it.each([
    ['keeps CSAT that comes without a scale', scored('csat', 4), 4000],
    ['brings CSAT of 1 to 7 to 1 to 5', scored('csat', 6, [1, 7]), 4333],
    ['brings "good" of two to the top', scored('csat', 1, [0, 1]), 5000],
    ['rounds half up to thousandths', scored('csat', 1, [0, 64]), 1063],
    ['mirrors where lower is better', scored('csat', 1, [1, 5], true), 5000],
    ['mirrors before it rescales', scored('ces', 2, [1, 5], true), 5500],
    ['keeps CES on 1 to 7', scored('ces', 3), 3000],
    ['keeps NPS on 0 to 10', scored('nps', 9), 9000],
    ['has no NPS from another scale', scored('nps', 9, [1, 10]), null],
    ['has no score outside its scale, the code for no answer', scored('nps', 11), null],
    ['has no score below its scale', scored('csat', 0), null],
    ['has no score where none was given', scored('csat', null), null],
    ['has no score on a scale that is none', scored('csat', 3, [5, 1]), null],
    ['keeps other kinds on the scale as asked', scored('custom', 7.25, [0, 10]), 7250],
    ['mirrors other kinds on the scale as asked', scored('custom', 2, [0, 10], true), 8000],
    ['keeps other kinds without a scale', scored('custom', -1.5), -1500],
    ['cannot mirror without a scale', scored('custom', 2, undefined, true), null],
    ['takes the half of a scale that is missing from the kind', { ...scored('csat', 10), scaleMax: 10 }, 5000],
  ] as const)('%s', (_, survey, expected) => {
    expect(rescaledThousandths(survey)).toBe(expected);
  });
});
