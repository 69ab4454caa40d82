/**
 * What a broker answers when it does not do what it was asked, and what becomes of it: tried again, or a fault with
 * broker, request, place and the next step. Codes are Kafka's; kafkajs's table ends at 88, the rest is here.
 */
import errors from 'kafkajs/src/protocol/error.js';
import { Fault, type FaultCode, type Facts } from '../../core/faults.ts';

export const CODE = {
  none: 0,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  topicAlreadyExists: 36,
  illegalGeneration: 22,
  unknownMemberId: 25,
  rebalanceInProgress: 27,
  invalidProducerEpoch: 47,
  concurrentTransactions: 51,
  operationNotAttempted: 55,
  memberIdRequired: 79,
  producerFenced: 90,
} as const;

const NEWER: Readonly<Record<number, string>> = {
  89: 'THROTTLING_QUOTA_EXCEEDED',
  90: 'PRODUCER_FENCED',
  91: 'RESOURCE_NOT_FOUND',
  93: 'UNACCEPTABLE_CREDENTIAL',
  100: 'UNKNOWN_TOPIC_ID',
  103: 'INCONSISTENT_TOPIC_ID',
  105: 'TRANSACTIONAL_ID_NOT_FOUND',
  106: 'FETCH_SESSION_TOPIC_ID_ERROR',
  120: 'TRANSACTION_ABORTABLE',
};

const NAMES = new Map<number, string>([
  ...errors.errorCodes.map(({ code, type }) => [code, type] as const),
  ...Object.entries(NEWER).map(([code, type]) => [Number(code), type] as const),
]);

function errorName(code: number): string {
  return NAMES.get(code) ?? `error ${code}`;
}

/** An error code in an answer. */
export class BrokerRefusal extends Error {
  override readonly name = 'BrokerRefusal';
  readonly code: number;
  readonly facts: Facts;

  constructor(code: number, facts: Facts, words?: string | null) {
    super(`${errorName(code)}${words === undefined || words === null || words === '' ? '' : `: ${words}`}`);
    this.code = code;
    this.facts = facts;
  }
}

/** No answer: connection refused, closed, timed out. What was asked may have been done. */
export class BrokerLost extends Error {
  override readonly name = 'BrokerLost';
  readonly facts: Facts;

  constructor(message: string, facts: Facts, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.facts = facts;
  }
}

/** The same request may succeed a moment later, perhaps at another broker. */
const TRANSIENT: ReadonlySet<number> = new Set([
  2, // CORRUPT_MESSAGE, damaged on its way
  3, // UNKNOWN_TOPIC_OR_PARTITION, from a broker that has not heard of it yet
  5, // LEADER_NOT_AVAILABLE
  6, // NOT_LEADER_FOR_PARTITION
  7, // REQUEST_TIMED_OUT
  9, // REPLICA_NOT_AVAILABLE
  13, // NETWORK_EXCEPTION
  14, // COORDINATOR_LOAD_IN_PROGRESS
  15, // COORDINATOR_NOT_AVAILABLE
  16, // NOT_COORDINATOR
  19, // NOT_ENOUGH_REPLICAS
  20, // NOT_ENOUGH_REPLICAS_AFTER_APPEND
  41, // NOT_CONTROLLER
  51, // CONCURRENT_TRANSACTIONS
  56, // KAFKA_STORAGE_ERROR
  74, // FENCED_LEADER_EPOCH
  75, // UNKNOWN_LEADER_EPOCH
  78, // OFFSET_NOT_AVAILABLE
  89, // THROTTLING_QUOTA_EXCEEDED
  100, // UNKNOWN_TOPIC_ID
  103, // INCONSISTENT_TOPIC_ID
]);

export function isTransient(error: unknown): boolean {
  return error instanceof BrokerLost || (error instanceof BrokerRefusal && TRANSIENT.has(error.code));
}

/**
 * The transaction's owner has changed, or its coordinator knows it no more. Whatever is unexpected inside of a
 * transaction counts as such too: the task is lost, and comes back by fencing and reading its position.
 */
const TASK_LOST: ReadonlySet<number> = new Set([45, 47, 48, 49, 59, 90, 120]);
/** A position by a member whose generation is over: its partitions may be another's by now. */
const MEMBERSHIP_LOST: ReadonlySet<number> = new Set([
  CODE.illegalGeneration,
  CODE.unknownMemberId,
  CODE.rebalanceInProgress,
]);
const TOO_LARGE: ReadonlySet<number> = new Set([10, 18]);
const NOT_ALLOWED: ReadonlySet<number> = new Set([29, 30, 31, 53, 65]);
const NOT_KNOWN: ReadonlySet<number> = new Set([33, 34, 58]);

/** The fault for a person. What is a fault already stays one; what is neither is a bug and stays as it is. */
export function faultOf(error: unknown): unknown {
  if (error instanceof BrokerLost) {
    return new Fault('LOG_UNAVAILABLE', error.message, { facts: error.facts, cause: error });
  }
  if (!(error instanceof BrokerRefusal)) return error;
  const code = faultCodeOf(error.code);
  const { api, topic, transactionalId, group } = error.facts;
  const about = topic ?? transactionalId ?? group;
  const words = `${String(api ?? 'A request')}${about === undefined ? '' : ` for ${String(about)}`} was refused: ${error.message}`;
  return new Fault(code, words, { facts: error.facts, cause: error });
}

function faultCodeOf(code: number): FaultCode {
  if (TASK_LOST.has(code) || MEMBERSHIP_LOST.has(code)) return 'LOG_FENCED';
  if (TRANSIENT.has(code)) return 'LOG_UNAVAILABLE';
  if (TOO_LARGE.has(code)) return 'RECORD_TOO_LARGE';
  if (NOT_ALLOWED.has(code)) return 'LOG_ACCESS_DENIED';
  if (NOT_KNOWN.has(code)) return 'LOG_LOGIN_FAILED';
  if (code === CODE.offsetOutOfRange) return 'OFFSET_OUT_OF_RANGE';
  if (code === 35) return 'LOG_UNSUPPORTED';
  return 'LOG_REFUSED';
}
