import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { packagePath } from '../../../services/platform/config/package-root.ts';
import { mapText } from './import-harness.ts';

const page = readFileSync(packagePath('infra', 'docs', 'import.md'), 'utf8');
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map((match) => match[1]!);

test('the example of a shop makes the events it promises', async () => {
  const { events, counts } = await mapText(blocks('csv')[0]!, blocks('yaml')[0]!, 'EUR');
  expect(events.map(({ input, event }) => [input, event.customerId, 'kind' in event && event.kind])).toEqual([
    ['purchases', 'c-17', 'order'],
    ['profiles', 'c-17', 'update'],
    ['purchases', 'c-17', 'refund'],
  ]);
  expect(events[0]?.event).toMatchObject({
    ...{ amountMinor: 4740, amountBaseMinor: 4740, productIds: ['A-1', 'B-9'], categories: ['Lamps', 'Bulbs'] },
    occurredAt: Date.parse('2025-02-03T13:05Z'),
  });
  expect(events[2]?.event).toMatchObject({ amountMinor: -750, originalOrderId: '1001' });
  expect(counts).toMatchObject({ rows: 4, mapped: 3, unknownCustomer: 1, rejected: 0, unchanged: 1 });
});

test('the example of a help desk makes the events it promises', async () => {
  const { events, counts } = await mapText(blocks('csv')[1]!, blocks('yaml')[1]!);
  expect(events.map(({ event }) => 'kind' in event && event.kind)).toEqual([
    ...['contact', 'ticket_opened', 'ticket_answered', 'ticket_escalated', 'ticket_updated', 'ticket_resolved'],
    'ticket_reopened',
  ]);
  expect(counts).toMatchObject({ rows: 5, mapped: 5, rejected: 0 });
});
