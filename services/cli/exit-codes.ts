import { Fault, type FaultCode } from '../core/faults.ts';

/** What a command tells its caller by its exit code. Stable: scripts rest on it. */
export const EXIT = {
  /** Done. Also the end of a command that runs until it is stopped, when it stopped as asked. */
  ok: 0,
  /** It did not work; stderr says why. */
  failed: 1,
  /** The command line, the configuration or what was given as input is wrong; whatever was not is done. */
  usage: 2,
  /** A comparison found differences (`verify`). */
  difference: 3,
  /** What was asked for does not exist. */
  notFound: 4,
  /** Something it needs does not answer, or belongs to another process. The same command may work later. */
  unavailable: 5,
  /** Stopped before it was finished. What was done is consistent; the same command goes on. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Lines for `--help`, in the order of the codes. */
export const EXIT_CODE_HELP: readonly (readonly [ExitCode, string])[] = [
  [EXIT.ok, 'done'],
  [EXIT.failed, 'failed; the message says why'],
  [EXIT.usage, 'the command line, the configuration or the input is wrong'],
  [EXIT.difference, 'a comparison found differences'],
  [EXIT.notFound, 'what was asked for does not exist'],
  [EXIT.unavailable, 'something it needs is not there, or another process owns it'],
  [EXIT.interrupted, 'stopped before it was finished; the same command goes on'],
];

const BY_FAULT: Partial<Record<FaultCode, ExitCode>> = {
  USAGE: EXIT.usage,
  CONFIG_INVALID: EXIT.usage,
  MAPPING_INVALID: EXIT.usage,
  DEFINITION_INVALID: EXIT.usage,
  QUERY_REFUSED: EXIT.usage,
  EVENT_REFUSED: EXIT.usage,
  BACKUP_UNUSABLE: EXIT.usage,
  VERIFY_DIFFERENCE: EXIT.difference,
  NOT_FOUND: EXIT.notFound,
  TOPIC_UNKNOWN: EXIT.notFound,
  LOG_OWNED: EXIT.unavailable,
  LOG_UNAVAILABLE: EXIT.unavailable,
  LOG_FULL: EXIT.unavailable,
  CLICKHOUSE_OWNED: EXIT.unavailable,
  CLICKHOUSE_UNAVAILABLE: EXIT.unavailable,
  INTERRUPTED: EXIT.interrupted,
};

export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof Fault ? (BY_FAULT[error.code] ?? EXIT.failed) : EXIT.failed;
}
