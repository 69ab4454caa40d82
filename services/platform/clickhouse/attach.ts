import { existsSync } from 'node:fs';
import { startChdb } from './chdb.ts';
import { connectClickHouse, type ClickHouse } from './client.ts';
import { readEndpoint } from './endpoint.ts';

export interface Attached {
  readonly clickhouse: ClickHouse;
  /** Closes the client, and the engine if it was started for this. */
  close(): Promise<void>;
}

/**
 * A client of the embedded engine in `directory`: of its running owner, or of an engine started for the time of the work.
 * Undefined where nothing was ever written. Throws what `startChdb` throws.
 */
export async function attachChdb(
  directory: string,
  database: string,
  as: 'owner' | 'reader',
): Promise<Attached | undefined> {
  const running = readEndpoint(directory);
  const searched = as === 'reader' ? `${database}_v1` : database;
  if (running !== undefined) {
    const clickhouse = connectClickHouse({ url: running.url, user: as, password: running[as], database: searched });
    return { clickhouse, close: () => clickhouse.close() };
  }
  if (!existsSync(directory)) return undefined;
  const engine = await startChdb({ directory, database });
  const password = as === 'owner' ? engine.ownerSecret : engine.readerSecret;
  const clickhouse = connectClickHouse({ url: engine.url, user: as, password, database: searched });
  return {
    clickhouse,
    close: async () => {
      await clickhouse.close();
      await engine.close();
    },
  };
}
