/** What to do about a statement that names a view or a column there is not. */
import { nearestName } from '../core/domain/language/mistakes.ts';
import { Fault } from '../core/faults.ts';
import type { ClickHouse } from '../platform/clickhouse/client.ts';

/** Numbers of ClickHouse. */
const UNKNOWN_IDENTIFIER = 47;
const UNKNOWN_TABLE = 60;

/** The same fault with the nearest view and where the names are; any other as it is. */
export async function withHint(error: unknown, clickhouse: ClickHouse, database: string): Promise<unknown> {
  if (!(error instanceof Fault) || error.code !== 'QUERY_REFUSED') return error;
  const { facts } = error;
  if (facts['number'] === UNKNOWN_IDENTIFIER) {
    const next = '`tributary query --describe` lists each view with its columns.';
    return new Fault('QUERY_REFUSED', error.message, { facts, cause: error.cause, next });
  }
  if (facts['number'] !== UNKNOWN_TABLE) return error;
  const views = await viewsOf(clickhouse, database);
  const name = nameIn(error.message);
  const nearest = name === undefined ? undefined : nearestName(name, views);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return new Fault('QUERY_REFUSED', name === undefined ? error.message : `There is no view ${name}${hint}`, {
    facts,
    cause: error,
    next: `The views are ${views.join(', ')}; \`tributary query --describe\` says what is in them.`,
  });
}

async function viewsOf(clickhouse: ClickHouse, database: string): Promise<readonly string[]> {
  const sql = 'SELECT name FROM system.tables WHERE database = {database:String} ORDER BY name';
  return (await clickhouse.query<{ readonly name: string }>(sql, { database })).map(({ name }) => name);
}

/** The view as ClickHouse quotes it, without its database. */
function nameIn(message: string): string | undefined {
  return /(?:identifier|Table) [`']?(?:[A-Za-z_]\w*\.)?([A-Za-z_]\w*)/.exec(message)?.[1];
}
