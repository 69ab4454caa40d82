/**
 * One connection to one broker, made when it is first needed and made again after it was lost. kafkajs's `Connection`
 * does sockets, TLS, SASL and the matching of answers; its pools, retries and logs are not used.
 */
import Connection from 'kafkajs/src/network/connection.js';
import socketFactory from 'kafkajs/src/network/socketFactory.js';
import type { Versions } from 'kafkajs/src/network/connection.js';
import { Fault } from '../../core/faults.ts';
import { logClosed } from '../log-port/faults.ts';
import { BrokerLost } from './broker-errors.ts';
import type { Call } from './calls.ts';
import { greet } from './greeting.ts';
import { addressOf, type Node } from './node.ts';
import type { KafkaLogOptions } from './options.ts';
import { WireWriter } from './wire.ts';

const silent = {
  namespace: () => silent,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const sockets = socketFactory();

export class Link {
  readonly node: Node;
  readonly #options: KafkaLogOptions;
  readonly #versions: Map<string, Versions>;
  readonly #ended: (link: Link) => void;
  #connection: Connection | undefined;
  #opening: Promise<Connection> | undefined;
  #closed = false;

  /** `versions` is shared by all links: what a broker at an address has said of itself. */
  constructor(node: Node, options: KafkaLogOptions, versions: Map<string, Versions>, ended: (link: Link) => void) {
    this.node = node;
    this.#options = options;
    this.#versions = versions;
    this.#ended = ended;
  }

  /** Rejects with BrokerLost when there is no answer, LOG_LOGIN_FAILED when the broker does not let us in. */
  async send<T>(call: Call<T>): Promise<T> {
    const connection = await this.#connected();
    try {
      return await transmit(connection, call, this.#options.requestMs);
    } catch (error) {
      this.#drop(connection);
      if (error instanceof BrokerLost || error instanceof Fault || !isConnectionTrouble(error)) throw error;
      throw this.#lost(`did not answer ${call.api}`, error, call.api);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#connection !== undefined) this.#drop(this.#connection);
    this.#ended(this);
  }

  #connected(): Promise<Connection> {
    if (this.#closed) return Promise.reject(logClosed());
    if (this.#connection?.isConnected() === true) return Promise.resolve(this.#connection);
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #open(): Promise<Connection> {
    const { clientId, connectMs, requestMs, tls, sasl } = this.#options;
    const connection = new Connection({
      ...{ host: this.node.host, port: this.node.port, clientId, logger: silent, socketFactory: sockets },
      ...{ connectionTimeout: connectMs, requestTimeout: requestMs, enforceRequestTimeout: true },
      ...{ ssl: tls ?? null, sasl: sasl === undefined ? null : { ...sasl } },
    });
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(this.#lost(`did not greet within ${connectMs} ms`, undefined)),
      connectMs,
    );
    try {
      await Promise.race([this.#greeted(connection), late.promise]);
    } catch (error) {
      this.#drop(connection);
      // What was learnt of the broker may be out of date: it is asked again.
      this.#versions.delete(addressOf(this.node));
      throw error;
    } finally {
      clearTimeout(timer);
    }
    if (this.#closed) {
      this.#drop(connection);
      throw logClosed();
    }
    this.#connection = connection;
    return connection;
  }

  async #greeted(connection: Connection): Promise<void> {
    try {
      await connection.connect();
    } catch (error) {
      throw untrusted(error, this.node) ?? this.#lost('cannot be reached', error);
    }
    const address = addressOf(this.node);
    let versions = this.#versions.get(address);
    if (versions === undefined) {
      try {
        versions = await transmit(connection, greet(this.node), this.#options.requestMs);
      } catch (error) {
        if (error instanceof Fault) throw error;
        throw this.#lost('does not answer a greeting; is it a listener of the kind configured (TLS or not)?', error);
      }
      this.#versions.set(address, versions);
    }
    connection.setVersions(versions);
    connection.setSupportAuthenticationProtocol(true);
    try {
      await connection.authenticate();
    } catch (error) {
      throw refusedLogin(error, this.node, this.#options.sasl?.mechanism);
    }
  }

  /** At once: what waits for an answer is rejected, the socket is destroyed. */
  #drop(connection: Connection): void {
    if (this.#connection === connection) this.#connection = undefined;
    connection.rejectRequests(this.#lost('was left', undefined));
    connection.disconnect().catch(() => undefined);
    connection.socket?.destroy();
  }

  #lost(what: string, cause: unknown, api?: string): BrokerLost {
    const address = addressOf(this.node);
    const reason = cause instanceof Error ? ` (${reasonOf(cause)})` : '';
    return new BrokerLost(`Broker ${address} ${what}${reason}`, { broker: address, api }, cause);
  }
}

/** Key of the request that comes before any login. */
const GREETING = 18;

/**
 * Sends and decodes: kafkajs's own `send` without its copies of the body, four of each. An answer that cannot be decoded is a fault
 * of its own, not of the connection.
 */
async function transmit<T>(connection: Connection, call: Call<T>, requestMs: number): Promise<T> {
  const { api: apiName, apiKey, apiVersion } = call;
  // A session that ends soon is logged in to again (KIP-368).
  if (apiKey !== GREETING && !connection.isAuthenticated()) await connection.authenticate();
  const body = await call.encode();
  const correlationId = connection.nextCorrelationId();
  const head = new WireWriter()
    .int16(apiKey)
    .int16(apiVersion)
    .int32(correlationId)
    .string(connection.clientId)
    .finish();
  const size = body.reduce((sum, part) => sum + part.length, head.length);
  const parts = [new WireWriter().int32(size).raw(head).finish(), ...body];
  const { payload } = await new Promise<{ readonly payload: Buffer }>((resolve, reject) => {
    connection.failIfNotConnected();
    connection.requestQueue.push({
      entry: { apiKey, apiName, apiVersion, correlationId, resolve, reject },
      expectResponse: true,
      requestTimeout: requestMs + (call.waitMs ?? 0),
      sendRequest: () => {
        const { socket } = connection;
        socket!.cork();
        for (const part of parts) socket!.write(part);
        socket!.uncork();
      },
    });
  });
  const value = await call.decode(payload);
  connection.requestQueue.maybeThrottle(throttleOf(value));
  return value;
}

/** KIP-219: after an answer that says so, the connection is left in peace for that long, ms. */
function throttleOf(value: unknown): number {
  return (value as { readonly clientSideThrottleTime?: number } | null)?.clientSideThrottleTime ?? 0;
}

function isConnectionTrouble(error: unknown): boolean {
  return error instanceof Error && /^KafkaJS(Connection|RequestTimeout)/.test(error.name);
}

function reasonOf(cause: Error): string {
  const { code } = cause as { readonly code?: string };
  return code ?? cause.message;
}

/** A certificate that does not hold will not hold at the next attempt either. */
function untrusted(error: unknown, node: Node): Fault | undefined {
  const { code, message } = error as { readonly code?: string; readonly message: string };
  if (code === undefined || !/CERT|SIGNATURE|ISSUER|TLS|SSL/.test(code)) return undefined;
  const broker = addressOf(node);
  return new Fault(
    'LOG_LOGIN_FAILED',
    `No trusted connection to broker ${broker}: ${message.replace(/^Connection error: /, '')}`,
    {
      facts: { broker, reason: code },
      cause: error,
    },
  );
}

function refusedLogin(error: unknown, node: Node, mechanism: string | undefined): unknown {
  const broker = addressOf(node);
  if (isConnectionTrouble(error)) {
    return new BrokerLost(`Broker ${broker} closed the connection while logging in`, { broker }, error);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new Fault(
    'LOG_LOGIN_FAILED',
    `Broker ${broker} refused the login (${mechanism ?? 'no mechanism'}): ${reason}`,
    {
      facts: { broker, mechanism },
      cause: error,
    },
  );
}
