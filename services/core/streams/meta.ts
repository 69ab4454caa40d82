/**
 * The meta record: where a task is. It lives in the changelog partition beside the state, so position and state become
 * visible together (architecture, "The task"). JSON with a format number.
 */
import { z } from 'zod';
import { Fault } from '../faults.ts';
import { HASH_END } from './key-order.ts';

/** Formats this program reads; it writes the newest. */
const FORMAT = 1;

/** A replay that is not over yet (T4). */
export interface Replay {
  /** High watermark of each input topic when the replay was asked for. */
  readonly ends: Readonly<Record<string, number>>;
  /** Broadcast records below this offset are in force before the first event. */
  readonly broadcastEnd: number;
  /** Where the clock stands when the replay is over, ms UTC. */
  readonly declaredInstant: number;
}

/** Keys with a hash below `below` (and not below the range before) are evaluated through this broadcast offset (D3). */
export interface HashRange {
  readonly below: number;
  readonly offset: number;
}

export interface Meta {
  /** Counts commits of this task from 1. */
  readonly commit: number;
  /** Next offset of each input topic. */
  readonly positions: Readonly<Record<string, number>>;
  /** null = live, once and for good. */
  readonly replay: Replay | null;
  /** The task clock, ms UTC; never goes back. */
  readonly clock: number;
  /** Last broadcast offset that is in force; -1 = none. */
  readonly broadcast: number;
  /** Ascending, the last one ends at 2^32. */
  readonly ranges: readonly HashRange[];
  /** What the processor wanted kept. */
  readonly processor: unknown;
  /** The program that wrote it, for people. */
  readonly software: string;
}

const offset = z.int().min(-1);
const schema = z.object({
  format: z.literal(FORMAT),
  commit: z.int().min(0),
  positions: z.record(z.string(), offset),
  replay: z
    .object({ ends: z.record(z.string(), offset), broadcastEnd: offset, declaredInstant: z.number() })
    .nullable(),
  clock: z.number(),
  broadcast: offset,
  ranges: z.array(z.object({ below: z.int().min(1).max(HASH_END), offset })).min(1),
  processor: z.unknown(),
  software: z.string(),
});

export function encodeMeta(meta: Meta): Uint8Array {
  return Buffer.from(JSON.stringify({ ...meta, format: FORMAT }));
}

/** Throws STATE_UNREADABLE for a newer format and for what is no meta record. */
export function decodeMeta(bytes: Uint8Array, facts: { changelog: string; partition: number; offset: number }): Meta {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch (cause) {
    throw new Fault('STATE_UNREADABLE', 'The meta record of the changelog is not JSON', { facts, cause });
  }
  const format = z.object({ format: z.number() }).safeParse(json);
  if (format.success && format.data.format > FORMAT) {
    throw new Fault('STATE_UNREADABLE', `The state has format ${format.data.format}, this program reads ${FORMAT}`, {
      facts: { ...facts, format: format.data.format },
    });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw new Fault('STATE_UNREADABLE', 'The meta record of the changelog is incomplete', {
      facts,
      mistakes: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    });
  }
  return parsed.data;
}
