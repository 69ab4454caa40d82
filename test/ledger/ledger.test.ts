import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Fault } from '../../services/core/faults.ts';
import { RecordBatchBuilder } from '../../services/core/streams/record-batch.ts';
import type { LaneBounds } from '../../services/ledger/lane-world.ts';
import { STEPS, type Verified } from '../../services/ledger/listener.ts';
import type { ClickHouse, InsertRows } from '../../services/platform/clickhouse/client.ts';
import { eventually } from '../platform/clickhouse/eventually.ts';
import { change, DAY, definition, interaction, purchase, survey, T0 } from './records.ts';
import { append, freshTopics, otherLog, ledgerOf, openWorld, settle, TOPICS, type World } from './world.ts';

let opened: World;
let world: World;

beforeAll(async () => {
  opened = await openWorld();
});
beforeEach(async () => {
  world = await freshTopics(opened);
});
afterAll(() => opened.close());

/** Puts `count` facts and changes on each partition, some of them about issues. */
async function fill(count: number): Promise<void> {
  await append(world, 'definition', 0, [definition(1), definition(2)]);
  for (const partition of [0, 1]) {
    const facts = Array.from({ length: count }, (_, index) =>
      interaction(
        { customerId: `c${partition}-${index % 50}`, instant: T0 + index * 60_000 },
        { issueId: index % 3 === 0 ? `i${index % 40}` : null },
      ),
    );
    for (let from = 0; from < count; from += 20) await append(world, 'fact', partition, facts.slice(from, from + 20));
    const changes = Array.from({ length: count }, (_, index) => {
      const entered = index % 2 === 0;
      const seq = Math.floor(index / 50) + 1;
      return change({
        customerId: `c${partition}-${index % 50}`,
        seq,
        number: 1,
        kind: entered ? 'entered' : 'exited',
        effectiveAt: T0 + index * 60_000,
        enteredAt: entered ? null : T0 + (index - 1) * 60_000,
      });
    });
    for (let from = 0; from < count; from += 20)
      await append(world, 'change', partition, changes.slice(from, from + 20));
  }
}

/** Rows as they lie on disk, before keys make one of two. */
async function physical(table: string): Promise<{ rows: number; places: number }> {
  const [row] = await world.clickhouse.query<{ rows: number; places: number }>(
    `SELECT count() AS rows, uniqExact(src_partition, src_offset) AS places FROM tributary.${table}`,
  );
  return row!;
}

async function expectExactlyOnce(countPerPartition: number, fills = 1): Promise<void> {
  const all = { rows: 2 * fills * countPerPartition, places: 2 * fills * countPerPartition };
  expect(await physical('facts')).toEqual(all);
  expect(await physical('changes')).toEqual(all);
  const ofIssues = 2 * fills * Math.ceil(countPerPartition / 3);
  expect(await physical('issue_facts')).toEqual({ rows: ofIssues, places: ofIssues });
}

/** The port with something done to each insert. */
function withInsert(insert: (rows: InsertRows, real: ClickHouse) => Promise<void>): ClickHouse {
  const real = world.clickhouse;
  return {
    query: (sql, params) => real.query(sql, params),
    queryText: (sql, format, params) => real.queryText(sql, format, params),
    command: (sql, params) => real.command(sql, params),
    ping: () => real.ping(),
    close: () => real.close(),
    insert: (rows) => insert(rows, real),
  };
}

const noAnswer = (): Fault => new Fault('CLICKHOUSE_UNAVAILABLE', 'The reply was lost.');

describe('the ledger', () => {
  it('writes each record once, whatever it holds', async () => {
    const awkward = "tab\t newline\n backslash\\ quote' NUL\0 \u00e9 \u{1f600}";
    await append(world, 'definition', 0, [definition(1)]);
    await append(world, 'fact', 0, [
      interaction({ customerId: awkward, instant: T0, segments: [1, 300] }, { category: awkward, sentiment: -0.25 }),
      interaction({ customerId: 'ancient', instant: Date.UTC(1700, 0, 1) }, {}),
      interaction({ customerId: 'old', instant: Date.UTC(1969, 6, 20) + 5 }, {}),
      purchase({ customerId: 'b', instant: T0 }, { amountMinor: -1, productIds: [awkward, "'", ''] }),
    ]);
    await append(world, 'fact', 1, [
      survey({ customerId: 'b', instant: T0 }, { score: 1, lowerIsBetter: true, scaleMin: 1, scaleMax: 2 }),
      survey({ customerId: 'b', instant: T0 }, { kind: 'ces', score: 5 }),
      survey({ customerId: 'b', instant: T0 }, { kind: 'nps', score: 11 }),
    ]);
    await settle(world);
    const rows = await world.clickhouse.query(
      `SELECT customer_id, toString(instant) AS instant, segments, category, sentiment_milli, amount_minor, product_ids, score_milli, score_positive
       FROM tributary.facts FINAL ORDER BY src_partition, src_offset`,
    );
    const row = {
      category: '',
      sentiment_milli: null,
      amount_minor: 0,
      product_ids: [],
      score_milli: null,
      score_positive: null,
      segments: [],
    };
    const at = '2026-03-01 00:00:00.000';
    expect(rows).toEqual([
      { ...row, customer_id: awkward, instant: at, segments: [1, 300], category: awkward, sentiment_milli: -250 },
      { ...row, customer_id: 'ancient', instant: '1900-01-01 00:00:00.000' },
      { ...row, customer_id: 'old', instant: '1969-07-20 00:00:00.005' },
      { ...row, customer_id: 'b', instant: at, amount_minor: -1, product_ids: [awkward, "'", ''] },
      { ...row, customer_id: 'b', instant: at, score_milli: 5000, score_positive: true },
      { ...row, customer_id: 'b', instant: at, score_milli: 5000, score_positive: true },
      { ...row, customer_id: 'b', instant: at },
    ]);
  });

  it.each(STEPS.flatMap((step) => [TOPICS.facts, TOPICS.changes].map((topic) => [step, topic] as const)))(
    'has every row once after it stopped behind the step "%s" of %s',
    async (step, topic) => {
      await fill(80);
      let batches = 0;
      const onStep = (at: string, of: string): void => {
        if (at !== step || of !== topic) return;
        batches += 1;
        if (batches === 2 || step === 'assigned') throw new Error('power cut');
      };
      const bounds = { batchRows: 40, batchMs: 20, heartbeatMs: 200, fetchBytes: 4_000 };
      await expect(settleSmall(onStep, bounds)).rejects.toThrow('power cut');
      await settle(world);
      await expectExactlyOnce(80);
    },
  );

  it('has every row once after replies were lost, with and without the rows behind them', async () => {
    await fill(60);
    const attempts = new Map<string, number>();
    const clickhouse = withInsert(async (rows, real) => {
      const attempt = (attempts.get(rows.token) ?? 0) + 1;
      attempts.set(rows.token, attempt);
      if (rows.table.endsWith('positions') || attempt > 2) return real.insert(rows);
      if (attempt === 2) await real.insert(rows);
      throw noAnswer();
    });
    await settle(world, { clickhouse, bounds: { batchRows: 100, batchMs: 20, heartbeatMs: 200, fetchBytes: 10_000 } });
    await expectExactlyOnce(60);
  });

  it('does not trust a token whose rows were lost: reads back and writes what is missing', async () => {
    await fill(100);
    let cut = false;
    const clickhouse = withInsert(async (rows, real) => {
      await real.insert(rows);
      if (cut || rows.table !== 'tributary.facts') return;
      cut = true;
      // What a crash between the token's log and the rows leaves: a known token without its rows.
      await real.command('ALTER TABLE tributary.facts DELETE WHERE src_offset % 2 = 1 SETTINGS mutations_sync = 2');
      throw noAnswer();
    });
    await settle(world, { clickhouse });
    await expectExactlyOnce(100);
  });

  it('writes nothing twice when its positions are set back to the beginning', async () => {
    await fill(200);
    await settle(world);
    const back = [TOPICS.facts, TOPICS.changes].flatMap((topic) =>
      [0, 1].map((partition) => ({ topic, partition, offset: 0 })),
    );
    await world.log.commitGroupPositions('tributary-ledger', back);
    await settle(world);
    await expectExactlyOnce(200);
  });

  it('goes on by itself after the engine is killed again and again', async () => {
    const retries: number[] = [];
    const ledger = ledgerOf(world, {
      listener: { retrying: (_, delayMs) => void retries.push(delayMs) },
      bounds: { batchRows: 50, batchMs: 5, fetchBytes: 4_000 },
    });
    const stop = new AbortController();
    const running = ledger.run(stop.signal);
    for (let round = 0; round < 3; round += 1) {
      await fill(100);
      const before = world.chdb.pid;
      await eventually(async () => (await physical('facts').catch(() => ({ rows: 0 }))).rows > round * 200 + 20);
      if (before !== undefined) process.kill(before, round === 1 ? 'SIGTERM' : 'SIGKILL');
      await eventually(() => Promise.resolve(world.chdb.pid !== undefined && world.chdb.pid !== before));
    }
    await ledger.caughtUp();
    stop.abort();
    await running;
    expect(await physical('facts')).toEqual({ rows: 600, places: 600 });
    expect(await physical('changes')).toEqual({ rows: 600, places: 600 });
    expect(retries.length).toBeGreaterThan(0);
  });

  it('passes over a record it cannot read, and says which', async () => {
    const places: unknown[] = [];
    const builder = new RecordBatchBuilder();
    builder.append(T0, null, Buffer.from('nonsense'));
    await append(world, 'fact', 0, [interaction({ customerId: 'a', instant: T0 }, {})]);
    await world.log.append({ topic: TOPICS.facts, partition: 0 }, builder.finish());
    await append(world, 'fact', 0, [interaction({ customerId: 'b', instant: T0 }, {})]);
    await settle(world, { listener: { undecodable: (place) => void places.push(place) } });
    expect(places).toEqual([{ topic: TOPICS.facts, partition: 0, offset: 1 }]);
    expect(await physical('facts')).toEqual({ rows: 2, places: 2 });
  });

  it('passes over a move that does not say which membership it ends, and guesses nothing', async () => {
    const refused: unknown[] = [];
    const move = {
      customerId: 'a',
      number: 6,
      group: 'tier',
      kind: 'moved',
      to: 'silver',
      segment: 'tier/silver',
    } as const;
    await append(world, 'change', 0, [
      change({ ...move, seq: 1, effectiveAt: T0 }),
      change({ ...move, seq: 2, effectiveAt: T0 + DAY, from: 'silver', enteredAt: T0 }),
      change({ ...move, seq: 3, effectiveAt: T0 + DAY, from: 'silver', fromNumber: 6, enteredAt: T0, number: 5 }),
    ]);
    await settle(world, { listener: { undecodable: ({ offset }) => void refused.push(offset) } });
    expect(refused).toEqual([1]);
    const stays = await world.clickhouse.query(
      'SELECT number, segment, toUnixTimestamp64Milli(entered_at) AS entered, exited_at IS NOT NULL AS over FROM tributary_v1.membership ORDER BY number',
    );
    expect(stays).toEqual([
      { number: 5, segment: 'tier/silver', entered: T0 + DAY, over: 0 },
      { number: 6, segment: 'tier/silver', entered: T0, over: 1 },
    ]);
  });

  it('shares the partitions with a second one, and each row is still written once', async () => {
    const stops = [new AbortController(), new AbortController()];
    const ledgers = stops.map(() => ledgerOf(world, { bounds: { batchMs: 5 } }));
    const first = ledgers[0]!.run(stops[0]!.signal);
    await fill(200);
    const second = ledgers[1]!.run(stops[1]!.signal);
    await fill(200);
    await eventually(
      async () => (await physical('facts')).places === 800 && (await physical('changes')).places === 800,
    );
    stops[0]!.abort();
    await first;
    await fill(200);
    await eventually(
      async () => (await physical('facts')).places === 1200 && (await physical('changes')).places === 1200,
    );
    stops[1]!.abort();
    await second;
    await expectExactlyOnce(200, 3);
  });

  it('counts again what it wrote, and says when something is missing', async () => {
    const results: Verified[] = [];
    const ledger = ledgerOf(world, { listener: { verified: (result) => void results.push(result) } });
    const stop = new AbortController();
    const running = ledger.run(stop.signal);
    await fill(60);
    await ledger.caughtUp();
    await ledger.verify();
    expect(results.map(({ expected, found }) => [expected, found])).toEqual(Array(4).fill([60, 60]));
    results.length = 0;
    await fill(60);
    await ledger.caughtUp();
    await world.clickhouse.command(
      'ALTER TABLE tributary.facts DELETE WHERE src_partition = 1 AND src_offset = 70 SETTINGS mutations_sync = 2',
    );
    await ledger.verify();
    stop.abort();
    await running;
    expect(results.find(({ topic, partition }) => topic === TOPICS.facts && partition === 1)).toMatchObject({
      first: 60,
      end: 120,
      expected: 60,
      found: 59,
    });
    expect(results.filter(({ expected, found }) => expected === found)).toHaveLength(3);
  });

  it('stops when ClickHouse is ahead of the log, which then is another log', async () => {
    await fill(40);
    await settle(world);
    const replaced = { ...world, log: await otherLog() };
    await expect(settle(replaced)).rejects.toMatchObject({ code: 'CLICKHOUSE_AHEAD', facts: { end: 0 } });
  });

  it("stops with ClickHouse's own words when the schema is not there", async () => {
    await fill(1);
    await expect(settle(world, { database: 'nowhere' })).rejects.toMatchObject({
      code: 'QUERY_REFUSED',
      facts: { number: 81 },
    });
  });

  it('says how fresh it is: through the last record while behind, through now at the end', async () => {
    await append(world, 'fact', 0, [interaction({ customerId: 'a', instant: T0 }, {})], T0 + DAY);
    const before = Date.now();
    await settle(world);
    const [row] = await world.clickhouse.query<{ fresh: string; position: number }>(
      `SELECT toUnixTimestamp64Milli(fresh_as_of) AS fresh, position FROM tributary_v1.freshness WHERE topic = 'customer.facts.v1' AND partition = 0`,
    );
    expect(row!.position).toBe(1);
    expect(Number(row!.fresh)).toBeGreaterThanOrEqual(before - 1_000);
    expect(Number(row!.fresh)).toBeLessThanOrEqual(Date.now());
  });
});

function settleSmall(onStep: (step: string, topic: string) => void, bounds: Partial<LaneBounds>): Promise<void> {
  return settle(world, { onStep, bounds });
}
