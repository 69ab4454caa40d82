import { hash64 } from '../../core/domain/events/event-id.ts';
import type { MappedEvent } from './event-plan.ts';
import { RunStore } from './run-store.ts';

/** Events kept in memory before they go to a temporary file; about 100 MB. */
const HELD_EVENTS_MAX = 100_000;

/** The one order of an import: instant, then where it stands in the file. Total, so a repeat gives the same order. */
export function compareEvents(a: MappedEvent, b: MappedEvent): number {
  return a.at - b.at || a.row - b.row || a.index - b.index;
}

/** Puts the events of a file of any size in time order. */
export class EventSorter {
  #held: MappedEvent[] = [];
  readonly #heldMax: number;
  readonly #store: RunStore<MappedEvent>;

  constructor(directory: string, heldMax = HELD_EVENTS_MAX) {
    this.#heldMax = heldMax;
    this.#store = new RunStore(directory, compareEvents);
  }

  add(event: MappedEvent): void {
    if (this.#held.push(event) < this.#heldMax) return;
    this.#store.write(this.#held);
    this.#held = [];
  }

  /** Every event once, in order. Ends the sorting. */
  *sorted(): Generator<MappedEvent> {
    if (this.#store.isEmpty) {
      yield* this.#held.sort(compareEvents);
      return;
    }
    this.#store.write(this.#held);
    this.#held = [];
    yield* this.#store.merged();
  }
}

/** Leaves out events marked `onlyChanges` that say what the last one of their customer said; calls `unchanged` for each. */
export function* changesOnly(events: Iterable<MappedEvent>, unchanged: () => void): Generator<MappedEvent> {
  const last = new Map<string, string>();
  for (const event of events) {
    if (event.changeKey !== undefined) {
      // The id and the times differ by nature; all else is content.
      const { hi, lo } = hash64(JSON.stringify({ ...event.event, eventId: '', occurredAt: 0, receivedAt: 0 }));
      const print = `${hi}.${lo}`;
      if (last.get(event.changeKey) === print) {
        unchanged();
        continue;
      }
      last.set(event.changeKey, print);
    }
    yield event;
  }
}
