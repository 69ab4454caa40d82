import type { Log } from '../core/streams/log.ts';
import type { ClickHouse } from '../platform/clickhouse/client.ts';
import type { LedgerListener, Step } from './listener.ts';
import type { Retry } from './retry.ts';

export interface LaneBounds {
  readonly batchRows: number;
  readonly batchBytes: number;
  /** Longest time a record waits for others, ms. */
  readonly batchMs: number;
  /** Soft bound on one partition's share of one fetch. */
  readonly fetchBytes: number;
  /** How often a quiet lane says how fresh it is, ms. */
  readonly heartbeatMs: number;
  /** How often what was written is counted again, ms. */
  readonly verifyMs: number;
}

/** What all lanes of one assignment share. */
export interface LaneWorld {
  readonly log: Log;
  readonly clickhouse: ClickHouse;
  readonly database: string;
  readonly group: string;
  readonly epoch: string;
  readonly bounds: LaneBounds;
  readonly listener: LedgerListener;
  readonly retry: Retry;
  now(): number;
  /** Somebody waits for the lane to catch up: do not hold rows back. */
  hurried(): boolean;
  /** Looks for schemas registered since. */
  refresh(): Promise<unknown>;
  onStep(step: Step, topic: string): void | Promise<void>;
}
