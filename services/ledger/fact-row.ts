/** A fact as a row of `facts`, and as a row of `issue_facts` where it belongs to an issue. */
import type { Fact } from '../core/domain/events/fact.ts';
import type { Contact, Interaction, Ticket } from '../core/domain/events/interaction.ts';
import type { Purchase } from '../core/domain/events/purchase.ts';
import { rescaledThousandths, scaleOf } from '../core/domain/events/score.ts';
import type { Survey } from '../core/domain/events/survey.ts';
import { flag, instant, integer, integers, NULL, text, texts } from './tsv.ts';

const COMMON_COLUMNS = (
  'src_partition src_offset input input_offset customer_id source_id life seq instant as_of decided_at appended_at received_at ' +
  'rules_offset segments entered exited late too_late history event_id source'
).split(' ');

const INTERACTION_COLUMNS = (
  'kind channel platform direction actor handled_by visibility issue_id conversation_id category subcategory product_id ' +
  'feature_id campaign_id offer_id checkout_id sentiment_milli duration_ms queue team wait_ms handle_ms cost_base_minor ' +
  'ticket_type priority urgency complexity first_reply_ms resolution_ms duration_clock sla_metric sla_met resolved_by ' +
  'device_type country'
).split(' ');

const PURCHASE_COLUMNS = (
  'kind channel conversation_id campaign_id offer_id checkout_id order_id original_order_id subscription_id amount_minor currency ' +
  'amount_base_minor margin_base_minor sale_type product_ids categories'
).split(' ');

const SURVEY_COLUMNS = (
  'kind channel issue_id conversation_id order_id product_id feature_id sentiment_milli survey_status survey_id question_id ' +
  'response_id scope score_milli score_positive'
).split(' ');

const OTHER_COLUMNS = ['kind'];

/** All columns the ledger writes, each once. */
export const FACT_COLUMNS: readonly string[] = [
  ...new Set([...COMMON_COLUMNS, ...INTERACTION_COLUMNS, ...PURCHASE_COLUMNS, ...SURVEY_COLUMNS, ...OTHER_COLUMNS]),
];

export const ISSUE_FACT_COLUMNS: readonly string[] = (
  'src_partition src_offset customer_id issue_id instant kind channel inbound by_customer answer category product_id ticket_type ' +
  'first_reply_ms resolution_ms sla_metric sla_met cost_base_minor segments'
).split(' ');

/** What an input that has no such field leaves in a column. */
const NULLABLE = new Set(
  (
    'sentiment_milli duration_ms wait_ms handle_ms cost_base_minor first_reply_ms resolution_ms sla_met amount_base_minor ' +
    'margin_base_minor score_milli score_positive'
  ).split(' '),
);
const ARRAYS = new Set(['product_ids', 'categories']);

/** One line of TabSeparated in the order of `FACT_COLUMNS`. */
export function factRow(fact: Fact, partition: number, offset: number): string {
  const { event } = fact;
  const start =
    `${partition}\t${offset}\t${fact.input}\t${fact.offset}\t${text(fact.customerId)}\t${text(fact.sourceId)}\t${fact.life}\t` +
    `${fact.seq}\t${instant(fact.instant)}\t${instant(fact.asOf)}\t${instant(fact.decidedAt)}\t${instant(fact.appendedAt)}\t` +
    `${instant(event.receivedAt)}\t${fact.rulesOffset}\t${integers(fact.segments)}\t${integers(fact.entered)}\t` +
    `${integers(fact.exited)}\t${flag(fact.late)}\t${flag(fact.tooLate)}\t${flag(fact.history)}\t${text(event.eventId)}\t` +
    text(event.source);
  switch (fact.input) {
    case 'interactions':
      return `${start}\t${interactionCells(fact.event)}${AFTER_INTERACTION}\n`;
    case 'purchases':
      return line(start, PURCHASE_PLACES, purchaseCells(fact.event));
    case 'surveys':
      return line(start, SURVEY_PLACES, surveyCells(fact.event));
    case 'profiles':
      return line(start, OTHER_PLACES, [fact.event.kind]);
    case 'identities':
      return line(start, OTHER_PLACES, [fact.event.action]);
  }
}

/** One line of `issue_facts`, or undefined for a fact that belongs to no issue. */
export function issueFactRow(fact: Fact, partition: number, offset: number): string | undefined {
  if (fact.input !== 'interactions') return undefined;
  const { event } = fact;
  if (event.issueId === null || event.issueId === '') return undefined;
  const inbound = event.direction === 'inbound';
  const answer = event.kind === 'ticket_answered' && event.handledBy === 'agent' && event.visibility === 'public';
  const opens = event.kind === 'ticket_opened' || (event.kind === 'contact' && inbound);
  const ticket = event.ticket;
  const onCalendar = ticket !== null && ticket.durationClock !== 'business';
  return (
    `${partition}\t${offset}\t${text(fact.customerId)}\t${text(event.issueId)}\t${instant(fact.instant)}\t${event.kind}\t` +
    `${event.channel}\t${flag(inbound)}\t${flag(inbound || event.actor === 'customer')}\t${flag(answer)}\t${text(event.category)}\t` +
    `${text(event.productId)}\t${ticket?.type ?? ''}\t${integer(onCalendar ? ticket.firstReplyMs : null)}\t` +
    `${integer(onCalendar ? ticket.resolutionMs : null)}\t${ticket?.slaMetric ?? ''}\t${flag(ticket?.slaMet ?? null)}\t` +
    `${integer(event.contact?.costBaseMinor ?? null)}\t${integers(opens ? heldAfter(fact) : [])}\n`
  );
}

/** The set after the event (letter A): before + entered − exited, ascending. */
function heldAfter(fact: Pick<Fact, 'segments' | 'entered' | 'exited'>): readonly number[] {
  if (fact.entered.length === 0 && fact.exited.length === 0) return fact.segments;
  const set = new Set([...fact.segments, ...fact.entered]);
  for (const number of fact.exited) set.delete(number);
  return [...set].sort((a, b) => a - b);
}

function interactionCells(event: Interaction): string {
  return (
    `${event.kind}\t${event.channel}\t${text(event.platform)}\t${event.direction}\t${event.actor}\t${event.handledBy}\t` +
    `${event.visibility}\t${text(event.issueId)}\t${text(event.conversationId)}\t${text(event.category)}\t` +
    `${text(event.subcategory)}\t${text(event.productId)}\t${text(event.featureId)}\t${text(event.campaignId)}\t` +
    `${text(event.offerId)}\t${text(event.digital?.checkoutId ?? null)}\t${thousandths(event.sentiment)}\t` +
    `${integer(event.durationMs)}\t${contactCells(event.contact)}\t${ticketCells(event.ticket)}\t` +
    `${event.device?.type ?? ''}\t${text(event.place?.country ?? null)}`
  );
}

const NO_CONTACT = `\t\t${NULL}\t${NULL}\t${NULL}`;

function contactCells(contact: Contact | null): string {
  if (contact === null) return NO_CONTACT;
  return (
    `${text(contact.queue)}\t${text(contact.team)}\t${integer(contact.waitMs)}\t${integer(contact.handleMs)}\t` +
    integer(contact.costBaseMinor)
  );
}

const NO_TICKET = `\t\t\t\t${NULL}\t${NULL}\t\t\t${NULL}\t`;

function ticketCells(ticket: Ticket | null): string {
  if (ticket === null) return NO_TICKET;
  return (
    `${ticket.type ?? ''}\t${ticket.priority ?? ''}\t${ticket.urgency ?? ''}\t${ticket.complexity ?? ''}\t` +
    `${integer(ticket.firstReplyMs)}\t${integer(ticket.resolutionMs)}\t${ticket.durationClock ?? ''}\t${ticket.slaMetric ?? ''}\t` +
    `${flag(ticket.slaMet)}\t${ticket.resolvedBy ?? ''}`
  );
}

function purchaseCells(event: Purchase): readonly string[] {
  return [
    event.kind,
    event.channel,
    text(event.conversationId),
    text(event.campaignId),
    text(event.offerId),
    text(event.checkoutId),
    text(event.orderId),
    text(event.originalOrderId),
    text(event.subscriptionId),
    String(event.amountMinor),
    text(event.currency),
    integer(event.amountBaseMinor),
    integer(event.marginBaseMinor),
    event.saleType ?? '',
    texts(event.productIds),
    texts(event.categories),
  ];
}

function surveyCells(event: Survey): readonly string[] {
  const score = event.status === 'answered' ? rescaledThousandths(event) : null;
  return [
    event.kind,
    event.channel,
    text(event.issueId),
    text(event.conversationId),
    text(event.orderId),
    text(event.productId),
    text(event.featureId),
    thousandths(event.sentiment),
    event.status,
    text(event.surveyId),
    text(event.questionId),
    text(event.responseId),
    event.scope,
    integer(score),
    flag(score === null ? null : positive(event)),
  ];
}

/** On the original numbers, mirrored where lower is better: CSAT positive, CES easy; null for other kinds. */
function positive(event: Survey): boolean | null {
  const scale = scaleOf(event);
  if (event.score === null || scale === undefined) return null;
  const { min, max } = scale;
  const above = event.lowerIsBetter ? max - event.score : event.score - min;
  if (event.kind === 'csat') return 4 * above >= 3 * (max - min);
  return event.kind === 'ces' ? 3 * above >= 2 * (max - min) : null;
}

function thousandths(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return NULL;
  return String(Math.floor(Math.min(1, Math.max(-1, value)) * 1000 + 0.5));
}

/** Columns behind the common ones, what an empty one holds, and where each input's own cells go among them. */
const REST = FACT_COLUMNS.slice(COMMON_COLUMNS.length);
const EMPTY = REST.map((name) => emptyCell(name));
const PURCHASE_PLACES = PURCHASE_COLUMNS.map((name) => REST.indexOf(name));
const SURVEY_PLACES = SURVEY_COLUMNS.map((name) => REST.indexOf(name));
const OTHER_PLACES = OTHER_COLUMNS.map((name) => REST.indexOf(name));
/** An interaction's columns come first and together, so that the most frequent row is one concatenation. */
const AFTER_INTERACTION = EMPTY.slice(INTERACTION_COLUMNS.length)
  .map((cell) => `\t${cell}`)
  .join('');

function emptyCell(name: string): string {
  if (name === 'amount_minor') return '0';
  return NULLABLE.has(name) ? NULL : ARRAYS.has(name) ? '[]' : '';
}

function line(start: string, places: readonly number[], cells: readonly string[]): string {
  const row = [...EMPTY];
  places.forEach((place, index) => (row[place] = cells[index]!));
  return `${start}\t${row.join('\t')}\n`;
}
