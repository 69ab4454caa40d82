/**
 * A history of a partition: what is appended and published, how time goes on, and when the task gets round to timers, slices and
 * restarts. Plain data, so that one that failed can be kept in a file.
 */
import type { InputEvent } from '../../services/core/domain/events/fact.ts';
import type { Input } from '../../services/core/domain/events/header.ts';
import type { Authored } from './rules/sources.ts';

export type Publication =
  /** A segment or a group. */
  | { readonly kind: 'segment'; readonly key: string; readonly body: Authored; readonly effectiveInMs: number | null }
  | { readonly kind: 'table'; readonly key: string; readonly body: Authored; readonly effectiveInMs: number | null }
  | { readonly kind: 'retire'; readonly key: string; readonly effectiveInMs: number | null }
  | { readonly kind: 'coverage'; readonly body: Authored; readonly effectiveInMs: number | null };

export type Step =
  /** Appended now. */
  | { readonly kind: 'record'; readonly input: Input; readonly event: InputEvent; readonly damaged: boolean }
  /** Append time, and with it the clock, goes on. */
  | { readonly kind: 'pass'; readonly to: number }
  | { readonly kind: 'publish'; readonly publication: Publication }
  /** The task lets at most so many due timers go; the rest has to wait (K2). */
  | { readonly kind: 'fire'; readonly atMost: number }
  /** A slice brings at most so many customers up to date (D3). */
  | { readonly kind: 'slice'; readonly atMost: number }
  /** Everything so far is committed and a new owner restores it. */
  | { readonly kind: 'restart' };

export interface Opening {
  readonly mode: 'live' | 'replay';
  /** The workspace's time zone. */
  readonly zone: string;
  readonly startMs: number;
  /** Published and read before the first record. */
  readonly founding: readonly Publication[];
}

export interface History extends Opening {
  readonly seed: number;
  readonly steps: readonly Step[];
}

const HOUR_MS = 3_600_000;
export const LATENESS_MS = 7 * 24 * HOUR_MS;
export const FUTURE_MS = 300_000;
export const DEDUP_WINDOW_MS = 24 * HOUR_MS;
