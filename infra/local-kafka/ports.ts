/** Ports of loopback. */
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Trouble } from './trouble.ts';

const POLL_MS = 50;

export const LOOPBACK = '127.0.0.1';

/** A port that is free now; as many different ones as asked for. */
export async function freePorts(count: number): Promise<readonly number[]> {
  // All are held until the last is known, so that no two are the same.
  const servers = await Promise.all(Array.from({ length: count }, () => listening(0)));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Throws Trouble for a port that somebody listens on, still after `patienceMs`. */
export async function requireFree(port: number, option: string, patienceMs = 0): Promise<void> {
  for (const deadline = Date.now() + patienceMs; ;) {
    try {
      const server = await listening(port);
      await new Promise((resolve) => server.close(resolve));
      return;
    } catch (error) {
      const next = `Stop what listens there, or choose another port with ${option} (0 = any free one).`;
      if (Date.now() >= deadline) throw new Trouble(`Port ${port} of ${LOOPBACK} is taken`, next, error);
    }
    await sleep(POLL_MS);
  }
}

async function listening(port: number) {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, resolve);
  });
  return server;
}
