/** ClickHouse for a look at it: the running owner's, a configured server, or the embedded engine for the time of the work. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Query } from '../../core/oracle/verify-ledger.ts';
import { startChdb } from '../../platform/clickhouse/chdb.ts';
import { connectClickHouse, type ClickHouse } from '../../platform/clickhouse/client.ts';
import { readEndpoint } from '../../platform/clickhouse/endpoint.ts';
import type { Config } from '../../platform/config/options.ts';

export interface Analytics {
  readonly query: Query;
  close(): Promise<void>;
}

/** Undefined where nothing was ever written: there is no analytics directory. */
export async function openAnalytics(config: Config): Promise<Analytics | undefined> {
  const { url, user, password, database } = config.clickhouse;
  if (url !== null) return reading(connectClickHouse({ url, user, password: password ?? '', database }));
  const directory = join(config.data.directory, 'analytics');
  if (!existsSync(directory)) return undefined;
  const running = readEndpoint(directory);
  if (running !== undefined) {
    return reading(connectClickHouse({ url: running.url, user: 'owner', password: running.owner, database }));
  }
  const engine = await startChdb({ directory, database });
  const client = connectClickHouse({ url: engine.url, user: 'owner', password: engine.ownerSecret, database });
  return reading(client, () => engine.close());
}

function reading(client: ClickHouse, after: () => Promise<void> = () => Promise.resolve()): Analytics {
  return {
    query: (sql, params) => client.query(sql, params),
    close: async () => {
      await client.close();
      await after();
    },
  };
}
