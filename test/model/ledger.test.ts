/** ClickHouse against the log, on a real embedded engine: what the ledger writes of random histories is what verify wants. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Differences } from '../../services/core/oracle/differences.ts';
import { verifyLedger, type LedgerCounts } from '../../services/core/oracle/verify-ledger.ts';
import { CHANGE_COLUMNS, changeRow, MEMBERSHIP_COLUMNS, membershipRow } from '../../services/ledger/change-row.ts';
import { FACT_COLUMNS, factRow } from '../../services/ledger/fact-row.ts';
import { openWorld, type World } from '../ledger/world.ts';
import { readersOf } from './compare.ts';
import { historyOf } from './drawing.ts';
import { LiveRun } from './live-run.ts';

const PARTITION = 3;

describe('the comparison with ClickHouse', () => {
  let world: World;
  let run: LiveRun;

  beforeAll(async () => {
    world = await openWorld();
    run = richRun();
    const { facts, changes } = run;
    await insert(
      'facts',
      FACT_COLUMNS,
      facts.map(({ offset, value }) => factRow(value, PARTITION, offset)),
    );
    await insert(
      'changes',
      CHANGE_COLUMNS,
      changes.map(({ offset, value }) => changeRow(value, PARTITION, offset)),
    );
    const stays = changes.map(({ offset, value }) => membershipRow(value, PARTITION, offset)!);
    await insert('memberships', MEMBERSHIP_COLUMNS, stays);
  });
  afterAll(() => world.close());

  function richRun(): LiveRun {
    for (let seed = 1; ; seed++) {
      const candidate = LiveRun.play(historyOf(seed));
      if (candidate.changes.length > 30) return candidate;
    }
  }

  async function insert(table: string, columns: readonly string[], lines: readonly string[]): Promise<void> {
    const body = Buffer.from(lines.join(''));
    await world.clickhouse.insert({ table: `tributary.${table}`, columns, body, token: `${table}-${lines.length}` });
  }

  async function compare(): Promise<{ counts: LedgerCounts; found: readonly string[] }> {
    const differences = new Differences(20);
    const { facts, changes } = readersOf(run);
    const positions = { facts: run.facts.length, changes: run.changes.length };
    const counts = await verifyLedger(
      { partition: PARTITION, positions, facts, changes },
      { database: 'tributary', facts: 'f', changes: 'c' },
      (sql, params) => world.clickhouse.query(sql, params),
      differences,
    );
    return { counts, found: differences.found.map(({ expected }) => expected.split(' ')[0]!) };
  }

  it('finds nothing when all is there', async () => {
    const { counts, found } = await compare();
    expect(found).toEqual([]);
    expect(counts.facts).toBe(run.facts.length);
    expect(counts.changes).toBe(run.changes.length);
    expect(counts.stays).toBeGreaterThan(5);
  });

  it('finds nothing when a batch is written twice', async () => {
    const { offset, value } = run.facts[0]!;
    await insert('facts', FACT_COLUMNS, [factRow(value, PARTITION, offset)]);
    expect((await compare()).found).toEqual([]);
  });

  it('finds a fact that is missing, and one that is not its own', async () => {
    const before = run.facts.length;
    const last = run.facts.at(-1)!;
    run.facts.push({ offset: before, value: { ...last.value, offset: last.value.offset + 1 } });
    expect((await compare()).found).toEqual(expect.arrayContaining(['facts.rows', 'facts.offsets']));
    run.facts.splice(before - 1, 2, { offset: last.offset, value: { ...last.value, seq: last.value.seq + 1 } });
    expect((await compare()).found).toEqual(['facts.seqs']);
    run.facts[before - 1] = last;
  });

  it('finds a stay that was never closed', async () => {
    const at = run.changes.findLastIndex(({ value }) => value.kind === 'exited');
    const exit = run.changes[at]!;
    run.changes[at] = { ...exit, value: { ...exit.value, kind: 'entered', effectiveAt: exit.value.effectiveAt } };
    expect((await compare()).found).toEqual(expect.arrayContaining(['changes.entries', 'memberships.open']));
    run.changes[at] = exit;
  });
});
