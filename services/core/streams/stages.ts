/**
 * The life cycle of a task as a table of legal moves.
 *
 *   waiting ─► fencing ─► restoring ─► positioning ─► running ⇄ committing
 *      ▲          │            │             │           │          │
 *      └──────────┴────────────┴─ any error ─┴───────────┴──────────┘        each ─► stopped
 *
 * Fencing comes first: only after it can nobody else move the position that is read next.
 */
import { assert } from '../faults.ts';

export type Stage = 'waiting' | 'fencing' | 'restoring' | 'positioning' | 'running' | 'committing' | 'stopped';

export const MOVES: Readonly<Record<Stage, readonly Stage[]>> = {
  waiting: ['fencing', 'stopped'],
  fencing: ['restoring', 'waiting', 'stopped'],
  restoring: ['positioning', 'waiting', 'stopped'],
  positioning: ['running', 'waiting', 'stopped'],
  running: ['committing', 'waiting', 'stopped'],
  committing: ['running', 'waiting', 'stopped'],
  stopped: [],
};

/** The stage moved to; a move that is not in the table is a bug. */
export function move(from: Stage, to: Stage): Stage {
  assert(MOVES[from].includes(to), `a task does not go from ${from} to ${to}`);
  return to;
}
