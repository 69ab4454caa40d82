import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { customerVerb } from '../../../services/cli/verbs/customer.ts';
import { importVerb } from '../../../services/cli/verbs/import.ts';
import { segmentsVerb } from '../../../services/cli/verbs/segments.ts';
import type { Verb } from '../../../services/cli/verb.ts';
import { runVerb } from './in-process.ts';

const MAPPING = `name: shop
customerId: $customer
occurredAt: { column: date, date: 'YYYY-MM-DD HH:mm' }
rows: { identity: [order] }
events:
  - input: purchases
    kind: order
    fields: { orderId: $order, amountMinor: { column: amount, decimals: 2 }, currency: USD }
coverage:
  - { input: purchases, since: start }
`;
const ORDERS = `order,date,customer,amount
1,2026-01-01 12:00,Ada-1,10.00
2,2026-01-05 12:00,Ben-2,20.50
3,2026-01-09 12:00,Ada-1,7.00
`;
const SEGMENTS = `key: quiet-shopper
name: Quiet shopper
goal: Ask why.
enter: { none: { event: purchase, within: 30d } }
---
key: quiet-caller
name: Quiet caller
goal: Ask why.
enter: { none: { event: interaction, within: 30d } }
`;

describe('tributary customer show', () => {
  let home: string;
  const tributary = async (verb: Verb, ...words: readonly string[]): Promise<string> => {
    const { data } = await runVerb(verb, home, ['--data', join(home, 'data'), ...words]);
    return data;
  };

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'tributary-customer-'));
    for (const [name, text] of Object.entries({ 'o.csv': ORDERS, 'o.yaml': MAPPING, 's.yaml': SEGMENTS }))
      writeFileSync(join(home, name), text);
    await tributary(segmentsVerb, 'segments', 'apply', join(home, 's.yaml'));
    await tributary(
      importVerb,
      'import',
      join(home, 'o.csv'),
      '--map',
      join(home, 'o.yaml'),
      '--rejects',
      join(home, 'r'),
    );
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it('counts one change as one, and says where the date of an absence comes from', async () => {
    const ben = await tributary(customerVerb, 'customer', 'show', 'Ben-2', '--all');
    expect(ben).toContain('Ben-2  known since 2026-01-05, 1 change of segment so far');
    expect(ben).toMatch(
      /Quiet shopper .* since 2026-02-04 12:00:00Z\n {4}the customer is known only from 2026-01-05 12:00:00Z on/,
    );
    // Nobody said of contacts since when they are whole: since their topic was made.
    expect(ben).toMatch(/enters at .*\n {6}all these events are known only from .* on, and 30 days have to pass/);
    const ada = await tributary(customerVerb, 'customer', 'show', 'Ada-1');
    expect(ada).toMatch(/Quiet shopper .* since 2026-02-08 12:00:00Z\n {4}\+ no purchase/);
    expect(ada).toContain('Not in 1 other; --all says what is missing.');
  });

  it('shows the one segment that was asked for, and nothing of the others', async () => {
    const ben = await tributary(customerVerb, 'customer', 'show', 'Ben-2', '--segment', 'quiet-caller');
    expect(ben).toContain('Quiet caller');
    expect(ben).not.toMatch(/--all|Quiet shopper/);
  });

  it('names the nearest customer and the nearest segment', async () => {
    await expect(tributary(customerVerb, 'customer', 'show', 'ben2')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'Nothing is known of a customer ben2; did you mean Ben-2?',
      next: expect.stringContaining('Ids count exactly') as string,
    });
    await expect(tributary(customerVerb, 'customer', 'show', '4711')).rejects.toMatchObject({
      message: 'Nothing is known of a customer 4711',
    });
    const segment = tributary(customerVerb, 'customer', 'show', 'Ben-2', '--segment', 'quiet-calle');
    await expect(segment).rejects.toThrow('There is no live segment quiet-calle; did you mean quiet-caller?');
    await expect(tributary(segmentsVerb, 'segments', 'members', 'quit-shopper')).rejects.toMatchObject({
      message: 'There is no live segment quit-shopper; did you mean quiet-shopper?',
      next: '`tributary segments list` shows what there is.',
    });
  });
});
