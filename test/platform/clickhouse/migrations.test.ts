import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startChdb, type Chdb } from '../../../services/platform/clickhouse/chdb.ts';
import { connectClickHouse, type ClickHouse } from '../../../services/platform/clickhouse/client.ts';
import { migrate, type MigrationStep, type SchemaOptions } from '../../../services/platform/clickhouse/migrations.ts';
import { packagePath } from '../../../services/platform/config/package-root.ts';

let home: string;
let chdb: Chdb;
let clickhouse: ClickHouse;
let schema: SchemaOptions;
let directory: string;
let turn = 0;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tributary-migrations-'));
  chdb = await startChdb({ directory: join(home, 'analytics') });
  clickhouse = connectClickHouse({ url: chdb.url, user: 'owner', password: chdb.ownerSecret });
});
beforeEach(async () => {
  turn += 1;
  schema = { database: `schema${turn}`, zone: 'UTC', currency: 'EUR', minimumN: 30, cluster: null };
  directory = join(home, `files${turn}`);
  await cp(packagePath('schemas', 'clickhouse'), directory, { recursive: true });
});
afterAll(async () => {
  await clickhouse.close();
  await chdb.close();
  await rm(home, { recursive: true, force: true });
});

const names = (steps: readonly MigrationStep[]): string[] =>
  steps.map(({ file, statement, of }) => `${file} ${statement}/${of}`);
const tables = async (): Promise<string[]> => {
  const found = await clickhouse.query<{ name: string }>('SELECT name FROM system.tables WHERE database = {d:String}', {
    d: schema.database,
  });
  return found.map(({ name }) => name);
};

describe('migrations', () => {
  it('run once: a second run finds nothing to do', async () => {
    const seen: string[] = [];
    const first = await migrate(clickhouse, directory, schema, {
      progress: (step) => void seen.push(`${step.file} ${step.statement}/${step.of}`),
    });
    expect(names(first)).toEqual(seen);
    expect(seen.slice(0, 3)).toEqual(['001-facts.sql 1/1', '002-changes.sql 1/2', '002-changes.sql 2/2']);
    expect(await tables()).toContain('facts');
    expect(await migrate(clickhouse, directory, schema)).toEqual([]);
  });

  it('say what they would do and do nothing when asked to', async () => {
    const steps = await migrate(clickhouse, directory, schema, { dryRun: true });
    expect(steps.length).toBeGreaterThan(10);
    expect(await tables()).toEqual([]);
  });

  it('refuse to go on when an applied file has been changed', async () => {
    await migrate(clickhouse, directory, schema);
    await writeFile(join(directory, '001-facts.sql'), 'SELECT 1');
    await expect(migrate(clickhouse, directory, schema)).rejects.toMatchObject({
      code: 'CLICKHOUSE_REFUSED',
      mistakes: ['001-facts.sql is not the file that was applied'],
    });
  });

  it('go on at the statement that failed', async () => {
    const file = join(directory, '002-changes.sql');
    await writeFile(
      file,
      'CREATE TABLE {{database}}.a (n UInt8) ENGINE = MergeTree ORDER BY n; CREATE TABLE {{database}}.b (n Wrong) ENGINE = Memory',
    );
    await expect(migrate(clickhouse, directory, schema)).rejects.toMatchObject({
      code: 'CLICKHOUSE_REFUSED',
      facts: { file: '002-changes.sql', statement: 2 },
    });
    await clickhouse.command(
      `ALTER TABLE ${schema.database}.schema_migrations DELETE WHERE file = '002-changes.sql' SETTINGS mutations_sync = 2`,
    );
    await cp(packagePath('schemas', 'clickhouse', '002-changes.sql'), file);
    const rest = await migrate(clickhouse, directory, schema);
    expect(names(rest).slice(0, 2)).toEqual(['002-changes.sql 1/2', '002-changes.sql 2/2']);
  });

  it('replace a view when its text or what is filled in has changed, and nothing else', async () => {
    await migrate(clickhouse, directory, schema);
    const steps = await migrate(clickhouse, directory, { ...schema, minimumN: 5 });
    expect(names(steps)).toEqual(['views/05-segment-metrics.sql 1/2']);
    expect(await migrate(clickhouse, directory, { ...schema, minimumN: 5 })).toEqual([]);
  });

  it('name a template they do not know', async () => {
    await writeFile(join(directory, '009-odd.sql'), 'SELECT {{odd}}');
    await expect(migrate(clickhouse, directory, schema)).rejects.toThrow('009-odd.sql asks for {{odd}}');
  });

  it('are written for a cluster from the same files', async () => {
    const steps = await migrate(clickhouse, directory, { ...schema, cluster: 'main' }, { dryRun: true });
    const facts = steps.find(({ file }) => file === '001-facts.sql')!.sql;
    expect(facts).toContain("ON CLUSTER 'main'");
    expect(facts).toContain("ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')");
    expect(facts).toContain('replicated_deduplication_window_seconds = 604800');
    expect(steps.every(({ sql }) => !sql.includes('{{'))).toBe(true);
  });
});
