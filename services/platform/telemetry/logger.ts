/**
 * Log lines for the people who run this: fields first, then one short constant sentence; JSON on stderr.
 *
 * What can never get into a line (and a test with canaries tries): a trait value, an address, a text of a person.
 * Fields are a closed list of ids, offsets, counts and names of our own; a customer's id is written as a fingerprint,
 * because it may be an address; of foreign errors only kind, code and stack are written, because their messages quote
 * what they failed on.
 */
import { createHash } from 'node:crypto';
import { pino, type Logger as Pino } from 'pino';
import { Fault } from '../../core/faults.ts';

/** The only fields there are. Numbers carry their unit in the name. */
export interface LogFields {
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: number;
  readonly group?: string;
  readonly schemaId?: number;
  /** Key of a segment or of a definition. */
  readonly segment?: string;
  readonly version?: number | string;
  /** A customer id; written as a fingerprint. */
  readonly customer?: string;
  readonly count?: number;
  readonly records?: number;
  readonly bytes?: number;
  readonly rows?: number;
  readonly durationMs?: number;
  readonly lagMs?: number;
  readonly attempt?: number;
  readonly delayMs?: number;
  /** A name of ours: a state, a step, a mode, a table. */
  readonly state?: string;
  readonly step?: string;
  readonly mode?: string;
  readonly table?: string;
  readonly directory?: string;
  readonly file?: string;
  readonly line?: number;
  readonly url?: string;
  readonly pid?: number;
  readonly signal?: string;
  readonly error?: unknown;
}

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface Logger {
  /** A logger whose lines all name this component and, where it is one, this task. */
  bind(names: { readonly component: string; readonly task?: number }): Logger;
  debug(fields: LogFields, sentence: string): void;
  /** Life cycle: started, assigned, restored, stopped. */
  info(fields: LogFields, sentence: string): void;
  /** Something failed and is tried again. */
  warn(fields: LogFields, sentence: string): void;
  /** A person should look. */
  error(fields: LogFields, sentence: string): void;
  /** Writes a finished line of another thread's logger as it is. */
  passOn(line: string): void;
}

/** Every name of LogFields: the type checker keeps this list complete, the run time drops what is not on it. */
const FIELD_NAMES: Readonly<Record<keyof LogFields, true>> = {
  ...{ topic: true, partition: true, offset: true, group: true, schemaId: true, segment: true, version: true },
  ...{ customer: true, count: true, records: true, bytes: true, rows: true, durationMs: true, lagMs: true },
  ...{ attempt: true, delayMs: true, state: true, step: true, mode: true, table: true, directory: true, file: true },
  ...{ line: true, url: true, pid: true, signal: true, error: true },
};

const WORDS_MAX = 200;

/** `write` gets finished lines, line end included; the default is stderr, synchronous, so that a crash loses none. */
export function createLogger(options: {
  readonly level: LogLevel;
  readonly write?: ((line: string) => void) | undefined;
}): Logger {
  const { write } = options;
  const destination = write === undefined ? pino.destination({ dest: 2, sync: true }) : { write };
  const root = pino(
    {
      level: options.level,
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return wrap(root, (line) => destination.write(line));
}

function wrap(to: Pino, passOn: (line: string) => void): Logger {
  return {
    passOn,
    bind: (names) => wrap(to.child(names), passOn),
    debug: (fields, sentence) => {
      if (to.isLevelEnabled('debug')) to.debug(safe(fields), sentence);
    },
    info: (fields, sentence) => {
      if (to.isLevelEnabled('info')) to.info(safe(fields), sentence);
    },
    warn: (fields, sentence) => to.warn(safe(fields), sentence),
    error: (fields, sentence) => to.error(safe(fields), sentence),
  };
}

function safe(fields: LogFields): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields) as [string, unknown][]) {
    if (!Object.hasOwn(FIELD_NAMES, name) || value === undefined) continue;
    if (name === 'error') kept[name] = describeError(value);
    else if (name === 'customer') kept[name] = fingerprint(typeof value === 'string' ? value : '');
    else kept[name] = plain(value);
  }
  return kept;
}

/** How a customer appears in a log line: the same for the same id, and not to be read back. */
export function fingerprint(customerId: string): string {
  return `#${createHash('sha256').update(customerId).digest('hex').slice(0, 12)}`;
}

function plain(value: unknown): string | number | boolean | null {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return typeof value === 'string' ? value.slice(0, WORDS_MAX) : null;
}

function describeError(error: unknown): Record<string, unknown> {
  if (error instanceof Fault) {
    const facts = Object.entries(error.facts).filter(
      ([name]) => name !== 'customer' && Object.hasOwn(FIELD_NAMES, name),
    );
    // The sentence of a fault about a record may quote the record.
    const sentence = error.action === 'dead-letter' ? {} : { message: error.message.slice(0, WORDS_MAX) };
    const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) };
    const safeFacts = Object.fromEntries(facts.map(([name, value]) => [name, plain(value)]));
    return { code: error.code, ...sentence, facts: safeFacts, ...cause, at: frames(error) };
  }
  if (!(error instanceof Error)) return { kind: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code.slice(0, 60) } : {};
  return { kind: error.name.slice(0, 60), ...code, at: frames(error) };
}

/** Where it was thrown, without the first line of the stack: that one holds the message. */
function frames(error: Error): readonly string[] {
  const lines = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return lines.slice(0, 6).map((line) => line.trim().replace(/^at /, ''));
}
