/**
 * ClickHouse's HTTP interface in front of the embedded engine, on loopback: `GET /ping`, and `/` with the statement in
 * `query` or the body, `database`, `default_format`, `param_*`; every other parameter is a setting of that statement
 * alone. Errors keep ClickHouse's text and number.
 *
 * Two names may come in: the owner, who may do everything, and the reader, who can only read the views.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Fault } from '../../../core/faults.ts';
import { EngineError, type Engine, type Reply } from './engine.ts';
import { assertReadable, bindParameters, parseStatement, type Statement } from './statement.ts';

export interface Credentials {
  readonly owner: string;
  readonly reader: string;
}

interface ServerOptions {
  readonly engine: Engine;
  readonly credentials: Credentials;
  /** The database whose tables readers cannot see. */
  readonly privateDatabase: string;
  readonly bodyBytesMax: number;
}

/** Parameters of the protocol that are no settings. */
const TRANSPORT = new Set(
  (
    'query database default_format query_id session_id session_timeout session_check role user password quota_key compress ' +
    'decompress enable_http_compression buffer_size wait_end_of_query send_progress_in_http_headers http_headers_progress_interval_ms'
  ).split(' '),
);

/** ClickHouse's numbers for what the gateway itself refuses. */
const AUTHENTICATION_FAILED = 516;
const READONLY = 164;
const TOO_LARGE_BODY = 1000;

const inflate = promisify(gunzip);

export function createGateway(options: ServerOptions): Server {
  const server = createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => refuse(response, error));
  });
  // Longer than the client keeps an idle socket, so that it is always the client who closes.
  server.keepAliveTimeout = 15_000;
  // A heavy statement of the owner may run for minutes before its first byte.
  server.requestTimeout = 0;
  return server;
}

async function answer(options: ServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname === '/ping') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('Ok.\n');
    return;
  }
  if (url.pathname !== '/') {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('There is no handle here.\n');
    return;
  }
  const role = authenticate(options.credentials, request, url);
  const body = await bodyOf(request, options.bodyBytesMax);
  const call = readCall(url, body);
  if (role === 'reader') assertReadable(call.statement, call.sql, options.privateDatabase);
  if (request.method === 'GET' && call.statement.kind !== 'read')
    throw new Fault('QUERY_REFUSED', 'A GET request can only read.');
  const reply = await execute(options.engine, call, role === 'reader');
  response
    .writeHead(200, {
      'content-type': contentType(call.format),
      'content-length': reply.bytes.length,
      'x-clickhouse-format': call.format,
      'x-clickhouse-summary': JSON.stringify({ written_rows: String(reply.writtenRows) }),
    })
    .end(reply.bytes);
}

interface Call {
  readonly sql: string;
  readonly statement: Statement;
  readonly format: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly database: string | undefined;
  /** Rows of an insert. */
  readonly rows: Uint8Array;
}

function readCall(url: URL, body: Buffer): Call {
  const inUrl = url.searchParams.get('query');
  const values = new Map<string, string>();
  const settings: Record<string, string> = {};
  for (const [key, value] of url.searchParams) {
    if (key.startsWith('param_')) values.set(key.slice('param_'.length), value);
    else if (!TRANSPORT.has(key)) settings[key] = value;
  }
  // A statement in the body may be an INSERT with its rows behind it: those stay bytes.
  const text = inUrl ?? statementText(body);
  const sql = bindParameters(text, values);
  const statement = parseStatement(sql);
  const rows = inUrl === null ? rowsBehind(statement, sql, body) : body;
  const format =
    /\bFORMAT\s+(\w+)/i.exec(sql.slice(-200))?.[1] ?? url.searchParams.get('default_format') ?? 'TabSeparated';
  return { sql, statement, format, settings, database: url.searchParams.get('database') ?? undefined, rows };
}

/** The statement in a body: all of it, except for the rows of an INSERT, which begin behind the line of its FORMAT. */
function statementText(body: Buffer): string {
  if (!/^\s*INSERT\b/i.test(body.toString('latin1', 0, 64))) return body.toString('utf8');
  const head = /\bFORMAT\s+\w+/i.exec(body.toString('latin1', 0, 64 * 1024));
  return head === null ? body.toString('utf8') : body.toString('utf8', 0, head.index + head[0].length);
}

function rowsBehind(statement: Statement, sql: string, body: Buffer): Uint8Array {
  if (statement.kind !== 'insert') return body.subarray(body.length);
  let from = Buffer.byteLength(sql.slice(0, statement.rest));
  while (from < body.length && (body[from] === 0x20 || body[from] === 0x0d)) from += 1;
  return body.subarray(body[from] === 0x0a ? from + 1 : from);
}

function execute(engine: Engine, call: Call, reader: boolean): Promise<Reply> {
  const { statement, settings, database } = call;
  switch (statement.kind) {
    case 'read':
      return engine.read(statement.sql, call.format, settings, database, reader);
    case 'insert':
      return engine.insert(statement.insert, settings, call.rows, database);
    case 'command':
      return engine.command(statement.sql, settings, database);
  }
}

type Role = 'owner' | 'reader';

function authenticate(credentials: Credentials, request: IncomingMessage, url: URL): Role {
  const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const [user, ...rest] = basic === undefined ? [] : Buffer.from(basic, 'base64').toString('utf8').split(':');
  const name = user ?? request.headers['x-clickhouse-user'] ?? url.searchParams.get('user') ?? '';
  const secret =
    user === undefined
      ? (request.headers['x-clickhouse-key'] ?? url.searchParams.get('password') ?? '')
      : rest.join(':');
  if (name === 'owner' && sameSecret(String(secret), credentials.owner)) return 'owner';
  if (name === 'reader' && sameSecret(String(secret), credentials.reader)) return 'reader';
  throw new EngineError(
    AUTHENTICATION_FAILED,
    `Code: ${AUTHENTICATION_FAILED}. DB::Exception: ${String(name)}: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)`,
  );
}

function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

async function bodyOf(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax)
      throw new EngineError(
        TOO_LARGE_BODY,
        `Code: ${TOO_LARGE_BODY}. DB::Exception: The body exceeds ${bytesMax} bytes. (POCO_EXCEPTION)`,
      );
    chunks.push(chunk);
  }
  const whole = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? await inflate(whole) : whole;
}

function contentType(format: string): string {
  if (format.startsWith('JSON') && !format.includes('EachRow')) return 'application/json; charset=UTF-8';
  if (format.includes('JSON')) return 'application/x-ndjson; charset=UTF-8';
  if (format.startsWith('CSV')) return 'text/csv; charset=UTF-8';
  return format.startsWith('T') ? 'text/tab-separated-values; charset=UTF-8' : 'application/octet-stream';
}

function refuse(response: ServerResponse, error: unknown): void {
  const [code, message] =
    error instanceof EngineError
      ? [error.code, error.message]
      : error instanceof Fault
        ? [READONLY, `Code: ${READONLY}. DB::Exception: ${error.message} (QUERY_REFUSED)`]
        : [
            1001,
            `Code: 1001. DB::Exception: ${error instanceof Error ? error.message : String(error)} (STD_EXCEPTION)`,
          ];
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const bytes = Buffer.from(message + '\n');
  response
    .writeHead(statusOf(code), {
      'content-type': 'text/plain; charset=UTF-8',
      'content-length': bytes.length,
      'x-clickhouse-exception-code': String(code),
    })
    .end(bytes);
}

/** As the server maps its numbers: not allowed, not found, not understood, else its own failure. */
function statusOf(code: number): number {
  if (code === AUTHENTICATION_FAILED) return 403;
  if (code === READONLY) return 403;
  if (code === 60 || code === 81 || code === 47 || code === 46) return 404;
  if (code === 62 || code === 27 || code === 6 || code === 41) return 400;
  return code === TOO_LARGE_BODY ? 413 : 500;
}
