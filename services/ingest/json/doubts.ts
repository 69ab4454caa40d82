/** What is accepted, but will not do what its sender expects: told at once, not found out later in the dead letters. */
import type { EventHeader, Input } from '../../core/domain/events/header.ts';
import type { Purchase } from '../../core/domain/events/purchase.ts';
import { durationInWords } from '../../core/domain/time/duration.ts';
import type { EventMistake } from '../../platform/registry/validate.ts';

/** Bounds of the rules, as configured. */
export interface EventBounds {
  /** An event may lie this far ahead, ms (T1). */
  readonly futureMs: number;
  /** An event that comes later than this is not folded, ms (T5). */
  readonly latenessMs: number;
  /** The one currency amounts are summed in. */
  readonly currency: string;
}

/** `now` is about when the log receives it, ms UTC. */
export function doubtsOf(input: Input, event: EventHeader, now: number, bounds: EventBounds): readonly EventMistake[] {
  const doubts: EventMistake[] = [];
  const ahead = event.occurredAt - now;
  if (ahead > bounds.futureMs) {
    const message = `lies ${durationInWords(ahead)} ahead: beyond ${durationInWords(bounds.futureMs)} it goes to the dead letters`;
    doubts.push({ field: 'occurredAt', message });
  } else if (-ahead > bounds.latenessMs && event.importId === null) {
    const message = `lies ${durationInWords(-ahead)} back: beyond ${durationInWords(bounds.latenessMs)} it is journaled and counts in no rule`;
    doubts.push({ field: 'occurredAt', message });
  }
  if (input === 'purchases' && (event as Purchase).amountBaseMinor === null) {
    const { currency } = event as Purchase;
    const message = `is not said, and ${currency} is not the workspace's ${bounds.currency}: the amount counts in no sum`;
    doubts.push({ field: 'amountBaseMinor', message });
  }
  return doubts;
}
