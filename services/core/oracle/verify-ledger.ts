/**
 * ClickHouse against the log: the same facts and changes, each once, and the stays that the changes make. Compared per
 * partition by counts and sums over the closed range the ledger says it has read, so that it may run beside a ledger at work.
 */
import type { Change } from '../domain/events/change.ts';
import type { Fact } from '../domain/events/fact.ts';
import type { Difference, Differences } from './differences.ts';
import type { At, Batches } from './readers.ts';

/** Runs a SELECT with parameters; whole numbers beyond 2^53 come as text. */
export type Query = <Row>(sql: string, params: Readonly<Record<string, unknown>>) => Promise<Row[]>;

export interface LedgerReaders {
  readonly partition: number;
  /** The ledger's committed positions: everything below is in ClickHouse. */
  readonly positions: { readonly facts: number; readonly changes: number };
  facts(): Batches<At<Fact>>;
  changes(): Batches<At<Change>>;
}

export interface LedgerTables {
  /** Database of the private tables. */
  readonly database: string;
  /** Names of the topics, for the places of differences. */
  readonly facts: string;
  readonly changes: string;
}

export interface LedgerCounts {
  facts: number;
  changes: number;
  /** 0 while the ledger is at work on the partition. */
  stays: number;
}

/** Names of sums, each a column of one row. Sums of 64 bits wrap around, here as there. */
type Sums = Readonly<Record<string, string>>;

const FACT_SUMS: Sums = {
  rows: 'count()',
  places: 'uniqExact(src_offset)',
  offsets: 'sum(src_offset)',
  squares: 'sum(src_offset * src_offset)',
  inputOffsets: 'sum(input_offset)',
  seqs: 'sum(seq)',
  before: 'sum(arraySum(segments))',
  entered: 'sum(arraySum(entered))',
  exited: 'sum(arraySum(exited))',
  late: 'countIf(late)',
  tooLate: 'countIf(too_late)',
};

const CHANGE_SUMS: Sums = {
  rows: 'count()',
  places: 'uniqExact(src_offset)',
  offsets: 'sum(src_offset)',
  squares: 'sum(src_offset * src_offset)',
  seqs: 'sum(seq)',
  numbers: 'sum(number)',
  entries: "countIf(kind = 'entered')",
  moves: "countIf(kind = 'moved')",
  left: 'sum(number_from)',
  groups: "countIf(group_key != '')",
  instants: 'sum(toUnixTimestamp64Milli(effective_at))',
};

const STAY_SUMS: Sums = {
  rows: 'count()',
  open: "countIf(exited_at > toDateTime64('2299-01-01 00:00:00', 3, 'UTC'))",
  numbers: 'sum(number)',
  entries: 'sum(toUnixTimestamp64Milli(entered_at))',
};

export async function verifyLedger(
  readers: LedgerReaders,
  tables: LedgerTables,
  query: Query,
  differences: Differences,
): Promise<LedgerCounts> {
  const { partition, positions } = readers;
  const facts = await factSums(readers.facts(), positions.facts);
  const { changes, stays } = await changeSums(readers.changes(), positions.changes);
  const compare = async (sums: Sums, table: string, end: number, wanted: Totals, topic: string): Promise<void> => {
    const columns = Object.entries(sums).map(([name, sql]) => `toString(${sql}) AS ${name}`);
    const [row] = await query<Record<string, string>>(
      `SELECT ${columns.join(', ')} FROM ${tables.database}.${table} FINAL WHERE src_partition = {partition:UInt16} AND src_offset < {end:UInt64}`,
      { partition, end },
    );
    for (const [name, expected] of wanted.values) {
      const found = row?.[name] ?? 'nothing';
      if (BigInt.asUintN(64, expected).toString() === unsigned(found)) continue;
      differences.add(ledgerDifference(topic, partition, `${table}.${name} = ${expected}`, found));
    }
  };
  await compare(FACT_SUMS, 'facts', positions.facts, facts, tables.facts);
  await compare(CHANGE_SUMS, 'changes', positions.changes, changes, tables.changes);
  // An exit beyond the position has already replaced the row of its entry: stays can be compared only at rest.
  const [beyond] = await query<{ rows: string }>(
    `SELECT toString(count()) AS rows FROM ${tables.database}.changes WHERE src_partition = {partition:UInt16} AND src_offset >= {end:UInt64}`,
    { partition, end: positions.changes },
  );
  const atRest = beyond?.rows === '0';
  if (atRest) await compare(STAY_SUMS, 'memberships', positions.changes, stays, tables.changes);
  const rows = (totals: Totals): number => Number(totals.values.get('rows') ?? 0n);
  return { facts: rows(facts), changes: rows(changes), stays: atRest ? rows(stays) : 0 };
}

function unsigned(found: string): string {
  return /^-?[0-9]+$/.test(found) ? BigInt.asUintN(64, BigInt(found)).toString() : found;
}

function ledgerDifference(topic: string, partition: number, expected: string, found: string): Difference {
  return { kind: 'ledger', topic, partition, offset: null, customerId: null, expected, found };
}

class Totals {
  readonly values: Map<string, bigint>;

  constructor(sums: Sums) {
    this.values = new Map(Object.keys(sums).map((name) => [name, 0n]));
  }

  add(name: string, value: number | bigint): void {
    this.values.set(name, this.values.get(name)! + BigInt(value));
  }
}

async function factSums(facts: Batches<At<Fact>>, end: number): Promise<Totals> {
  const totals = new Totals(FACT_SUMS);
  for await (const batch of facts) {
    for (const { offset, value } of batch) {
      if (offset >= end) continue;
      addPlace(totals, offset);
      totals.add('inputOffsets', value.offset);
      totals.add('seqs', value.seq);
      totals.add('before', sum(value.segments));
      totals.add('entered', sum(value.entered));
      totals.add('exited', sum(value.exited));
      totals.add('late', value.late ? 1 : 0);
      totals.add('tooLate', value.tooLate ? 1 : 0);
    }
  }
  return totals;
}

/**
 * Changes, and the stays they make: one per entry, open until its exit; a move within a group is an exit and an entry. A stay
 * is named by the instant of its entry, so one of no length is replaced by the next.
 */
async function changeSums(changes: Batches<At<Change>>, end: number): Promise<{ changes: Totals; stays: Totals }> {
  const totals = new Totals(CHANGE_SUMS);
  const stays = new Totals(STAY_SUMS);
  const lastEntry = new Map<string, number>();
  for await (const batch of changes) {
    for (const { offset, value } of batch) {
      if (offset >= end) continue;
      addPlace(totals, offset);
      totals.add('seqs', value.seq);
      totals.add('numbers', value.number);
      totals.add('entries', value.kind === 'entered' ? 1 : 0);
      totals.add('moves', value.kind === 'moved' ? 1 : 0);
      totals.add('left', value.fromNumber ?? 0);
      totals.add('groups', value.group === null ? 0 : 1);
      totals.add('instants', value.effectiveAt);
      if (value.kind !== 'entered' && value.enteredAt !== null) stays.add('open', -1);
      if (value.kind === 'exited') continue;
      stays.add('open', 1);
      const key = `${value.customerId} ${value.life} ${value.number}`;
      const isReplaced = lastEntry.get(key) === value.effectiveAt;
      lastEntry.set(key, value.effectiveAt);
      if (isReplaced) continue;
      stays.add('rows', 1);
      stays.add('numbers', value.number);
      stays.add('entries', value.effectiveAt);
    }
  }
  return { changes: totals, stays };
}

function addPlace(totals: Totals, offset: number): void {
  totals.add('rows', 1);
  totals.add('places', 1);
  totals.add('offsets', offset);
  totals.add('squares', BigInt(offset) * BigInt(offset));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
