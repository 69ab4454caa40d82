/** Events that pass a filter, as a noun phrase: "inbound contact by phone", "orders, refunds or cancelled orders". */
import { FIELDS } from '../events/fields.ts';
import type { EventFilter, FieldTest, Scalar } from './ast.ts';
import { formOfField, numberInForm } from './numbers-in-words.ts';

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
      after.push(`${test.values[0] ? '' : 'not '}${fieldLabel(field, filter)}`);
    else having.push(`${fieldLabel(field, filter)} ${fieldTestInWords(field, test)}`);
  }
  const nouns =
    kinds === undefined
      ? filter.events.map((event) => plural([event], grammar))
      : kinds.map((kind) => nounOf(String(kind), filter, grammar));
  if (having.length > 0) after.push(`with ${joined(having, 'and')}`);
  return [...before, listed([...new Set(nouns)]), ...after].join(' ');
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

/** `a`, `a or b`, `a, b or c`; of many only the first five. */
export function listed(values: readonly string[]): string {
  return joined(values.length > 5 ? [...values.slice(0, 5), `${values.length - 5} more`] : values, 'or');
}

function joined(values: readonly string[], last: 'and' | 'or'): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} ${last} ${values.at(-1)!}`;
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

function fieldTestInWords(field: string, test: FieldTest): string {
  const number = (value: number): string => numberInForm(formOfField(field), value);
  switch (test.op) {
    case 'in':
      return listed(test.values.map(scalarInWords));
    case 'notIn':
      return `other than ${listed(test.values.map(scalarInWords))}`;
    case 'has':
      return `including ${listed(test.values)}`;
    case 'between': {
      const low = test.low === -Infinity ? [] : [`${test.lowOpen ? 'more than' : 'at least'} ${number(test.low)}`];
      const high = test.high === Infinity ? [] : [`${test.highOpen ? 'less than' : 'at most'} ${number(test.high)}`];
      return [...low, ...high].join(' and ');
    }
    case 'known':
      return test.expected ? 'known' : 'not known';
  }
}

export function scalarInWords(value: Scalar): string {
  return value === true ? 'yes' : value === false ? 'no' : String(value);
}
