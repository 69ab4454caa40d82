/** ClickHouse: whether it is there, holds our schema, and is set so that each row stands once. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClickHouse } from '../../platform/clickhouse/client.ts';
import type { Config } from '../../platform/config/options.ts';
import { packagePath } from '../../platform/config/package-root.ts';
import { analyticsDirectory, ledgerSchema } from '../../standalone/analytics.ts';
import type { Check, Finding } from './check.ts';

interface Opened {
  readonly clickhouse: ClickHouse;
  readonly what: string;
  /** False for an engine that was only started to see whether it can be. */
  readonly isOurs: boolean;
  close(): Promise<void>;
}

export const clickhouseCheck: Check = {
  name: 'clickhouse',
  run: async ({ settings: { config } }) => {
    const { clickhouse, what, isOurs, close } = await open(config);
    try {
      const [answer] = await clickhouse.query<{ version: string }>('SELECT version() AS version');
      const version = answer?.version ?? '';
      if (!isOurs) return { level: 'ok', message: `${what} ${version} works here; nothing is in it yet` };
      const found = [
        ...(config.clickhouse.url === null ? [] : await serverFindings(clickhouse, version, config)),
        ...(await schemaFindings(clickhouse, config)),
        ...(await windowFindings(clickhouse, config)),
      ];
      return found.length > 0 ? found : { level: 'ok', message: `${what} ${version}, schema and settings as wanted` };
    } finally {
      await close();
    }
  },
};

async function open(config: Config): Promise<Opened> {
  const { url, user, password, database } = config.clickhouse;
  const { connectClickHouse } = await import('../../platform/clickhouse/client.ts');
  const connected = (to: string, as: string, secret: string): ClickHouse =>
    connectClickHouse({ url: to, user: as, password: secret, requestMsMax: REQUEST_MS_MAX });
  if (url !== null) {
    const clickhouse = connected(url, user, password ?? '');
    return { clickhouse, what: `server ${url}`, isOurs: true, close: () => clickhouse.close() };
  }
  const { readEndpoint } = await import('../../platform/clickhouse/endpoint.ts');
  const directory = analyticsDirectory(config);
  const running = readEndpoint(directory);
  if (running !== undefined) {
    const clickhouse = connected(running.url, 'owner', running.owner);
    return { clickhouse, what: `engine of process ${running.pid},`, isOurs: true, close: () => clickhouse.close() };
  }
  const isOurs = existsSync(directory);
  const place = isOurs ? directory : await mkdtemp(join(tmpdir(), 'tributary-doctor-'));
  const tidy = (): Promise<void> => (isOurs ? Promise.resolve() : rm(place, { recursive: true, force: true }));
  const { startChdb } = await import('../../platform/clickhouse/chdb.ts');
  try {
    const engine = await startChdb({ directory: place, database });
    const clickhouse = connected(engine.url, 'owner', engine.ownerSecret);
    const close = async (): Promise<void> => {
      await clickhouse.close();
      await engine.close();
      await tidy();
    };
    return { clickhouse, what: 'embedded engine', isOurs, close };
  } catch (error) {
    await tidy();
    throw error;
  }
}

const REQUEST_MS_MAX = 10_000;

async function schemaFindings(clickhouse: ClickHouse, config: Config): Promise<readonly Finding[]> {
  const { migrate } = await import('../../platform/clickhouse/migrations.ts');
  const directory = packagePath('schemas', 'clickhouse');
  const steps = await migrate(clickhouse, directory, ledgerSchema(config), { dryRun: true });
  if (steps.length === 0) return [];
  const views = steps.filter(({ file }) => file.startsWith('views/')).length;
  const tables = steps.length - views;
  const parts = [
    ...(tables === 0 ? [] : [`statements not applied yet: ${tables}`]),
    ...(views === 0 ? [] : [`views not as this version, zone and currency make them: ${views}`]),
  ];
  return [
    { level: 'warn', message: parts.join('; '), fix: '`tributary up` brings the schema up to date at its start.' },
  ];
}

const WINDOW = 10_000;

/** Without the window a repeated insert of one batch could stand twice until the next merge. */
async function windowFindings(clickhouse: ClickHouse, config: Config): Promise<readonly Finding[]> {
  const { database } = config.clickhouse;
  const tables = await clickhouse.query<{ name: string; engine: string; engine_full: string }>(
    `SELECT name, engine, engine_full FROM system.tables
     WHERE database = {database:String} AND engine LIKE '%ReplacingMergeTree' AND name != 'schema_migrations'`,
    { database },
  );
  return tables.flatMap(({ name, engine, engine_full: full }): Finding[] => {
    const setting = `${engine.startsWith('Replicated') ? '' : 'non_'}replicated_deduplication_window`;
    const window = Number(new RegExp(`\\b${setting} = (\\d+)`).exec(full)?.[1] ?? 0);
    if (window >= WINDOW) return [];
    const fix = `ALTER TABLE ${database}.${name} MODIFY SETTING ${setting} = ${WINDOW}`;
    return [{ level: 'warn', message: `${name}: ${setting} is ${window}, wanted is ${WINDOW}`, fix }];
  });
}

/** The engine that every release is tested with; the embedded one is this. */
const TESTED = { year: 26, month: 7 };
/** What the ledger says with each insert, because defaults differ between versions. */
const OWN_SETTINGS = [
  'async_insert',
  'insert_deduplicate',
  'insert_deduplication_token',
  'max_partitions_per_insert_block',
];

async function serverFindings(clickhouse: ClickHouse, version: string, config: Config): Promise<readonly Finding[]> {
  const { user } = config.clickhouse;
  const found: Finding[] = [];
  const [year = 0, month = 0] = version.split('.').map(Number);
  if (year < TESTED.year || (year === TESTED.year && month < TESTED.month)) {
    const message = `version ${version} is older than ${TESTED.year}.${TESTED.month}, with which releases are tested`;
    found.push({
      level: 'warn',
      message,
      fix: 'Use a newer server, or verify after the first day: `tributary verify`.',
    });
  }
  const settings = await clickhouse.query<{ name: string; value: string; readonly: number }>(
    'SELECT name, value, readonly FROM system.settings WHERE name IN {names:Array(String)}',
    { names: [...OWN_SETTINGS, 'readonly'] },
  );
  const readonly = settings.find(({ name }) => name === 'readonly')?.value ?? '0';
  if (readonly !== '0') {
    const fix = `Give ${user} a profile with readonly = 0: the ledger writes.`;
    found.push({ level: 'fail', message: `${user} may only read (readonly = ${readonly})`, fix });
  }
  for (const name of OWN_SETTINGS) {
    const setting = settings.find((one) => one.name === name);
    if (setting !== undefined && setting.readonly === 0) continue;
    const why = setting === undefined ? 'is not known to this server' : `is fixed at ${setting.value} for ${user}`;
    const fix = 'Let its profile change this setting: the ledger gives it with each insert.';
    found.push({ level: 'fail', message: `${name} ${why}`, fix });
  }
  return found;
}
