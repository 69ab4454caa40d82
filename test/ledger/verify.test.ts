/** The comparison with ClickHouse, of a shop whose customers also move within a group. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Differences } from '../../services/core/oracle/differences.ts';
import { verifyLedger, type LedgerCounts } from '../../services/core/oracle/verify-ledger.ts';
import { naiveStays } from './naive.ts';
import { shop } from './shop.ts';
import { append, openWorld, settle, TOPICS, type World } from './world.ts';

const { facts, changes } = shop(11, 20, 40);

let world: World;

beforeAll(async () => {
  world = await openWorld();
  for (const partition of [0, 1]) {
    await append(world, 'fact', partition, facts[partition]!);
    await append(world, 'change', partition, changes[partition]!);
  }
  await settle(world, { bounds: { batchRows: 50, batchMs: 5, fetchBytes: 8_000, heartbeatMs: 200 } });
});
afterAll(() => world.close());

async function* placed<T>(values: readonly T[]): AsyncGenerator<{ offset: number; value: T }[]> {
  yield await Promise.resolve(values.map((value, offset) => ({ offset, value })));
}

async function compare(partition: number): Promise<{ counts: LedgerCounts; found: readonly string[] }> {
  const differences = new Differences(50);
  const [own, moved] = [facts[partition]!, changes[partition]!];
  const counts = await verifyLedger(
    {
      partition,
      positions: { facts: own.length, changes: moved.length },
      facts: () => placed(own),
      changes: () => placed(moved),
    },
    { database: 'tributary', facts: TOPICS.facts, changes: TOPICS.changes },
    (sql, params) => world.clickhouse.query(sql, params),
    differences,
  );
  return { counts, found: differences.found.map(({ expected }) => expected.split(' ')[0]!) };
}

describe('the comparison of moves with ClickHouse', () => {
  it.each([0, 1])(
    'finds nothing in partition %i, where each move ended one stay and began another',
    async (partition) => {
      const { counts, found } = await compare(partition);
      expect(found).toEqual([]);
      expect(counts).toEqual({
        facts: facts[partition]!.length,
        changes: changes[partition]!.length,
        stays: naiveStays(changes[partition]!).length,
      });
      expect(changes[partition]!.filter(({ kind, from }) => kind === 'moved' && from !== null).length).toBeGreaterThan(
        20,
      );
    },
  );

  it('finds a member that was left and not ended', async () => {
    const move = changes[0]!.findIndex(({ kind, from }) => kind === 'moved' && from !== null);
    const { fromNumber } = changes[0]![move]!;
    await world.clickhouse.command(
      `ALTER TABLE tributary.memberships DELETE WHERE src_partition = 0 AND src_offset = ${move} AND number = ${fromNumber!} SETTINGS mutations_sync = 2`,
    );
    const { found } = await compare(0);
    // What is left of the stay is the row of its entry, if no merge took it.
    expect(found).toEqual(expect.arrayContaining([expect.stringMatching(/^memberships\.(open|rows)$/)]));
  });

  it('finds a move whose old member was written as another', async () => {
    await world.clickhouse.command(
      "ALTER TABLE tributary.changes UPDATE number_from = number_from + 1 WHERE src_partition = 1 AND kind = 'moved' AND number_from = 5 SETTINGS mutations_sync = 2",
    );
    expect((await compare(1)).found).toEqual(['changes.left']);
  });
});
