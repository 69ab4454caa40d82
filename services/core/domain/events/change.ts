/** What is told when a customer enters, exits or moves, and the set that holds after it. */

export type ChangeKind = 'entered' | 'exited' | 'moved';

export type ChangeCause =
  'event' | 'timer' | 'late' | 'definition' | 'merge' | 'unmerge' | 'backfill' | 'manual' | 'score' | 'erasure';

export type Truth = 'true' | 'false' | 'unknown';

/** One comparison the decision rests on. */
export interface Condition {
  /** Place in the rule. */
  readonly path: string;
  /** In words. */
  readonly text: string;
  /** Null when unknown. */
  readonly value: number | null;
  readonly threshold: string | null;
  readonly was: Truth;
  readonly is: Truth;
}

/** Ordered by (life, seq) per customer. Instants in ms UTC; segment numbers (D1) ascending. */
export interface Change {
  readonly customerId: string;
  readonly life: number;
  /** From 1 in each life, without gaps (S5). */
  readonly seq: number;
  /** Place among the changes of one evaluation, from 0, and how many there are. */
  readonly index: number;
  readonly of: number;
  /** Key; of a member of a group GROUP/MEMBER, on moved the one entered. */
  readonly segment: string;
  readonly number: number;
  readonly version: number;
  readonly group: string | null;
  readonly kind: ChangeKind;
  /** On moved: keys in the group of the member left (null where the customer was in none yet) and of the one entered. */
  readonly from: string | null;
  readonly to: string | null;
  /** Number of the member left; null where `from` is. */
  readonly fromNumber: number | null;
  /** The customer's own now (T2). */
  readonly effectiveAt: number;
  /** The task clock (T6). */
  readonly decidedAt: number;
  /** When the membership that ends with it began; null when none does. */
  readonly enteredAt: number | null;
  readonly cause: ChangeCause;
  /** Event id, or key of the definition. */
  readonly causeId: string | null;
  readonly causeTopic: string | null;
  readonly causeOffset: number | null;
  readonly rulesOffset: number;
  /** Held after all changes of this evaluation. */
  readonly segments: readonly number[];
  /** `customerId|life|seq`. */
  readonly idempotencyKey: string;
  readonly conditions: readonly Condition[];
  readonly reason: string;
}

export interface Held {
  readonly segment: string;
  readonly number: number;
  readonly version: number;
  readonly enteredAt: number;
}

/** The set a customer is in: changes with a greater (life, seq) come on top of it. */
export interface Membership {
  readonly customerId: string;
  readonly life: number;
  readonly seq: number;
  readonly asOf: number;
  readonly rulesOffset: number;
  /** By ascending number; empty for a customer in none. */
  readonly segments: readonly Held[];
}
