import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fault } from '../../../services/core/faults.ts';
import { startHttpServer, type HttpServer, type Routes } from '../../../services/platform/http/server.ts';
import { Health } from '../../../services/platform/telemetry/health.ts';
import { createMetrics, type Metrics } from '../../../services/platform/telemetry/metrics.ts';

let now = 0;
let health: Health;
let metrics: Metrics;
let server: HttpServer | undefined;

beforeEach(() => {
  now = 0;
  health = new Health(() => now);
  metrics = createMetrics({ version: '9' });
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  metrics.close();
});

async function start(mount?: (routes: Routes) => void, port = 0): Promise<HttpServer> {
  const common = { host: '127.0.0.1', port, health, metrics, version: '9' };
  server = await startHttpServer(mount === undefined ? common : { ...common, mount });
  return server;
}

async function get(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${server!.url}${path}`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('the probes', () => {
  it('answer 503 on /readyz until what is required is there, and name it', async () => {
    const log = health.dependency('log', { required: true });
    await start();
    expect(await get('/readyz')).toEqual({ status: 503, body: { ready: false, waitingFor: ['log: starting'] } });
    log.ok();
    expect(await get('/readyz')).toEqual({ status: 200, body: { ready: true } });
  });

  it('answer 503 on /livez when a loop has stopped turning', async () => {
    health.watchdog('segmenter', 100);
    await start();
    expect((await get('/livez')).status).toBe(200);
    now = 101;
    expect(await get('/livez')).toEqual({ status: 503, body: { live: false, silent: ['segmenter'] } });
  });

  it('show everything with its age on /healthz', async () => {
    health.dependency('clickhouse', { required: false }).failed(new Fault('CLICKHOUSE_UNAVAILABLE', 'secret words'));
    now = 2_000;
    await start();
    const { status, body } = await get('/healthz');
    expect(status).toBe(200);
    expect(body).toMatchObject({ version: '9', status: 'degraded', ready: true, uptimeMs: 2_000 });
    expect(JSON.stringify(body)).toContain('"ageMs":2000');
    expect(JSON.stringify(body)).not.toContain('secret words');
  });

  it('serve the metrics, and nothing to be cached', async () => {
    metrics.late.at({}).add(2);
    await start();
    const response = await fetch(`${server!.url}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toContain('tributary_late_total 2');
  });
});

describe('the server', () => {
  it('serves what a deployable mounts', async () => {
    await start((routes) => {
      routes.get('/v1/hello', () => ({ hello: 'there' }));
    });
    expect((await get('/v1/hello')).body).toEqual({ hello: 'there' });
    expect((await get('/v1/absent')).status).toBe(404);
  });

  it('says which port is taken', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as { port: number };
    const failure = await start(undefined, port).catch((error: unknown) => error);
    squatter.close();
    expect(failure).toBeInstanceOf(Fault);
    expect(failure).toMatchObject({ code: 'PORT_TAKEN', facts: { port } });
  });

  it('frees its port when it is closed', async () => {
    const { port } = await start();
    await server!.close();
    expect((await start(undefined, port)).port).toBe(port);
  });
});
