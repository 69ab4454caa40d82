/** The changes of one partition: read, checked against themselves, and kept for the comparison with the oracle. */
import type { Change } from '../domain/events/change.ts';
import type { Differences } from './differences.ts';
import type { Transition } from './history.ts';
import type { PartitionReaders, TopicNames } from './readers.ts';

/** A change without what nobody compares. */
export interface Row {
  readonly offset: number;
  readonly seq: number;
  readonly number: number;
  readonly version: number;
  readonly kind: string;
  /** Keys of the members of a group, where it is a move. */
  readonly from: string | null;
  readonly to: string | null;
  readonly effectiveAt: number;
  readonly decidedAt: number;
  readonly cause: string;
  readonly causeTopic: string | null;
  readonly causeOffset: number | null;
  readonly enteredAt: number | null;
  readonly rulesOffset: number;
}

/** What one customer was told. */
export interface Told {
  readonly rows: Row[];
  /** How many of them the oracle has told too. */
  compared: number;
  readonly held: Set<number>;
}

export interface Changes {
  readonly byCustomer: ReadonlyMap<string, Told>;
  readonly count: number;
}

/** Reads all changes. (life, seq) without gaps, alternation and full sets need no oracle: they follow from the changes. */
export async function readChanges(
  readers: PartitionReaders,
  topics: TopicNames,
  differences: Differences,
): Promise<Changes> {
  const byCustomer = new Map<string, Told>();
  let count = 0;
  for await (const batch of readers.changes()) {
    for (const { offset, value } of batch) {
      count += 1;
      let told = byCustomer.get(value.customerId);
      if (told === undefined) byCustomer.set(value.customerId, (told = { rows: [], compared: 0, held: new Set() }));
      for (const problem of [sequenceProblem(value, told), setProblem(value, told)]) {
        if (problem === undefined) continue;
        const { partition } = readers;
        differences.add({ ...problem, topic: topics.changes, partition, offset, customerId: value.customerId });
      }
      told.rows.push(rowOf(offset, value));
    }
  }
  return { byCustomer, count };
}

function rowOf(offset: number, change: Change): Row {
  const { seq, number, version, kind, effectiveAt, decidedAt, cause, causeTopic, causeOffset, enteredAt } = change;
  const { rulesOffset, from, to } = change;
  const when = { effectiveAt, decidedAt, enteredAt, rulesOffset, from, to };
  return { offset, seq, number, version, kind, cause, causeTopic, causeOffset, ...when };
}

type Problem = { readonly kind: 'change-sequence' | 'change-set'; readonly expected: string; readonly found: string };

function sequenceProblem(change: Change, told: Told): Problem | undefined {
  const expected = `seq ${told.rows.length + 1}, key ${change.customerId}|${change.life}|${told.rows.length + 1}`;
  const found = `seq ${change.seq}, key ${change.idempotencyKey}`;
  if (expected !== found) return { kind: 'change-sequence', expected, found };
  if (change.index < 0 || change.index >= change.of) {
    return { kind: 'change-sequence', expected: `an index below ${change.of}`, found: `index ${change.index}` };
  }
  return undefined;
}

/** Applies the change to the customer's set; all changes of one evaluation carry the set after the last of them. */
function setProblem(change: Change, told: Told): Problem | undefined {
  const { kind, number, fromNumber } = change;
  const inside = told.held.has(number);
  const entering = kind !== 'exited';
  const leavesNothing = kind === 'moved' && fromNumber !== null && !told.held.has(fromNumber);
  if (entering) told.held.add(number);
  else told.held.delete(number);
  if (kind === 'moved' && fromNumber !== null) told.held.delete(fromNumber);
  if (inside === entering) {
    return { kind: 'change-set', expected: inside ? 'exited' : 'entered', found: `${kind} ${change.segment}` };
  }
  if (leavesNothing) {
    return {
      kind: 'change-set',
      expected: `a move from what is held`,
      found: `a move from ${change.from ?? 'nothing'}`,
    };
  }
  if (change.index !== change.of - 1) return undefined;
  const expected = ascending(told.held);
  const found = change.segments.join(' ');
  return expected === found ? undefined : { kind: 'change-set', expected: `{${expected}}`, found: `{${found}}` };
}

function ascending(numbers: Iterable<number>): string {
  return [...numbers].sort((a, b) => a - b).join(' ');
}

/** Compares the next change of a customer with what the oracle tells. */
export function compareNext(
  transition: Transition,
  told: Told | undefined,
  topics: TopicNames,
): { expected: string; found: string; offset: number | null } | undefined {
  const row = told?.rows[told.compared];
  const expected = expectedText(transition, topics);
  if (row === undefined) return { expected, found: 'nothing', offset: null };
  told!.compared += 1;
  const found = rowText(row, transition);
  return expected === found ? undefined : { expected, found, offset: row.offset };
}

function expectedText(transition: Transition, topics: TopicNames): string {
  const { fact } = transition;
  return wordsOf(transition, fact === undefined ? '' : ` ${topics.inputs[fact.input]}@${fact.offset}`);
}

export function rowText(row: Row, like?: Transition): string {
  const { causeTopic, causeOffset } = row;
  // Timers and definitions name no input record, or one of their own; only events are compared by place.
  const isPlaced = like?.fact !== undefined && causeTopic !== null;
  return wordsOf(row, isPlaced ? ` ${causeTopic}@${causeOffset ?? ''}` : '');
}

function wordsOf(told: Row | Transition, place: string): string {
  const { seq, kind, number, version, effectiveAt, cause, enteredAt, from, to } = told;
  const ofVersion = kind === 'exited' ? '' : ` v${version}`;
  const move = kind === 'moved' ? ` from ${from ?? 'nothing'} to ${to ?? 'nothing'}` : '';
  const stay = kind === 'entered' ? '' : ` since ${enteredAt ?? 'nothing'}`;
  return `${seq}. ${kind} ${number}${ofVersion}${move} at ${effectiveAt} by ${cause}${place}${stay}`;
}
