/** What a random rule may refer to, and where in time its history lies. */
import type { Chance } from '../chance.ts';

export interface GroupSketch {
  readonly key: string;
  /** In order of priority, the default among them. */
  readonly members: readonly string[];
  readonly default: string;
}

export interface Draft {
  readonly chance: Chance;
  /** Begin of the history, ms UTC. */
  readonly anchorMs: number;
  readonly customers: readonly string[];
  /** Keys of segments and groups that were published before. */
  readonly segments: readonly string[];
  readonly groups: readonly GroupSketch[];
  /** Tables that are published: `money`, `unit`, `days`, `orders`. */
  readonly tables: readonly string[];
}

/** Percentiles every table has. */
export const PERCENTILES: readonly number[] = [20, 40, 60, 80, 90];
