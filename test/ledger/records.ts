/** Records with everything a test does not care about filled in. */
import type { Change } from '../../services/core/domain/events/change.ts';
import type { DefinitionRecord } from '../../services/core/domain/events/definition-record.ts';
import type { Fact, FactPrefix } from '../../services/core/domain/events/fact.ts';
import type { EventHeader } from '../../services/core/domain/events/header.ts';
import type { Interaction } from '../../services/core/domain/events/interaction.ts';
import type { Purchase } from '../../services/core/domain/events/purchase.ts';
import type { Survey } from '../../services/core/domain/events/survey.ts';

export const T0 = Date.UTC(2026, 2, 1);
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

let serial = 0;

function header(customerId: string, instant: number): EventHeader {
  serial += 1;
  return {
    eventId: `event-${serial}`,
    source: 'test',
    importId: null,
    occurredAt: instant,
    receivedAt: instant,
    customerId,
    accountId: null,
    properties: {},
  };
}

type Prefix = Partial<FactPrefix> & { customerId: string; instant: number };

function prefix<I extends Fact['input']>(input: I, part: Prefix): Omit<FactPrefix, 'input'> & { input: I } {
  return {
    sourceId: part.customerId,
    life: 1,
    seq: 0,
    asOf: part.instant,
    decidedAt: part.instant,
    rulesOffset: -1,
    segments: [],
    entered: [],
    exited: [],
    late: false,
    tooLate: false,
    history: false,
    offset: 0,
    appendedAt: part.instant,
    ...part,
    input,
  };
}

export function interaction(part: Prefix, event: Partial<Interaction>): Fact {
  return {
    ...prefix('interactions', part),
    event: {
      ...header(part.customerId, part.instant),
      kind: 'contact',
      channel: 'email',
      platform: null,
      name: null,
      direction: 'inbound',
      actor: 'customer',
      handledBy: 'none',
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
      ...event,
    },
  };
}

export function purchase(part: Prefix, event: Partial<Purchase>): Fact {
  return {
    ...prefix('purchases', part),
    event: {
      ...header(part.customerId, part.instant),
      kind: 'order',
      orderId: null,
      originalOrderId: null,
      subscriptionId: null,
      checkoutId: null,
      conversationId: null,
      campaignId: null,
      offerId: null,
      amountMinor: 0,
      currency: 'GBP',
      amountBaseMinor: null,
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
      ...event,
    },
  };
}

export function survey(part: Prefix, event: Partial<Survey>): Fact {
  serial += 1;
  return {
    ...prefix('surveys', part),
    event: {
      ...header(part.customerId, part.instant),
      kind: 'csat',
      status: 'answered',
      surveyId: 's',
      questionId: 'q',
      responseId: `response-${serial}`,
      scope: 'transaction',
      score: 4,
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
      ...event,
    },
  };
}

export function change(
  part: Partial<Change> & { customerId: string; seq: number; number: number; effectiveAt: number },
): Change {
  const life = part.life ?? 1;
  return {
    life,
    index: 0,
    of: 1,
    segment: `segment-${part.number}`,
    version: 1,
    group: null,
    kind: 'entered',
    from: null,
    to: null,
    decidedAt: part.effectiveAt,
    enteredAt: null,
    cause: 'event',
    causeId: null,
    causeTopic: null,
    causeOffset: null,
    rulesOffset: 0,
    segments: [],
    idempotencyKey: `${part.customerId}|${life}|${part.seq}`,
    conditions: [],
    reason: 'because',
    ...part,
  };
}

/** A segment anybody with an order is in; `number` only makes key and name. */
export function definition(number: number, part: Partial<DefinitionRecord> = {}): DefinitionRecord {
  const key = `segment-${number}`;
  return {
    kind: 'segment',
    key,
    basedOn: null,
    author: null,
    reason: null,
    publishedAt: T0,
    effectiveFrom: null,
    body: JSON.stringify({
      key,
      name: `Segment ${number}`,
      goal: `goal ${number}`,
      enter: { count: { event: 'purchase' }, atLeast: number },
    }),
    ...part,
  };
}
