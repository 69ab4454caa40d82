/**
 * A read-committed reader that goes on through all kills, as a subscriber would, and remembers what it was given. What it was
 * once given must stand there for ever, and it must be given all there is, once, in order.
 */
import type { FetchRequest, Log, TopicPartition } from '../../services/core/streams/log.ts';
import { printOf, Sightings } from './sightings.ts';

const WAIT_MS = 500;
const FETCH_BYTES = 1 << 20;

export class Witness {
  readonly seen = new Sightings();
  /** What was wrong while it read. */
  readonly complaints: string[] = [];
  readonly #log: Log;
  readonly #positions: FetchRequest[];
  readonly #stop = new AbortController();
  readonly #reading: Promise<void>;

  /** Reads from where these partitions begin. */
  static async start(log: Log, places: readonly TopicPartition[]): Promise<Witness> {
    const ends = await log.endOffsets(places);
    return new Witness(
      log,
      ends.map(({ topic, partition, logStartOffset: offset }) => ({ topic, partition, offset, maxBytes: FETCH_BYTES })),
    );
  }

  private constructor(log: Log, positions: FetchRequest[]) {
    this.#log = log;
    this.#positions = positions;
    this.#reading = this.#read();
    // Who awaits `finish` hears of it; until then it must not end the process.
    this.#reading.catch(() => undefined);
  }

  /** Reads what is left and stops. Rejects when the log ever failed it. */
  async finish(): Promise<void> {
    const ends = await this.#log.endOffsets(this.#positions);
    while (!ends.every(({ lastStableOffset }, index) => this.#positions[index]!.offset >= lastStableOffset))
      await Promise.race([this.#reading, new Promise((resolve) => setTimeout(resolve, 10))]);
    this.#stop.abort();
    await this.#reading;
  }

  async #read(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const options = { isolation: 'read_committed', maxWaitMs: WAIT_MS, signal } as const;
      const answers = await this.#log.fetch(this.#positions, options);
      answers.forEach(({ records, nextOffset }, index) => {
        const place = this.#positions[index]!;
        for (let at = 0; at < records.length; at++) {
          const offset = records.offset(at);
          if (offset < place.offset) this.complaints.push(`${place.topic} ${place.partition} went back to ${offset}`);
          const complaint = this.seen.add(place, offset, printOf(records.key(at), records.value(at)));
          if (complaint !== undefined) this.complaints.push(complaint);
        }
        this.#positions[index] = { ...place, offset: nextOffset };
      });
    }
  }
}
