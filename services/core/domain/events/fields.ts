/**
 * The dictionary of fields a rule can read, by dotted path. Not in it, on purpose: direct identifiers and free text, lines of
 * an order (rules read the flat `productIds` and `categories`), and what identifies or dates the event itself. Custom fields
 * are read as `properties.<name>`, of any scalar type.
 */
import { CHANNELS, VERIFICATIONS, type PiiClass } from './header.ts';
import * as interaction from './interaction.ts';
import { PURCHASE_KINDS, SALE_TYPES } from './purchase.ts';
import { SURVEY_KINDS, SURVEY_SCOPES, SURVEY_STATUSES } from './survey.ts';

export type FieldType = 'string' | 'enum' | 'integer' | 'decimal' | 'boolean' | 'set' | 'instant';

export interface FieldSpec {
  readonly type: FieldType;
  /** Of an enum. */
  readonly symbols?: readonly string[];
  readonly pii?: PiiClass;
  /** Noun phrase for sentences and forms. */
  readonly label: string;
}

type Fields = Readonly<Record<string, FieldSpec>>;

function field(type: FieldType, label: string, pii?: PiiClass): FieldSpec {
  return pii === undefined ? { type, label } : { type, label, pii };
}

function choice(symbols: readonly string[], label: string, pii?: PiiClass): FieldSpec {
  return { ...field('enum', label, pii), symbols };
}

const HEADER: Fields = {
  source: field('string', 'source system'),
  accountId: field('string', 'company', 'P'),
};

const INTERACTION: Fields = {
  ...HEADER,
  kind: choice(interaction.INTERACTION_KINDS, 'kind'),
  channel: choice(CHANNELS, 'channel'),
  platform: field('string', 'platform'),
  name: field('string', 'name at the source'),
  direction: choice(interaction.DIRECTIONS, 'direction'),
  actor: choice(interaction.ACTORS, 'actor'),
  handledBy: choice(interaction.HANDLED_BY, 'handled by'),
  visibility: choice(interaction.VISIBILITIES, 'visibility'),
  issueId: field('string', 'issue', 'P'),
  conversationId: field('string', 'conversation', 'P'),
  sessionId: field('string', 'session', 'P'),
  category: field('string', 'category', 'Q'),
  subcategory: field('string', 'subcategory', 'Q'),
  intent: field('string', 'intent', 'Q'),
  productId: field('string', 'product'),
  featureId: field('string', 'feature'),
  campaignId: field('string', 'campaign'),
  offerId: field('string', 'offer'),
  language: field('string', 'language'),
  sentiment: field('decimal', 'sentiment', 'Q'),
  sentimentModel: field('string', 'sentiment model'),
  durationMs: field('integer', 'duration'),
  textLength: field('integer', 'length of the text'),
  'contact.queue': field('string', 'queue'),
  'contact.team': field('string', 'team'),
  'contact.agentId': field('string', 'support agent', 'E'),
  'contact.transferredTo': field('string', 'target of the transfer'),
  'contact.disposition': field('string', 'disposition'),
  'contact.waitMs': field('integer', 'waiting time'),
  'contact.handleMs': field('integer', 'handling time'),
  'contact.holdMs': field('integer', 'time on hold'),
  'contact.afterContactMs': field('integer', 'after-contact work'),
  'contact.costBaseMinor': field('integer', 'cost of the contact'),
  'contact.outsideBusinessHours': field('boolean', 'outside business hours'),
  'contact.treatments': field('set', 'treatments applied'),
  'contact.verification': choice(VERIFICATIONS, 'verification'),
  'ticket.status': choice(interaction.TICKET_STATUSES, 'ticket status'),
  'ticket.type': choice(interaction.TICKET_TYPES, 'ticket type'),
  'ticket.priority': choice(interaction.PRIORITIES, 'priority'),
  'ticket.urgency': choice(interaction.LEVELS, 'urgency'),
  'ticket.complexity': choice(interaction.LEVELS, 'complexity'),
  'ticket.firstReplyMs': field('integer', 'reported time to first reply'),
  'ticket.resolutionMs': field('integer', 'reported time to resolution'),
  'ticket.durationClock': choice(interaction.DURATION_CLOCKS, 'clock of the reported times'),
  'ticket.slaMetric': choice(interaction.SLA_METRICS, 'metric of the service level'),
  'ticket.slaTargetMs': field('integer', 'target of the service level'),
  'ticket.slaMet': field('boolean', 'service level met'),
  'ticket.reopenCount': field('integer', 'reported times reopened'),
  'ticket.reassignmentCount': field('integer', 'reported times reassigned'),
  'ticket.escalationLevel': field('integer', 'escalation level'),
  'ticket.resolvedBy': choice(interaction.RESOLVED_BY, 'resolved by'),
  'ticket.resolutionCode': field('string', 'resolution code'),
  'ticket.resolvedOnFirstContact': field('boolean', 'resolved on first contact'),
  'digital.path': field('string', 'path', 'Q'),
  'digital.articleId': field('string', 'help article', 'Q'),
  'digital.errorCode': field('string', 'error code', 'Q'),
  'digital.checkoutId': field('string', 'checkout', 'Q'),
  'digital.productCategory': field('string', 'product category', 'Q'),
  'digital.rating': field('integer', 'rating', 'Q'),
  'device.type': choice(interaction.DEVICE_TYPES, 'device', 'Q'),
  'device.os': field('string', 'operating system', 'Q'),
  'device.osVersion': field('string', 'version of the operating system', 'Q'),
  'device.browser': field('string', 'browser', 'Q'),
  'device.appVersion': field('string', 'version of the app', 'Q'),
  'place.country': field('string', 'country', 'Q'),
  'place.state': field('string', 'state', 'Q'),
  'place.city': field('string', 'city', 'Q'),
  'place.storeId': field('string', 'store', 'Q'),
};

const PURCHASE: Fields = {
  ...HEADER,
  kind: choice(PURCHASE_KINDS, 'kind'),
  orderId: field('string', 'order', 'P'),
  originalOrderId: field('string', 'original order', 'P'),
  subscriptionId: field('string', 'subscription', 'P'),
  checkoutId: field('string', 'checkout', 'P'),
  conversationId: field('string', 'conversation', 'P'),
  campaignId: field('string', 'campaign', 'P'),
  offerId: field('string', 'offer', 'P'),
  amountMinor: field('integer', 'amount as charged'),
  currency: field('string', 'currency'),
  amountBaseMinor: field('integer', 'amount'),
  marginBaseMinor: field('integer', 'margin'),
  totalMinor: field('integer', 'total as charged'),
  taxMinor: field('integer', 'tax as charged'),
  shippingMinor: field('integer', 'shipping as charged'),
  discountMinor: field('integer', 'discount'),
  coupon: field('string', 'coupon'),
  channel: choice(CHANNELS, 'channel'),
  storeId: field('string', 'store'),
  saleType: choice(SALE_TYPES, 'sort of sale'),
  productIds: field('set', 'products'),
  categories: field('set', 'categories'),
  'subscription.plan': field('string', 'plan'),
  'subscription.interval': field('string', 'billing interval'),
  'subscription.cancelReason': field('string', 'reason of the cancellation'),
  'subscription.seats': field('integer', 'seats'),
  'subscription.recurringBaseMinor': field('integer', 'recurring revenue per month'),
  'subscription.voluntary': field('boolean', 'ended by the customer'),
  'subscription.currentPeriodEndsAt': field('instant', 'end of the paid period'),
  'subscription.trialEndsAt': field('instant', 'end of the trial'),
};

const SURVEY: Fields = {
  ...HEADER,
  kind: choice(SURVEY_KINDS, 'kind'),
  status: choice(SURVEY_STATUSES, 'status'),
  surveyId: field('string', 'survey', 'P'),
  questionId: field('string', 'question', 'P'),
  responseId: field('string', 'response', 'P'),
  scope: choice(SURVEY_SCOPES, 'scope'),
  score: field('decimal', 'score'),
  answers: field('set', 'answers', 'S'),
  sentiment: field('decimal', 'sentiment of the comment'),
  channel: choice(CHANNELS, 'channel'),
  storeId: field('string', 'store'),
  language: field('string', 'language'),
  offeredAt: field('instant', 'time of the offer'),
  issueId: field('string', 'issue', 'P'),
  conversationId: field('string', 'conversation', 'P'),
  orderId: field('string', 'order', 'P'),
  productId: field('string', 'product'),
  featureId: field('string', 'feature'),
  agentId: field('string', 'support agent', 'E'),
};

/** By event name of the language. A survey's `score` is read rescaled (`score.ts`), hence its scale is not in here. */
export const FIELDS: Readonly<Record<'interaction' | 'purchase' | 'survey', Fields>> = {
  interaction: INTERACTION,
  purchase: PURCHASE,
  survey: SURVEY,
};
