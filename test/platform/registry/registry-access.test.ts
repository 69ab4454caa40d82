/** A registry behind TLS and a password, as one in production is; and one that says nothing. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer as createSecureServer, type Server } from 'node:https';
import { createServer as createSilentServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fault } from '../../../services/core/faults.ts';
import { ConfluentSchemaStore } from '../../../services/platform/registry/confluent-schema-store.ts';
import { schemaOf } from '../../../services/platform/registry/record-schemas.ts';
import { temporaryFolder } from '../../cli/run-cli.ts';
import { testBroker } from '../../kafka/broker.ts';
import { makeAuthority, makeCertificate } from '../kafka/certificates.ts';

const USER = 'tributary';
const PASSWORD = 'of-a-test';
const broker = await testBroker();

interface Access {
  readonly port: number;
  readonly password?: string;
  readonly caFile?: string | null;
}

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const found: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (found instanceof Fault) return found;
  throw new Error('It did not fail with a fault', { cause: found });
}

describe.skipIf(broker === undefined)('a registry behind TLS and a password', () => {
  const folder = temporaryFolder();
  const servers: Server[] = [];
  let good: number;
  let expired: number;

  /** Passes on what comes with the password. */
  const front = async (certificate: string): Promise<number> => {
    const credentials = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
    const read = (file: string) => readFileSync(join(folder.path, file));
    const server = createSecureServer(
      { key: read(`${certificate}.key`), cert: read(`${certificate}.pem`) },
      (asked, answer) => {
        if (asked.headers.authorization !== credentials) {
          answer
            .writeHead(401, { 'content-type': 'application/json' })
            .end('{"error_code":401,"message":"Unauthorized"}');
          return;
        }
        const target = new URL(broker!.registryUrl);
        const { method, headers } = asked;
        const path = target.pathname + asked.url!;
        const onward = request({ host: target.hostname, port: target.port, method, path, headers }, (told) => {
          answer.writeHead(told.statusCode!, told.headers);
          told.pipe(answer);
        });
        asked.pipe(onward);
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    return (server.address() as { port: number }).port;
  };

  const store = ({ port, password = PASSWORD, caFile = join(folder.path, 'authority.pem') }: Access) =>
    new ConfluentSchemaStore({ url: `https://127.0.0.1:${port}`, user: USER, password, caFile, timeoutMs: 5_000 });

  beforeAll(async () => {
    makeAuthority(folder.path, 'authority');
    makeCertificate(folder.path, 'good', 'authority', 'valid');
    makeCertificate(folder.path, 'expired', 'authority', 'expired');
    good = await front('good');
    expired = await front('expired');
  });
  afterAll(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    folder.remove();
  });

  it('serves who trusts its authority and knows the password', async () => {
    const wanted = { subject: randomUUID(), schema: schemaOf('survey'), compatibility: 'BACKWARD_TRANSITIVE' } as const;
    const [registered] = await store({ port: good }).register([wanted]);
    const behind = await store({ port: good }).lookUp([registered!.id]);
    expect(behind.get(registered!.id)).toHaveProperty('schema.name', 'Survey');
  });

  it('refuses a wrong password, and that is what is said', async () => {
    const fault = await faultOf(store({ port: good, password: 'wrong' }).registered(['any']));
    expect(fault).toMatchObject({ code: 'REGISTRY_REFUSED', facts: { status: 401 } });
    expect(fault.next).toContain('registry.password');
    expect(`${fault.message} ${JSON.stringify(fault.facts)}`).not.toContain('wrong');
  });

  it('is not trusted without its authority, nor with a certificate that has expired', async () => {
    const stranger = await faultOf(store({ port: good, caFile: null }).registered(['any']));
    expect(stranger.message).toMatch(/certificate/i);
    const old = await faultOf(store({ port: expired }).registered(['any']));
    expect(old.message).toMatch(/expired/);
  });
});

describe('a registry that accepts and says nothing', () => {
  it('is given up after the time it has', async () => {
    const server = createSilentServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const address = { url: `http://127.0.0.1:${port}`, user: null, password: null, caFile: null, timeoutMs: 300 };
    const began = performance.now();
    const fault = await faultOf(new ConfluentSchemaStore(address).lookUp([1]));
    expect(fault.code).toBe('REGISTRY_UNAVAILABLE');
    expect(performance.now() - began).toBeLessThan(5_000);
    server.close();
  });
});
