/**
 * The process that owns the embedded engine. It lives as long as the channel to its owner: when that closes, by an
 * order or because the owner died, it finishes what runs and ends.
 *
 * An interrupt from the terminal reaches every process of the group; this one leaves it to its owner, who may still have
 * rows to write.
 */
import { Fault } from '../../../core/faults.ts';
import { Engine } from './engine.ts';
import type { FromGateway, ToGateway } from './messages.ts';
import { createGateway } from './server.ts';

/** After this the process ends even if a statement still runs: the data is safe, only its reader waits in vain. */
const CLOSE_MS_MAX = 8_000;

let close: () => Promise<void> = () => Promise.resolve();
let closing = false;

process.on('message', (message: ToGateway) => {
  if (message.type === 'open') void open(message);
  else void end();
});
process.on('disconnect', () => void end());
process.on('SIGTERM', () => void end());
process.on('SIGINT', () => undefined);

async function open(order: Extract<ToGateway, { type: 'open' }>): Promise<void> {
  try {
    const engine = await Engine.open(order.directory, order.limits);
    const server = createGateway({ engine, ...order });
    close = async () => {
      server.close();
      server.closeIdleConnections();
      await engine.close();
      server.closeAllConnections();
    };
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(order.port, '127.0.0.1', resolve);
    });
    const address = server.address();
    tell({ type: 'ready', port: typeof address === 'object' && address !== null ? address.port : order.port });
  } catch (error) {
    tell(failureOf(error));
    await end();
  }
}

function failureOf(error: unknown): FromGateway {
  if (error instanceof Fault) return { type: 'failed', code: error.code, message: error.message, facts: error.facts };
  const message = error instanceof Error ? error.message : String(error);
  return { type: 'failed', code: 'CLICKHOUSE_UNAVAILABLE', message, facts: {} };
}

function tell(message: FromGateway): void {
  // The channel may be gone with the owner; then nobody waits for this.
  if (process.connected) process.send?.(message);
}

async function end(): Promise<void> {
  if (closing) return;
  closing = true;
  setTimeout(() => process.exit(0), CLOSE_MS_MAX).unref();
  try {
    await close();
  } finally {
    process.exit(0);
  }
}
