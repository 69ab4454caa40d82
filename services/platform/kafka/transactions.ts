/**
 * Every open transaction that matters here, from both sides: what coordinators know (ListTransactions, DescribeTransactions), and
 * what leaders hold open whatever coordinators believe (DescribeProducers). Where the two do not agree, a transaction hangs:
 * nobody will end it, and readers of committed records wait at it for ever.
 *
 * 1. Both sides are asked one after the other while transactions come and go. What looks orphaned is believed only when a second
 *    look finds the same producer open at the same offset.
 * 2. A broker that does not answer, or a place we may not look at, is told as unseen; the rest is shown.
 */
import { Fault } from '../../core/faults.ts';
import type { TopicPartition } from '../../core/streams/log.ts';
import { placeOf } from '../log-port/arrivals.ts';
import { BrokerRefusal, CODE, faultOf } from './broker-errors.ts';
import { DESCRIBE_PRODUCERS, describeProducersCall } from './describe-producers.ts';
import { DESCRIBE_TRANSACTIONS, describeTransactionsCall } from './describe-transactions.ts';
import { LIST_TRANSACTIONS, listTransactionsCall } from './list-transactions.ts';
import type { Node } from './node.ts';
import { addressOf } from './node.ts';
import type { KafkaOperations } from './operations.ts';

/** Where a transaction is open. */
export interface OpenPlace extends TopicPartition {
  /** Undefined where it is announced and nothing has been written, or where we may not look. */
  readonly firstOffset: number | undefined;
  /** Ms UTC. */
  readonly lastWrittenAt: number | undefined;
  /** It is the oldest there: the last stable offset does not pass it. */
  readonly holdsReaders: boolean;
}

export interface TransactionView {
  /** Undefined where no coordinator knows the producer. */
  readonly transactionalId: string | undefined;
  readonly producerId: number;
  readonly epoch: number | undefined;
  /** Kafka's word. */
  readonly state: string;
  readonly open: boolean;
  /** Ms UTC, by the coordinator, else by the last batch; undefined while nothing is open. */
  readonly startedAt: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly places: readonly OpenPlace[];
  /** `orphaned`: no coordinator will end it. `overdue`: its coordinator should have ended it, and has not. */
  readonly hanging: 'orphaned' | 'overdue' | undefined;
}

export interface Unseen {
  /** As `transactions of broker 127.0.0.1:9092`. */
  readonly what: string;
  readonly fault: Fault;
}

export interface TransactionSurvey {
  readonly transactions: readonly TransactionView[];
  readonly unseen: readonly Unseen[];
}

const OPEN: ReadonlySet<string> = new Set(['Ongoing', 'PrepareCommit', 'PrepareAbort', 'PrepareEpochFence']);
/** Coordinators look every ten seconds, and write markers then. */
const OVERDUE_MS = 60_000;

interface Writer extends TopicPartition {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly lastWrittenAt: number;
  readonly firstOffset: number;
}

interface Known extends Omit<TransactionView, 'places' | 'hanging'> {
  readonly places: readonly TopicPartition[];
}

interface Look {
  readonly known: readonly Known[];
  readonly writers: readonly Writer[];
  readonly orphans: readonly Writer[];
  readonly unseen: readonly Unseen[];
}

/** `topics` are looked at even where no coordinator knows of anything; `now` is ms UTC. Throws LOG_UNAVAILABLE when nobody answers. */
export async function surveyTransactions(
  operations: KafkaOperations,
  topics: readonly string[],
  now: number,
): Promise<TransactionSurvey> {
  let look = await lookAround(operations, topics);
  if (look.orphans.length > 0) {
    const before = new Set(look.orphans.map(nameOf));
    look = await lookAround(operations, topics);
    look = { ...look, orphans: look.orphans.filter((orphan) => before.has(nameOf(orphan))) };
  }
  const stable = await stableOffsets(operations, look.writers);
  const openPlace = (writer: Writer): OpenPlace => ({
    ...{ topic: writer.topic, partition: writer.partition, firstOffset: writer.firstOffset },
    lastWrittenAt: writer.lastWrittenAt,
    holdsReaders: stable.get(placeOf(writer)) === writer.firstOffset,
  });
  const known = look.known.map((one): TransactionView => {
    const writers = new Map(look.writers.filter((writer) => belongs(writer, one)).map((each) => [placeOf(each), each]));
    const places = one.places.map((place): OpenPlace => {
      const writer = writers.get(placeOf(place));
      const unwritten = { ...place, firstOffset: undefined, lastWrittenAt: undefined, holdsReaders: false };
      return writer === undefined ? unwritten : openPlace(writer);
    });
    const end = (one.startedAt ?? Infinity) + (one.timeoutMs ?? Infinity);
    return { ...one, places, hanging: one.open && now > end + OVERDUE_MS ? 'overdue' : undefined };
  });
  return { transactions: [...known, ...orphaned(look, openPlace)], unseen: look.unseen };
}

function orphaned({ orphans, known }: Look, openPlace: (writer: Writer) => OpenPlace): readonly TransactionView[] {
  return [...Map.groupBy(orphans, ({ producerId }) => producerId)].map(([producerId, writers]) => ({
    transactionalId: known.find((one) => one.producerId === producerId)?.transactionalId,
    producerId,
    epoch: writers[0]!.producerEpoch,
    state: 'Orphaned',
    open: true,
    startedAt: Math.min(...writers.map(({ lastWrittenAt }) => lastWrittenAt)),
    timeoutMs: undefined,
    places: [...writers].sort(inOrder).map(openPlace),
    hanging: 'orphaned' as const,
  }));
}

async function lookAround(operations: KafkaOperations, topics: readonly string[]): Promise<Look> {
  const unseen: Unseen[] = [];
  const { brokers } = await operations.view();
  const known = (await Promise.all(brokers.map((broker) => coordinatedBy(operations, broker, unseen)))).flat();
  const named = known.flatMap(({ places }) => places.map(({ topic }) => topic));
  const writers = await openWriters(operations, [...new Set([...topics, ...named])], unseen);
  const orphans = writers.filter((writer) => !known.some((one) => belongs(writer, one)));
  // Who could not be asked may coordinate it.
  const complete = !unseen.some(({ what }) => what.startsWith(COORDINATED));
  return { known, writers, orphans: complete ? orphans : [], unseen };
}

const COORDINATED = 'transactions of broker';

async function coordinatedBy(operations: KafkaOperations, broker: Node, unseen: Unseen[]): Promise<readonly Known[]> {
  const seen = await seeing(`${COORDINATED} ${addressOf(broker)}`, unseen, async () => {
    const { errorCode, transactions } = await operations.ask(broker, listTransactionsCall());
    if (errorCode !== CODE.none) throw new BrokerRefusal(errorCode, { api: LIST_TRANSACTIONS.api });
    const open = transactions.filter(({ state }) => OPEN.has(state)).map(({ transactionalId }) => transactionalId);
    const described = open.length === 0 ? [] : await operations.ask(broker, describeTransactionsCall(open));
    return { transactions, described };
  });
  return (seen?.transactions ?? []).map(({ transactionalId, producerId, state }): Known => {
    const told = seen?.described.find((one) => one.transactionalId === transactionalId);
    const atRest = { open: false, startedAt: undefined, timeoutMs: undefined, epoch: undefined, places: [] };
    if (told === undefined) return { transactionalId, producerId, state, ...atRest };
    if (told.errorCode !== CODE.none) {
      // It has gone since, or its coordinator has moved: then another broker tells.
      const facts = { api: DESCRIBE_TRANSACTIONS.api, transactionalId };
      unseen.push({ what: `transaction ${transactionalId}`, fault: fault(new BrokerRefusal(told.errorCode, facts)) });
      return { transactionalId, producerId, state, ...atRest };
    }
    return {
      ...{ transactionalId, producerId, epoch: told.producerEpoch, state: told.state, open: OPEN.has(told.state) },
      startedAt: told.startedAt < 0 ? undefined : told.startedAt,
      ...{ timeoutMs: told.timeoutMs, places: [...told.places].sort(inOrder) },
    };
  });
}

/** Producers with an open transaction, as the leaders of the topics' partitions see them. */
async function openWriters(
  operations: KafkaOperations,
  topics: readonly string[],
  unseen: Unseen[],
): Promise<readonly Writer[]> {
  if (topics.length === 0) return [];
  const { brokers, partitions } = await operations.view(topics);
  const byLeader = [...Map.groupBy(partitions, ({ leader }) => leader)];
  const found = await Promise.all(
    byLeader.map(async ([leader, places]) => {
      const broker = brokers.find(({ id }) => id === leader);
      if (broker === undefined) {
        const names = places.map(placeOf).join(', ');
        unseen.push({ what: `producers of ${names}`, fault: new Fault('LOG_UNAVAILABLE', 'There is no leader') });
        return [];
      }
      const answers = await seeing(`producers at broker ${addressOf(broker)}`, unseen, () =>
        operations.ask(broker, describeProducersCall(places)),
      );
      return (answers ?? []).flatMap(({ topic, partition, errorCode, errorMessage, producers }): Writer[] => {
        if (errorCode === CODE.none) {
          const open = producers.filter(({ firstOffset }) => firstOffset >= 0);
          return open.map((producer) => ({ topic, partition, ...producer }));
        }
        const refusal = new BrokerRefusal(errorCode, { api: DESCRIBE_PRODUCERS.api, topic, partition }, errorMessage);
        unseen.push({ what: `producers of ${placeOf({ topic, partition })}`, fault: fault(refusal) });
        return [];
      });
    }),
  );
  return found.flat();
}

async function stableOffsets(
  operations: KafkaOperations,
  writers: readonly Writer[],
): Promise<ReadonlyMap<string, number>> {
  if (writers.length === 0) return new Map();
  const places = [
    ...new Map(writers.map(({ topic, partition }) => [placeOf({ topic, partition }), { topic, partition }])),
  ];
  const ends = await operations.ends(places.map(([, place]) => place));
  return new Map(ends.map((end) => [placeOf(end), end.lastStableOffset]));
}

/** An open transaction of a producer is known when its coordinator has it open and knows of the place. */
function belongs(writer: Writer, { producerId, open, places }: Known): boolean {
  if (!open || producerId !== writer.producerId) return false;
  return places.some(({ topic, partition }) => topic === writer.topic && partition === writer.partition);
}

function inOrder(a: TopicPartition, b: TopicPartition): number {
  if (a.topic === b.topic) return a.partition - b.partition;
  return a.topic < b.topic ? -1 : 1;
}

function nameOf(writer: Writer): string {
  return `${writer.producerId} ${placeOf(writer)} ${writer.firstOffset}`;
}

async function seeing<T>(what: string, unseen: Unseen[], work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    unseen.push({ what, fault: fault(error) });
    return undefined;
  }
}

/** Rethrows what is none. */
function fault(error: unknown): Fault {
  const known = faultOf(error);
  if (known instanceof Fault) return known;
  throw error;
}
