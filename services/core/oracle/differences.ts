/** What `verify` found not to be as it must be, each with its place. */

export type DifferenceKind =
  /** An input below the task's position that is neither in the journal, nor dead-lettered, nor a duplicate (J1, C1, C4). */
  | 'input-missing'
  /** An input that was applied more than once, or applied and dead-lettered. */
  | 'input-twice'
  /** A fact of an input record that does not exist. */
  | 'fact-without-input'
  /** Two facts of one event within the window in which the second is a duplicate (C1). */
  | 'duplicate-applied'
  /** A fact that says another asOf, seq, set, entered or exited than the oracle (J1). */
  | 'fact-stamp'
  /** A fact decided under rules that the definitions topic does not have, or older than those of the fact before. */
  | 'fact-rules'
  /** A transition the oracle tells and the changes do not have, the other way round, or one that is told otherwise. */
  | 'change-missing'
  | 'change-unexpected'
  | 'change-different'
  /** (life, seq) with a gap or twice, index and of that do not count through, a key that is not theirs (S5). */
  | 'change-sequence'
  /** Entered while in, exited while out, or a set after it that is not the fold of the changes. */
  | 'change-set'
  /** The last membership record of a customer is not the fold of the changes. */
  | 'membership'
  /** The stored profile holds another set, seq or asOf than the oracle. */
  | 'profile'
  /** ClickHouse and the log do not hold the same. */
  | 'ledger';

export interface Difference {
  readonly kind: DifferenceKind;
  readonly topic: string;
  readonly partition: number;
  /** Of the record that is wrong or missing; null where there is none. */
  readonly offset: number | null;
  readonly customerId: string | null;
  readonly expected: string;
  readonly found: string;
}

/** Collects differences; keeps the first `keep` of them and counts all. */
export class Differences {
  readonly found: Difference[] = [];
  total = 0;
  private readonly keep: number;

  constructor(keep: number) {
    this.keep = keep;
  }

  add(difference: Difference): void {
    this.total += 1;
    if (this.found.length < this.keep) this.found.push(difference);
  }
}
