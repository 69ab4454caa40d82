import { expect, test } from 'vitest';
import { mistakesOf } from './import-harness.ts';

const HEADER = 'order,date,customer,amount';

test('all mistakes of form come together, each with its line and what was probably meant', async () => {
  const mistakes = await mistakesOf(
    HEADER,
    `name: Shop Orders
customerId: $customer
ocurredAt: { column: date, date: YYYY-MM-DD }
events:
  - input: purchase
    kind: order
    fields:
      amountMinor: { column: amount, decimals: many }
`,
  );
  expect(mistakes).toEqual([
    '1: name: small letters, digits and -, at most 64',
    '3: ocurredAt: unknown entry; did you mean occurredAt?',
    '5: events[1].input: expected one of interactions, purchases, surveys, profiles, identities; did you mean purchases?',
    expect.stringMatching(/^8: events\[1\]\.fields\.amountMinor\.decimals: .*number/),
  ]);
});

test('a kind in coverage that no event can have is refused, with the nearest that can', async () => {
  const mistakes = await mistakesOf(
    HEADER,
    `name: shop
customerId: $customer
occurredAt: { column: date, date: YYYY-MM-DD }
events:
  - input: purchases
    kind: order
    fields: { amountMinor: { column: amount, decimals: 2 }, currency: USD }
coverage:
  - input: purchases
    since: start
    kinds:
      - order
      - refnd
      - parcel
`,
  );
  expect(mistakes).toEqual([
    expect.stringMatching(/^13: coverage\[1\]\.kinds\[2\]: "refnd" is not one of order, .*; did you mean refund\?$/),
    expect.stringMatching(/^14: coverage\[1\]\.kinds\[3\]: "parcel" is not one of order, .*, custom$/),
  ]);
});

test('all mistakes against the file and our events come together', async () => {
  const mistakes = await mistakesOf(
    HEADER,
    `name: shop
timezone: Europe/Londn
customerId: $custmer
occurredAt: { column: date, date: 'YYYY-MM' }
events:
  - input: purchases
    kind: ordr
    when: { changed: order }
    fields:
      amontMinor: $amount
      currency: GBP
      channel: { column: order, table: channels }
      subscription: $order
      productIds: { distinct: $order }
  - input: surveys
    kind: csat
    fields: { surveyId: a, questionId: b, score: { column: amount, sum: $amount }, offeredAt: $date }
coverage:
  - { input: interactions, since: start }
`,
  );
  expect(mistakes).toEqual([
    '2: timezone: there is no time zone Europe/Londn; names are like Europe/London',
    '3: customerId.column: the file has no column custmer; did you mean customer?',
    '4: occurredAt.date: the date format "YYYY-MM" needs a year, a month and a day (YYYY, MM, DD)',
    '6: events[1]: an event of purchases needs amountMinor under fields',
    expect.stringMatching(/^7: events\[1\]\.kind: "ordr" is not one of .*; did you mean order\?$/),
    expect.stringMatching(/^8: events\[1\]\.when\.changed: changed compares rows in time order/),
    '10: events[1].fields.amontMinor: there is no field amontMinor; did you mean amountMinor?',
    '12: events[1].fields.channel.table: there is no table "channels" under tables',
    '13: events[1].fields.subscription: fill the parts of subscription one by one, as subscription.plan',
    '14: events[1].fields.productIds: distinct is for rows grouped with rows: {group: [columns]}',
    '15: events[2]: an event of surveys needs responseId under fields',
    expect.stringMatching(/^17: events\[2\]\.fields\.score: a value has exactly one of .*, found column and sum$/),
    '17: events[2].fields.offeredAt: an instant needs the format of its text, as date: "DD.MM.YYYY HH:mm"',
    '19: coverage[1].input: the mapping makes no events of interactions',
  ]);
});

test('a table whose values are no symbols of the field is found before the first row', async () => {
  const mistakes = await mistakesOf(
    HEADER,
    `name: shop
customerId: $customer
occurredAt: { column: date, date: iso }
tables: { ways: { a: phone, b: telefone } }
events:
  - input: interactions
    kind: contact
    fields:
      channel: { column: order, table: ways }
`,
  );
  expect(mistakes).toEqual([expect.stringMatching(/^9: .*"telefone" is not one of phone, .*/)]);
});

test('broken YAML is a mistake with its line', async () => {
  expect(await mistakesOf(HEADER, 'name: shop\nevents: [\n')).toEqual([expect.stringMatching(/^[23]: /)]);
});

test('two entries that would make the same ids must be told apart', async () => {
  const mistakes = await mistakesOf(
    HEADER,
    `name: shop
customerId: $customer
occurredAt: { column: date, date: iso }
events:
  - { input: interactions, kind: contact }
  - { input: interactions, kind: contact }
`,
  );
  expect(mistakes).toEqual(['6: events[2]: a second entry makes contact: give one of them a name']);
});
