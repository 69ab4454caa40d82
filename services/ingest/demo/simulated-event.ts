/** Events of the simulator: what a story says of them, and the defaults of their schema for all else. */
import type { Interaction } from '../../core/domain/events/interaction.ts';
import type { Purchase } from '../../core/domain/events/purchase.ts';
import type { Survey } from '../../core/domain/events/survey.ts';
import type { Contact, Ticket } from '../../core/domain/events/interaction.ts';
import { eventFields, type FieldType } from '../import/event-fields.ts';
import type { InputEvent } from '../import/event-plan.ts';

/** Who and when; the simulator gives each event its id. */
export interface Stamp {
  readonly eventId: string;
  readonly customerId: string;
  readonly atMs: number;
}

const SOURCE = 'demo-simulator';
const BLANK = {
  interactions: eventFields('interactions').blank as unknown as Interaction,
  purchases: eventFields('purchases').blank as unknown as Purchase,
  surveys: eventFields('surveys').blank as unknown as Survey,
  contact: blankPart('contact') as unknown as Contact,
  ticket: blankPart('ticket') as unknown as Ticket,
};

export function interaction(
  stamp: Stamp,
  said: Partial<Omit<Interaction, 'contact' | 'ticket'>>,
  parts: { readonly contact?: Partial<Contact>; readonly ticket?: Partial<Ticket> } = {},
): InputEvent {
  const contact = parts.contact === undefined ? null : { ...BLANK.contact, ...parts.contact };
  const ticket = parts.ticket === undefined ? null : { ...BLANK.ticket, ...parts.ticket };
  return { input: 'interactions', event: { ...BLANK.interactions, ...header(stamp), ...said, contact, ticket } };
}

export function purchase(
  stamp: Stamp,
  said: Partial<Purchase> & Pick<Purchase, 'amountMinor' | 'currency'>,
): InputEvent {
  const amountBaseMinor = said.amountMinor;
  return { input: 'purchases', event: { ...BLANK.purchases, ...header(stamp), amountBaseMinor, ...said } };
}

export function survey(
  stamp: Stamp,
  said: Partial<Survey> & Pick<Survey, 'surveyId' | 'questionId' | 'responseId'>,
): InputEvent {
  return { input: 'surveys', event: { ...BLANK.surveys, ...header(stamp), ...said } };
}

function header({ eventId, customerId, atMs }: Stamp) {
  return { eventId, customerId, source: SOURCE, occurredAt: atMs, receivedAt: atMs };
}

function blankPart(name: string): Readonly<Record<string, unknown>> {
  const type: FieldType | undefined = eventFields('interactions').fields.get(name)?.type;
  if (type?.is !== 'record') throw new Error(`Invariant broken: ${name} is a record within an interaction`);
  return type.blank;
}
