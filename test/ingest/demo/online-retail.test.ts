import { beforeAll, expect, test } from 'vitest';
import type { Profile } from '../../../services/core/domain/events/profile.ts';
import type { Purchase } from '../../../services/core/domain/events/purchase.ts';
import { readRealSet, type RealSet } from '../../../services/ingest/demo/real-sets.ts';
import { rawRows } from './raw-rows.ts';

let set: RealSet;
let purchases: readonly Purchase[];
const COLUMNS = ['InvoiceNo', 'Quantity', 'InvoiceDate', 'UnitPrice', 'CustomerID'] as const;
type Row = Readonly<Record<(typeof COLUMNS)[number], string>>;
let raw: readonly Row[];

beforeAll(async () => {
  set = await readRealSet('online-retail');
  purchases = set.events.filter(({ input }) => input === 'purchases').map(({ event }) => event as Purchase);
  raw = rawRows('online-retail', COLUMNS);
});

/** Quantity × price in thousandths of a penny, exactly. */
function lineAmount({ Quantity, UnitPrice }: Row): bigint {
  const [whole, fraction = ''] = UnitPrice.replace('-', '').split('.');
  const price = BigInt(whole! + fraction.padEnd(5, '0'));
  return BigInt(Quantity) * (UnitPrice.startsWith('-') ? -price : price);
}

test('every row of the file is accounted for', () => {
  const { rows, skipped, rejected, unknownCustomer, silent, mapped } = set.counts;
  expect(rows).toBe(raw.length);
  const badDebt = raw.filter((row) => row.InvoiceNo.startsWith('A')).length;
  expect(skipped).toEqual({ 'adjustment of bad debt, no purchase': badDebt });
  expect(badDebt).toBe(3);
  expect(unknownCustomer).toBe(raw.filter((row) => row.CustomerID === '').length - badDebt);
  expect(mapped).toBe(raw.filter((row) => row.CustomerID !== '').length);
  expect({ rejected, silent }).toEqual({ rejected: 0, silent: 0 });
});

test('one invoice is one purchase, and its amount is the sum of its lines to the penny', () => {
  const invoices = new Map<string, bigint>();
  for (const row of raw) {
    if (row.CustomerID === '') continue;
    invoices.set(row.InvoiceNo, (invoices.get(row.InvoiceNo) ?? 0n) + lineAmount(row));
  }
  expect(purchases).toHaveLength(invoices.size);
  let rounded = 0n;
  for (const { orderId, amountMinor, amountBaseMinor, currency } of purchases) {
    const exact = invoices.get(orderId!)!;
    expect(amountBaseMinor).toBe(amountMinor);
    expect(currency).toBe('GBP');
    const difference = exact - BigInt(amountMinor) * 1000n;
    if (difference > 500n || difference < -500n) expect.fail(`${orderId} differs by ${difference}/1000 p`);
    rounded += difference;
  }
  // Two lines cost a tenth of a penny; nothing else is rounded.
  expect(rounded).toBe(200n);
  const total = [...invoices.values()].reduce((sum, amount) => sum + amount, 0n);
  expect(BigInt(purchases.reduce((sum, { amountMinor }) => sum + amountMinor, 0)) * 1000n + rounded).toBe(total);
});

test('a C invoice is a refund at its own instant that names no order; all others are orders', () => {
  const kinds = new Map(purchases.map(({ orderId, kind }) => [orderId!, kind]));
  expect([...kinds].every(([id, kind]) => kind === (id.startsWith('C') ? 'refund' : 'order'))).toBe(true);
  const refunds = purchases.filter(({ kind }) => kind === 'refund');
  expect(refunds).toHaveLength(2427);
  expect(refunds.every(({ amountMinor, originalOrderId }) => amountMinor <= 0 && originalOrderId === null)).toBe(true);
});

test('times are those of London: an hour earlier in UTC once the clocks have changed', () => {
  const at = (id: string): string => {
    const { occurredAt } = purchases.find(({ orderId }) => orderId === id)!;
    return new Date(occurredAt).toISOString();
  };
  expect(raw.find((row) => row.InvoiceNo === '536365')!.InvoiceDate).toBe('2010-12-01 08:26:00');
  expect(at('536365')).toBe('2010-12-01T08:26:00.000Z');
  const summer = raw.find((row) => row.InvoiceDate.startsWith('2011-07') && row.CustomerID !== '')!;
  expect(at(summer.InvoiceNo)).toBe(
    new Date(Date.parse(`${summer.InvoiceDate.replace(' ', 'T')}Z`) - 3_600_000).toISOString(),
  );
});

test('customers have no ".0", and their country is told once and when it changes', () => {
  const ids = new Set(set.events.map(({ event }) => event.customerId));
  expect([...ids].every((id) => /^\d{5}$/.test(id))).toBe(true);
  expect(ids.size).toBe(3360);
  const countries = set.events.filter(({ input }) => input === 'profiles').map(({ event }) => event as Profile);
  const perCustomer = new Map<string, unknown[]>();
  for (const { customerId, traits } of countries) {
    perCustomer.set(customerId, [...(perCustomer.get(customerId) ?? []), traits['address.country']]);
  }
  expect(perCustomer.size).toBe(3360);
  for (const told of perCustomer.values()) {
    for (const [index, country] of told.entries()) expect(country).not.toBe(told[index + 1] ?? 'none');
  }
  expect(countries.filter(({ traits }) => traits['address.country'] === 'GB').length).toBeGreaterThan(3000);
});
