import Fastify, { type FastifyInstance } from 'fastify';
import { Fault } from '../../core/faults.ts';
import type { Health } from '../telemetry/health.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** What a deployable mounts its routes on. */
export type Routes = FastifyInstance;

export interface HttpServer {
  /** As reached from this machine, `http://127.0.0.1:7070`. */
  readonly url: string;
  readonly port: number;
  /** Takes no more requests, finishes those under way, and resolves. */
  close(): Promise<void>;
}

export interface HttpOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly version: string;
  /** Mounts further routes before the server listens. */
  readonly mount?: (routes: Routes) => void | Promise<void>;
}

const BODY_BYTES_MAX = 1024 * 1024;
const REQUEST_MS_MAX = 30_000;

/** Serves the probes, the metrics and what is mounted. Throws PORT_TAKEN. */
export async function startHttpServer(options: HttpOptions): Promise<HttpServer> {
  const app = Fastify({ logger: false, bodyLimit: BODY_BYTES_MAX, requestTimeout: REQUEST_MS_MAX });
  probes(app, options);
  await options.mount?.(app);
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await app.close();
    throw cannotListen(error, options);
  }
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return { url: `http://${urlHost(options.host)}:${port}`, port, close: () => app.close() };
}

/**
 * `/livez`: this process turns; restart it when not. `/readyz`: send it work. `/healthz`: everything, for a person.
 * The probes say no more than a word and names of our own, so that they may be read by any orchestrator.
 */
function probes(app: FastifyInstance, { health, metrics, version }: HttpOptions): void {
  app.addHook('onRequest', (_request, reply, next) => {
    void reply.header('cache-control', 'no-store');
    next();
  });
  app.get('/livez', (_request, reply) => {
    const { live, silent } = health.report();
    return reply.code(live ? 200 : 503).send(live ? { live } : { live, silent });
  });
  app.get('/readyz', (_request, reply) => {
    const { ready, dependencies } = health.report();
    const waitingFor = dependencies.filter(({ required, condition }) => required && condition !== 'ok');
    const names = waitingFor.map(({ name, condition }) => `${name}: ${condition}`);
    return reply.code(ready ? 200 : 503).send(ready ? { ready } : { ready, waitingFor: names });
  });
  app.get('/healthz', (_request, reply) => {
    const report = health.report();
    return reply.code(report.status === 'failed' ? 503 : 200).send({ version, ...report });
  });
  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await metrics.render();
    return reply.header('content-type', contentType).send(text);
  });
}

function cannotListen(error: unknown, { host, port }: HttpOptions): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} on ${host} is taken by another process`,
    EACCES: `Port ${port} needs rights that this process does not have`,
    EADDRNOTAVAIL: `${host} is no address of this machine`,
    ENOTFOUND: `${host} is no address of this machine`,
  };
  const reason = Object.hasOwn(reasons, code) ? reasons[code] : undefined;
  return reason === undefined ? error : new Fault('PORT_TAKEN', reason, { facts: { host, port }, cause: error });
}

function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
