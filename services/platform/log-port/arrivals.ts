/** Who waits for records of which partitions. Owns the waiting fetches, knows nothing of what arrived. */
import type { Fetched, FetchRequest, TopicPartition } from '../../core/streams/log.ts';
import type { Schedule } from './steps.ts';

export class Arrivals {
  readonly #waits = new Set<Wait>();
  readonly #schedule: Schedule;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  get waiting(): number {
    return this.#waits.size;
  }

  /** Begins to wait for arrivals in these partitions. The caller must `end` it. */
  begin(partitions: ReadonlySet<string>, ms: number, signal?: AbortSignal): Wait {
    const wait = new Wait(
      partitions,
      signal,
      (over) => this.#schedule(ms, over),
      () => this.#waits.delete(wait),
    );
    this.#waits.add(wait);
    return wait;
  }

  wake(partition: string): void {
    for (const wait of this.#waits) if (wait.partitions.has(partition)) wait.wake();
  }

  wakeAll(): void {
    for (const wait of this.#waits) wait.wake();
  }
}

/** One fetch's wait: several arrivals may pass before one is of use, but there is one deadline. */
export class Wait {
  readonly partitions: ReadonlySet<string>;
  readonly #signal: AbortSignal | undefined;
  readonly #cancel: () => void;
  readonly #ended: () => void;
  #arrived = Promise.withResolvers<undefined>();
  #over = false;

  constructor(
    partitions: ReadonlySet<string>,
    signal: AbortSignal | undefined,
    schedule: (over: () => void) => () => void,
    ended: () => void,
  ) {
    this.partitions = partitions;
    this.#signal = signal;
    this.#ended = ended;
    this.#cancel = schedule(this.#finish);
    if (signal?.aborted === true) this.#finish();
    else signal?.addEventListener('abort', this.#finish, { once: true });
  }

  /** True once the deadline has passed or the signal has aborted. */
  get over(): boolean {
    return this.#over;
  }

  /** Resolves at the first arrival since the last call, or when the wait is over. */
  async next(): Promise<void> {
    await this.#arrived.promise;
    if (!this.#over) this.#arrived = Promise.withResolvers<undefined>();
  }

  wake(): void {
    this.#arrived.resolve(undefined);
  }

  end(): void {
    this.#cancel();
    this.#signal?.removeEventListener('abort', this.#finish);
    this.#ended();
  }

  readonly #finish = (): void => {
    this.#over = true;
    this.wake();
  };
}

export function placeOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

/**
 * The port's `fetch`: answers at once when an answer moves a position (by records or by a gap), else waits. `read` must
 * settle in the turn it was called in, so nothing can arrive unnoticed between a read and the wait.
 */
export async function fetchWaiting(
  requests: readonly FetchRequest[],
  read: () => readonly Fetched[],
  begin: ((places: ReadonlySet<string>) => Wait) | undefined,
): Promise<readonly Fetched[]> {
  const moves = (answers: readonly Fetched[]): boolean =>
    answers.some((answer, index) => answer.nextOffset > requests[index]!.offset);
  let answers = read();
  if (begin === undefined || moves(answers)) return answers;
  const wait = begin(new Set(requests.map(placeOf)));
  try {
    while (!wait.over) {
      await wait.next();
      answers = read();
      if (moves(answers)) break;
    }
    return answers;
  } finally {
    wait.end();
  }
}
