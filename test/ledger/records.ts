/** Records with everything a test does not care about filled in. */
import type { Change } from '../../services/core/domain/events/change.ts';
import type { DefinitionRecord } from '../../services/core/domain/events/definition-record.ts';
import type { Fact, FactPrefix } from '../../services/core/domain/events/fact.ts';
import type { Interaction } from '../../services/core/domain/events/interaction.ts';
import type { Purchase } from '../../services/core/domain/events/purchase.ts';
import type { Survey } from '../../services/core/domain/events/survey.ts';
import {
  interaction as plainInteraction,
  purchase as plainPurchase,
  survey as plainSurvey,
  type Header,
} from '../core/oracle/events.ts';

export const T0 = Date.UTC(2026, 2, 1);
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

let serial = 0;

/** An id of its own each time, so that nothing is a duplicate. */
function header({ customerId, instant }: Prefix): Header {
  serial += 1;
  return { eventId: `event-${serial}`, customerId, occurredAt: instant };
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
  const plain = { ...header(part), channel: 'email', handledBy: 'none' } as const;
  return { ...prefix('interactions', part), event: plainInteraction({ ...plain, ...event }) };
}

export function purchase(part: Prefix, event: Partial<Purchase>): Fact {
  const plain = { ...header(part), amountMinor: 0, currency: 'GBP', amountBaseMinor: null };
  return { ...prefix('purchases', part), event: plainPurchase({ ...plain, ...event }) };
}

export function survey(part: Prefix, event: Partial<Survey>): Fact {
  return { ...prefix('surveys', part), event: plainSurvey({ ...header(part), score: 4, ...event }) };
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
    fromNumber: null,
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

/** A group of three by how much somebody has spent, `basic` for everybody else. */
export function groupDefinition(key: string, part: Partial<DefinitionRecord> = {}): DefinitionRecord {
  const spent = (atLeast: number) => ({ enter: { count: { event: 'purchase' }, atLeast } });
  const body = {
    group: key,
    name: `Group ${key}`,
    goal: 'by what they spend',
    order: ['gold', 'silver', 'basic'],
    default: 'basic',
    members: {
      gold: { name: 'Gold', ...spent(10) },
      silver: { name: 'Silver', ...spent(5) },
      basic: { name: 'Basic' },
    },
  };
  return { ...definition(0), key, body: JSON.stringify(body), ...part };
}
