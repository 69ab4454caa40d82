/** Whole events to start from in tests. */
import type { Change, Membership } from '../../../services/core/domain/events/change.ts';
import type { DefinitionRecord } from '../../../services/core/domain/events/definition-record.ts';
import type { Fact } from '../../../services/core/domain/events/fact.ts';
import type { EventHeader } from '../../../services/core/domain/events/header.ts';
import type { Identity } from '../../../services/core/domain/events/identity.ts';
import type { Interaction } from '../../../services/core/domain/events/interaction.ts';
import type { Profile } from '../../../services/core/domain/events/profile.ts';
import type { Purchase } from '../../../services/core/domain/events/purchase.ts';
import type { Survey } from '../../../services/core/domain/events/survey.ts';
import type { RecordTypes } from '../../../services/platform/registry/record-schemas.ts';

export const NOW = Date.UTC(2026, 2, 1, 12);

const header: EventHeader = {
  eventId: 'event-1',
  source: 'desk',
  importId: null,
  occurredAt: NOW,
  receivedAt: NOW + 200,
  customerId: 'customer-1',
  accountId: null,
  properties: {},
};

export const interaction: Interaction = {
  ...header,
  kind: 'contact',
  channel: 'phone',
  platform: null,
  name: null,
  direction: 'inbound',
  actor: 'customer',
  handledBy: 'agent',
  visibility: 'public',
  issueId: 'issue-1',
  conversationId: 'conversation-1',
  sessionId: null,
  category: 'billing',
  subcategory: null,
  intent: null,
  productId: null,
  featureId: null,
  campaignId: null,
  offerId: null,
  language: 'en',
  sentiment: -0.25,
  sentimentModel: null,
  durationMs: null,
  text: null,
  textLength: null,
  contact: {
    queue: 'general',
    team: null,
    agentId: 'agent-7',
    transferredTo: null,
    disposition: null,
    waitMs: 45_000,
    handleMs: 300_000,
    holdMs: null,
    afterContactMs: null,
    costBaseMinor: null,
    outsideBusinessHours: false,
    treatments: ['call-back'],
    verification: 'one_time_code',
  },
  ticket: null,
  digital: null,
  device: { type: 'mobile', os: 'iOS', osVersion: null, browser: null, appVersion: '4.10' },
  place: null,
};

export const purchase: Purchase = {
  ...header,
  kind: 'order',
  orderId: 'order-1',
  originalOrderId: null,
  subscriptionId: null,
  checkoutId: null,
  conversationId: null,
  campaignId: null,
  offerId: null,
  amountMinor: 1999,
  currency: 'EUR',
  amountBaseMinor: 2150,
  marginBaseMinor: null,
  totalMinor: 2499,
  taxMinor: 300,
  shippingMinor: 200,
  discountMinor: null,
  coupon: null,
  channel: 'web',
  storeId: null,
  saleType: 'new',
  products: [
    { productId: 'p-1', sku: null, name: 'Tee', category: 'clothes', brand: null, quantity: 2, priceMinor: 999 },
  ],
  productIds: ['p-1'],
  categories: ['clothes'],
  subscription: null,
};

export const survey: Survey = {
  ...header,
  kind: 'csat',
  status: 'answered',
  surveyId: 'survey-1',
  questionId: 'q-1',
  responseId: 'response-1',
  scope: 'transaction',
  score: 4,
  scaleMin: 1,
  scaleMax: 5,
  lowerIsBetter: false,
  answers: [],
  text: null,
  sentiment: null,
  channel: 'email',
  storeId: null,
  language: null,
  offeredAt: NOW - 60_000,
  issueId: 'issue-1',
  conversationId: null,
  orderId: null,
  productId: null,
  featureId: null,
  agentId: null,
};

export const profile: Profile = {
  ...header,
  kind: 'update',
  traits: { plan: 'pro', age: 41, vulnerable: false, interests: ['tea', 'chess'], gender: null },
  unset: ['profession'],
  accountTraits: {},
  scores: [{ model: 'pAlive', version: '3', value: 0.5, low: null, high: null, computedAt: NOW, expiresAt: null }],
  consents: [{ purpose: 'health', granted: true, basis: null }],
};

export const identity: Identity = {
  ...header,
  action: 'link',
  otherId: 'device-9',
  idKind: 'crm',
  otherIdKind: 'device',
  method: 'login',
  confidence: 0.9,
  verification: null,
  author: null,
  reason: null,
};

export const fact: Fact = {
  customerId: 'customer-1',
  sourceId: 'customer-1',
  life: 1,
  seq: 3,
  instant: NOW,
  asOf: NOW,
  decidedAt: NOW + 500,
  rulesOffset: 12,
  segments: [1, 4],
  entered: [2],
  exited: [],
  late: false,
  tooLate: false,
  history: false,
  input: 'interactions',
  offset: 77,
  appendedAt: NOW + 250,
  event: interaction,
};

const change: Change = {
  customerId: 'customer-1',
  life: 1,
  seq: 4,
  index: 0,
  of: 1,
  segment: 'frequent-caller',
  number: 2,
  version: 1,
  group: null,
  kind: 'entered',
  from: null,
  to: null,
  fromNumber: null,
  effectiveAt: NOW,
  decidedAt: NOW + 500,
  enteredAt: null,
  cause: 'event',
  causeId: 'event-1',
  causeTopic: 'customer.interactions.v1',
  causeOffset: 77,
  rulesOffset: 12,
  segments: [1, 2, 4],
  idempotencyKey: 'customer-1|1|4',
  conditions: [{ path: 'enter', text: 'contacts in 30 days', value: 3, threshold: '3', was: 'false', is: 'true' }],
  reason: '3 contacts in 30 days, at least 3 wanted',
};

const membership: Membership = {
  customerId: 'customer-1',
  life: 1,
  seq: 4,
  asOf: NOW,
  rulesOffset: 12,
  segments: [{ segment: 'frequent-caller', number: 2, version: 1, enteredAt: NOW }],
};

const definition: DefinitionRecord = {
  kind: 'segment',
  key: 'frequent-caller',
  basedOn: null,
  author: null,
  reason: null,
  publishedAt: NOW,
  effectiveFrom: null,
  body: '{}',
};

export const SAMPLES: RecordTypes = {
  interaction,
  purchase,
  survey,
  profile,
  identity,
  fact,
  change,
  membership,
  definition,
};
