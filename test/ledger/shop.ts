/** A seeded small shop: customers who contact, buy, answer and move between segments, as facts and changes of one journal. */
import type { Change } from '../../services/core/domain/events/change.ts';
import type { Fact } from '../../services/core/domain/events/fact.ts';
import type { Channel } from '../../services/core/domain/events/header.ts';
import { change, DAY, HOUR, interaction, purchase, survey, T0 } from './records.ts';

export interface Shop {
  /** By partition, in log order. */
  readonly facts: readonly (readonly Fact[])[];
  readonly changes: readonly (readonly Change[])[];
}

/** Which member of the group somebody is in. */
interface Tier {
  readonly member: number;
  readonly since: number;
}

export const SEGMENTS = [1, 2, 3];
/** A group whose members have the numbers behind the group's own. */
export const GROUP = { key: 'tier', number: 4, members: ['gold', 'silver', 'basic'], first: 5 } as const;
export const NUMBERS = [...SEGMENTS, ...GROUP.members.map((_, index) => GROUP.first + index)];

function numberOf(member: number): number {
  return GROUP.first + member;
}

/** Mulberry32: small, seeded, good enough to make histories with. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const CHANNELS: readonly Channel[] = ['phone', 'email', 'chat', 'messaging', 'web'];
const TICKET_KINDS = [
  'ticket_opened',
  'contact',
  'ticket_answered',
  'ticket_resolved',
  'ticket_reopened',
  'ticket_escalated',
  'ticket_updated',
] as const;

export function shop(seed: number, customers: number, eventsPerCustomer: number): Shop {
  const random = chance(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const facts: Fact[][] = [[], []];
  const changes: Change[][] = [[], []];
  for (let number = 0; number < customers; number += 1) {
    const customerId = `customer ${String(number).padStart(2, '0')}`;
    const partition = number % 2;
    const held = new Map<number, number>();
    let seq = 0;
    let tier: Tier | null = null;
    let at = T0 + Math.floor(random() * 10 * DAY);
    for (let count = 0; count < eventsPerCustomer; count += 1) {
      at += Math.floor(random() * 6 * HOUR);
      const segments = [...held.keys(), ...(tier === null ? [] : [numberOf(tier.member)])].sort((a, b) => a - b);
      const moved = random() < 0.3 ? pick(SEGMENTS) : undefined;
      const leaves = moved !== undefined && held.has(moved);
      // Everybody is in some member of the group from the first event on (E6).
      const drawn = Math.floor(random() * 3);
      const next: number | undefined = tier === null || (random() < 0.15 && drawn !== tier.member) ? drawn : undefined;
      const entered = [
        ...(moved !== undefined && !leaves ? [moved] : []),
        ...(next === undefined ? [] : [numberOf(next)]),
      ];
      const exited = [
        ...(moved !== undefined && leaves ? [moved] : []),
        ...(next === undefined || tier === null ? [] : [numberOf(tier.member)]),
      ];
      // Some come late: their instant lies before the customer's own now.
      const late = random() < 0.1;
      const part = {
        customerId,
        instant: late ? at - Math.floor(random() * DAY) : at,
        asOf: at,
        seq,
        segments,
        entered,
        exited,
        late,
      };
      facts[partition]!.push(event(part));
      const cause = pick(['event', 'timer', 'late'] as const);
      const common = {
        customerId,
        of: (moved === undefined ? 0 : 1) + (next === undefined ? 0 : 1),
        effectiveAt: at,
        cause,
      };
      if (moved !== undefined) {
        seq += 1;
        const enteredAt = leaves ? held.get(moved)! : null;
        if (leaves) held.delete(moved);
        else held.set(moved, at);
        const kind = leaves ? 'exited' : 'entered';
        changes[partition]!.push(change({ ...common, seq, number: moved, kind, enteredAt }));
      }
      if (next === undefined) continue;
      seq += 1;
      changes[partition]!.push(move(tier, next, { ...common, seq, index: moved === undefined ? 0 : 1 }));
      tier = { member: next, since: at };
    }
  }
  return { facts, changes };

  function move(tier: Tier | null, to: number, common: Omit<Parameters<typeof change>[0], 'number'>): Change {
    return change({
      ...common,
      number: numberOf(to),
      segment: `${GROUP.key}/${GROUP.members[to]}`,
      group: GROUP.key,
      kind: 'moved',
      from: tier === null ? null : GROUP.members[tier.member]!,
      to: GROUP.members[to]!,
      fromNumber: tier === null ? null : numberOf(tier.member),
      enteredAt: tier === null ? null : tier.since,
    });
  }

  function event(part: Parameters<typeof interaction>[0]): Fact {
    const kind = random();
    if (kind < 0.5) {
      return interaction(part, {
        kind: pick(TICKET_KINDS),
        channel: pick(CHANNELS),
        direction: pick(['inbound', 'outbound', 'none']),
        actor: pick(['customer', 'agent']),
        handledBy: pick(['agent', 'bot']),
        visibility: pick(['public', 'public', 'private']),
        issueId: random() < 0.8 ? `issue ${Math.floor(random() * 4)}` : null,
        category: pick([null, 'billing', 'fault']),
        ticket: random() < 0.2 ? ticket() : null,
      });
    }
    if (kind < 0.75) {
      const amount = Math.floor(random() * 10_000);
      const type = pick(['order', 'order', 'order', 'refund', 'order_cancelled', 'trial_started'] as const);
      const signed = type === 'order' ? amount : type === 'trial_started' ? 0 : -amount;
      return purchase(part, { kind: type, amountMinor: signed, amountBaseMinor: random() < 0.1 ? null : signed });
    }
    return survey(part, {
      kind: pick(['csat', 'nps', 'ces']),
      status: pick(['answered', 'answered', 'offered']),
      score: random() < 0.1 ? null : Math.floor(random() * 7),
      lowerIsBetter: random() < 0.2,
      receivedAt: part.instant + Math.floor(random() * 1000),
      // Some answers are given twice; the one that arrives last counts.
      responseId: `response ${Math.floor(random() * 12)}`,
    });
  }

  function ticket(): NonNullable<Extract<Fact, { input: 'interactions' }>['event']['ticket']> {
    return {
      status: null,
      type: pick([null, 'complaint', 'incident']),
      priority: null,
      urgency: null,
      complexity: null,
      firstReplyMs: pick([null, 60_000, 90_000]),
      resolutionMs: pick([null, 600_000]),
      durationClock: pick([null, 'calendar', 'business']),
      slaMetric: pick([null, 'first_reply', 'resolution']),
      slaTargetMs: null,
      slaMet: pick([null, true, false]),
      reopenCount: null,
      reassignmentCount: null,
      escalationLevel: null,
      resolvedBy: null,
      resolutionCode: null,
      resolvedOnFirstContact: null,
    };
  }
}
