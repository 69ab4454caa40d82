/**
 * Numbered SQL files onto a server or the embedded engine.
 *
 * Invariants:
 *  R1  A file that was applied never changes: its checksum is kept, a different one stops the run before anything is done.
 *  R2  Definitions have no transaction, so progress is kept per statement and every statement can be repeated.
 *  R3  Views hold no data: they are replaced whenever their text, or what is filled into it, has changed.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../../core/faults.ts';
import type { ClickHouse } from './client.ts';
import { splitStatements } from './gateway/tokens.ts';

/** What is filled into the files: `{{database}}`, `{{zone}}`, `{{currency}}`, `{{minimumN}}`, and by deployment the rest. */
export interface SchemaOptions {
  /** Private database; the views live in `<database>_v1`. */
  readonly database: string;
  /** IANA zone whose days the day-grain views count. */
  readonly zone: string;
  /** Currency of the workspace, ISO 4217. */
  readonly currency: string;
  /** Measures over fewer cases are not shown. */
  readonly minimumN: number;
  /** Set for a cluster of replicated tables; null for one server or the embedded engine. */
  readonly cluster: string | null;
}

export interface MigrationStep {
  readonly file: string;
  /** 1 … of. */
  readonly statement: number;
  readonly of: number;
  readonly sql: string;
}

export interface MigrateOptions {
  /** Lists what would be done and does nothing. */
  readonly dryRun?: boolean;
  /** Called before each statement. */
  readonly progress?: (step: MigrationStep) => void;
}

interface Applied {
  readonly file: string;
  readonly statement: number;
  readonly checksum: string;
}

/**
 * Brings ClickHouse to the schema in `directory` (`NNN-*.sql`, then `views/NN-*.sql`) and returns the statements it ran.
 * Throws CLICKHOUSE_REFUSED when an applied file was changed, or when a statement fails (with its place).
 */
export async function migrate(
  clickhouse: ClickHouse,
  directory: string,
  schema: SchemaOptions,
  options: MigrateOptions = {},
): Promise<readonly MigrationStep[]> {
  const files = readSchema(directory);
  const applied = await readApplied(clickhouse, schema);
  assertUnchanged(files, applied);
  const steps = files.flatMap((file) => stepsOf(file, schema, applied));
  if (options.dryRun === true) return steps;
  if (applied.length === 0) await prepare(clickhouse, schema);
  for (const step of steps) {
    options.progress?.(step);
    await run(clickhouse, schema, step, checksumFor(files, step));
  }
  return steps;
}

interface SchemaFile {
  readonly name: string;
  readonly text: string;
  readonly view: boolean;
}

function readSchema(directory: string): SchemaFile[] {
  const tables = sqlFiles(directory).map((name) => ({
    name,
    text: readFileSync(join(directory, name), 'utf8'),
    view: false,
  }));
  const views = sqlFiles(join(directory, 'views')).map((name) => ({
    name: `views/${name}`,
    text: readFileSync(join(directory, 'views', name), 'utf8'),
    view: true,
  }));
  return [...tables, ...views];
}

function sqlFiles(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.sql'))
    .sort();
}

async function readApplied(clickhouse: ClickHouse, { database }: SchemaOptions): Promise<readonly Applied[]> {
  const [table] = await clickhouse.query<{ n: number }>(
    'SELECT count() AS n FROM system.tables WHERE database = {database:String} AND name = {name:String}',
    { database, name: 'schema_migrations' },
  );
  if (table?.n !== 1) return [];
  return clickhouse.query<Applied>(`SELECT file, statement, checksum FROM ${database}.schema_migrations FINAL`);
}

/** R1. */
function assertUnchanged(files: readonly SchemaFile[], applied: readonly Applied[]): void {
  const now = new Map(files.filter((file) => !file.view).map((file) => [file.name, checksum(file.text)]));
  const changed = new Set(
    applied.filter(({ file, checksum: then }) => (now.get(file) ?? then) !== then).map(({ file }) => file),
  );
  if (changed.size === 0) return;
  throw new Fault('CLICKHOUSE_REFUSED', 'Migrations that were applied have been changed; add a new file instead.', {
    mistakes: [...changed].map((file) => `${file} is not the file that was applied`),
  });
}

/** R2, R3: what is left to do of one file. */
function stepsOf(file: SchemaFile, schema: SchemaOptions, applied: readonly Applied[]): MigrationStep[] {
  const statements = splitStatements(fill(file, schema));
  const done = applied.filter((entry) => entry.file === file.name);
  return statements
    .map((sql, index) => ({ file: file.name, statement: index + 1, of: statements.length, sql }))
    .filter((step) => {
      const entry = done.find(({ statement }) => statement === step.statement);
      return entry === undefined || (file.view && entry.checksum !== checksum(step.sql));
    });
}

function checksumFor(files: readonly SchemaFile[], step: MigrationStep): string {
  const file = files.find(({ name }) => name === step.file);
  return file === undefined || file.view ? checksum(step.sql) : checksum(file.text);
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function prepare(clickhouse: ClickHouse, schema: SchemaOptions): Promise<void> {
  const { database } = schema;
  const onCluster = clause(schema, 'onCluster', '');
  // `default` of the embedded engine is an overlay that lacks half of the features, hence databases of our own.
  await clickhouse.command(
    `CREATE DATABASE IF NOT EXISTS ${database} ${onCluster} ENGINE = Atomic COMMENT 'Private tables of Tributary'`,
  );
  await clickhouse.command(
    `CREATE DATABASE IF NOT EXISTS ${database}_v1 ${onCluster} ENGINE = Atomic COMMENT 'The views of Tributary: the contract'`,
  );
  await clickhouse.command(
    `CREATE TABLE IF NOT EXISTS ${database}.schema_migrations ${onCluster} (
       file String COMMENT 'File of schemas/clickhouse', statement UInt32 COMMENT 'Statement of the file, from 1',
       checksum String COMMENT 'sha256 of the file, for views of the statement as run',
       applied_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was run')
     ENGINE = ${clause(schema, 'replacing', 'applied_at')} ORDER BY (file, statement) COMMENT 'Private. The schema as it was applied'`,
  );
}

async function run(
  clickhouse: ClickHouse,
  { database }: SchemaOptions,
  step: MigrationStep,
  sum: string,
): Promise<void> {
  try {
    await clickhouse.command(step.sql);
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'CLICKHOUSE_UNAVAILABLE') throw error;
    throw new Fault('CLICKHOUSE_REFUSED', `Statement ${step.statement} of ${step.file} failed: ${error.message}`, {
      facts: { file: step.file, statement: step.statement },
      cause: error,
    });
  }
  await clickhouse.command(
    `INSERT INTO ${database}.schema_migrations (file, statement, checksum) SELECT {file:String}, {statement:UInt32}, {sum:String}`,
    { file: step.file, statement: step.statement, sum },
  );
}

function fill(file: SchemaFile, schema: SchemaOptions): string {
  return file.text.replaceAll(/\{\{(\w+)(?: (\w+))?\}\}/g, (_, name: string, argument: string | undefined) => {
    const text = clause(schema, name, argument ?? '');
    if (text === undefined)
      throw new Fault('CLICKHOUSE_REFUSED', `${file.name} asks for {{${name}}}, which is not known.`);
    return text;
  });
}

/** One template in the words of this deployment; undefined for an unknown name. */
function clause(schema: SchemaOptions, name: string, argument: string): string | undefined {
  const replicated = schema.cluster !== null;
  switch (name) {
    case 'database':
      return schema.database;
    case 'zone':
      return `'${schema.zone}'`;
    case 'currency':
      return `'${schema.currency}'`;
    case 'minimumN':
      return String(schema.minimumN);
    case 'fresh':
      // Instant through which every partition has been read; 1970 before the first report. A scalar subquery is nullable.
      return `ifNull((SELECT min(read_through) FROM ${schema.database}.ledger_positions FINAL), toDateTime64(0, 3, 'UTC'))`;
    case 'onCluster':
      return schema.cluster === null ? '' : `ON CLUSTER '${schema.cluster}'`;
    case 'replacing':
      if (!replicated) return `ReplacingMergeTree(${argument})`;
      return `ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}'${argument === '' ? '' : `, ${argument}`})`;
    case 'durable':
      // The windows count parts, and one batch of history may make hundreds.
      return replicated
        ? 'replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 604800'
        : 'non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1';
    default:
      return undefined;
  }
}
