/** Survey scores on one scale per kind: what rules compare. Shares in the ledger are taken on the original numbers. */
import type { Survey, SurveyKind } from './survey.ts';

export interface Scale {
  readonly min: number;
  readonly max: number;
}

/** The scale a kind is brought to, which is also the one assumed where the source gives none. */
const SCALES: Readonly<Partial<Record<SurveyKind, Scale>>> = {
  csat: { min: 1, max: 5 },
  ces: { min: 1, max: 7 },
  nps: { min: 0, max: 10 },
};

export type Scored = Pick<Survey, 'kind' | 'score' | 'scaleMin' | 'scaleMax' | 'lowerIsBetter'>;

/** The scale as asked, or undefined where a kind without a scale of its own gives none, or gives half of one. */
export function scaleOf(survey: Omit<Scored, 'score' | 'lowerIsBetter'>): Scale | undefined {
  const own = SCALES[survey.kind];
  const min = survey.scaleMin ?? own?.min;
  const max = survey.scaleMax ?? own?.max;
  return min === undefined || max === undefined ? undefined : { min, max };
}

/**
 * The score in whole thousandths: mirrored where lower is better, brought to 1–5 (CSAT) or 1–7 (CES, high = easy), NPS
 * only from 0–10, rounded half up. Other kinds keep the scale as asked. Null without a score, for one outside its scale and
 * for a scale that is none.
 */
export function rescaledThousandths(survey: Scored): number | null {
  const { score, kind } = survey;
  if (score === null || !Number.isFinite(score)) return null;
  const target = SCALES[kind];
  const scale = scaleOf(survey);
  if (scale === undefined) return survey.lowerIsBetter ? null : halfUp(score * 1000);
  const { min, max } = scale;
  if (!(min < max) || score < min || score > max) return null;
  const mirrored = survey.lowerIsBetter ? min + max - score : score;
  if (target === undefined) return halfUp(mirrored * 1000);
  if (kind === 'nps' && (min !== target.min || max !== target.max)) return null;
  return halfUp(target.min * 1000 + (1000 * (target.max - target.min) * (mirrored - min)) / (max - min));
}

function halfUp(value: number): number {
  return Math.floor(value + 0.5);
}
