import { beforeAll, expect, test } from 'vitest';
import type { Interaction } from '../../../services/core/domain/events/interaction.ts';
import { readRealSet, type RealSet } from '../../../services/ingest/demo/real-sets.ts';
import { rawRows } from './raw-rows.ts';

const COLUMNS = [
  ...(['number', 'incident_state', 'caller_id', 'opened_at', 'sys_updated_at', 'priority', 'made_sla'] as const),
] as const;
type Row = Readonly<Record<(typeof COLUMNS)[number], string>>;
let set: RealSet;
let events: readonly Interaction[];
/** Rows of each incident by time, ties in file order. */
let incidents: ReadonlyMap<string, readonly Row[]>;

/** `D/M/YYYY HH:MM` as UTC. */
function instant(text: string): number {
  const [day, month, year, hour, minute] = text.split(/[/ :]/).map(Number);
  return Date.UTC(year!, month! - 1, day, hour, minute);
}

beforeAll(async () => {
  set = await readRealSet('servicenow-incidents');
  events = set.events.map(({ event }) => event as Interaction);
  const byNumber = new Map<string, Row[]>();
  for (const row of rawRows('servicenow-incidents', COLUMNS)) {
    byNumber.set(row.number, [...(byNumber.get(row.number) ?? []), row]);
  }
  for (const rows of byNumber.values()) rows.sort((a, b) => instant(a.sys_updated_at) - instant(b.sys_updated_at));
  incidents = byNumber;
});

const ofKind = (kind: Interaction['kind']): readonly Interaction[] => events.filter((event) => event.kind === kind);
const known = (): readonly (readonly Row[])[] =>
  [...incidents.values()].filter(([first]) => first!['caller_id'] !== '?');

test('every row is accounted for, and rows of the caller "?" are no customer', () => {
  const { rows, rejected, unknownCustomer, silent, mapped } = set.counts;
  expect(rows).toBe([...incidents.values()].reduce((sum, own) => sum + own.length, 0));
  expect(rejected).toBe(0);
  expect(unknownCustomer + silent + mapped).toBe(rows);
  expect(events.some(({ customerId }) => customerId === '?')).toBe(false);
  expect(ofKind('ticket_opened')).toHaveLength(known().length);
});

test('each opening has an inbound contact beside it, at the instant the incident was opened', () => {
  const opened = ofKind('ticket_opened');
  const contacts = new Map(ofKind('contact').map((contact) => [contact.issueId, contact]));
  for (const { issueId, occurredAt, customerId } of opened) {
    const contact = contacts.get(issueId)!;
    expect(contact).toMatchObject({ direction: 'inbound', occurredAt, customerId });
    if (occurredAt !== instant(incidents.get(issueId!)![0]!.opened_at)) expect.fail(issueId!);
  }
  expect(contacts.size).toBe(opened.length);
});

test('resolved, reopened and closed are the changes of state a plain reading of the trail finds', () => {
  const expected = { ticket_resolved: 0, ticket_reopened: 0, ticket_closed: 0, ticket_answered: 0 };
  for (const rows of known()) {
    for (const [index, row] of rows.entries()) {
      const state = row.incident_state;
      const before = rows[index - 1]?.incident_state;
      const isAnswer = (one: string | undefined): boolean => one === 'Resolved' || one === 'Awaiting User Info';
      if (state === 'Resolved' && before !== 'Resolved') expected.ticket_resolved++;
      if (state === 'Closed' && before !== 'Closed') expected.ticket_closed++;
      if (isAnswer(state) && !isAnswer(before)) expected.ticket_answered++;
      if ((before === 'Resolved' || before === 'Closed') && state !== 'Resolved' && state !== 'Closed') {
        expected.ticket_reopened++;
      }
    }
  }
  for (const [kind, count] of Object.entries(expected)) {
    expect(ofKind(kind as Interaction['kind']).length, kind).toBe(count);
  }
  expect(expected.ticket_reopened).toBeGreaterThan(150);
});

const isClosing = (row: Row, before: Row | undefined): boolean =>
  row.incident_state === 'Closed' && before?.incident_state !== 'Closed';

test('nothing is said before it is known: a service level on closing alone, no codes and no resolver before', () => {
  for (const { kind, ticket } of events) {
    if (kind === 'contact') continue;
    if ((ticket!.slaMet === null) !== (kind !== 'ticket_closed')) expect.fail(`${kind} says ${ticket!.slaMet}`);
    if (ticket!.resolutionCode !== null && kind !== 'ticket_closed') expect.fail(`${kind} has a code`);
    if (ticket!.resolvedBy !== null && kind !== 'ticket_resolved') expect.fail(`${kind} has a resolver`);
  }
  const missed = known()
    .flatMap((rows) => rows.filter((row, index) => isClosing(row, rows[index - 1])))
    .filter((row) => row.made_sla === 'false').length;
  expect(ofKind('ticket_closed').filter(({ ticket }) => ticket!.slaMet === false)).toHaveLength(missed);
  expect(missed).toBeGreaterThan(5000);
});

test('a priority that rises is an escalation, one that falls is none', () => {
  let rises = 0;
  for (const rows of known()) {
    for (const [index, row] of rows.entries()) {
      if (index > 0 && Number(row.priority[0]) < Number(rows[index - 1]!.priority[0])) rises++;
    }
  }
  expect(ofKind('ticket_escalated')).toHaveLength(rises);
});

test('events are in time order, and each id is there once', () => {
  for (const [index, { occurredAt }] of events.entries()) {
    if (index > 0 && occurredAt < events[index - 1]!.occurredAt) expect.fail(`event ${index} goes back`);
  }
  expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(events.length);
});
