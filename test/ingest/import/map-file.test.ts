import { expect, test } from 'vitest';
import type { Interaction } from '../../../services/core/domain/events/interaction.ts';
import type { Purchase } from '../../../services/core/domain/events/purchase.ts';
import { EventSorter } from '../../../services/ingest/import/event-sorter.ts';
import { Grouping } from '../../../services/ingest/import/grouping.ts';
import { sortedFile } from '../../../services/ingest/import/map-file.ts';
import { parseMapping } from '../../../services/ingest/import/read-mapping.ts';
import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { directory, mapText, tempFile, type Mapped } from './import-harness.ts';

const ORDERS = `name: shop
timezone: Europe/London
customerId: { column: customer, stripSuffix: '.0' }
occurredAt: { column: date, date: 'YYYY-MM-DD HH:mm' }
file: { missing: ['-'] }
skip: [{ when: { column: order, startsWith: T }, as: test order }]
rows: { group: [order] }
events:
  - input: purchases
    when: { not: { column: order, startsWith: C } }
    kind: order
    fields: &fields
      orderId: $order
      amountMinor: { sum: { times: [$quantity, $price] }, decimals: 2 }
      currency: EUR
      productIds: { distinct: $product }
      products: { records: { productId: $product, quantity: $quantity, priceMinor: { column: price, decimals: 2 } } }
  - input: purchases
    when: { column: order, startsWith: C }
    kind: refund
    fields: *fields
`;
const HEADER = 'order,date,customer,product,quantity,price\n';

function purchases({ events }: Mapped): readonly Purchase[] {
  return events.map(({ event }) => event as Purchase);
}

test('rows of one group are one event, however far apart they stand, in time order', async () => {
  const mapped = await mapText(
    `${HEADER}2,2024-07-02 10:00,7.0,a,1,0.10\n1,2024-07-01 09:00,8.0,b,2,1.25\n2,2024-07-02 10:01,7.0,b,3,0.2\n2,2024-07-02 10:00,7.0,a,-1,0.05\n`,
    ORDERS,
    'EUR',
  );
  expect(purchases(mapped)).toMatchObject([
    {
      ...{ eventId: 'shop:order:1', source: 'shop', importId: null, customerId: '8', kind: 'order', orderId: '1' },
      ...{ amountMinor: 250, amountBaseMinor: 250, currency: 'EUR', occurredAt: Date.parse('2024-07-01T08:00Z') },
    },
    {
      ...{ customerId: '7', amountMinor: 65, productIds: ['a', 'b'], occurredAt: Date.parse('2024-07-02T09:00Z') },
      products: [
        { productId: 'a', sku: null, name: null, category: null, brand: null, quantity: 1, priceMinor: 10 },
        { productId: 'b', quantity: 3, priceMinor: 20 },
        { productId: 'a', quantity: -1, priceMinor: 5 },
      ],
    },
  ]);
  expect(mapped.counts).toMatchObject({ rows: 4, mapped: 4, rejected: 0, events: { purchases: 2 } });
});

test('an amount in another currency than the workspace has no base amount', async () => {
  const [order] = purchases(await mapText(`${HEADER}1,2024-07-01 09:00,8,b,1,5\n`, ORDERS, 'GBP'));
  expect(order).toMatchObject({ amountMinor: 500, amountBaseMinor: null });
});

test('every row is counted once: mapped, skipped, rejected, silent or without a customer', async () => {
  const mapped = await mapText(
    `${HEADER}1,2024-07-01 09:00,8,b,1,5\nC9,2024-07-01 09:00,8,b,-1,5\nT1,2024-07-01 09:00,8,b,1,5\n3,2024-07-01 09:00,-,b,1,5\n3,2024-07-01 09:00,,b,1,5\n4,yesterday,8,b,1,5\n5,2024-07-01 09:00,8,b,1,five\n5,2024-07-01 09:00,8,c,1,5\n,2024-07-01 09:00,8,c,1,5\n6,2024-07-01 09:00,8,c,1\n"7,2024-07-01 09:00,8,c,1,5\n`,
    ORDERS,
  );
  const { rows, rejected, unknownCustomer, unknownCustomerEvents, silent, skipped, events } = mapped.counts;
  expect({ rows, rejected, unknownCustomer, unknownCustomerEvents, silent, skipped }).toEqual({
    ...{ rows: 11, rejected: 6, unknownCustomer: 2, unknownCustomerEvents: 1, silent: 0 },
    skipped: { 'test order': 1 },
  });
  expect(mapped.counts.mapped).toBe(rows - rejected - unknownCustomer - silent - 1);
  expect(events.purchases).toBe(2);
  expect(purchases(mapped).find(({ kind }) => kind === 'refund')).toMatchObject({ amountMinor: -500 });
  expect([...mapped.rejects].sort((a, b) => a.row - b.row)).toEqual([
    {
      row: 7,
      column: 'date',
      reason: '"yesterday" is not a date written as YYYY-MM-DD HH:mm',
      text: '4,yesterday,8,b,1,5',
    },
    { row: 8, column: 'price', reason: '"five" is not a number', text: '5,2024-07-01 09:00,8,b,1,five' },
    {
      row: 9,
      column: '',
      reason: 'belongs to the event of row 8, which is rejected',
      text: '5,2024-07-01 09:00,8,c,1,5',
    },
    { row: 10, column: '', reason: 'order is empty', text: ',2024-07-01 09:00,8,c,1,5' },
    { row: 11, column: '', reason: 'has 5 cells where the header has 6', text: '6,2024-07-01 09:00,8,c,1' },
    {
      row: 12,
      column: '',
      reason: 'a quoted cell is not closed, or goes on behind its quote',
      text: '"7,2024-07-01 09:00,8,c,1,5',
    },
  ]);
});

test('what our own rules refuse is a reject: an answer outside its scale', async () => {
  const mapping = `name: survey
customerId: $who
occurredAt: { column: day, date: YYYY-MM-DD }
rows: { identity: [who] }
events:
  - input: surveys
    kind: nps
    fields: { surveyId: s, questionId: q, responseId: $who, score: $score, scaleMin: 0, scaleMax: 10 }
`;
  const mapped = await mapText('who,day,score\na,2024-07-01,11\nb,2024-07-01,10\n', mapping);
  expect(mapped.events).toHaveLength(1);
  expect(mapped.events[0]).toMatchObject({
    event: { eventId: 'survey:nps:b', occurredAt: Date.parse('2024-07-01T12:00Z') },
  });
  expect(mapped.rejects).toEqual([
    expect.objectContaining({ row: 2, reason: expect.stringContaining('score') as string }),
  ]);
});

const TICKETS = `name: desk
customerId: { column: caller, of: first }
occurredAt: &at { column: updated, date: 'D/M/YYYY HH:mm' }
file: { missing: ['?'] }
tables: { weight: { high: 2, low: 1 } }
rows: { history: [ticket], at: *at }
events:
  - { input: interactions, kind: contact, when: { opening: true }, fields: { direction: inbound, issueId: $ticket } }
  - input: interactions
    kind: ticket_updated
    when: { changed: team }
    fields: { issueId: $ticket, properties.from: { column: team, of: previous }, properties.to: $team }
  - { input: interactions, kind: ticket_escalated, when: { rises: { column: priority, table: weight } }, fields: { issueId: $ticket } }
  - { input: interactions, kind: ticket_answered, once: true, when: { became: { column: state, in: [waiting, solved] } }, fields: { issueId: $ticket } }
  - { input: interactions, kind: ticket_resolved, when: { became: { column: state, is: solved } }, fields: { issueId: $ticket } }
  - input: interactions
    kind: ticket_reopened
    when: { all: [{ previous: { column: state, is: solved } }, { not: { column: state, is: solved } }] }
    fields: { issueId: $ticket }
`;

test('a history is read row by row in time order, ties in file order, and compared with the row before', async () => {
  const mapped = await mapText(
    `ticket,updated,state,team,priority,caller
T1,1/3/2024 10:30,solved,B,high,?
T1,1/3/2024 09:00,new,A,low,c1
T1,1/3/2024 10:00,open,A,high,c1
T1,1/3/2024 10:00,waiting,B,high,c2
T1,2/3/2024 08:00,open,B,low,c1
T1,2/3/2024 09:00,solved,B,low,c1
T2,1/3/2024 08:00,solved,B,low,?
T1,soon,open,B,low,c1
`,
    TICKETS,
  );
  const told = mapped.events.map(({ event }) => {
    const { eventId, customerId, occurredAt } = event as Interaction;
    return `${new Date(occurredAt).toISOString().slice(8, 16)} ${eventId} ${customerId}`;
  });
  expect(told).toEqual([
    '01T09:00 desk:contact:T1:1 c1',
    '01T10:00 desk:ticket_escalated:T1:1 c1',
    '01T10:00 desk:ticket_updated:T1:1 c1',
    '01T10:00 desk:ticket_answered:T1:1 c1',
    '01T10:30 desk:ticket_resolved:T1:1 c1',
    '02T08:00 desk:ticket_reopened:T1:1 c1',
    '02T09:00 desk:ticket_resolved:T1:2 c1',
  ]);
  expect(mapped.events[2]?.event.properties).toEqual({ from: 'A', to: 'B' });
  expect(mapped.counts).toMatchObject({
    rows: 8,
    mapped: 6,
    unknownCustomer: 1,
    unknownCustomerEvents: 3,
    rejected: 1,
    silent: 0,
  });
});

test('a record that only repeats what the last one of its customer said is left out and counted', async () => {
  const mapping = `name: crm
customerId: $id
occurredAt: { column: day, date: YYYY-MM-DD }
rows: { identity: [id, day] }
events:
  - input: profiles
    onlyChanges: true
    fields:
      traits.address.country: $country
      traits.interests: { column: tags, split: ';' }
      traits.seats: { column: seats, as: number }
`;
  const mapped = await mapText(
    'id,day,country,tags,seats\na,2024-01-03,DE,x;y,3\na,2024-01-01,DE,x;y,3\nb,2024-01-02,DE,x;y,3\na,2024-01-04,FR,x;y,3\na,2024-01-05,DE,,3\n',
    mapping,
  );
  expect(
    mapped.events.map(({ event }) => [event.customerId, event.occurredAt, 'traits' in event && event.traits]),
  ).toEqual([
    ['a', Date.parse('2024-01-01T12:00Z'), { 'address.country': 'DE', interests: ['x', 'y'], seats: 3 }],
    ['b', Date.parse('2024-01-02T12:00Z'), { 'address.country': 'DE', interests: ['x', 'y'], seats: 3 }],
    ['a', Date.parse('2024-01-04T12:00Z'), { 'address.country': 'FR', interests: ['x', 'y'], seats: 3 }],
    ['a', Date.parse('2024-01-05T12:00Z'), { 'address.country': 'DE', seats: 3 }],
  ]);
  expect(mapped.counts).toMatchObject({ unchanged: 1, events: { profiles: 4 } });
});

test('a packed file in another encoding reads as the plain one; the wrong encoding is a reject', async () => {
  const mapping = `name: n
customerId: $id
occurredAt: { column: day, date: YYYY-MM-DD }
events: [{ input: interactions, kind: contact, fields: { category: $what } }]
`;
  const read = async (path: string) => {
    const rejects: unknown[] = [];
    const sorted = await sortedFile({
      ...{ file: path, fileId: 'f', baseCurrency: undefined },
      mapping: parseMapping('m', mapping),
      reject: (reject) => rejects.push(reject.reason),
    });
    const events = [...sorted.events].map(({ event }) => (event as Interaction).category);
    await sorted.close();
    return { events, rejects };
  };
  const text = 'id,day,what\r\n1,2024-01-01,Größe\r\n';
  expect(await read(tempFile(text, 'csv.gz', true))).toEqual({ events: ['Größe'], rejects: [] });
  const path = tempFile('', 'csv');
  const { writeFileSync } = await import('node:fs');
  writeFileSync(path, Buffer.from(text, 'latin1'));
  expect(await read(path)).toEqual({ events: [], rejects: ['is not written in utf-8: set file.encoding'] });
});

test('sorting and grouping give the same whether they fit in memory or go through files, and leave none behind', () => {
  const temporary = mkdtempSync(join(directory, 'runs-'));
  const numbers = Array.from({ length: 5_000 }, (_, index) => (index * 7919) % 5_003);
  const event = (row: number, at: number) =>
    ({ input: 'profiles', at, row, index: 0, changeKey: undefined, event: { occurredAt: at } }) as never;
  const order = (heldMax: number): readonly unknown[] => {
    const sorter = new EventSorter(temporary, heldMax);
    for (const [row, at] of numbers.entries()) sorter.add(event(row, at >> 4));
    return [...sorter.sorted()];
  };
  expect(order(61)).toEqual(order(10_000));

  const gather = (heldCharsMax: number) => {
    const grouping = new Grouping(temporary, heldCharsMax);
    for (const [row, number] of numbers.entries()) grouping.add(`k${number % 97}`, { row, text: `row ${row}` });
    return [...grouping.groups()].sort((a, b) => (a.key < b.key ? -1 : 1));
  };
  expect(gather(1_000)).toEqual(gather(1_000_000));
  expect(readdirSync(temporary)).toEqual([]);
});
