/** Events that pass a filter, as a noun phrase: "inbound contact by phone", "orders, refunds or cancelled orders". */
import { FIELDS } from '../events/fields.ts';
import type { EventFilter, Scalar } from './ast.ts';
import { formOfField } from './numbers-in-words.ts';
import { joined, listed, testInWords } from './words/values.ts';

export type Grammar = 'one' | 'many';

/** Kinds whose name is no noun as it stands; a plural is given where adding an s is wrong. */
const NOUNS: Readonly<Record<string, readonly [one: string, many?: string]>> = {
  contact_transferred: ['transfer'],
  contact_abandoned: ['abandoned contact'],
  contact_ended: ['ended contact'],
  ticket_opened: ['opened ticket'],
  ticket_answered: ['answered ticket'],
  ticket_updated: ['ticket update'],
  ticket_escalated: ['escalated ticket'],
  ticket_resolved: ['resolved ticket'],
  ticket_reopened: ['reopened ticket'],
  ticket_closed: ['closed ticket'],
  cart_add: ['addition to the cart', 'additions to the cart'],
  checkout_started: ['started checkout'],
  quote_requested: ['requested quote'],
  search: ['search', 'searches'],
  error_shown: ['error'],
  sign_up: ['sign-up'],
  sign_in: ['sign-in'],
  review_posted: ['review'],
  outreach_sent: ['outreach', 'outreaches'],
  outreach_opened: ['opened outreach', 'opened outreaches'],
  outreach_clicked: ['clicked outreach', 'clicked outreaches'],
  offer_shown: ['shown offer'],
  offer_accepted: ['accepted offer'],
  offer_declined: ['declined offer'],
  order_cancelled: ['cancelled order'],
  trial_started: ['started trial'],
  trial_ended: ['ended trial'],
  subscription_started: ['started subscription'],
  subscription_renewed: ['renewed subscription'],
  subscription_upgraded: ['upgraded subscription'],
  subscription_downgraded: ['downgraded subscription'],
  subscription_cancelled: ['cancelled subscription'],
  subscription_expired: ['expired subscription'],
  invoice_paid: ['paid invoice'],
  payment_failed: ['failed payment'],
  custom: ['custom event'],
};

const SURVEYS: Readonly<Record<string, string>> = {
  csat: 'CSAT',
  nps: 'NPS',
  ces: 'CES',
  custom: 'custom',
};

const CHANNELS: Readonly<Record<string, string>> = {
  sms: 'by SMS',
  social: 'on social media',
  in_person: 'in person',
  web: 'on the web',
  app: 'in the app',
  other: 'by another channel',
};

/** Fields that are true or false, where a "not" before their label says it badly. */
const YES_OR_NO: Readonly<Record<string, readonly [yes: string, no: string]>> = {
  'ticket.slaMet': ['within the service level', 'beyond the service level'],
  'contact.outsideBusinessHours': ['outside business hours', 'within business hours'],
  'subscription.voluntary': ['ended by the customer', 'not ended by the customer'],
};

/** Fields whose values stand before the noun as they are. */
const ADJECTIVES: ReadonlySet<string> = new Set(['direction', 'status', 'saleType']);

export function eventPhrase(filter: EventFilter, grammar: Grammar): string {
  const kinds = valuesIn(filter, 'kind');
  const before: string[] = [];
  const after: string[] = [];
  const having: string[] = [];
  for (const { field, test } of filter.where) {
    if (field === 'kind' && test.op === 'in') continue;
    if (field === 'channel' && (test.op === 'in' || test.op === 'notIn'))
      after.push(
        `${test.op === 'in' ? '' : 'not '}${listed(test.values.map((value) => channelInWords(String(value))))}`,
      );
    else if (test.op === 'in' && ADJECTIVES.has(field)) before.push(listed(test.values.map(adjective)));
    else if (test.op === 'in' && test.values.length === 1 && typeof test.values[0] === 'boolean')
      after.push(yesOrNo(field, test.values[0], filter));
    else having.push(`${fieldLabel(field, filter)} ${testInWords(formOfField(field), test)}`);
  }
  const nouns =
    kinds === undefined
      ? filter.events.map((event) => plural([event], grammar))
      : kinds.map((kind) => nounOf(String(kind), filter, grammar));
  if (having.length > 0) after.push(`with ${joined(having, 'and')}`);
  return [...before, listed([...new Set(nouns)]), ...after].join(' ');
}

function yesOrNo(field: string, value: boolean, filter: EventFilter): string {
  const words = Object.hasOwn(YES_OR_NO, field) ? YES_OR_NO[field] : undefined;
  return words?.[value ? 0 : 1] ?? `${value ? '' : 'not '}${fieldLabel(field, filter)}`;
}

function adjective(value: Scalar): string {
  return value === 'winback' ? 'win-back' : String(value).replaceAll('_', '-');
}

/** `CSAT` for a filter that takes answers of exactly that survey and asks for nothing else. */
export function surveyName(filter: EventFilter): string | undefined {
  const kinds = valuesIn(filter, 'kind');
  const rest = filter.where.filter(({ field, test }) => test.op !== 'in' || (field !== 'kind' && field !== 'status'));
  if (filter.events.join() !== 'survey' || kinds?.length !== 1 || rest.length > 0) return undefined;
  const status = valuesIn(filter, 'status');
  return status === undefined || status.join() === 'answered' ? surveyOf(String(kinds[0])) : undefined;
}

/** The dictionary's noun phrase for a field; a custom field is called by its name. */
export function fieldLabel(field: string, filter: EventFilter): string {
  for (const event of filter.events) {
    const spec = Object.hasOwn(FIELDS[event], field) ? FIELDS[event][field] : undefined;
    if (spec !== undefined) return spec.label;
  }
  return field.replace(/^properties\./, '');
}

/** The plural of a label: the word before " of " carries it. */
export function pluralLabel(label: string): string {
  const [head, ...rest] = label.split(' of ') as [string, ...string[]];
  const ending = /(?:s|x|sh|ch)$/.test(head) ? 'es' : 's';
  const many = /[^aeiou]y$/.test(head) ? `${head.slice(0, -1)}ies` : `${head}${ending}`;
  return [many, ...rest].join(' of ');
}

function valuesIn(filter: EventFilter, field: string): readonly Scalar[] | undefined {
  for (const clause of filter.where) if (clause.field === field && clause.test.op === 'in') return clause.test.values;
  return undefined;
}

function nounOf(kind: string, filter: EventFilter, grammar: Grammar): string {
  if (filter.events.join() === 'survey') return plural([`${surveyOf(kind)} survey`], grammar);
  const known = Object.hasOwn(NOUNS, kind) ? NOUNS[kind] : undefined;
  return plural(known ?? [kind.replaceAll('_', ' ')], grammar);
}

function surveyOf(kind: string): string {
  return Object.hasOwn(SURVEYS, kind) ? SURVEYS[kind]! : kind;
}

function plural([one, many]: readonly [one: string, many?: string], grammar: Grammar): string {
  return grammar === 'one' ? one : (many ?? pluralLabel(one));
}

function channelInWords(channel: string): string {
  return Object.hasOwn(CHANNELS, channel) ? CHANNELS[channel]! : `by ${channel.replaceAll('_', ' ')}`;
}
