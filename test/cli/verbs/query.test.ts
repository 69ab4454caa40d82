import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queryVerb } from '../../../services/cli/verbs/query.ts';
import { startChdb, type Chdb } from '../../../services/platform/clickhouse/chdb.ts';
import { connectClickHouse } from '../../../services/platform/clickhouse/client.ts';
import { migrate } from '../../../services/platform/clickhouse/migrations.ts';
import { packagePath } from '../../../services/platform/config/package-root.ts';
import { runVerb, type Said } from './in-process.ts';

describe('tributary query', () => {
  let data: string;
  let chdb: Chdb | undefined;

  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'tributary-query-'));
    chdb = await startChdb({ directory: join(data, 'analytics') });
    const clickhouse = connectClickHouse({ url: chdb.url, user: 'owner', password: chdb.ownerSecret });
    const schema = { database: 'tributary', zone: 'UTC', currency: 'EUR', minimumN: 30, cluster: null };
    await migrate(clickhouse, packagePath('schemas', 'clickhouse'), schema);
    await clickhouse.command(
      `INSERT INTO tributary.segments (number, version, segment, name) VALUES (1, 1, 'first', 'The first'), (2, 1, 'second', 'The "second"')`,
    );
    await clickhouse.close();
  });
  afterAll(async () => {
    await chdb?.close();
    rmSync(data, { recursive: true, force: true });
  });

  const tributary = (words: readonly string[], stdin: readonly string[] = [], directory = data): Promise<Said> =>
    runVerb(queryVerb, tmpdir(), ['--data', directory, ...words], stdin);

  const SQL = 'SELECT number, segment, name, 1 / 3 AS third, NULL AS nothing FROM segments ORDER BY number;';

  it('shows a table to a person', async () => {
    const { data: shown, talk } = await tributary(['query', SQL]);
    expect(shown.split('\n').map((line) => line.trim().split(/\s{2,}/))).toEqual([
      ['number', 'segment', 'name', 'third', 'nothing'],
      ['1', 'first', 'The first', '0.3333', '–'],
      ['2', 'second', 'The "second"', '0.3333', '–'],
      [''],
    ]);
    expect(talk).toBe('2 rows\n');
  });

  it('gives JSON lines and CSV to programs, and reads the statement from stdin', async () => {
    const sql = 'SELECT number, name FROM segments ORDER BY number';
    const lines = '{"number":1,"name":"The first"}\n{"number":2,"name":"The \\"second\\""}\n';
    expect((await tributary(['query', '--json'], [sql])).data).toBe(lines);
    expect((await tributary(['query', '-', '--format', 'json'], [sql, ' -- and no more'])).data).toBe(lines);
    expect((await tributary(['query', sql, '--format', 'csv'])).data).toBe(
      '"number","name"\n1,"The first"\n2,"The ""second"""\n',
    );
  });

  it('describes every view and column', async () => {
    const { data: shown } = await tributary(['query', '--describe']);
    expect(shown).toContain('segment_metrics\n  Measures of each segment against everyone');
    expect(shown).toMatch(/ {2}members +UInt64 +Customers in it now/);
  });

  it('reads only, and only the views', async () => {
    await expect(tributary(['query', 'DROP VIEW segments'])).rejects.toMatchObject({ code: 'QUERY_REFUSED' });
    await expect(tributary(['query', 'SELECT * FROM tributary.facts'])).rejects.toThrow(
      'tables of tributary are private',
    );
    await expect(tributary(['query', 'SELECT nope FROM segments'])).rejects.toThrow('Unknown expression identifier');
    await expect(tributary(['query', 'SELECT 1; SELECT 2'])).rejects.toThrow('One statement is expected, 2 were given');
    await expect(tributary(['query', 'SELECT 1', '--format', 'xml'])).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('names the nearest view, all views, and where their columns are', async () => {
    await expect(tributary(['query', 'SELECT * FROM segment_size'])).rejects.toMatchObject({
      code: 'QUERY_REFUSED',
      message: 'There is no view segment_size; did you mean segment_sizes?',
      next: expect.stringMatching(
        /^The views are .*segment_metrics, .*segment_sizes.*; `tributary query --describe`/,
      ) as string,
    });
    await expect(tributary(['query', 'SELECT * FROM tributary_v1.parcels'])).rejects.toMatchObject({
      message: 'There is no view parcels',
    });
    await expect(tributary(['query', 'SELECT nope FROM segments'])).rejects.toMatchObject({
      next: '`tributary query --describe` lists each view with its columns.',
    });
  });

  it('starts the engine itself when nobody runs it, and leaves it free again', async () => {
    await chdb!.close();
    chdb = undefined;
    const { data: shown } = await tributary(['query', '--json', 'SELECT count() AS n FROM segments']);
    expect(shown).toBe('{"n":2}\n');
    const next = await startChdb({ directory: join(data, 'analytics') });
    await next.close();
  });

  it('says so when there is nothing yet', async () => {
    await expect(tributary(['query', 'SELECT 1'], [], join(data, 'empty'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
