/** The demo's history: three real sets, joined by the declared assignment, each shifted as a whole so that it ends now. */
import type { DeclaredCoverage } from '../../core/domain/events/import-mark.ts';
import type { Interaction } from '../../core/domain/events/interaction.ts';
import type { Profile, TraitValue } from '../../core/domain/events/profile.ts';
import { INPUTS, type Input } from '../../core/domain/events/header.ts';
import type { ImportCounts } from '../import/counts.ts';
import { compareEvents } from '../import/event-sorter.ts';
import { eventFields } from '../import/event-fields.ts';
import type { InputEvent, MappedEvent } from '../import/event-plan.ts';
import { assign, CALLER_INCIDENTS_MAX, type Assignment, type InventedTraits } from './assignment.ts';
import { readRealSet, REAL_SETS, type RealSet } from './real-sets.ts';

/** The last event of the shop and the last opening at the desk lie this long before now. */
const END_BEFORE_NOW_MS = 1_000;

export interface DemoCustomer extends InventedTraits {
  readonly customerId: string;
  readonly country: string | undefined;
  readonly orders: number;
  /** Of its orders, minor units. */
  readonly meanAmountMinor: number;
}

export interface DemoCounts {
  readonly customers: number;
  readonly events: Readonly<Record<Input, number>>;
  /** What became of the rows of each file. */
  readonly files: Readonly<Record<string, ImportCounts>>;
  /** Events of the desk after its last opening: in the demo they have not happened yet. */
  readonly stillAhead: number;
  /** Events of callers that are accounts of many, and how many callers those are. */
  readonly sharedAccountEvents: number;
  readonly sharedAccounts: number;
}

export interface DemoHistory {
  /** In time order, all before `now`. */
  readonly events: readonly InputEvent[];
  readonly customers: readonly DemoCustomer[];
  readonly counts: DemoCounts;
  /** What the demo declares (E3): nothing came before these histories, and nothing is missing in them. */
  readonly coverage: readonly DeclaredCoverage[];
}

export interface DemoOptions {
  /** Where the history ends, ms UTC. */
  readonly now: number;
  readonly seed: number;
}

export async function demoHistory({ now, seed }: DemoOptions): Promise<DemoHistory> {
  const shop = await readRealSet(REAL_SETS.shop[0]);
  const desk = await readRealSet(REAL_SETS.desk[0]);
  const surveys: RealSet[] = [];
  for (const name of REAL_SETS.surveys) surveys.push(await readRealSet(name));
  const answers = surveys.flatMap((set) => set.events);

  const { kept, stillAhead, shared } = believableDesk(desk.events);
  const callers = idsOf(kept);
  const shopIds = idsOf(shop.events);
  const issues = new Set(kept.map((event) => (event.event as Interaction).issueId!));
  const who = assign({ customers: shopIds, callers, respondents: idsOf(answers), issues: [...issues] }, seed);
  const ends = now - END_BEFORE_NOW_MS;
  shift(shop.events, ends - lastInstant(shop.events));
  shift(kept, ends - lastInstant(kept.filter(isOpening)));
  for (const event of kept) assignCaller(event, who);
  for (const event of answers) assignRespondent(event, who, ends);
  const customers = customersOf(shop.events, shopIds, who);
  const traits = traitEvents(shop.events, who);

  const events = [...shop.events, ...traits, ...kept, ...answers].sort(
    (a, b) => compareEvents(a, b) || (a.event.eventId < b.event.eventId ? -1 : 1),
  );
  const files = Object.fromEntries([shop, desk, ...surveys].map(({ name, counts }) => [name, counts]));
  return {
    events,
    customers,
    counts: {
      customers: customers.length,
      events: countByInput(events),
      files,
      stillAhead,
      sharedAccounts: shared.callers,
      sharedAccountEvents: shared.events,
    },
    coverage: (['interactions', 'purchases', 'surveys'] as const).map((input) => ({
      input,
      kinds: '*',
      since: 'always',
    })),
  };
}

/**
 * The desk up to its last opening. The file goes on for nine months behind it with a thin tail of late closings; cut
 * there, the desk is caught in the middle of its work: some issues are open now, and their end lies ahead.
 */
function believableDesk(events: readonly MappedEvent[]) {
  const incidents = new Map<string, number>();
  for (const event of events) {
    if (isOpening(event)) incidents.set(event.event.customerId, (incidents.get(event.event.customerId) ?? 0) + 1);
  }
  const isShared = ({ event }: MappedEvent): boolean => (incidents.get(event.customerId) ?? 0) > CALLER_INCIDENTS_MAX;
  const own = events.filter((event) => !isShared(event));
  const last = lastInstant(own.filter(isOpening));
  const kept = own.filter(({ at }) => at <= last);
  return {
    kept,
    stillAhead: own.length - kept.length,
    shared: {
      callers: [...incidents.values()].filter((count) => count > CALLER_INCIDENTS_MAX).length,
      events: events.length - own.length,
    },
  };
}

function isOpening({ input, event }: MappedEvent): boolean {
  return input === 'interactions' && event.kind === 'ticket_opened';
}

function idsOf(events: readonly MappedEvent[]): readonly string[] {
  return [...new Set(events.map(({ event }) => event.customerId))];
}

function lastInstant(events: readonly MappedEvent[]): number {
  return events.reduce((last, { at }) => Math.max(last, at), -Infinity);
}

// The events are ours alone, just read from our files: they are changed in place, which halves the time.
type Writable<T> = { -readonly [K in keyof T]: T[K] };

function moveTo(mapped: Writable<MappedEvent>, instant: number): void {
  const event: Writable<MappedEvent['event']> = mapped.event;
  mapped.at = instant;
  event.occurredAt = instant;
  event.receivedAt = instant;
}

function shift(events: readonly MappedEvent[], byMs: number): void {
  for (const event of events) moveTo(event, event.at + byMs);
}

function assignCaller({ event }: MappedEvent, who: Assignment): void {
  const interaction = event as Writable<Interaction>;
  interaction.customerId = who.customerOfCaller(interaction.customerId);
  interaction.channel = who.channelOfIssue(interaction.issueId!, interaction.customerId);
}

function assignRespondent(mapped: MappedEvent, who: Assignment, ends: number): void {
  const answer: Writable<MappedEvent['event']> = mapped.event;
  moveTo(mapped, ends - who.answeredAgoMs(answer.customerId));
  answer.customerId = who.customerOfRespondent(answer.customerId);
}

/** One record of the invented traits per customer, at the instant of its first event in the shop. */
function traitEvents(shop: readonly MappedEvent[], who: Assignment): readonly MappedEvent[] {
  const { blank } = eventFields('profiles');
  const seen = new Set<string>();
  return shop.flatMap(({ event: { customerId, occurredAt }, at, row }): readonly MappedEvent[] => {
    if (seen.has(customerId)) return [];
    seen.add(customerId);
    const { plan, usualChannel, isPreferenceKnown, isVulnerable } = who.traitsOf(customerId);
    const traits: Record<string, TraitValue> = { plan };
    if (isPreferenceKnown) traits['preferredChannel'] = usualChannel;
    if (isVulnerable) Object.assign(traits, { vulnerable: true, vulnerabilityBasis: 'demo' });
    const event = {
      ...(blank as unknown as Profile),
      eventId: `demo:traits:${customerId}`,
      source: 'demo-assignment',
      ...{ occurredAt, receivedAt: occurredAt, customerId, traits },
    };
    return [{ input: 'profiles', event, at, row, index: -1, changeKey: undefined }];
  });
}

function customersOf(shop: readonly MappedEvent[], ids: readonly string[], who: Assignment): readonly DemoCustomer[] {
  const sums = new Map(ids.map((id) => [id, { country: undefined as string | undefined, orders: 0, amount: 0 }]));
  for (const { input, event } of shop) {
    const sum = sums.get(event.customerId)!;
    if (input === 'profiles') {
      const country = event.traits['address.country'];
      if (typeof country === 'string') sum.country = country;
    } else if (input === 'purchases' && event.kind === 'order') {
      sum.orders++;
      sum.amount += event.amountMinor;
    }
  }
  return [...sums].map(([customerId, { country, orders, amount }]) => ({
    ...who.traitsOf(customerId),
    ...{ customerId, country, orders, meanAmountMinor: orders === 0 ? 0 : Math.round(amount / orders) },
  }));
}

function countByInput(events: readonly InputEvent[]): Readonly<Record<Input, number>> {
  const counts = Object.fromEntries(INPUTS.map((input) => [input, 0])) as Record<Input, number>;
  for (const { input } of events) counts[input]++;
  return counts;
}
