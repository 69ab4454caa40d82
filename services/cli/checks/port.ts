import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Check } from './check.ts';

const ANSWER_MS = 1_000;

export const portCheck: Check = {
  name: 'http port',
  run: async ({ settings }) => {
    const { host, port } = settings.config.http;
    if (port === 0) return { level: 'ok', message: 'any free port will be taken' };
    const taken = await listenFails(host, port);
    if (taken === undefined) return { level: 'ok', message: `${host}:${port} is free` };
    if (await isOurs(host, port)) return { level: 'ok', message: `${host}:${port} is answered by a running Tributary` };
    const fix = `Stop what listens there, or choose another port with http.port.`;
    return { level: 'fail', message: `${host}:${port} cannot be used (${taken})`, fix };
  },
};

/** Why nothing can listen there; undefined when it can. */
async function listenFails(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  } finally {
    server.close();
  }
}

async function isOurs(host: string, port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://${host}:${port}/livez`, { signal: AbortSignal.timeout(ANSWER_MS) });
    return 'live' in ((await answer.json()) as object);
  } catch {
    // No answer, or one of another program: then it is not ours.
    return false;
  }
}
