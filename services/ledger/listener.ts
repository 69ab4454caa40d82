import type { Fault } from '../core/faults.ts';

/** Where the ledger stands in one partition. */
interface LedgerPosition {
  readonly topic: string;
  readonly partition: number;
  /** Every record below it is in ClickHouse. */
  readonly position: number;
  /** End of the partition as last seen; the lag is the difference. */
  readonly end: number;
  /** Every record appended before this instant is in, ms UTC. */
  readonly readThrough: number;
}

/** One comparison of ClickHouse with what was read from the log, over a closed range of offsets. */
export interface Verified {
  readonly topic: string;
  readonly partition: number;
  /** Half-open. */
  readonly first: number;
  readonly end: number;
  readonly expected: number;
  readonly found: number;
}

/** What the ledger tells whoever runs it, for logs and metrics. All calls are synchronous and must not throw. */
export interface LedgerListener {
  /** A batch is in and its positions are committed. */
  committed?(batch: {
    readonly topic: string;
    readonly rows: number;
    readonly bytes: number;
    readonly ms: number;
  }): void;
  position?(position: LedgerPosition): void;
  /** ClickHouse or the log did not answer; the same work is tried again after `delayMs`. */
  retrying?(fault: Fault, delayMs: number): void;
  /** A record could not be read and is not in ClickHouse. */
  undecodable?(
    place: { readonly topic: string; readonly partition: number; readonly offset: number },
    error: unknown,
  ): void;
  /** Rows that an earlier, unfinished attempt had written already. */
  alreadyThere?(place: { readonly table: string; readonly rows: number }): void;
  verified?(result: Verified): void;
}

/** Points between two steps of a batch, in their order. The crash tests stop the ledger at each. */
export const STEPS = ['assigned', 'read', 'inserted', 'derived', 'committed', 'reported'] as const;
export type Step = (typeof STEPS)[number];
