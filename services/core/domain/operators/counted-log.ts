/** Counts over a log, made of spans of time; [seen, ∞) until the feed is whole over their reach. */
import type { EventLog } from '../series/event-log.ts';
import { wholeFrom } from './in-tiles.ts';
import type { Quantity } from './quantity.ts';
import { Steps } from './steps.ts';

/** `count` tells the steps from when until when each thing counts; of those that count at the view's instant or later. */
export function countedLog(place: number, reachMs: number, count: (log: EventLog, steps: Steps) => void): Quantity {
  const steps = new Steps();
  let whole = -Infinity;
  return {
    perUnit: 1,
    prepare(customer) {
      const log = customer.series(place) as EventLog | undefined;
      whole = wholeFrom(customer.wholeFrom(place), log) + reachMs;
      steps.clear();
      if (log !== undefined) count(log, steps);
      steps.close();
    },
    read: (_customer, at, out) => out.atLeast(steps.at(at), whole <= at),
    nextEdge: (_customer, after) => Math.min(whole > after ? whole : Infinity, steps.next(after)),
  };
}
