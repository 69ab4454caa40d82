/** One question asked or answered. */
import type { Channel, EventHeader } from './header.ts';

export const SURVEY_KINDS = ['csat', 'nps', 'ces', 'resolution', 'preference', 'profile', 'custom'] as const;
export type SurveyKind = (typeof SURVEY_KINDS)[number];

export const SURVEY_STATUSES = ['offered', 'answered', 'declined', 'expired'] as const;
export const SURVEY_SCOPES = ['relationship', 'transaction', 'product'] as const;

export interface Survey extends EventHeader {
  readonly kind: SurveyKind;
  readonly status: (typeof SURVEY_STATUSES)[number];
  readonly surveyId: string;
  readonly questionId: string;
  /** Joins the offer and the answers of one invitation. */
  readonly responseId: string;
  readonly scope: (typeof SURVEY_SCOPES)[number];
  /** As given, on the scale as asked; see `rescaledThousandths`. */
  readonly score: number | null;
  readonly scaleMin: number | null;
  readonly scaleMax: number | null;
  readonly lowerIsBetter: boolean;
  readonly answers: readonly string[];
  readonly text: string | null;
  readonly sentiment: number | null;
  readonly channel: Channel;
  readonly storeId: string | null;
  readonly language: string | null;
  readonly offeredAt: number | null;
  readonly issueId: string | null;
  readonly conversationId: string | null;
  readonly orderId: string | null;
  readonly productId: string | null;
  readonly featureId: string | null;
  readonly agentId: string | null;
}
