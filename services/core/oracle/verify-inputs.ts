/** Every accepted input is in the journal exactly once: the input topics against facts, dead letters and duplicates. */
import { INPUTS, type Input } from '../domain/events/header.ts';
import type { Fact } from '../domain/events/fact.ts';
import type { Differences } from './differences.ts';
import type { InputRecord, PartitionReaders, TopicNames } from './readers.ts';

export interface InputCounts {
  inputs: number;
  deadLetters: number;
  duplicates: number;
  /** Begins and ends of imports: they carry no event. */
  marks: number;
  /** Imported history that came where the feed was already whole (C2). */
  historyNotTaken: number;
  /** Behind the task's positions: not looked at. */
  waiting: number;
}

interface Applied {
  readonly appendedAt: number;
  readonly decidedAt: number;
}

/** What the journal says was applied, by place and by event. */
export class Journaled {
  readonly byPlace: Readonly<Record<Input, Set<number>>>;
  private readonly byEvent = new Map<string, Applied>();
  private readonly windowMs: number;

  constructor(windowMs: number) {
    this.windowMs = windowMs;
    this.byPlace = {
      interactions: new Set(),
      purchases: new Set(),
      surveys: new Set(),
      profiles: new Set(),
      identities: new Set(),
    };
  }

  /** Notes a fact; says what is wrong with its being there. */
  note(fact: Fact): 'input-twice' | 'duplicate-applied' | undefined {
    const places = this.byPlace[fact.input];
    if (places.has(fact.offset)) return 'input-twice';
    places.add(fact.offset);
    const key = eventKey(fact.input, fact.sourceId, fact.event.eventId);
    const earlier = this.byEvent.get(key);
    this.byEvent.set(key, fact);
    if (earlier === undefined) return undefined;
    // Live the window is counted in append times, in replay in the clock's: within both it was a duplicate either way (C1).
    const apart = Math.max(fact.appendedAt - earlier.appendedAt, fact.decidedAt - earlier.decidedAt);
    return apart < this.windowMs ? 'duplicate-applied' : undefined;
  }

  /** Whether a record that is not in the journal is one because the same event was applied shortly before (C1). */
  explains(
    input: Input,
    record: InputRecord,
    event: { customerId: string; eventId: string; occurredAt: number },
  ): boolean {
    const earlier = this.byEvent.get(eventKey(input, event.customerId, event.eventId));
    if (earlier === undefined) return false;
    const live = Math.abs(record.timestamp - earlier.appendedAt) < this.windowMs;
    const replayed = event.occurredAt - earlier.decidedAt < this.windowMs;
    return live || replayed;
  }
}

function eventKey(input: Input, sourceId: string, eventId: string): string {
  return `${input} ${sourceId} ${eventId}`;
}

/** Walks the inputs below the task's positions. To be called when the whole journal has been noted. */
export async function verifyInputs(
  readers: PartitionReaders,
  topics: TopicNames,
  journaled: Journaled,
  differences: Differences,
): Promise<InputCounts> {
  const counts: InputCounts = { inputs: 0, deadLetters: 0, duplicates: 0, marks: 0, historyNotTaken: 0, waiting: 0 };
  const buried = await buriedPlaces(readers);
  for (const input of INPUTS) {
    const topic = topics.inputs[input];
    const end = readers.task.positions[input];
    const applied = journaled.byPlace[input];
    let met = 0;
    const differ = (kind: 'input-missing' | 'input-twice', offset: number, expected: string, found: string): void => {
      differences.add({ kind, topic, partition: readers.partition, offset, customerId: null, expected, found });
    };
    for await (const batch of readers.inputs(input)) {
      for (const record of batch) {
        if (record.offset >= end) {
          counts.waiting += 1;
          continue;
        }
        counts.inputs += 1;
        const dead = buried.has(`${topic} ${record.offset}`);
        if (dead) counts.deadLetters += 1;
        if (applied.has(record.offset)) {
          met += 1;
          if (dead) differ('input-twice', record.offset, 'a fact or a dead letter', 'both');
        } else if (record.mark) counts.marks += 1;
        else if (!dead) explainAbsence(input, record, journaled, counts, differ);
      }
    }
    if (met !== applied.size) await nameOrphans(readers, topics, input, differences);
  }
  return counts;
}

async function buriedPlaces(readers: PartitionReaders): Promise<ReadonlySet<string>> {
  const places = new Set<string>();
  for await (const batch of readers.deadLetters()) {
    for (const { value } of batch)
      if (value.partition === readers.partition) places.add(`${value.topic} ${value.offset}`);
  }
  return places;
}

function explainAbsence(
  input: Input,
  record: InputRecord,
  journaled: Journaled,
  counts: InputCounts,
  differ: (kind: 'input-missing', offset: number, expected: string, found: string) => void,
): void {
  const event = record.event();
  if (event === undefined)
    differ('input-missing', record.offset, 'a dead letter', 'nothing: the record cannot be decoded');
  else if (journaled.explains(input, record, event)) counts.duplicates += 1;
  else if (event.importId !== null) counts.historyNotTaken += 1;
  else differ('input-missing', record.offset, `a fact of event ${event.eventId}`, 'nothing');
}

/** Facts below the positions whose input record is not there: only asked for when the numbers disagree. */
async function nameOrphans(
  readers: PartitionReaders,
  topics: TopicNames,
  input: Input,
  differences: Differences,
): Promise<void> {
  const exist = new Set<number>();
  for await (const batch of readers.inputs(input)) for (const record of batch) exist.add(record.offset);
  for await (const batch of readers.facts()) {
    for (const { offset, value } of batch) {
      if (value.input !== input || exist.has(value.offset) || value.offset >= readers.task.positions[input]) continue;
      differences.add({
        kind: 'fact-without-input',
        topic: topics.facts,
        partition: readers.partition,
        offset,
        customerId: value.customerId,
        expected: `a record ${topics.inputs[input]}@${value.offset}`,
        found: 'nothing',
      });
    }
  }
}
