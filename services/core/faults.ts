/** What a fault asks of whoever acts on it. */
export type Action =
  /** The same work may succeed later: back off and try again. */
  | 'retry'
  /** The record cannot be used: it goes to the dead letters whole, and the task moves on. */
  | 'dead-letter'
  /** Nothing sensible can go on: the process (or the command) ends with a message. */
  | 'stop';

/**
 * Every fault the product can report. A code is stable: support pages, alarms and scripts refer to it.
 * `next` says what a person does about it, in one sentence.
 */
export const FAULTS = {
  CONFIG_INVALID: {
    action: 'stop',
    next: 'Correct the listed options; `tributary config print` shows each value and its origin.',
  },
  USAGE: { action: 'stop', next: 'See `--help` of the command for its options and examples.' },
  CHECK_FAILED: {
    action: 'stop',
    next: 'Follow the fix named with each failed check, then run `tributary doctor` again.',
  },
  TEST_FAILED: {
    action: 'stop',
    next: 'Compare what was found with what was expected: either the rule or the test says it wrongly.',
  },
  PORT_TAKEN: {
    action: 'stop',
    next: 'Stop what listens there, or choose another port with `--set http.port=8080` (0 = any free one).',
  },
  LOG_OWNED: { action: 'stop', next: 'Stop the process that owns the data directory, or use another one with --data.' },
  LOG_FENCED: {
    action: 'retry',
    next: 'A newer owner of this task has taken over; this one starts again from its position.',
  },
  LOG_DAMAGED: { action: 'stop', next: 'Restore the data directory from a backup with `tributary restore`.' },
  LOG_FULL: { action: 'retry', next: 'Free space on the disk; work goes on by itself as soon as a write succeeds.' },
  LOG_DISK_FAILED: {
    action: 'stop',
    next: 'Check the disk (`dmesg`); the log opens again with everything it acknowledged.',
  },
  LOG_CLOSED: { action: 'stop', next: 'The log was closed while it was in use; open it again.' },
  LOG_LOGIN_FAILED: {
    action: 'stop',
    next: 'Correct kafka.tls.* and kafka.sasl.*, or what the broker expects of this listener.',
  },
  LOG_ACCESS_DENIED: {
    action: 'stop',
    next: 'Grant the right on what is named; `tributary acl print` lists the least rights of each service.',
  },
  LOG_UNSUPPORTED: { action: 'stop', next: 'Use a version that fits, as listed.' },
  LOG_REFUSED: { action: 'stop', next: 'Read the message of the broker and correct what it names.' },
  LOG_UNAVAILABLE: { action: 'retry', next: 'The log does not answer; the client tries again with back-off.' },
  OFFSET_OUT_OF_RANGE: {
    action: 'stop',
    next: 'The position is no longer in the log; see `tributary doctor` for the partition and its first offset.',
  },
  TOPIC_UNKNOWN: { action: 'stop', next: 'Create it with `tributary topics apply`.' },
  TOPIC_MISMATCH: { action: 'stop', next: 'Correct the topic as listed, or see `tributary topics apply --dry-run`.' },
  RECORD_TOO_LARGE: { action: 'dead-letter', next: 'Send a smaller record, or raise max.message.bytes of the topic.' },
  RECORD_UNDECODABLE: {
    action: 'dead-letter',
    next: 'Correct the producer; `tributary dead-letters show` has the record as it came.',
  },
  SCHEMA_UNKNOWN: {
    action: 'dead-letter',
    next: 'Register the schema the producer used, then `tributary dead-letters retry`.',
  },
  SCHEMA_INCOMPATIBLE: {
    action: 'stop',
    next: 'Change the schema so that it is compatible, or start a new topic version.',
  },
  SCHEMA_MISMATCH: {
    action: 'stop',
    next: 'Restore the registry from its newest backup before anything is written; `tributary doctor` compares each id.',
  },
  REGISTRY_UNAVAILABLE: {
    action: 'retry',
    next: 'Known schemas go on; what needs an unknown one waits and is tried again. Check registry.url and the registry.',
  },
  REGISTRY_REFUSED: {
    action: 'stop',
    next: 'Check registry.user, registry.password and the rights of that user on our subjects.',
  },
  EVENT_REFUSED: {
    action: 'dead-letter',
    next: 'Correct the event as listed and send it again; `tributary dead-letters dismiss` marks the letter as dealt with.',
  },
  EVENT_FROM_THE_FUTURE: {
    action: 'dead-letter',
    next: 'Check the clock of the system that sent it, then `tributary dead-letters retry`.',
  },
  PROCESSING_FAILED: {
    action: 'dead-letter',
    next: 'The record failed three times alone; report it with the dead letter attached.',
  },
  DEFINITION_INVALID: { action: 'stop', next: 'Correct the listed places of the definition and apply it again.' },
  DEFINITION_STALE: {
    action: 'stop',
    next: 'Somebody published meanwhile: look at the newer version, then publish again.',
  },
  STATE_UNREADABLE: {
    action: 'stop',
    next: 'The state was written by a newer version; run that version, or rebuild the state from the journal.',
  },
  CLICKHOUSE_UNAVAILABLE: {
    action: 'retry',
    next: 'Segments and topics go on; the ledger catches up as soon as ClickHouse answers.',
  },
  CLICKHOUSE_REFUSED: {
    action: 'stop',
    next: 'Read the message of ClickHouse; `tributary doctor` checks its settings.',
  },
  CLICKHOUSE_OWNED: {
    action: 'stop',
    next: 'Another process owns the analytics directory; use its address, or stop it.',
  },
  CLICKHOUSE_AHEAD: {
    action: 'stop',
    next: 'Remove the analytics (the directory, or both databases of the server); the ledger builds it again from the log.',
  },
  CLICKHOUSE_UNSUPPORTED: {
    action: 'stop',
    next: 'The embedded engine needs glibc Linux or macOS; give clickhouse.url of a server. Segments and topics go on without it.',
  },
  QUERY_REFUSED: { action: 'stop', next: 'Correct the statement; only reading is possible here.' },
  MAPPING_INVALID: {
    action: 'stop',
    next: 'Correct the listed places of the mapping; `--dry-run` shows its first events.',
  },
  IMPORT_REFUSED: { action: 'stop', next: 'Import into an empty data directory, or declare the span that is missing.' },
  BACKUP_UNUSABLE: {
    action: 'stop',
    next: 'Name a folder that `tributary backup` has finished: backup.json and data.mdb are in it. Nothing was restored.',
  },
  DIRECTORY_NOT_EMPTY: { action: 'stop', next: 'Choose an empty directory; nothing was written.' },
  NOT_FOUND: { action: 'stop', next: 'Check the name; a path counts from the working directory.' },
  VERIFY_DIFFERENCE: { action: 'stop', next: 'Keep the data directory and report the differences that are listed.' },
  INTERRUPTED: { action: 'stop', next: 'The work was stopped on request and is consistent; the same command goes on.' },
} as const satisfies Record<string, { action: Action; next: string }>;

export type FaultCode = keyof typeof FAULTS;

/** Where it happened: topic, partition, offset, file, line, field, task …: whatever is known. */
export type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

/** A fault with a code, the facts and, where there is one, its cause. `message` is one sentence for a person. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  readonly facts: Facts;
  /** All single mistakes behind it, when there are several (a file, a configuration). */
  readonly mistakes: readonly string[];
  /** What a person does about it here; what its code says, unless the place of the fault knows better. */
  readonly next: string;

  constructor(
    code: FaultCode,
    message: string,
    options: { facts?: Facts; mistakes?: readonly string[]; next?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.facts = options.facts ?? {};
    this.mistakes = options.mistakes ?? [];
    this.next = options.next ?? FAULTS[code].next;
  }

  get action(): Action {
    return FAULTS[this.code].action;
  }
}

/** Ends the program's belief in itself: an invariant that does not hold is a bug, never an input. */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${invariant}`);
}

/** For the default of a switch over a union: adding a member makes this a compile error. */
export function unreachable(value: never): never {
  throw new Error(`Unreachable: ${JSON.stringify(value)}`);
}
