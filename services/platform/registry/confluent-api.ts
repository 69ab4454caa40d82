/**
 * Requests to a registry with Confluent's interface, through @kafkajs/confluent-schema-registry, with its failures as faults.
 * Requests are repeated by whoever knows what waiting costs, not here.
 */
import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { COMPATIBILITY, SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { Fault } from '../../core/faults.ts';
import type { Config } from '../config/options.ts';
import type { Compatibility } from './compatibility.ts';

export type RegistryAddress = Config['registry'] & { readonly url: string };

/** A schema as the registry tells it. */
export interface ToldSchema {
  readonly schema: string;
  /** Absent for Avro. */
  readonly schemaType?: string;
  readonly references?: readonly SchemaReference[];
}

export interface ToldVersion extends ToldSchema {
  readonly id: number;
  readonly version: number;
}

export interface SchemaReference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

type ClientOptions = ConstructorParameters<typeof SchemaRegistry>[0];
type Middleware = NonNullable<ClientOptions['middlewares']>[number];

/** What the client asks with inside. It has no public way to the text of a schema, only to a compiled form that lost half of it. */
interface InnerApi {
  readonly Schema: { find(given: object): Promise<Answer> };
  readonly Subject: Readonly<Record<'latestVersion' | 'version' | 'updateConfig', (given: object) => Promise<Answer>>>;
}
interface Answer {
  data(): unknown;
}

interface Failure {
  /** The client says 400 for a host that does not answer. */
  readonly status: number;
  readonly message: string;
  readonly url: string;
}

export class ConfluentApi {
  readonly #url: string;
  readonly #api: InnerApi;
  readonly #client: SchemaRegistry;

  constructor({ url, user, password, caFile, timeoutMs }: RegistryAddress) {
    this.#url = url;
    this.#client = new SchemaRegistry({
      host: url.replace(/\/$/, ''),
      clientId: 'tributary',
      // The client repeats at most its own way: once, at once, for a connection that had gone stale.
      retry: { retries: 1, initialRetryTimeInSecs: 0.05, maxRetryTimeInSecs: 0.05 },
      agent: agentFor(url, caFile),
      ...(user === null ? {} : { auth: { username: user, password: password ?? '' } }),
      middlewares: [withTimeout(timeoutMs)],
    });
    this.#api = (this.#client as unknown as { readonly api: InnerApi }).api;
  }

  /** The newest version of a subject; undefined where there is none. */
  latest(subject: string): Promise<ToldVersion | undefined> {
    return this.#ask(async () => (await this.#api.Subject.latestVersion({ subject })).data() as ToldVersion);
  }

  /** Undefined for a version that was deleted. */
  version(subject: string, version: number): Promise<ToldVersion | undefined> {
    return this.#ask(async () => (await this.#api.Subject.version({ subject, version })).data() as ToldVersion);
  }

  /** Undefined for an id that was never given. */
  byId(id: number): Promise<ToldSchema | undefined> {
    return this.#ask(async () => (await this.#api.Schema.find({ id })).data() as ToldSchema);
  }

  /**
   * Sets the level of the subject, then registers, as the client refuses a subject of another level. Returns the id. Throws
   * SCHEMA_INCOMPATIBLE when the registry does not take it.
   */
  async register(subject: string, schema: string, compatibility: Compatibility): Promise<number> {
    await this.#ask(() => this.#api.Subject.updateConfig({ subject, body: { compatibility } }));
    const registered = await this.#ask(() =>
      this.#client.register(JSON.parse(schema) as Parameters<SchemaRegistry['register']>[0], {
        subject,
        compatibility: COMPATIBILITY[compatibility],
      }),
    );
    if (registered !== undefined) return registered.id;
    throw new Fault('REGISTRY_REFUSED', `The registry does not know ${subject} right after it was registered`, {
      facts: { registry: this.#url, subject },
    });
  }

  async #ask<T>(request: () => Promise<T>): Promise<T | undefined> {
    try {
      return await request();
    } catch (error) {
      const failure = failureOf(error);
      if (failure === undefined) throw error;
      if (failure.status === 404) return undefined;
      throw this.#fault(failure, error);
    }
  }

  #fault({ status, message, url }: Failure, cause: unknown): Fault {
    const facts = { registry: this.#url, status, request: url };
    if (status === 409) {
      return new Fault('SCHEMA_INCOMPATIBLE', `The registry refuses a schema as incompatible: ${message}`, {
        facts,
        cause,
      });
    }
    if (status === 401 || status === 403 || status === 422) {
      return new Fault('REGISTRY_REFUSED', `The registry refuses a request: ${message}`, { facts, cause });
    }
    return new Fault('REGISTRY_UNAVAILABLE', `The registry at ${this.#url} does not answer: ${message}`, {
      facts,
      cause,
    });
  }
}

/** The client's error, by its shape: its class is not exported. */
function failureOf(error: unknown): Failure | undefined {
  if (!(error instanceof Error && 'status' in error && typeof error.status === 'number')) return undefined;
  const url = 'url' in error && typeof error.url === 'string' ? error.url : '';
  return { status: error.status, message: error.message, url };
}

/** The client has no bound of its own: a registry that accepts and says nothing would hold us forever. */
function withTimeout(timeoutMs: number): Middleware {
  return () => ({ prepareRequest: async (next) => (await next()).enhance({ timeout: timeoutMs }) });
}

function agentFor(url: string, caFile: string | null): HttpAgent {
  if (!url.startsWith('https:')) return new HttpAgent({ keepAlive: true });
  return new HttpsAgent({ keepAlive: true, ...(caFile === null ? {} : { ca: readFileSync(caFile) }) });
}
