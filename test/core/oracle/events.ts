/** Plain events of each input; a test says only what differs from a plain one. */
import type { EventHeader } from '../../../services/core/domain/events/header.ts';
import type { Interaction } from '../../../services/core/domain/events/interaction.ts';
import type { Profile } from '../../../services/core/domain/events/profile.ts';
import type { Purchase } from '../../../services/core/domain/events/purchase.ts';
import type { Survey } from '../../../services/core/domain/events/survey.ts';

export type Header = Partial<EventHeader> & Pick<EventHeader, 'eventId' | 'occurredAt'>;

function header(given: Header): EventHeader {
  return {
    source: 'test',
    importId: null,
    receivedAt: given.occurredAt,
    customerId: 'ada',
    accountId: null,
    properties: {},
    ...given,
  };
}

export function interaction(given: Header & Partial<Interaction>): Interaction {
  return {
    kind: 'contact',
    channel: 'phone',
    platform: null,
    name: null,
    direction: 'inbound',
    actor: 'customer',
    handledBy: 'agent',
    visibility: 'public',
    issueId: null,
    conversationId: null,
    sessionId: null,
    category: null,
    subcategory: null,
    intent: null,
    productId: null,
    featureId: null,
    campaignId: null,
    offerId: null,
    language: null,
    sentiment: null,
    sentimentModel: null,
    durationMs: null,
    text: null,
    textLength: null,
    contact: null,
    ticket: null,
    digital: null,
    device: null,
    place: null,
    ...header(given),
    ...given,
  };
}

export function purchase(given: Header & Partial<Purchase>): Purchase {
  return {
    kind: 'order',
    orderId: null,
    originalOrderId: null,
    subscriptionId: null,
    checkoutId: null,
    conversationId: null,
    campaignId: null,
    offerId: null,
    amountMinor: 1000,
    currency: 'EUR',
    amountBaseMinor: 1000,
    marginBaseMinor: null,
    totalMinor: null,
    taxMinor: null,
    shippingMinor: null,
    discountMinor: null,
    coupon: null,
    channel: 'web',
    storeId: null,
    saleType: null,
    products: [],
    productIds: [],
    categories: [],
    subscription: null,
    ...header(given),
    ...given,
  };
}

export function survey(given: Header & Partial<Survey>): Survey {
  return {
    kind: 'csat',
    status: 'answered',
    surveyId: 's',
    questionId: 'q',
    responseId: given.eventId,
    scope: 'transaction',
    score: 5,
    scaleMin: null,
    scaleMax: null,
    lowerIsBetter: false,
    answers: [],
    text: null,
    sentiment: null,
    channel: 'email',
    storeId: null,
    language: null,
    offeredAt: null,
    issueId: null,
    conversationId: null,
    orderId: null,
    productId: null,
    featureId: null,
    agentId: null,
    ...header(given),
    ...given,
  };
}

export function profile(given: Header & Partial<Profile>): Profile {
  return {
    kind: 'update',
    traits: {},
    unset: [],
    accountTraits: {},
    scores: [],
    consents: [],
    ...header(given),
    ...given,
  };
}
