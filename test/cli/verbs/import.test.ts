import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importVerb } from '../../../services/cli/verbs/import.ts';
import { upVerb } from '../../../services/cli/verbs/up.ts';
import type { Fact } from '../../../services/core/domain/events/fact.ts';
import { importFile } from '../../../services/ingest/import/import-file.ts';
import { openEmbeddedLog } from '../../../services/platform/embedded-log/embedded-log.ts';
import { loadConfig } from '../../../services/platform/config/load.ts';
import { openRegistry } from '../../../services/platform/registry/registry.ts';
import { applyTopics } from '../../../services/platform/topics/apply-topics.ts';
import { topicNames } from '../../../services/platform/topics/topic-plan.ts';
import { jsonLines, runCli } from '../run-cli.ts';
import { linesOf, runVerb } from './in-process.ts';

interface LinesSaid {
  readonly data: readonly string[];
  readonly talk: string;
}

const MAPPING = `name: shop
customerId: $customer
occurredAt: { column: date, date: 'YYYY-MM-DD HH:mm', zone: Europe/Berlin }
rows: { identity: [order] }
events:
  - input: purchases
    kind: order
    fields: { orderId: $order, amountMinor: { column: amount, decimals: 2 }, currency: EUR }
coverage:
  - { input: purchases, kinds: [order], since: start }
`;
const ORDERS = `order,date,customer,amount
1,2024-06-01 12:00,a,10.00
2,2024-06-02 12:00,b,20.50
3,2024-06-03 12:00,a,thirty
4,2024-06-04 12:00,,5.00
`;

describe('tributary import', () => {
  let directory: string;
  const file = (name: string): string => join(directory, name);

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tributary-import-verb-'));
    writeFileSync(file('orders.yaml'), MAPPING);
    writeFileSync(file('orders.csv'), ORDERS);
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  async function tributary(...words: readonly string[]): Promise<LinesSaid> {
    const { data, talk } = await runVerb(importVerb, directory, ['--data', file('data'), ...words]);
    return { data: linesOf(data), talk };
  }
  const importOrders = (...more: readonly string[]): Promise<LinesSaid> =>
    tributary('import', file('orders.csv'), '--map', file('orders.yaml'), '--rejects', file('rejects.csv'), ...more);

  it('shows with --dry-run the first events and every problem, and writes nothing', async () => {
    const { data, talk } = await importOrders('--dry-run');
    expect(data[0]).toMatch(/^row 2 {2}purchases {2}\{.*"occurredAt":"2024-06-01T10:00:00.000Z".*"amountMinor":1000/);
    expect(data.join('\n')).toMatch(/rows read\s+4/);
    expect(data.join('\n')).toMatch(/rows without a customer\s+1/);
    expect(talk).toContain('rejected row 4, amount: "thirty" is not an amount');
    expect(talk).toContain('Nothing was written');
    expect(existsSync(file('data'))).toBe(false);
    expect(existsSync(file('rejects.csv'))).toBe(false);
  });

  it('replays into an empty data directory, and does nothing the second time', async () => {
    const first = await importOrders('--json');
    expect(JSON.parse(first.data[0]!)).toMatchObject({
      ...{ mode: 'replay', events: 2, before: 0, rejects: file('rejects.csv') },
      counts: { rows: 4, mapped: 2, rejected: 1, unknownCustomer: 1 },
      coverage: [{ input: 'purchases', kinds: ['order'], since: Date.parse('2024-06-01T10:00Z') }],
    });
    expect(first.talk).toContain('The history is replayed');
    expect(readFileSync(file('rejects.csv'), 'utf8')).toBe(
      'row,column,reason,raw\n4,amount,"""thirty"" is not an amount","3,2024-06-03 12:00,a,thirty"\n',
    );
    const facts = await factsOf(file('data'));
    expect(facts.map(({ event, asOf, history, tooLate }) => [event.eventId, asOf, history, tooLate])).toEqual([
      ['shop:order:1', Date.parse('2024-06-01T10:00Z'), false, false],
      ['shop:order:2', Date.parse('2024-06-02T10:00Z'), false, false],
    ]);
    const again = await importOrders();
    expect(again.data.join('\n')).toContain('imported with this mapping before (2 events)');
    expect(await factsOf(file('data'))).toHaveLength(2);
  });

  it('counts and names money in another currency than the workspace, and says what to do', async () => {
    const { data, talk } = await importOrders('--dry-run');
    expect(data.join('\n')).toMatch(/purchases in EUR, without base amount\s+2/);
    expect(talk).toContain('Purchases 2 in EUR: the workspace counts USD, so these amounts are in no sum.');
    expect(talk).toContain('Map amountBaseMinor (the amount times the rate of its day)');
    const run = await importOrders('--json');
    expect(JSON.parse(run.data[0]!)).toMatchObject({ counts: { withoutBaseAmount: { EUR: 2 } } });
    expect(run.talk).toContain('2 in EUR');
  });

  it('says nothing of money in the currency of the workspace', async () => {
    const { data, talk } = await importOrders('--dry-run', '--set', 'workspace.currency=EUR');
    expect(data.join('\n')).not.toContain('base amount');
    expect(talk).not.toContain('EUR');
  });

  it('that was stopped is named by doctor and by up, with the command that finishes it', async () => {
    const stop = new AbortController();
    const log = await openEmbeddedLog({ directory: join(file('data'), 'log'), owner: true });
    const { config } = loadConfig({ environment: {} });
    await applyTopics(log, config, Date.now);
    const target = { log, registry: await openRegistry(log, config), topics: topicNames(config.topics), now: Date.now };
    const stopped = importFile(target, {
      ...{ file: file('orders.csv'), mappingFile: file('orders.yaml'), baseCurrency: 'USD', reject: () => undefined },
      ...{ transactionEventsMax: 1, onAppended: () => stop.abort(), signal: stop.signal },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'INTERRUPTED' });
    await log.close();
    const command = `\`tributary import ${file('orders.csv')} --map ${file('orders.yaml')} --data ${file('data')}\``;
    const flags = ['--data', file('data')];
    expect(await found(flags)).toMatchObject({
      level: 'fail',
      message: expect.stringContaining('orders.csv is unfinished: 1 event so far') as string,
      fix: `Run ${command}; it goes on where it was.`,
    });
    await expect(runVerb(upVerb, directory, [...flags, 'up', '--set', 'http.port=0'])).rejects.toMatchObject({
      code: 'IMPORT_REFUSED',
      next: `Run it again first, it goes on where it was: ${command}.`,
    });
    expect((await importOrders()).data.join('\n')).toContain('An earlier run had appended 1 event;');
    expect(await found(flags)).toMatchObject({ level: 'ok' });
  });

  it('tells every mistake of a mapping, and makes no data directory for it', async () => {
    writeFileSync(file('orders.yaml'), MAPPING.replace('kind: order', 'kind: ordr').replace('$customer', '$client'));
    const failed = importOrders();
    await expect(failed).rejects.toMatchObject({
      code: 'MAPPING_INVALID',
      mistakes: [expect.stringContaining('no column client'), expect.stringContaining('"ordr" is not one of')],
    });
    expect(existsSync(file('data'))).toBe(false);
  });
});

/** What the real `doctor` finds of imports. */
async function found(flags: readonly string[]): Promise<unknown> {
  const { stdout } = await runCli(['doctor', '--json', ...flags]);
  return jsonLines(stdout).find(({ check }) => check === 'imports');
}

async function factsOf(data: string): Promise<readonly Fact[]> {
  const log = await openEmbeddedLog({ directory: join(data, 'log'), owner: false });
  try {
    const registry = await openRegistry(log, loadConfig({ environment: {} }).config);
    const pages = await log.fetch(
      [0, 1, 2, 3].map((partition) => ({ topic: 'customer.facts.v1', partition, offset: 0, maxBytes: 1 << 20 })),
      { isolation: 'read_committed', maxWaitMs: 0 },
    );
    const facts = pages.flatMap(({ records }) =>
      Array.from({ length: records.length }, (_, index) => registry.decode('fact', records.value(index))),
    );
    return facts.sort((a, b) => a.asOf - b.asOf);
  } finally {
    await log.close();
  }
}
