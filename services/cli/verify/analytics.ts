/** ClickHouse for a look at its private tables: the running owner's, a configured server, or the embedded engine for a while. */
import { join } from 'node:path';
import { attachChdb, type Attached } from '../../platform/clickhouse/attach.ts';
import { connectClickHouse } from '../../platform/clickhouse/client.ts';
import type { Config } from '../../platform/config/options.ts';

/** Undefined where nothing was ever written. */
export async function openAnalytics(config: Config): Promise<Attached | undefined> {
  const { url, user, password, database } = config.clickhouse;
  if (url === null) return attachChdb(join(config.data.directory, 'analytics'), database, 'owner');
  const clickhouse = connectClickHouse({ url, user, password: password ?? '', database });
  return { clickhouse, close: () => clickhouse.close() };
}
