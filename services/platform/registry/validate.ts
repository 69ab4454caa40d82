/**
 * What is refused in an event beyond its schema. It says all there is to say about an event at once, and costs next to nothing
 * for one that is in order: it may be asked of every event.
 */
import type { EventHeader, Input } from '../../core/domain/events/header.ts';
import type { Identity } from '../../core/domain/events/identity.ts';
import type { Interaction } from '../../core/domain/events/interaction.ts';
import type { Profile } from '../../core/domain/events/profile.ts';
import type { Purchase } from '../../core/domain/events/purchase.ts';
import { scaleOf } from '../../core/domain/events/score.ts';
import type { Survey } from '../../core/domain/events/survey.ts';
import type { EventRecord } from './registry.ts';

export interface EventMistake {
  /** Dotted path. */
  readonly field: string;
  readonly message: string;
}

const ID_BYTES_MAX = 256;
/** Below this many UTF-16 units an id fits whatever its characters. */
const ID_UNITS_SAFE = ID_BYTES_MAX / 3;
/** The calendar ends here, both ways, ms. */
const INSTANT_MAX = 8.64e15;
const CURRENCY = /^[A-Z]{3}$/;
/** Names that mean something else to JavaScript; the language knows no such fields. */
const FORBIDDEN_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const IDS: Readonly<Record<Input, readonly string[]>> = {
  interactions: ['issueId', 'conversationId', 'sessionId', 'productId', 'featureId', 'campaignId', 'offerId'],
  purchases: ['orderId', 'originalOrderId', 'subscriptionId', 'checkoutId', 'conversationId', 'campaignId', 'offerId'],
  surveys: ['surveyId', 'questionId', 'responseId', 'issueId', 'conversationId', 'orderId', 'productId', 'featureId'],
  profiles: [],
  identities: ['otherId'],
};
const HEADER_IDS = ['eventId', 'source', 'importId', 'customerId', 'accountId'];

const CHECKS: { readonly [I in Input]: (event: EventRecord<I>, found: EventMistake[]) => void } = {
  interactions: checkInteraction,
  purchases: checkPurchase,
  surveys: checkSurvey,
  profiles: checkProfile,
  identities: checkIdentity,
};

/** Empty for an event that is in order. The event fits its schema. */
export function refusalsOf<I extends Input>(input: I, event: EventRecord<I>): readonly EventMistake[] {
  const found: EventMistake[] = [];
  checkIds(event, HEADER_IDS, found);
  checkIds(event, IDS[input], found);
  checkInstant('occurredAt', event.occurredAt, found);
  checkInstant('receivedAt', event.receivedAt, found);
  checkNames('properties', event.properties, found);
  CHECKS[input](event, found);
  return found;
}

function checkIds(event: EventHeader, names: readonly string[], found: EventMistake[]): void {
  const fields = event as unknown as Readonly<Record<string, string | null>>;
  for (const field of names) {
    const id = fields[field];
    if (id === null || id === undefined) continue;
    if (id.length === 0) found.push({ field, message: 'must not be empty' });
    else if (id.length > ID_UNITS_SAFE && Buffer.byteLength(id) > ID_BYTES_MAX) {
      found.push({ field, message: `must not be longer than ${ID_BYTES_MAX} bytes` });
    }
  }
}

function checkInstant(field: string, instant: number | null, found: EventMistake[]): void {
  if (instant !== null && Math.abs(instant) > INSTANT_MAX)
    found.push({ field, message: 'must be within the calendar' });
}

/** Names and numbers of a map of custom values. */
function checkNames(field: string, entries: Readonly<Record<string, unknown>>, found: EventMistake[]): void {
  for (const name in entries) {
    if (FORBIDDEN_NAMES.has(name)) found.push({ field, message: `must not have the name ${name}` });
    const value = entries[name];
    if (typeof value === 'number') checkFinite(`${field}.${name}`, value, found);
  }
}

function checkFinite(field: string, value: number | null, found: EventMistake[]): boolean {
  if (value === null) return false;
  if (Number.isFinite(value)) return true;
  found.push({ field, message: `must be a number, not ${value}` });
  return false;
}

function checkRange(field: string, value: number | null, min: number, max: number, found: EventMistake[]): void {
  if (value === null) return;
  if (!checkFinite(field, value, found) || (value >= min && value <= max)) return;
  const range = max === Infinity ? `at least ${min}` : `from ${min} to ${max}`;
  found.push({ field, message: `must be ${range}, not ${value}` });
}

function checkInteraction(event: Interaction, found: EventMistake[]): void {
  const { contact, ticket, digital } = event;
  checkRange('sentiment', event.sentiment, -1, 1, found);
  checkRange('durationMs', event.durationMs, 0, Infinity, found);
  checkRange('textLength', event.textLength, 0, Infinity, found);
  if (contact !== null) {
    checkRange('contact.waitMs', contact.waitMs, 0, Infinity, found);
    checkRange('contact.handleMs', contact.handleMs, 0, Infinity, found);
    checkRange('contact.holdMs', contact.holdMs, 0, Infinity, found);
    checkRange('contact.afterContactMs', contact.afterContactMs, 0, Infinity, found);
  }
  if (ticket !== null) {
    checkRange('ticket.firstReplyMs', ticket.firstReplyMs, 0, Infinity, found);
    checkRange('ticket.resolutionMs', ticket.resolutionMs, 0, Infinity, found);
    checkRange('ticket.slaTargetMs', ticket.slaTargetMs, 0, Infinity, found);
  }
  if (digital !== null) checkRange('digital.rating', digital.rating, 1, 5, found);
}

function checkPurchase(event: Purchase, found: EventMistake[]): void {
  checkAmount('amountMinor', event.kind, event.amountMinor, found);
  if (event.amountBaseMinor !== null) checkAmount('amountBaseMinor', event.kind, event.amountBaseMinor, found);
  if (!CURRENCY.test(event.currency)) {
    found.push({ field: 'currency', message: 'must be three capital letters (ISO 4217)' });
  }
  event.products.forEach((product, index) => checkFinite(`products.${index}.quantity`, product.quantity, found));
  if (event.subscription !== null) {
    checkInstant('subscription.currentPeriodEndsAt', event.subscription.currentPeriodEndsAt, found);
    checkInstant('subscription.trialEndsAt', event.subscription.trialEndsAt, found);
  }
}

/** Amounts are signed, so that a net amount is a plain sum. */
function checkAmount(field: string, kind: Purchase['kind'], amount: number, found: EventMistake[]): void {
  switch (kind) {
    case 'order':
    case 'invoice_paid':
      if (amount < 0) found.push({ field, message: `must not be negative on ${kind}` });
      return;
    case 'refund':
    case 'order_cancelled':
      if (amount > 0) found.push({ field, message: `must not be positive on ${kind}: amounts are signed` });
      return;
    case 'trial_started':
    case 'trial_ended':
    case 'subscription_started':
    case 'subscription_renewed':
    case 'subscription_upgraded':
    case 'subscription_downgraded':
    case 'subscription_cancelled':
    case 'subscription_expired':
    case 'payment_failed':
    case 'custom':
      if (amount !== 0) found.push({ field, message: `must be 0 on ${kind}, which is no revenue` });
  }
}

function checkSurvey(event: Survey, found: EventMistake[]): void {
  checkRange('sentiment', event.sentiment, -1, 1, found);
  checkInstant('offeredAt', event.offeredAt, found);
  checkFinite('scaleMin', event.scaleMin, found);
  checkFinite('scaleMax', event.scaleMax, found);
  const scored = checkFinite('score', event.score, found);
  const scale = scaleOf(event);
  if (scale === undefined) return;
  if (scale.min >= scale.max) {
    found.push({ field: 'scaleMin', message: `must be less than scaleMax (${scale.max})` });
  } else if (scored) checkRange('score', event.score, scale.min, scale.max, found);
}

function checkProfile(event: Profile, found: EventMistake[]): void {
  checkNames('traits', event.traits, found);
  checkNames('accountTraits', event.accountTraits, found);
  event.scores.forEach((score, index) => {
    checkFinite(`scores.${index}.value`, score.value, found);
    checkFinite(`scores.${index}.low`, score.low, found);
    checkFinite(`scores.${index}.high`, score.high, found);
    checkInstant(`scores.${index}.computedAt`, score.computedAt, found);
    checkInstant(`scores.${index}.expiresAt`, score.expiresAt, found);
  });
}

function checkIdentity(event: Identity, found: EventMistake[]): void {
  checkRange('confidence', event.confidence, 0, 1, found);
  if (event.otherId === event.customerId) {
    found.push({ field: 'otherId', message: 'must be another id than customerId' });
  }
}
