/** What `verify` reads of one partition, in its own words: the caller decodes. All streams come in offset order. */
import type { Change, Membership } from '../domain/events/change.ts';
import type { Fact } from '../domain/events/fact.ts';
import type { Input } from '../domain/events/header.ts';
import type { RulesHistory } from './rules.ts';

export interface At<T> {
  readonly offset: number;
  readonly value: T;
}

/** An input record as far as the search for duplicates needs it. */
export interface InputRecord {
  readonly offset: number;
  /** Append time, ms UTC. */
  readonly timestamp: number;
  /** Whether it marks the begin or the end of an import and carries no event (C2). */
  readonly mark: boolean;
  /** Decodes the record; undefined when it cannot be. Asked only of records that are not in the journal. */
  event():
    | {
        readonly customerId: string;
        readonly eventId: string;
        readonly occurredAt: number;
        readonly importId: string | null;
      }
    | undefined;
}

/** Where a dead letter came from. */
export interface Origin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** A customer's set as some store holds it. */
export interface Snapshot {
  readonly customerId: string;
  readonly seq: number;
  /** Null for a customer whom newer definitions changed nothing for: it was not written then (D3). */
  readonly asOf: number | null;
  readonly segments: readonly number[];
}

export type Batches<T> = AsyncIterable<readonly T[]>;

/** Through where a customer has been brought; nothing of it was told beyond. */
export interface Standing {
  /** All of the customer's timers due at or before this have fired, ms UTC. */
  readonly timersThrough: number;
  /** Offset of the rules it stands under. */
  readonly rulesOffset: number;
}

/** The task's own word on where it is, read before anything else; what came later is left alone. */
export interface TaskPosition {
  /** Next offset of each input. */
  readonly positions: Readonly<Record<Input, number>>;
  /** The task clock, ms UTC: it permits timers, some of which may still wait for their turn (K2). */
  readonly clock: number;
  /** Offset of the last definitions in force; -1 = none. */
  readonly rulesOffset: number;
  readonly rulesHistory: RulesHistory;
  /** Undefined for a customer of whom no state is kept. */
  standing(customerId: string): Standing | undefined;
}

export interface PartitionReaders {
  readonly partition: number;
  readonly task: TaskPosition;
  inputs(input: Input): Batches<InputRecord>;
  facts(): Batches<At<Fact>>;
  changes(): Batches<At<Change>>;
  /** Null: a tombstone. */
  memberships(): Batches<At<{ readonly customerId: string; readonly membership: Membership | null }>>;
  deadLetters(): Batches<At<Origin>>;
  /** Stored profiles at the task's position; left out where they cannot be read consistently. */
  profiles?(): Batches<Snapshot>;
}

export interface TopicNames {
  readonly inputs: Readonly<Record<Input, string>>;
  readonly facts: string;
  readonly changes: string;
  readonly memberships: string;
  readonly changelog: string;
}
